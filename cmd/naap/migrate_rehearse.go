package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// rehearsalDocument is what the pending migrations did to a copy.
type rehearsalDocument struct {
	Version int           `json:"version"`
	Done    bool          `json:"done"` // always false: the database is as it was
	Plan    *migrate.Plan `json:"plan"`
	*migrate.Rehearsal
}

// rehearse carries out the plan on a copy of the database.
func (a *app) rehearse(ctx context.Context, env *devenv.Env, plan *devenv.MigratePlan, opt devenv.RehearseOptions) error {
	if err := a.settleTrust(ctx, env, append([]trust.Standing{}, plan.Standings...)); err != nil {
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
	if err != nil {
		if !a.json && len(out.Migrations) > 0 {
			_ = a.sayRehearsal(out)
		}
		return err
	}
	if a.json {
		return a.answer(rehearsalDocument{1, false, plan.Plan, out}, nil)
	}
	return a.sayRehearsal(out)
}

func (a *app) sayRehearsal(r *migrate.Rehearsal) error {
	for _, m := range r.Migrations {
		a.say("%s  %s", visible.String(m.Path), say.Took(duration(m.TookMS)))
		err := a.table(func(w io.Writer) {
			fmt.Fprintln(w, "LINE\tTIME\tROWS\tWAL\tSTATEMENT")
			for _, st := range m.Statements {
				rows := ""
				if st.Rows > 0 {
					rows = say.Number(st.Rows)
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", st.Line, say.Took(duration(st.TookMS)), rows, say.Bytes(st.WAL), shortLine(visible.String(st.SQL)))
				for _, line := range effects(st) {
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
	a.sayEach("", totals(r))
	return nil
}

func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// shortLine keeps a table of statements readable.
func shortLine(s string) string {
	const most = 100
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// effects are what a statement did, a line each.
func effects(st migrate.RehearsedStatement) (list []string) {
	for _, d := range st.Destroys {
		list = append(list, "destroys "+destroyed(d))
	}
	for _, f := range st.Rewritten {
		switch {
		case f.New:
			list = append(list, fmt.Sprintf("builds %s (%s)", f.Name, say.Bytes(f.After)))
		case f.Index:
			list = append(list, fmt.Sprintf("builds %s again (%s)", f.Name, say.Bytes(f.After)))
		default:
			list = append(list, fmt.Sprintf("rewrites %s (%s, then %s)", f.Name, say.Bytes(f.Before), say.Bytes(f.After)))
		}
	}
	for _, l := range st.Locks {
		list = append(list, fmt.Sprintf("locks %s: %s", l.Table, l.Mode))
	}
	return list
}

func destroyed(d migrate.DestroyedRows) string {
	thing := "row"
	if d.Kind == "column" {
		thing = "value"
	}
	rows := thing + "s that were not counted"
	if d.Rows >= 0 {
		rows = say.Count(d.Rows, thing)
	}
	if d.Kind == "rows" {
		return rows + " of " + d.Name
	}
	return fmt.Sprintf("the %s %s with %s", d.Kind, d.Name, rows)
}

// totals sum a rehearsal up, with who would be in the way.
func totals(r *migrate.Rehearsal) (list []string) {
	n := 0
	for _, m := range r.Migrations {
		n += len(m.Statements)
	}
	list = append(list, fmt.Sprintf("%s with %s in %s on a copy of %s, with the rows of now: %s of WAL, %s rewritten or built. The database is as it was.",
		say.Count(len(r.Migrations), "migration"), say.Count(n, "statement"), say.Took(duration(r.TookMS)), say.Bytes(r.Size), say.Bytes(r.WAL), say.Bytes(r.Rewritten)))
	if len(r.Destroys) > 0 {
		list = append(list, "Destroyed: "+strings.Join(say.Each(r.Destroys, destroyed), "; "))
	}
	for _, w := range r.Waits {
		list = append(list, fmt.Sprintf("A deploy would wait now for pid %d (%s, %s for %s), which holds %s on %s and keeps %s from it; whoever asks for the table then waits behind it",
			w.PID, cmp.Or(w.Application, "no application name"), w.State, say.Age(duration(w.ForMS)), w.Holds, w.Table, w.Needs))
	}
	return list
}
