package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

func init() { extraCommands = append(extraCommands, (*app).checkCommand) }

// checkFlags are the flags of naap check.
type checkFlags struct {
	format  string
	fix     bool
	changed bool
	base    string
	failOn  string
	offline bool
}

var (
	checkFormats = []string{"text", "json", "sarif", "github"}
	failLevels   = []string{"warning", "error"}
)

// askedDatabase is how long naap check waits for the running database before it goes on without it.
const askedDatabase = 700 * time.Millisecond

func (a *app) checkCommand() *cobra.Command {
	var f checkFlags
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check the rules of the platform's database architecture",
		Long: "Checks the workspace, or the part of it below DIR, against the rules of the database architecture.\n" +
			"Exit status 0 where all hold, 1 where anything is found. Files that git ignores are\n" +
			"left out, and so are vendored and generated ones, which are named. Nothing of the workspace's is run.\n\n" +
			"An exception is a comment, naap-allow: RULE reason, on the line or above it, or a [[check.allow]] in naap.toml.\n\n",
		Example: "  naap check --changed              what this branch changed, for a pre-push hook\n" +
			"  naap check --fix                  show and apply the fixes that are safe\n" +
			"  naap check --format github        for a workflow of GitHub Actions",
		Args: takes(0, 1),
		RunE: func(c *cobra.Command, words []string) error {
			if c.Flags().Changed("base") {
				f.changed = true
			}
			return a.check(c.Context(), words, f)
		},
	}
	a.ending(c, ruleList)
	fl := c.Flags()
	fl.StringVar(&f.format, "format", "text", "`text|json|sarif|github`")
	fl.BoolVar(&f.fix, "fix", false, "show the fixes that are safe, and apply them")
	fl.BoolVar(&f.changed, "changed", false, "only what concerns files that git says changed")
	fl.StringVar(&f.base, "base", "", "changed since this `COMMIT` (default: where the branch began)")
	fl.StringVar(&f.failOn, "fail-on", "warning", "exit status 1 from this severity on: `warning|error`")
	fl.BoolVar(&f.offline, "offline", false, "do not compare with the running database")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(checkFormats, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failLevels, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// oneOf refuses a flag's value that is none of those it takes.
func oneOf(verb, flag, value string, of []string) error {
	if slices.Contains(of, value) {
		return nil
	}
	return remedy.New("usage", remedy.ExitUsage, "--%s %s is not known", flag, value).
		WithSeen("known are: " + strings.Join(of, ", ")).WithHelp(remedy.Again(verb, "--"+flag, of[0]))
}

func ruleList() string {
	var b strings.Builder
	b.WriteString("The rules:\n")
	for _, r := range rules.All()[:10] {
		fmt.Fprintf(&b, "  %-19s %s\n", r.Slug(), r.Title)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (a *app) check(ctx context.Context, words []string, f checkFlags) error {
	if a.json {
		f.format = "json"
	}
	if err := cmp.Or(oneOf("check", "format", f.format, checkFormats), oneOf("check", "fail-on", f.failOn, failLevels)); err != nil {
		return err
	}
	options, ws, err := a.checkOptions(ctx, words)
	if err != nil {
		return err
	}
	options.Changed, options.Base = f.changed, f.base
	if !f.offline {
		options.LiveSchemas = a.liveSchemas(ctx, ws)
	}
	var report *rules.Report
	if f.fix {
		report, err = a.mend(ctx, options, f)
	} else {
		report, err = rules.Check(ctx, options)
	}
	if err != nil {
		return err
	}
	if err := a.writeReport(report, f); err != nil {
		return err
	}
	least := rules.Warning
	if f.failOn == "error" {
		least = rules.Error
	}
	if report.Count(least) > 0 {
		return exitStatus(remedy.ExitFailed)
	}
	return nil
}

// checkOptions returns the options for the workspace that the arguments and the working directory lead to. A folder
// with a naap.toml and no Prisma schema is checked as if it had one.
func (a *app) checkOptions(ctx context.Context, words []string) (rules.Options, *workspace.Workspace, error) {
	dir := a.dir
	if len(words) > 0 {
		dir = words[0]
		if a.dir != "" && !filepath.IsAbs(dir) {
			dir = filepath.Join(a.dir, dir)
		}
	}
	outer := a.dir
	defer func() { a.dir = outer }()
	a.dir = dir
	ws, err := a.workspace(ctx)
	if err != nil {
		return rules.Options{}, nil, err
	}
	options := rules.FromWorkspace(ws)
	options.Target = a.target
	if len(words) == 0 {
		if options.Root == "" {
			fmt.Fprintln(a.err, "naap: no workspace here: checking the built-in one")
		}
		return options, ws, nil
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return rules.Options{}, nil, err
	}
	if ws.IsBuiltin() {
		options = rules.Options{Root: abs, Allow: options.Allow, Prefixes: options.Prefixes, Target: a.target}
	} else if rel, err := filepath.Rel(ws.Root, abs); err == nil && rel != "." && !strings.HasPrefix(rel, "..") {
		options.Only = []string{filepath.ToSlash(rel)}
	}
	return options, ws, nil
}

// liveSchemas asks the workspace's database, if it runs. A check never fails for lack of it, and never waits long for
// it.
func (a *app) liveSchemas(ctx context.Context, ws *workspace.Workspace) []string {
	ctx, cancel := context.WithTimeout(ctx, askedDatabase)
	defer cancel()
	env := devenv.New(ws, devenv.Options{})
	defer env.Close()
	if a.tellUnknown(env) {
		return nil
	}
	return env.LiveSchemas(ctx)
}

// mend shows the safe fixes and applies them.
func (a *app) mend(ctx context.Context, options rules.Options, f checkFlags) (*rules.Report, error) {
	if options.Root == "" {
		return nil, remedy.New("check.builtin", remedy.ExitUsage, "the built-in workspace is inside the program and cannot be changed").
			WithHelp(remedy.Naap("check", "DIR", "--fix"))
	}
	out := a.out // a report for machines has stdout to itself
	if f.format != "text" {
		out = a.err
	}
	mended, err := rules.Mend(ctx, options, func(fixes []rules.Finding) {
		for _, x := range fixes {
			title := fmt.Sprintf("fixing %s:%d %s: %s", visible.String(x.Place.Path), x.Place.Line, x.Rule.ID, visible.String(x.Fix.Title))
			fmt.Fprintf(out, "%s\n%s\n", a.plain(title), withoutCommands(strings.TrimSuffix(x.Fix.Diff, "\n")))
		}
	})
	if err != nil {
		return nil, err
	}
	if len(mended.Fixed) > 0 {
		fmt.Fprintf(out, "fixed %s in %s\n\n", say.Count(len(mended.Fixed), "finding"), say.Count(len(mended.Files), "file"))
	}
	return mended.Report, nil
}

func (a *app) writeReport(report *rules.Report, f checkFlags) error {
	switch f.format {
	case "json":
		return report.JSON(a.document())
	case "sarif":
		return report.SARIF(a.document(), buildVersion().Naap)
	case "github":
		return report.GitHub(a.out)
	}
	var text strings.Builder
	err := report.Text(&text, rules.TextStyle{Target: a.target, Color: a.outIsTerminal() && a.canDraw() && !a.noColor && os.Getenv("NO_COLOR") == "", Diffs: true})
	if err == nil {
		_, err = io.WriteString(a.out, withoutCommands(text.String()))
	}
	return err
}
