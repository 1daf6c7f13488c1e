package mcpserver

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

type checkArguments struct {
	Paths   []string `json:"paths,omitempty" jsonschema:"only what is found in these files or folders, relative to the workspace; everything if absent"`
	Changed bool     `json:"changed,omitempty" jsonschema:"only what concerns files that git says changed on this branch"`
}

type checkAnswer struct {
	Holds    bool           `json:"holds" jsonschema:"whether nothing was found"`
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Findings []findingEntry `json:"findings"`
	Cut      string         `json:"cut,omitempty"`
}

type findingEntry struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Message  string `json:"message"`
	Why      string `json:"why"`
	Fix      string `json:"fix,omitempty"`
	Diff     string `json:"diff,omitempty" jsonschema:"the fix as a unified diff"`
}

func checkTool() tool {
	return define(tool{
		name: "check", title: "Check the platform's rules", kind: reads,
		about: "Which of the platform's database rules the workspace's files break, with file, line, reason and fix. Run it on the files that you changed.",
	}, looks, checkFiles)
}

// askedDatabase is how long the running database is waited for: a check does not need it.
const askedDatabase = 700 * time.Millisecond

func checkFiles(ctx context.Context, env *devenv.Env, in checkArguments) (checkAnswer, error) {
	options := rules.FromWorkspace(env.Workspace())
	options.Target, options.Changed = env.Target(), in.Changed
	for _, p := range in.Paths {
		rel, err := inside(ctx, options.Root, p)
		if err != nil {
			return checkAnswer{}, err
		}
		if rel != "." {
			options.Only = append(options.Only, rel)
		}
	}
	options.LiveSchemas = liveSchemas(ctx, env)
	report, err := rules.Check(ctx, options)
	if err != nil {
		return checkAnswer{}, err
	}
	return foundOf(report), nil
}

func liveSchemas(ctx context.Context, env *devenv.Env) []string {
	ctx, cancel := context.WithTimeout(ctx, askedDatabase)
	defer cancel()
	if env.MayConnect() != nil {
		return nil
	}
	return env.LiveSchemas(ctx)
}

// inside returns a path of the workspace as the rules name it. For one that does not exist every rule would hold.
func inside(ctx context.Context, root, asked string) (string, error) {
	if root == "" {
		return "", remedy.New("usage", remedy.ExitUsage, "the built-in workspace has no files: leave out \"paths\"")
	}
	full := filepath.FromSlash(asked)
	if !filepath.IsAbs(full) {
		full = filepath.Join(root, full)
	}
	rel, ok := files.Below(root, full)
	if !ok {
		return "", remedy.New("check.outside", remedy.ExitUsage, "%s is not in the workspace", visible.String(asked)).
			WithSeen("the workspace is " + visible.String(root))
	}
	if _, err := os.Lstat(full); err != nil {
		return "", noFile(ctx, root, filepath.ToSlash(rel))
	}
	return filepath.ToSlash(rel), nil
}

func noFile(ctx context.Context, root, rel string) error {
	r := remedy.New("check.missing", remedy.ExitUsage, "the workspace has no file %s", visible.String(rel))
	entries, err := files.List(ctx, filepath.Join(root, filepath.FromSlash(path.Dir(rel))), mostEntries)
	if err != nil {
		return r
	}
	if near := say.Nearest(path.Base(rel), say.Each(entries, fs.DirEntry.Name)); near != "" {
		r.WithFix("did you mean: " + visible.String(path.Join(path.Dir(rel), near)))
	}
	return r
}

// mostEntries is how many names of a folder the nearest one is looked for among.
const mostEntries = 10_000

func foundOf(report *rules.Report) checkAnswer {
	left := room(roomSize)
	out := checkAnswer{Errors: report.Count(rules.Error), Warnings: report.Count(rules.Warning) - report.Count(rules.Error)}
	out.Holds = len(report.Findings) == 0
	worst := slices.Clone(report.Findings)
	slices.SortStableFunc(worst, func(a, b rules.Finding) int { return int(b.Severity) - int(a.Severity) })
	fits, missing := fill(&left, say.Each(worst, findingOf))
	out.Findings = append([]findingEntry{}, fits...)
	if missing > 0 {
		out.Cut = say.Count(missing, "finding") + " more: give paths"
	}
	return out
}

func findingOf(f rules.Finding) findingEntry {
	e := findingEntry{
		Rule: f.Rule.Slug(), Severity: f.Severity.String(), Path: visible.String(f.Place.Path), Line: f.Place.Line, Column: f.Place.Column,
		Message: visible.String(f.Message), Why: f.Rule.Why,
	}
	if f.Fix != nil {
		e.Fix, e.Diff = visible.String(f.Fix.Title), shown(f.Fix.Diff)
	}
	return e
}

func (c checkAnswer) text() string {
	if c.Holds {
		return "every rule holds\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", say.Count(c.Errors, "error"), say.Count(c.Warnings, "warning"))
	for _, f := range c.Findings {
		fmt.Fprintf(&b, "%s:%d:%d %s %s: %s\n", f.Path, f.Line, f.Column, f.Severity, f.Rule, f.Message)
		if f.Fix != "" {
			b.WriteString("  fix: " + f.Fix + "\n")
		}
	}
	return b.String() + note(c.Cut)
}
