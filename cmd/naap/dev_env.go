package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/envfile"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).envCommand) }

// envDocument is what the .env files say, as --json prints it. No value in it contains a password.
type envDocument struct {
	Version int               `json:"version"`
	URL     string            `json:"database_url"`
	Wrong   int               `json:"wrong"` // lines that are wrong or missing, before anything was written
	Files   []envFileDocument `json:"files"`
	Diff    string            `json:"diff"`
	Applied bool              `json:"applied"`
}

type envFileDocument struct {
	Path    string            `json:"path"`
	Kind    string            `json:"kind,omitempty"`
	SameAs  string            `json:"same_as,omitempty"`
	Problem string            `json:"problem,omitempty"`
	Refused string            `json:"refused,omitempty"`
	Lines   []envLineDocument `json:"lines"`
}

type envLineDocument struct {
	Line    int      `json:"line"`
	Name    string   `json:"name"`
	Verdict string   `json:"verdict"`
	Value   string   `json:"value,omitempty"`
	Why     []string `json:"why,omitempty"`
	Becomes string   `json:"becomes,omitempty"`
}

// envFlags are the flags of naap dev env.
type envFlags struct{ write, yes, exitCode bool }

func (a *app) envCommand() *cobra.Command {
	var f envFlags
	c := &cobra.Command{
		Use:   "env",
		Short: "Compare what the .env files say with this instance, and correct them",
		Long: "Reads every .env file of the workspace, those that git ignores too, and says of each line about the database\n" +
			"whether it names this instance. With --write, the diff is shown and the lines that are wrong or missing are\n" +
			"corrected. A file that holds a production URL is never written, and neither is a template.",
		Example: "  naap dev env\n  naap dev env --write\n  naap dev env --exit-code    for a script: exit status 1 where a line is wrong",
		Args:    noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			return a.envFiles(ctx, env, f)
		}),
	}
	c.Flags().BoolVar(&f.write, "write", false, "show the diff, and correct what is wrong or missing")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit status 1 where a line is wrong or missing")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) envFiles(ctx context.Context, env *devenv.Env, f envFlags) error {
	report, err := env.EnvFiles(ctx)
	if err != nil {
		return err
	}
	plan := report.Plan()
	doc := envDocumentOf(report, plan)
	if !a.json {
		a.sayEnvFiles(report)
	}
	if f.write {
		if err := a.writeEnv(ctx, plan, f.yes); err != nil {
			return err
		}
		doc.Applied = !plan.Empty()
	} else if !plan.Empty() && !a.json {
		a.say("To correct that: %s", a.target.Line(remedy.Naap("dev env", "--write")))
	}
	if a.json {
		a.printJSON(doc)
	}
	left := report.Wrong()
	if doc.Applied {
		left -= plan.Lines()
	}
	if f.exitCode && left > 0 {
		return exitStatus(remedy.ExitFailed)
	}
	return nil
}

// writeEnv shows the diff, asks, and writes.
func (a *app) writeEnv(ctx context.Context, plan *envfile.Plan, yes bool) error {
	if plan.Empty() {
		a.say("Nothing to write.")
		return nil
	}
	diff := strings.TrimSuffix(plan.Diff(), "\n")
	if !a.json {
		a.say("%s", diff)
	}
	if !yes && (!a.canAsk() || !a.confirm("Write it?")) {
		e := remedy.New("env.unconfirmed", remedy.ExitRefused, "nothing was written").WithHelp(remedy.Again("dev env", "--write", "--yes"))
		if a.json {
			e.WithSeen(strings.Split(diff, "\n")...)
		}
		return e
	}
	if err := plan.Apply(ctx); err != nil {
		return err
	}
	a.say("Wrote %s in %s.", say.Count(plan.Lines(), "line"), say.Count(len(plan.Changes), "file"))
	return nil
}

func (a *app) sayEnvFiles(report *envfile.Report) {
	a.say("this instance: %s", visible.String(report.URL))
	none := true
	for _, f := range report.Files {
		switch {
		case f.SameAs != "":
			a.say("%s is %s", visible.String(f.Path), visible.String(f.SameAs))
		case f.Problem != "":
			a.say("%s was not looked at: %s", visible.String(f.Path), visible.String(f.Problem))
		case len(f.Lines) > 0:
			a.sayEnvFile(f)
			none = false
		}
	}
	if none {
		a.say("No .env file here says anything of the database. What one would say: %s", a.target.Line(remedy.Naap("dev url", "--format", "env")))
	}
}

func (a *app) sayEnvFile(f envfile.File) {
	kind := ""
	if f.Kind != "" {
		kind = "    (" + envKinds[f.Kind] + ")"
	}
	a.say("%s%s", visible.String(f.Path), kind)
	for _, l := range f.Lines {
		a.say("  %s %s", a.glyph(envGlyph(f, l)), visible.String(envLine(l)))
	}
	if f.Refused != "" {
		a.say("    naap does not write this file: %s", visible.String(f.Refused))
	}
}

var envKinds = map[envfile.Kind]string{
	envfile.Template: "a template, to be copied", envfile.Deployed: "not for this machine", envfile.Tests: "for tests", envfile.Script: "a shell script",
}

// envLine returns what is to be said of a line.
func envLine(l envfile.Line) string {
	if l.Verdict == envfile.Missing {
		return fmt.Sprintf("%s is missing", l.Name)
	}
	verdict := map[envfile.Verdict]string{
		envfile.Production: "another machine, with its password", envfile.Elsewhere: "another place", envfile.ForTests: "a database for tests",
		envfile.Shadow: "a shadow database", envfile.Overridden: "a later line counts", envfile.Unknown: "cannot be told",
	}[l.Verdict]
	line := fmt.Sprintf("%d: %s=%s", l.Number, l.Name, l.Shown)
	if verdict != "" {
		line += "    " + verdict
	}
	if len(l.Why) > 0 {
		line += "    " + strings.Join(l.Why, "; ")
	}
	return line
}

func envGlyph(f envfile.File, l envfile.Line) string {
	switch {
	case l.Verdict == envfile.Right:
		return "✓"
	case l.Verdict == envfile.Production, l.Verdict == envfile.Shadow && len(l.Why) > 0:
		return "!"
	case f.Kind == "" && (l.Verdict == envfile.Wrong || l.Verdict == envfile.Missing):
		return "✗"
	}
	return "·"
}

func envDocumentOf(report *envfile.Report, plan *envfile.Plan) envDocument {
	doc := envDocument{Version: 1, URL: report.URL, Wrong: report.Wrong(), Diff: plan.Diff(), Files: []envFileDocument{}}
	for _, f := range report.Files {
		lines := say.Each(f.Lines, func(l envfile.Line) envLineDocument {
			return envLineDocument{l.Number, l.Name, string(l.Verdict), l.Shown, l.Why, l.Becomes}
		})
		doc.Files = append(doc.Files, envFileDocument{f.Path, string(f.Kind), f.SameAs, f.Problem, f.Refused, orNone(lines)})
	}
	return doc
}
