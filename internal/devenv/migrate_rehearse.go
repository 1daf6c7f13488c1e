package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
)

const rehearseStep, rehearseTitle = "rehearse", "Rehearse migrations"

// RehearseOptions says what a rehearsal may do.
type RehearseOptions struct {
	AllowExternal     bool // make a copy on a server that naap did not start
	TerminateSessions bool // end other sessions on the database, which cannot be copied while it has any
}

// Rehearse carries out a plan that PlanMigrate made on a copy of the database, which is dropped afterwards, and returns
// what each statement did there. Where a statement fails, it returns both what was done and the error.
func (e *Env) Rehearse(ctx context.Context, plan *MigratePlan, opt RehearseOptions, report progress.Report) (*migrate.Rehearsal, error) {
	report = progress.Clock(report)
	const name, title = rehearseStep, rehearseTitle
	nothing := &migrate.Rehearsal{Migrations: []migrate.Rehearsed{}, Waits: []migrate.Wait{}, Destroys: []migrate.DestroyedRows{}}
	if plan.Empty() {
		report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: "nothing is pending"})
		return nothing, nil
	}
	if err := e.refusal(trust.Held(e.scriptStandings(plan.Plan))); err != nil {
		return nothing, failed(report, name, title, err)
	}
	if err := e.mayTouch("migrate deploy", opt.AllowExternal); err != nil {
		return nothing, err
	}
	r := &rehearsing{plan: plan, opt: opt, tools: lateTools{e}, out: nothing}
	err := e.rehearse(ctx, r, report)
	if err != nil {
		return r.out, failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: say.Count(len(r.out.Migrations), "migration")})
	return r.out, nil
}

// rehearsing is a rehearsal that takes place.
type rehearsing struct {
	plan  *MigratePlan
	opt   RehearseOptions
	tools backup.Tools // copy the database while others use it; nil for none
	out   *migrate.Rehearsal
	made  bool // there was a copy: an error is one of the migrations
}

func (e *Env) rehearse(ctx context.Context, r *rehearsing, report progress.Report) error {
	var rehearsed error
	copying := CopyOptions{AllowExternal: r.opt.AllowExternal, TerminateSessions: r.opt.TerminateSessions}
	err := e.withServer(ctx, "migrate deploy", copying, report, func(s *backup.Server, o backup.Options) error {
		o.Tools = r.tools
		return s.Scratch(ctx, "rehearsal", o, remedy.Again("migrate deploy", "--rehearse"), func(url string, how backup.Copied) error {
			r.made = true
			r.out, rehearsed = e.rehearseOn(ctx, url, r.plan, report)
			if r.out != nil {
				r.out.CopiedBy, r.out.CopyMS = string(how.By), how.TookMS
			}
			return nil
		})
	})
	if err == nil {
		err = rehearsed
	}
	return err
}

// rehearseOn does it on a copy, and then asks the database itself who is in the way.
func (e *Env) rehearseOn(ctx context.Context, url string, plan *MigratePlan, report progress.Report) (*migrate.Rehearsal, error) {
	copied, err := postgres.Open(ctx, url, e.dbOptions())
	if err != nil {
		return nil, fmt.Errorf("connect to the copy: %w", err)
	}
	defer copied.Close()
	out, err := migrate.Rehearse(ctx, copied, plan.Plan, migrate.Options{LockTimeout: e.ws.Settings.LockTimeout, Report: report})
	if err != nil {
		return out, err
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return out, err
	}
	return out, migrate.Await(ctx, db, out)
}
