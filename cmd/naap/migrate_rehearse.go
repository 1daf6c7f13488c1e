package main

import (
	"context"
	"fmt"
	"io"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// rehearsalDocument is what the pending migrations did to a copy.
type rehearsalDocument struct {
	Version int           `json:"version"`
	Done    bool          `json:"done"` // always false: the database is as it was
	Plan    *migrate.Plan `json:"plan"`
	*migrate.Rehearsal
	Error *failureBody `json:"error,omitempty"` // where a statement fails, beside what was measured before it
}

// rehearse carries out the plan on a copy of the database.
func (a *app) rehearse(ctx context.Context, env *devenv.Env, plan *devenv.MigratePlan, opt devenv.RehearseOptions) error {
	if err := a.settleTrust(ctx, env, plan.Standings); err != nil {
		return err
	}
	if env.IsExternal() && !plan.Empty() && !opt.AllowExternal {
		opt.AllowExternal = a.confirm("naap did not start " + env.Where() + ". Make a copy of the database there, and drop it again?")
	}
	var out *migrate.Rehearsal
	err := a.endingSessions(devenv.CopyOptions{TerminateSessions: opt.TerminateSessions}, func(c devenv.CopyOptions) (err error) {
		opt.TerminateSessions = c.TerminateSessions
		out, err = env.Rehearse(ctx, plan, opt, a.steps(false, false).report)
		return err
	})
	switch {
	case err != nil && a.json && len(out.Migrations) > 0:
		body := a.failure(err).Error
		a.printJSON(rehearsalDocument{1, false, plan.Plan, out, &body})
		return exitStatus(remedy.Exit(err))
	case err != nil:
		if len(out.Migrations) > 0 {
			_ = a.sayRehearsal(out)
		}
		return err
	case a.json:
		return a.answer(rehearsalDocument{1, false, plan.Plan, out, nil}, nil)
	}
	return a.sayRehearsal(out)
}

func (a *app) sayRehearsal(r *migrate.Rehearsal) error {
	for _, m := range r.Migrations {
		a.say("%s  %s", visible.String(m.Path), say.Took(m.Took()))
		if len(m.Statements) == 0 {
			continue
		}
		err := a.table(func(w io.Writer) {
			fmt.Fprintln(w, "LINE\tTIME\tROWS\tWAL\tSTATEMENT")
			for _, st := range m.Statements {
				rows := ""
				if st.Rows > 0 {
					rows = say.Number(st.Rows)
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", st.Line, say.Took(st.Took()), rows, say.Bytes(st.WAL), shortLine(visible.String(st.SQL)))
				for _, line := range st.Effects() {
					fmt.Fprintf(w, "\t\t\t\t  %s\n", visible.String(line))
				}
			}
		})
		if err != nil {
			return err
		}
		a.say("")
	}
	if len(r.Migrations) == 0 {
		a.say("No migration is pending.")
		return nil
	}
	a.sayEach("", r.Summary())
	return nil
}

// shortLine keeps a table of statements readable.
func shortLine(s string) string {
	const most = 100
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
