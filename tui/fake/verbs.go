package fake

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// steps reports a verb's steps as done.
func steps(report progress.Report, titles ...string) {
	for _, t := range titles {
		report(progress.Step{Name: t, Title: t, Status: progress.Done, Detail: "as planned"})
	}
}

// Boot reports the usual steps.
func (b *Backend) Boot(ctx context.Context, report progress.Report) error {
	report(progress.Step{Name: "image", Title: b.str("Pull postgres:16"), Status: progress.Running, Done: 40 << 20, Total: 148 << 20, Unit: "bytes"})
	report(progress.Step{Name: "image", Title: b.str("Pull postgres:16"), Status: progress.Skipped, Detail: b.str("already here")})
	report(progress.Step{Name: "container", Title: "Start naap-db", Status: progress.Done, Detail: "127.0.0.1:5432"})
	if b.BootFail != nil {
		report(progress.Step{Name: "tables", Title: "Create the tables", Status: progress.Failed, Detail: b.BootFail.Error()})
		return b.BootFail
	}
	steps(report, "Create the schemas", "Create the tables", "Seed")
	return ctx.Err()
}

// BootError is a failure with evidence and a remedy.
func BootError() error {
	return remedy.New("port.taken", remedy.ExitNoServer, "port 5432 is taken by another program").
		WithSeen("postgres, process 812, listens on 127.0.0.1:5432").WithHelp(remedy.Again("dev up", "--port", "5433"), remedy.Words("stop the other server: systemctl stop postgresql"))
}

// Stop stops.
func (b *Backend) Stop(context.Context, progress.Report) error {
	if err := b.Lacks.Stop.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Stopped = true
	return nil
}

// Relations counts the keys between schemas.
func (b *Backend) Relations(ctx context.Context) (*devenv.Relations, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	r := &devenv.Relations{Counts: map[string]int{}}
	for _, s := range b.schemas {
		r.Schemas = append(r.Schemas, b.str(s.name))
		r.Counts[b.str(s.name)] = len(s.tables)
		to := map[string]int{}
		for _, t := range s.tables {
			for _, p := range t.points {
				to[p.to.Schema]++
			}
		}
		for _, other := range []string{"public", s.name} {
			if n := to[other]; n > 0 {
				r.Edges = append(r.Edges, devenv.SchemaEdge{From: b.str(s.name), To: b.str(other), ForeignKeys: n, Tables: n})
				delete(to, other)
			}
		}
	}
	return r, nil
}

// Neighbours are the tables around one.
func (b *Backend) Neighbours(ctx context.Context, ref devenv.TableRef) (*devenv.Neighbours, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(ref)
	if err != nil {
		return nil, err
	}
	n := &devenv.Neighbours{Table: ref, In: b.incoming(t)}
	for _, p := range t.points {
		n.Out = append(n.Out, b.edge(t, p))
	}
	return n, nil
}

// PlanPush has one statement of each effect.
func (b *Backend) PlanPush(ctx context.Context) (*devenv.PushPlan, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	if b.Broken != nil {
		return nil, b.Broken
	}
	if len(b.Wipes) > 0 {
		return &devenv.PushPlan{
			Statements: []devenv.PlanStatement{{SQL: b.str(`DROP TABLE "public"."User"`), Effect: devenv.Changes, Object: b.str("public.User")}},
			Wipes:      b.Wipes, Warnings: b.Wipes, Token: "plan",
		}, nil
	}
	return &devenv.PushPlan{
		Statements: []devenv.PlanStatement{
			{SQL: b.str(`CREATE TABLE "plugin_capacity"."CapacityRequest" ("id" TEXT NOT NULL, "name" TEXT)`), Effect: devenv.Adds, Object: b.str("plugin_capacity.CapacityRequest")},
			{SQL: b.str(`ALTER TABLE "public"."User" ALTER COLUMN "name" SET NOT NULL`), Effect: devenv.Changes, Object: b.str("public.User.name"), Note: b.str("fails if a row has NULL there")},
			{SQL: b.str(`ALTER TABLE "public"."Team" DROP COLUMN "legacy"`), Effect: devenv.Destroys, Object: b.str("public.Team.legacy"), Rows: 412, Note: b.str("loses 412 values of public.Team.legacy")},
		},
		Warnings: []string{b.str("a column is renamed? push drops the old one and adds a new one")}, Lost: 412, File: b.File(), Token: "plan",
	}, nil
}

// CheckPush refuses a plan of former files.
func (b *Backend) CheckPush(context.Context, *devenv.PushPlan) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Stale {
		return b.stale()
	}
	return nil
}

// Push notes the plan.
func (b *Backend) Push(_ context.Context, plan *devenv.PushPlan, accept bool, report progress.Report) error {
	if plan.NeedsPermission() && !accept {
		return errors.New("refused")
	}
	b.mu.Lock()
	stale := b.Stale
	if !stale {
		b.Pushed = append(b.Pushed, plan)
	}
	b.mu.Unlock()
	if stale {
		return b.stale()
	}
	steps(report, "Lock", "3 statements", "Commit")
	return nil
}

func (b *Backend) stale() error {
	return remedy.New("plan.stale", remedy.ExitRefused, "%s has changed since; nothing was done", path.Base(b.File().Name))
}

// PlanReset has figures for every table of the schemas; that of plugin_gateway is refused without cascade.
func (b *Backend) PlanReset(ctx context.Context, schemas []string, opt devenv.ResetOptions) (*devenv.ResetPlan, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	p := &devenv.ResetPlan{Schemas: schemas, Seeds: []string{b.str("plugin_wallet.sql")}, File: b.File(), Token: "reset",
		Evicts: []string{b.str("undo entry 2 (reset of plugin_wallet, 2 Nov 14:02) is given up for good: 5700 rows, 2.1 MiB; undo.keep is 3")}}
	if schemas[0] == b.str("plugin_gateway") && !opt.Cascade {
		p.Refused, p.Helps = b.str("a view depends on Gateway"), true
	}
	if opt.TerminateBlockers {
		p.Token = "reset, ending blockers"
	}
	for _, s := range b.schemas {
		for _, t := range s.tables {
			if b.str(s.name) != schemas[0] {
				for _, pt := range t.points {
					if b.str(pt.to.Schema) == schemas[0] && len(p.Cuts) < 3 {
						p.Cuts = append(p.Cuts, b.edge(t, pt))
						p.Orphans = append(p.Orphans, devenv.ResetOrphans{Edge: b.edge(t, pt), Rows: t.rows, Then: "kept where the seed has the same key"})
					}
				}
				continue
			}
			ti := b.info(t)
			p.Tables = append(p.Tables, devenv.ResetTable{Table: ti.Ref(), Rows: ti.Rows, Bytes: ti.Bytes})
			p.Rows, p.Bytes = p.Rows+t.rows, p.Bytes+ti.Bytes
		}
	}
	return p, nil
}

// Reset notes the plan.
func (b *Backend) Reset(_ context.Context, plan *devenv.ResetPlan, report progress.Report) error {
	b.mu.Lock()
	if b.Stale {
		b.mu.Unlock()
		return b.stale()
	}
	b.Resets = append(b.Resets, plan)
	blocked := b.Blocked && plan.Token == "reset"
	b.mu.Unlock()
	if blocked {
		return b.inTheWay()
	}
	steps(report, "Move the old schema aside", "Create it anew", "Seed", "Check")
	return nil
}

// ListUndo has one entry that works, one that doesn't, and one that does with cascade.
func (b *Backend) ListUndo(ctx context.Context) ([]devenv.UndoEntry, error) {
	return []devenv.UndoEntry{
		{ID: "7", Verb: "reset", Schemas: []string{b.str("plugin_wallet")}, At: Now.Add(-time.Hour), Rows: 1_234_567, Bytes: 310 << 20},
		{ID: "6", Verb: "reset", Schemas: []string{b.str("plugin_community")}, At: Now.Add(-30 * time.Hour), Rows: 640, Bytes: 1 << 20, Note: b.str("its tables have changed since")},
		{ID: "5", Verb: "undo", Schemas: []string{b.str("public")}, At: Now.Add(-31 * time.Hour), Rows: 18_000, Bytes: 9 << 20},
	}, b.enter(ctx)
}

// inTheWay names a session that others must wait for.
func (b *Backend) inTheWay() error {
	return remedy.New("reset.locked", remedy.ExitBusy, "waited 2.0 s for what another session holds; nothing was changed").
		WithSeen(b.str("pid 812 (psql, idle in transaction, for 3m)")).WithHelp(remedy.Words("let it finish, or end it:"), remedy.Naap("dev reset", "x", "--terminate-blockers"))
}

// PlanUndo is a few lines; entry 5 is refused without cascade.
func (b *Backend) PlanUndo(ctx context.Context, id string, opt devenv.UndoOptions) ([]string, error) {
	if id == "5" && !opt.Cascade {
		return nil, remedy.New("undo.refused", remedy.ExitRefused, "rows elsewhere refer to what would be gone").
			WithSeen(b.str("3 rows of public.Team")).WithHelp(remedy.Naap("dev undo", "5", "--cascade"))
	}
	return []string{"brings back " + b.str("plugin_wallet") + ": 1,234,567 rows", "! " + b.str("3 rows of public.Team deleted"), "~ view " + b.str("richest") + " is made again"}, b.enter(ctx)
}

// DropUndo notes the entry.
func (b *Backend) DropUndo(_ context.Context, id string, report progress.Report) error {
	b.mu.Lock()
	b.Undone = append(b.Undone, "dropped "+id)
	b.mu.Unlock()
	steps(report, "Drop it")
	return nil
}

// Undo notes the entry.
func (b *Backend) Undo(_ context.Context, id string, opt devenv.UndoOptions, report progress.Report) error {
	b.mu.Lock()
	blocked := b.Blocked && !opt.TerminateBlockers
	if !blocked {
		b.Undone = append(b.Undone, id)
	}
	b.mu.Unlock()
	if blocked {
		return b.inTheWay()
	}
	steps(report, "Move it back")
	return nil
}

// Snapshots has two.
func (b *Backend) Snapshots(ctx context.Context) ([]devenv.SavedSnapshot, error) {
	return []devenv.SavedSnapshot{
		{Name: b.str("before-migration"), At: Now.Add(-2 * time.Hour), Bytes: 120 << 20, Rows: 18_412, Note: b.str("16.14")},
		{Name: b.str("demo"), At: Now.Add(-50 * time.Hour), Bytes: 80 << 20, Rows: 9_120},
	}, b.enter(ctx)
}

// SaveSnapshot notes the name and the note.
func (b *Backend) SaveSnapshot(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error {
	b.mu.Lock()
	blocked := b.Blocked && !opt.TerminateSessions
	if !blocked {
		b.Saved = append(b.Saved, name+": "+opt.Note)
	}
	b.mu.Unlock()
	if blocked {
		return b.inTheWay()
	}
	steps(report, "Copy the database as "+name)
	return b.enter(ctx)
}

// PlanRestoreSnapshot drops what was replaced before.
func (b *Backend) PlanRestoreSnapshot(ctx context.Context, name string) (*devenv.RestorePlan, error) {
	return &devenv.RestorePlan{Drops: true, Token: name, Lines: []string{
		"restore " + b.str(name) + ": the database becomes what it was at 2025-03-14 12:02:07",
		"+ what the database holds now is kept as (replaced 3): 18,412 rows, 120.0 MB",
		"- (replaced 1) is dropped for it: 9,120 rows, 80.0 MB, replaced at 2025-03-12 12:02:07",
	}}, b.enter(ctx)
}

// PlanRestoreFile lacks a table.
func (b *Backend) PlanRestoreFile(ctx context.Context, path string) (*devenv.RestorePlan, error) {
	return &devenv.RestorePlan{Loses: true, Token: path, Lines: []string{
		"restore " + b.str(path) + " (custom, 112 tables, 18,400 rows): the whole database is replaced",
		"- table public." + b.str("Later") + " goes, with 12 rows",
		"~ table public.User: 120 rows now, 108 afterwards",
		"+ what the database holds now is kept as (replaced 3): 18,412 rows, 120.0 MB",
	}}, b.enter(ctx)
}

// Restore notes what was restored, and with what leave.
func (b *Backend) Restore(ctx context.Context, plan *devenv.RestorePlan, opt devenv.CopyOptions, report progress.Report) error {
	b.mu.Lock()
	b.Files = append(b.Files, fmt.Sprintf("restore %v lose %v drop %v end %v", plan.Token, opt.AcceptDataLoss, opt.DropReplaced, opt.TerminateSessions))
	b.mu.Unlock()
	steps(report, fmt.Sprintf("Read %v", plan.Token))
	return b.enter(ctx)
}

// DeleteSnapshot does nothing.
func (b *Backend) DeleteSnapshot(ctx context.Context, _ string) error { return b.enter(ctx) }

// Seeds has one of each state.
func (b *Backend) Seeds(ctx context.Context) ([]devenv.SeedState, error) {
	return []devenv.SeedState{
		{Name: b.str("public.sql"), Schema: b.str("public"), State: "applied", Applied: Now.Add(-12 * time.Minute), Rows: 18_000},
		{Name: b.str("plugin_wallet.sql"), Schema: b.str("plugin_wallet"), State: "changed", Applied: Now.Add(-12 * time.Minute), Rows: 1_500, Detail: b.str("the file differs from what was applied")},
		{Name: b.str("plugin_capacity.sql"), Schema: b.str("plugin_capacity"), State: "pending"},
	}, ctx.Err()
}

// PlanSeeds has rows of one table that go and one that stays.
func (b *Backend) PlanSeeds(ctx context.Context, names []string, force bool) (devenv.SeedsAhead, error) {
	b.mu.Lock()
	asks := b.Asks
	b.mu.Unlock()
	if len(asks) > 0 {
		return devenv.SeedsAhead{Names: names, Force: force, File: b.File(), Asks: asks}, ctx.Err()
	}
	if len(names) == 1 && !force {
		return devenv.SeedsAhead{Names: names, Lines: []string{"apply " + names[0]}, File: b.File()}, ctx.Err()
	}
	return devenv.SeedsAhead{Names: names, Force: force, File: b.File(), Replaces: true, Lines: []string{"replace the rows of " + b.str("plugin_wallet.sql"),
		"    " + b.str("plugin_wallet.Wallet") + ": 1,500 rows are removed, and come again where the file has them; 1 row was changed since and stays (id 701)"}}, ctx.Err()
}

// AllowSeeds lets nothing be asked any more.
func (b *Backend) AllowSeeds(ctx context.Context, _ devenv.SeedsAhead) error {
	b.mu.Lock()
	b.Asks = nil
	b.mu.Unlock()
	return b.enter(ctx)
}

// ApplySeeds reports its step.
func (b *Backend) ApplySeeds(ctx context.Context, ahead devenv.SeedsAhead, report progress.Report) error {
	b.mu.Lock()
	if b.Stale {
		b.mu.Unlock()
		return b.stale()
	}
	b.Applied = append(b.Applied, ahead.Names)
	b.mu.Unlock()
	steps(report, "Seed "+strings.Join(ahead.Names, ", "))
	return b.enter(ctx)
}

// FakeData reports its rows.
func (b *Backend) FakeData(ctx context.Context, req devenv.FakeRequest, report progress.Report) error {
	b.mu.Lock()
	b.Faked = append(b.Faked, req)
	b.mu.Unlock()
	report(progress.Step{Name: "rows", Title: "Make up rows", Status: progress.Done, Done: int64(req.Rows), Total: int64(req.Rows), Unit: "rows", Detail: fmt.Sprint(req.Rows)})
	return b.enter(ctx)
}

// Doctor found something.
func (b *Backend) Doctor(ctx context.Context) ([]devenv.Finding, error) {
	return []devenv.Finding{
		{Code: "docker.version", Severity: devenv.Fine, Title: b.str("Docker 28.5 answers"), Seen: []string{b.str("unix:///var/run/docker.sock")}},
		{Code: "schema.empty_tables", Severity: devenv.Warning, Title: b.str("11 tables of 112 are empty"), Seen: []string{b.str("public.UserLog, public.TeamEvent, …")}, Fix: []remedy.Advice{remedy.Naap("dev seed", "--fake", "100")}},
		{Code: "disk.low", Severity: devenv.Broken, Title: b.str("the volume's disk is almost full"), Seen: []string{b.str("1.1 GB free of 80 GB")}, Fix: remedy.Lines("docker system prune")},
	}, b.enter(ctx)
}

// Check found a rule that is broken.
func (b *Backend) Check(ctx context.Context) ([]devenv.Finding, error) {
	return []devenv.Finding{
		{Code: "schema.attribute", Severity: devenv.Broken, Title: b.str("model DreamEvent has no @@schema"), File: b.str("prisma/schema.prisma"), Line: 412, Column: 1, Fix: remedy.Lines(`add @@schema("plugin_daydream")`)},
		{Code: "init.missing", Severity: devenv.Warning, Title: b.str("plugin_daydream is not in init-schemas.sql"), File: "docker/init-schemas.sql", Line: 9, Column: 1},
	}, b.enter(ctx)
}

// Logs gives three lines and waits.
func (b *Backend) Logs(ctx context.Context, _ int, emit func(devenv.LogLine) bool) error {
	if err := b.Lacks.Logs.Err(); err != nil {
		return err
	}
	for _, l := range []string{
		"2025-03-14 13:50:01.123 UTC [1] LOG:  database system is ready to accept connections",
		"2025-03-14 13:58:40.000 UTC [71] ERROR:  duplicate key value violates unique constraint \"User_pkey\"",
		"2025-03-14 13:58:40.000 UTC [71] DETAIL:  Key (id)=(" + Hostile + ") already exists.",
	} {
		if !emit(devenv.LogLine{At: Now.Add(-time.Minute), Text: b.str(l)}) {
			return nil
		}
	}
	if b.Brief {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// Events gives one event and waits.
func (b *Backend) Events(ctx context.Context, emit func(devenv.EngineEvent) bool) error {
	if err := b.Lacks.Events.Err(); err != nil {
		return err
	}
	emit(devenv.EngineEvent{At: Now, Kind: "health", Text: b.str("healthy")})
	if b.Brief {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

// Psql is a command that does nothing.
func (b *Backend) Psql(ctx context.Context) (*exec.Cmd, error) {
	return program.Here().Command(context.WithoutCancel(ctx), program.Program{Name: "true"})
}

// Backup notes the file. One called taken is there already.
func (b *Backend) Backup(ctx context.Context, path string, force bool, report progress.Report) error {
	if path == "taken" && !force {
		return remedy.New("backup.exists", remedy.ExitRefused, "there is a file of that name already").
			WithSeen(path + ": 1.2 MB, written at 2025-03-14 12:02:07").WithHelp(remedy.Again("dev backup", "taken", "--force"))
	}
	b.mu.Lock()
	b.Files = append(b.Files, fmt.Sprintf("backup %s%s", path, map[bool]string{true: " forced"}[force]))
	b.mu.Unlock()
	steps(report, "Write "+path)
	return b.enter(ctx)
}
