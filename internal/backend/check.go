package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
)

func (b *environment) Check(ctx context.Context) ([]remedy.Finding, error) {
	env, err := b.reread(ctx)
	if err != nil {
		return nil, err
	}
	options := rules.FromWorkspace(env.Workspace())
	options.Target = env.Target()
	report, err := rules.Check(ctx, options)
	if err != nil {
		return nil, err
	}
	out := make([]remedy.Finding, 0, len(report.Findings))
	for _, f := range report.Findings {
		finding := remedy.Finding{
			Code: f.Rule.Slug(), Severity: remedy.Warning, Title: f.Message,
			File: f.Place.Path, Line: f.Place.Line, Column: f.Place.Column,
			Seen: []string{f.Text, f.Rule.Why},
		}
		if f.Severity == rules.Error {
			finding.Severity = remedy.Broken
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
		out = append(out, remedy.Finding{Code: "left-out", Severity: remedy.Notable, Title: "not looked at: " + l.Why, File: l.Path, Line: 1})
	}
	return out, nil
}

func (b *environment) Doctor(ctx context.Context) ([]remedy.Finding, error) {
	return asNow(ctx, b, func(env *devenv.Env) ([]remedy.Finding, error) { return env.Doctor(ctx), nil })
}
