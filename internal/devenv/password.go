package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Password looks at the password of the instance's role, or changes it in the server and in the state folder. Open
// sessions stay open. It fails with settings.password where a flag or variable gives the password, or the settings ask
// for the opposite, and with password.unasked for a server that does not ask for one.
func (e *Env) Password(ctx context.Context, opt password.Options, report progress.Report) (*password.Plan, error) {
	if e.IsExternal() {
		return nil, remedy.New("password.external", remedy.ExitRefused, "naap keeps passwords for its own servers only").
			WithSeen("database-url is set by " + e.ws.Settings.Origin("database-url").String())
	}
	plan, err := password.Decide(&e.ws.Settings, opt)
	if err != nil || plan.Becomes == "" || opt.DryRun {
		return plan, err
	}
	report = progress.Clock(report)
	db, release, err := e.begin(ctx, writing{verb: "password"}, report)
	if err != nil {
		return nil, err
	}
	defer release()
	if err := password.Finish(e.ws); err != nil {
		return nil, err
	}
	if err := e.mustAsk(ctx, db, plan.Becomes == password.Random); err != nil {
		return nil, err
	}
	report(progress.Step{Name: "password", Title: "Password", Status: progress.Running, Detail: "of role " + plan.Role})
	if err := password.Change(ctx, e.ws, db, plan.Becomes == password.Random); err != nil {
		return nil, failed(report, "password", "Password", err)
	}
	report(progress.Step{Name: "password", Title: "Password", Status: progress.Done, Detail: "of role " + plan.Role + ": " + string(plan.Becomes)})
	plan.Applied = true
	if plan.Becomes == password.Random {
		plan.Others, _ = postgres.OtherLogins(ctx, db, plan.Role) // the change has been made, whether or not these are known
	}
	return plan, nil
}

// mustAsk refuses a password that the server would not ask for: see password.MustAsk.
func (e *Env) mustAsk(ctx context.Context, db *postgres.DB, random bool) error {
	port := readRecord(e.StateDir()).Port
	if t, err := dburl.ParseTarget(e.reachedURL()); err == nil && len(t.Hosts) > 0 && port == 0 {
		port = t.Hosts[0].Port
	}
	return password.MustAsk(ctx, db, e.ws, port, e.runsInside(), random)
}
