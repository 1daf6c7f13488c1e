package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).statusCommand) }

func (a *app) statusCommand() *cobra.Command {
	var opt devenv.StatusOptions
	c := &cobra.Command{
		Use:   "status",
		Short: "Show what runs: schemas, tables, rows, drift, seeds, health",
		Long:  "Shows how the instance is doing. What is wrong is part of the answer, so that the exit status is 0.",
		Example: "  naap dev status\n" +
			"  naap dev status --json    for a script",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			status, err := env.Status(ctx, opt)
			if err != nil {
				return err
			}
			return a.answer(status, func() { a.printStatus(status) })
		}),
	}
	a.engineFlags(c)
	c.Flags().BoolVar(&opt.All, "all", false, "show naap's own schemas too: what undo keeps, and its bookkeeping")
	return c
}

// printStatus prints a status as a page.
func (a *app) printStatus(st *devenv.Status) {
	head := fmt.Sprintf("instance %s: %s", visible.String(st.Instance), st.State)
	if st.Engine != "" {
		head += " (" + st.Engine + ")"
	}
	if st.ServerVersion != "" {
		head += ", PostgreSQL " + visible.String(st.ServerVersion)
	}
	if st.Detail != "" {
		head += ": " + visible.String(st.Detail)
	}
	a.say("%s", head)
	if st.DatabaseURL != "" {
		a.say("%s", visible.String(st.DatabaseURL))
	}
	a.sayEach("! ", st.Warnings)
	if len(st.Schemas) > 0 {
		a.say("")
		a.printSchemas(st)
	}
	if m := st.Migrations; m != nil {
		a.say("%s", visible.String(m.Line()))
	}
	if line := a.driftLine(st); line != "" {
		a.say("%s", line)
	}
	a.sayStale(st.Clients)
	for _, s := range st.Seeds {
		if s.State != "applied" {
			a.say("seed %s: %s", visible.String(s.Name), s.State)
		}
	}
	if st.Problem != nil {
		a.say("%s", visible.Text(st.Problem.Message))
		for line := range strings.Lines(st.Problem.Remedy) {
			a.say("  try: %s", visible.String(strings.TrimSuffix(line, "\n")))
		}
	} else if st.State == engine.Stopped || st.State == engine.Absent {
		a.say("start it with: %s", a.target.Line(remedy.Again("dev up")))
	}
}

func (a *app) printSchemas(st *devenv.Status) {
	_ = a.table(func(w io.Writer) {
		fmt.Fprintln(w, "SCHEMA\tOWNER\tTABLES\tROWS\tSIZE\t")
		tables, rows, bytes, exact := 0, int64(0), int64(0), true
		for _, s := range st.Schemas {
			note := ""
			if n := len(s.MissingTables); n > 0 {
				note = fmt.Sprintf("%d missing", n)
			}
			if n := len(s.EmptyTables); n > 0 && note == "" {
				note = fmt.Sprintf("%d empty", n)
			}
			fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", visible.String(s.Name), visible.String(s.Owner), s.Tables,
				count(s.Rows, s.RowsExact), say.Bytes(s.Bytes), note)
			tables, rows, bytes, exact = tables+s.Tables, rows+s.Rows, bytes+s.Bytes, exact && s.RowsExact
		}
		fmt.Fprintf(w, "%s\t\t%d\t%s\t%s\t\n", say.Count(len(st.Schemas), "schema"), tables, count(rows, exact), say.Bytes(bytes))
	})
}

// count returns a number of rows as text, with ~ where it is an estimate.
func count(n int64, exact bool) string {
	if exact {
		return say.Number(n)
	}
	return "~" + say.Number(n)
}

func (a *app) driftLine(st *devenv.Status) string {
	d := st.Drift
	if d != nil && d.PendingStatements > 0 && d.Problem == "" {
		if means, helps, ok := st.Migrations.Differs(d.PendingStatements); ok {
			return fmt.Sprintf("%s (%s)", means, a.target.Line(helps))
		}
	}
	switch {
	case d == nil || (d.PendingStatements == 0 && d.Problem == ""):
		return ""
	case d.Problem != "":
		return "the Prisma file can't be compared: " + visible.String(d.Problem)
	case d.Destructive > 0:
		return fmt.Sprintf("the Prisma file differs: %s, %d of them destructive (%s)", say.Count(d.PendingStatements, "step"), d.Destructive, a.target.Line(remedy.Naap("dev diff")))
	}
	return fmt.Sprintf("the Prisma file differs: %s (%s)", say.Count(d.PendingStatements, "step"), a.target.Line(remedy.Again("dev push")))
}
