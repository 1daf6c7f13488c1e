package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
)

func (a *app) migrateLintCommand() *cobra.Command {
	var f checkFlags
	var all bool
	c := &cobra.Command{
		Use:   "lint [NAME…]",
		Short: "Say what pending migrations do to a database with rows and users",
		Long: "Reads the scripts, those of the given migrations or of all that are pending, and says from the kinds of their\n" +
			"statements what they rewrite, read through, lock and destroy, what PostgreSQL will refuse, and what a failure leaves\n" +
			"behind, with the SQL that does it otherwise. No row is looked at: `naap migrate deploy --rehearse` does that.\n" +
			"The exit status is 1 where a script cannot work, or destroys what naap or Prisma keeps, and 0 with warnings alone.",
		Example: "  naap migrate lint\n  naap migrate lint --all --format github    needs no database\n  naap migrate lint --fail-on warning",
		RunE: func(c *cobra.Command, words []string) error {
			if all && len(words) > 0 {
				return usageError(c, "lint takes either names or --all")
			}
			return a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
				return a.migrateLint(ctx, env, words, all, f)
			})(c, words)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "all migrations of the folder; needs no database")
	c.Flags().StringVar(&f.format, "format", "text", "`text|json|sarif|github`")
	c.Flags().StringVar(&f.failOn, "fail-on", "error", "exit status 1 from this severity on: `warning|error`")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(checkFormats, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failLevels, cobra.ShellCompDirectiveNoFileComp))
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) migrateLint(ctx context.Context, env *devenv.Env, names []string, all bool, f checkFlags) error {
	if a.json {
		f.format = "json"
	}
	if err := cmp.Or(oneOf("migrate lint", "format", f.format, checkFormats), oneOf("migrate lint", "fail-on", f.failOn, failLevels)); err != nil {
		return err
	}
	began := time.Now()
	findings, read, err := env.LintMigrations(ctx, names, all)
	if err != nil {
		return err
	}
	report := lintReport(findings)
	report.Files, report.Elapsed = len(read), time.Since(began)
	return a.judge(report, f)
}

// lintReport returns findings about migrations as a report like that of naap check.
func lintReport(findings []migrate.LintFinding) *rules.Report {
	report := &rules.Report{}
	of := map[*migrate.LintRule]*rules.Rule{}
	for i, r := range migrate.LintRules() {
		of[r] = &rules.Rule{ID: r.ID, Number: i + 1, Title: r.Title, Why: r.Why}
		report.Rules = append(report.Rules, of[r])
	}
	for _, f := range findings {
		x := rules.Finding{
			Rule: of[f.Rule], Text: f.Text, Message: f.Message, Help: f.Help,
			Place: rules.Place{Path: f.Path, Line: f.Line, Column: f.Column, EndColumn: f.EndColumn},
		}
		switch f.Severity {
		case remedy.Broken:
			x.Severity = rules.Error
		case remedy.Warning:
			x.Severity = rules.Warning
		default:
			report.Notes = append(report.Notes, x)
			continue
		}
		report.Findings = append(report.Findings, x)
	}
	byPlace := func(a, b rules.Finding) int {
		return cmp.Or(cmp.Compare(a.Place.Path, b.Place.Path), a.Place.Line-b.Place.Line, a.Place.Column-b.Place.Column)
	}
	slices.SortStableFunc(report.Findings, byPlace)
	slices.SortStableFunc(report.Notes, byPlace)
	return report
}
