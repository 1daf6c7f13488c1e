package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/reach"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// CopyOptions says what a verb about copies of the whole database may do.
type CopyOptions struct {
	Note              string // of a snapshot
	TerminateSessions bool   // end other sessions on the database
	AcceptDataLoss    bool   // for a restore: give up what the file does not contain
	DropReplaced      bool   // for a restore: drop what the plan lists of what earlier restores replaced
	AllowExternal     bool
	Adopt             bool // for a push that adopts: its snapshot is of a database that is still another workspace's
}

// Snapshots returns the copies of the whole database beside it, newest first.
func (e *Env) Snapshots(ctx context.Context) ([]backup.Snapshot, error) {
	server, err := e.backupServer(ctx)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.List(ctx)
}

// SaveSnapshot copies the whole database under a name.
func (e *Env) SaveSnapshot(ctx context.Context, name string, opt CopyOptions, report progress.Report) (*backup.Snapshot, error) {
	var saved *backup.Snapshot
	err := e.withServer(ctx, "snapshot save", opt, report, func(s *backup.Server, o backup.Options) (err error) {
		saved, err = s.Save(ctx, name, o)
		return err
	})
	return saved, err
}

// PlanRestoreSnapshot returns what restoring a snapshot would do. It changes nothing.
func (e *Env) PlanRestoreSnapshot(ctx context.Context, name string) (*backup.Plan, error) {
	server, err := e.backupServer(ctx)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.PlanSnapshot(ctx, name, e.restoreLimits())
}

// Restore carries out a plan that PlanRestoreFile or PlanRestoreSnapshot made. What it replaces is kept among the
// snapshots, under the name in the plan's Keeps.
func (e *Env) Restore(ctx context.Context, plan *backup.Plan, opt CopyOptions, report progress.Report) error {
	verb := "restore"
	if plan.Snapshot != nil {
		verb = "snapshot restore"
	}
	if err := e.mayRestore(plan); err != nil {
		return err
	}
	var tools backup.Tools
	if plan.NeedsTools() { // they are found before our own connections are closed
		var err error
		if tools, err = e.tools(ctx); err != nil {
			return err
		}
	}
	return e.withServer(ctx, verb, opt, report, func(s *backup.Server, o backup.Options) error {
		return e.kept(ctx, s.Restore(ctx, tools, plan, o), o.Report)
	})
}

// DeleteSnapshot removes a snapshot for good.
func (e *Env) DeleteSnapshot(ctx context.Context, name string, opt CopyOptions) error {
	return e.withServer(ctx, "snapshot delete", opt, progress.Discard, func(s *backup.Server, _ backup.Options) error { return s.Delete(ctx, name) })
}

// withServer runs a verb about copies, under the instance's lock. Our own connections to the database are closed.
func (e *Env) withServer(ctx context.Context, verb string, opt CopyOptions, report progress.Report, f func(*backup.Server, backup.Options) error) error {
	report = progress.Clock(report)
	if err := e.mayTouch("dev "+verb, opt.AllowExternal); err != nil {
		return err
	}
	release, err := e.lock(ctx, verb)
	if err != nil {
		return err
	}
	defer release()
	// The database's own lock is released again: a database that is copied or exchanged must not have a session. From then
	// on the lock of the copies keeps other verbs away, and a session of theirs would block it.
	_, unlock, err := e.open(ctx, writing{verb: verb, look: true, adopt: opt.Adopt}, report)
	if err != nil {
		return err
	}
	unlock()
	server, err := e.backupServer(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	e.dropPool()
	defer e.renewPool() // a refresh of the terminal app may have connected, and its idle session been ended
	o := backup.Options{Note: opt.Note, TerminateSessions: opt.TerminateSessions, AcceptDataLoss: opt.AcceptDataLoss, DropReplaced: opt.DropReplaced, Report: report}
	if err := f(server, o); err != nil {
		return failed(report, "backup", "Copy of the database", err)
	}
	return nil
}

// kept is the end of a restore: the database keeps its owner.
func (e *Env) kept(ctx context.Context, err error, report progress.Report) error {
	if err != nil {
		return err
	}
	if err := e.keep(ctx, report); err != nil { // it is restored all the same, and the next verb finds out whose it is
		report(progress.Step{Name: "owner", Title: "Keep whose the database is", Status: progress.Warned, Detail: err.Error()})
	}
	return nil
}

// RestoreStandings returns the standings for the statements of a backup file that reach out of the database.
func (e *Env) RestoreStandings(plan *backup.Plan) []trust.Standing {
	if plan.File == nil {
		return nil
	}
	item, ok := reach.Backup(plan.File.Path, plan.File.Outward)
	if !ok {
		return nil
	}
	j, _ := e.trustJudge()
	return []trust.Standing{j.Of(item)}
}

// mayRestore returns the error for a backup file that reaches out of the database where the user has not allowed that.
func (e *Env) mayRestore(plan *backup.Plan) error {
	held := trust.Held(e.RestoreStandings(plan))
	if len(held) == 0 {
		return nil
	}
	err := remedy.New(trust.CodeNeeded, remedy.ExitRefused, "the file has SQL that reaches out of the database, which you have not allowed")
	for _, o := range plan.File.Outward[:min(len(plan.File.Outward), 20)] {
		err.WithSeen(visible.String(fmt.Sprintf("%s:%d: it %s: %s", plan.File.Path, o.Line, o.Why, strings.Join(strings.Fields(o.Text), " "))))
	}
	return err.WithHelp(remedy.Naap("dev restore", plan.File.Path).Note("in a terminal shows it whole and asks"), upFront("sql"))
}
