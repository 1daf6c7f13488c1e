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
		Use:   "check [DIR | FILE…]",
		Short: "Check the rules of the platform's database architecture",
		Long: "Checks the workspace, or the part of it below DIR, against the rules of the database architecture.\n" +
			"Where files are named, and with --changed, only these are read, and what their rules compare them with.\n" +
			"The exit status is 0 where all rules hold, and 1 where anything is found. Files that git ignores are left out, and so\n" +
			"are vendored and generated ones, which are named. Nothing of the workspace's is run, except its migrations, on a shadow\n" +
			"database of the running instance, to see whether they make what the Prisma file says.\n\n" +
			"An exception is a comment, naap-allow: RULE reason, on the line or above it, or a [[check.allow]] in naap.toml.\n\n",
		Example: "  naap check --changed              what this branch changed, for a pre-push hook\n" +
			"  naap check src/db/client.ts       one file, for an editor or a commit hook\n" +
			"  naap check --fix                  show and apply the fixes that are safe\n" +
			"  naap check --format github        for a workflow of GitHub Actions",
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
	options.Migrations = a.folderFindings(ctx, ws, options, f.offline)
	var report *rules.Report
	if f.fix {
		report, err = a.mend(ctx, options, f)
	} else {
		report, err = rules.Check(ctx, options)
	}
	if err != nil {
		return err
	}
	return a.judge(report, f)
}

// judge prints a report, and fails where it has what --fail-on names.
func (a *app) judge(report *rules.Report, f checkFlags) error {
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
	if len(words) > 1 || len(words) == 1 && !isFolder(a.below(words[0])) {
		return a.checkFiles(ctx, words)
	}
	dir := a.dir
	if len(words) > 0 {
		dir = a.below(words[0])
	}
	outer := a.dir
	defer func() { a.dir = outer }()
	a.dir = dir
	ws, err := a.workspace(ctx)
	if err != nil {
		return rules.Options{}, nil, err
	}
	if err := devenv.New(ws, devenv.Options{Target: a.target}).MustBePostgreSQL(); err != nil {
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

// checkFiles returns the options for checking files, and folders among them, of one workspace: the one that the working
// directory is in or, where they are elsewhere, the one of the first.
func (a *app) checkFiles(ctx context.Context, words []string) (rules.Options, *workspace.Workspace, error) {
	fail := func(err error) (rules.Options, *workspace.Workspace, error) { return rules.Options{}, nil, err }
	var names []string
	for _, word := range words {
		name, err := filepath.Abs(a.below(word))
		if err != nil {
			return fail(err)
		}
		if _, err := os.Stat(name); err != nil {
			return fail(remedy.New("check.file", remedy.ExitUsage, "%s cannot be checked", visible.String(word)).
				WithSeen(visible.String(name) + " is not there, or cannot be read").WithHelp(remedy.Naap("check")).Wrap(err))
		}
		names = append(names, name)
	}
	outer := a.dir
	defer func() { a.dir = outer }()
	ws, err := a.workspace(ctx)
	if err == nil && !within(ws.Root, names[0]) {
		a.dir = filepath.Dir(names[0])
		ws, err = a.workspace(ctx)
	}
	if err != nil {
		return fail(err)
	}
	options := rules.FromWorkspace(ws)
	options.Target = a.target
	for i, name := range names {
		if !within(ws.Root, name) {
			return fail(remedy.New("check.outside", remedy.ExitUsage, "%s is in no workspace that is checked here", visible.String(words[i])).
				WithSeen("the workspace is " + cmp.Or(visible.String(ws.Root), "the built-in one")).WithHelp(remedy.Naap("check")))
		}
		rel, err := filepath.Rel(ws.Root, name)
		if err != nil {
			return fail(err)
		}
		options.Only = append(options.Only, filepath.ToSlash(rel))
	}
	return options, ws, nil
}

// below returns a path of the command line as seen from the folder that -C names.
func (a *app) below(word string) string {
	if a.dir != "" && !filepath.IsAbs(word) {
		return filepath.Join(a.dir, word)
	}
	return word
}

// within reports whether a path is a folder or below it.
func within(folder, name string) bool {
	rel, err := filepath.Rel(folder, name)
	return folder != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
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

// folderFindings looks at the workspace's migrations, unless only other files are asked about.
func (a *app) folderFindings(ctx context.Context, ws *workspace.Workspace, options rules.Options, offline bool) (found []rules.Migrations) {
	dir, name, err := ws.MigrationsDir()
	asked := func(only string) bool {
		return options.SchemaFile == only || strings.HasPrefix(name+"/", only+"/") || strings.HasPrefix(only, name+"/")
	}
	if err != nil || dir == "" || len(options.Only) > 0 && !slices.ContainsFunc(options.Only, asked) {
		return nil
	}
	env := devenv.New(ws, devenv.Options{Target: a.target})
	defer env.Close()
	for _, f := range env.CheckFolder(ctx, offline || env.MayConnect() != nil) {
		severity := rules.Note
		if f.Wrong {
			severity = rules.Error
		}
		found = append(found, rules.Migrations{Path: f.Path, Severity: severity, Message: f.Message})
	}
	return found
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
