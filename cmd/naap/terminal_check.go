package main

import (
	"context"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
)

// Check is what the terminal app's screen of rules shows. A built-in workspace has no files to check.
func (b backend) Check(ctx context.Context) ([]devenv.Finding, error) {
	ws, err := b.Workspace(ctx)
	if err != nil {
		return nil, err
	}
	if ws.Root == "" {
		return nil, devenv.ErrNotHere
	}
	options := rules.FromWorkspace(ws)
	options.Target = b.target
	report, err := rules.Check(ctx, options)
	if err != nil {
		return nil, err
	}
	out := make([]devenv.Finding, 0, len(report.Findings))
	for _, f := range report.Findings {
		finding := devenv.Finding{
			Code: f.Rule.Slug(), Severity: devenv.Warning, Title: f.Message,
			File: f.Place.Path, Line: f.Place.Line, Column: f.Place.Column,
			Seen: []string{f.Text, f.Rule.Why},
		}
		if f.Severity == rules.Error {
			finding.Severity = devenv.Broken
		}
		if f.Fix != nil {
			finding.Fix = remedy.Lines(f.Fix.Title)
			if f.Fix.Safe {
				finding.Fix = append(finding.Fix, remedy.Naap("check", "--fix"))
			}
		}
		out = append(out, finding)
	}
	for _, l := range report.LeftOut {
		out = append(out, devenv.Finding{Code: "left-out", Severity: devenv.Notable, Title: "not looked at: " + l.Why, File: l.Path, Line: 1})
	}
	return out, nil
}
