package fake

import (
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/server"
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
	time.Sleep(b.Busy)
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
func (b *Backend) Stop(ctx context.Context, report progress.Report) error {
	return b.carryOut(ctx, b.Lacks.Stop.Err(), func() { b.Stopped = true }, report, "Stop")
}

// PlanPush has one statement of each class; with Wiped it drops a table without rows.
func (b *Backend) PlanPush(ctx context.Context) (*backend.PushPlan, error) {
	if err := cmp.Or(b.enter(ctx), b.Broken); err != nil {
		return nil, err
	}
	p := &backend.PushPlan{Plan: &schemaplan.Plan{Wipes: b.Wiped}, File: b.file(), Hooks: b.Hooks, Beside: b.Beside}
	step := func(class schemaplan.Class, object, sql string, loss *schemaplan.Loss) {
		p.Steps = append(p.Steps, &schemaplan.Step{Class: class, Object: b.str(object), Statements: []string{b.str(sql)}, Destroys: loss})
	}
	if len(b.Wiped) > 0 {
		step(schemaplan.Changes, "public.User", `DROP TABLE "public"."User"`, nil)
	} else {
		step(schemaplan.Adds, "plugin_capacity.CapacityRequest", `CREATE TABLE "plugin_capacity"."CapacityRequest" ("id" TEXT NOT NULL, "name" TEXT)`, nil)
		step(schemaplan.Changes, "public.User.name", `ALTER TABLE "public"."User" ALTER COLUMN "name" SET NOT NULL`, nil)
		step(schemaplan.Destroys, "public.Team.legacy", `ALTER TABLE "public"."Team" DROP COLUMN "legacy"`, &schemaplan.Loss{What: b.str("412 values of public.Team.legacy"), NonNull: 412})
		p.Renames = []schemaplan.Rename{{Key: b.str("public.Team.legacy>former"), Kind: "column", From: b.str("public.Team.legacy"), To: b.str("former")}}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Planned = append(b.Planned, p)
	return p, nil
}

// AllowHooks allows them all.
func (b *Backend) AllowHooks(ctx context.Context, _ *backend.PushPlan) error {
	return b.carryOut(ctx, nil, func() {
		for i := range b.Hooks {
			b.Hooks[i].Allowed = true
		}
	}, progress.Discard)
}

// CheckPush refuses a plan of former files.
func (b *Backend) CheckPush(context.Context, *backend.PushPlan) error { return b.stale() }

// Push notes the plan.
func (b *Backend) Push(ctx context.Context, plan *backend.PushPlan, accept bool, report progress.Report) error {
	if plan.Destructive() && !accept {
		return remedy.New("push.destroys", remedy.ExitRefused, "3 steps, one of which destroys")
	}
	return b.carryOut(ctx, b.stale(), func() { b.Pushed = append(b.Pushed, plan) }, report, "Lock", "3 statements", "Commit")
}

// carryOut notes what a verb does, unless it is refused, and reports its steps.
func (b *Backend) carryOut(ctx context.Context, refusal error, note func(), report progress.Report, titles ...string) error {
	if refusal != nil {
		return refusal
	}
	b.mu.Lock()
	note()
	b.mu.Unlock()
	steps(report, titles...)
	return b.enter(ctx)
}

// stale is the refusal of a plan of former files.
func (b *Backend) stale() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.Stale {
		return nil
	}
	return remedy.New("plan.stale", remedy.ExitRefused, "%s has changed since; nothing was done", path.Base(b.file().Name))
}

// inTheWay names a session that others must wait for, unless it is to be ended.
func (b *Backend) inTheWay(code string, ended bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.Blocked || ended {
		return nil
	}
	return remedy.New(code, remedy.ExitBusy, "waited 2.0 s for what another session holds; nothing was changed").
		WithSeen(b.str("pid 812 (psql, idle in transaction, for 3m)")).WithHelp(remedy.Words("let it finish, or end it:"), remedy.Naap("dev reset", "x", "--terminate-blockers"))
}

// PlanReset has figures for every table of the schemas; that of plugin_gateway is refused without cascade.
func (b *Backend) PlanReset(ctx context.Context, schemas []string, opt devenv.ResetOptions) (*backend.ResetPlan, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	p := &backend.ResetPlan{Plan: &reset.Plan{Schemas: schemas}, Options: opt, Seeds: []string{b.str("plugin_wallet.sql")}, File: b.file()}
	p.Evicts = []reset.Eviction{{ID: 2, Verb: "reset", Schemas: []string{b.str("plugin_wallet")}, At: Now.Add(-48 * time.Hour), Rows: 5700, Exact: true, Bytes: 2200 << 10, Why: "undo.keep is 3"}}
	if schemas[0] == b.str("plugin_gateway") && !opt.Cascade {
		p.Refused, p.CascadeHelps = []string{b.str("a view depends on Gateway")}, true
	}
	for _, s := range b.schemas {
		for _, t := range s.tables {
			ti := b.info(t)
			if ti.Schema == schemas[0] {
				p.Tables = append(p.Tables, reset.Table{Schema: ti.Schema, Name: ti.Name, Rows: t.rows, Exact: t.exact, Bytes: ti.Bytes})
				p.Rows, p.Bytes = p.Rows+t.rows, p.Bytes+ti.Bytes
				continue
			}
			for _, pt := range t.points {
				if e := b.edge(t, pt); e.To.Schema == schemas[0] && len(p.Keys) < 3 {
					p.Keys = append(p.Keys, reset.Key{Name: e.Name, From: e.From, To: e.To})
					p.Effects = append(p.Effects, reset.Effect{Key: e.Name, Table: e.From, To: e.To, Rows: t.rows, Action: "deleted"})
				}
			}
		}
	}
	return p, nil
}

// Reset notes the plan.
func (b *Backend) Reset(ctx context.Context, plan *backend.ResetPlan, report progress.Report) error {
	if err := b.stale(); err != nil {
		return err
	}
	b.mu.Lock()
	b.Resets = append(b.Resets, plan)
	b.mu.Unlock()
	return b.carryOut(ctx, b.inTheWay("reset.locked", plan.Options.TerminateBlockers), func() {}, report, "Move the old schema aside", "Create it again", "Seed", "Check")
}

// ListUndo has one entry that works, one that doesn't, and one that does with cascade.
func (b *Backend) ListUndo(ctx context.Context) ([]reset.Entry, error) {
	of := func(id int, verb, schema string, ago time.Duration, rows, bytes int64) reset.Entry {
		return reset.Entry{ID: id, Verb: verb, Places: []reset.Place{{Schema: b.str(schema)}}, At: Now.Add(-ago), Rows: rows, Exact: true, Bytes: bytes, Dropping: id == 6}
	}
	return []reset.Entry{
		of(7, "reset", "plugin_wallet", time.Hour, 1_234_567, 310<<20), of(6, "reset", "plugin_community", 30*time.Hour, 640, 1<<20),
		of(5, "undo", "public", 31*time.Hour, 18_000, 9<<20),
	}, b.enter(ctx)
}

// PlanUndo deletes rows elsewhere, which entry 5 is refused for without cascade.
func (b *Backend) PlanUndo(ctx context.Context, id int, opt devenv.UndoOptions) (*reset.Undone, error) {
	if id == 5 && !opt.Cascade {
		return nil, remedy.New("undo.refused", remedy.ExitRefused, "rows elsewhere refer to what would be gone").
			WithSeen(b.str("3 rows of public.Team")).WithHelp(remedy.Naap("dev undo", "5", "--cascade"))
	}
	all, err := b.ListUndo(ctx)
	i := slices.IndexFunc(all, func(e reset.Entry) bool { return e.ID == id })
	if err != nil || i < 0 {
		return nil, cmp.Or(err, error(remedy.New("undo.unknown", remedy.ExitUsage, "there is no undo entry %d", id)))
	}
	return &reset.Undone{
		Taken: all[i], Objects: []reset.Object{{Kind: "view", Name: b.str("richest"), Kept: true}},
		Effects: []reset.Effect{{Key: b.str("Team_walletId_fkey"), Table: b.ref(postgres.TableRef{Schema: "public", Name: "Team"}),
			To: b.ref(postgres.TableRef{Schema: "plugin_wallet", Name: "Wallet"}), Rows: 3, Action: "deleted"}},
	}, nil
}

// DropUndo notes the entry.
func (b *Backend) DropUndo(ctx context.Context, id int, report progress.Report) error {
	return b.carryOut(ctx, nil, func() { b.Undone = append(b.Undone, "dropped "+strconv.Itoa(id)) }, report, "Drop it")
}

// Undo notes the entry.
func (b *Backend) Undo(ctx context.Context, id int, opt devenv.UndoOptions, report progress.Report) error {
	return b.carryOut(ctx, b.inTheWay("undo.locked", opt.TerminateBlockers), func() { b.Undone = append(b.Undone, strconv.Itoa(id)) }, report, "Move it back")
}

// Snapshots are two, and what was saved.
func (b *Backend) Snapshots(ctx context.Context) ([]backup.Snapshot, error) {
	b.mu.Lock()
	list := slices.Clone(b.snapshots)
	b.mu.Unlock()
	for i := range list {
		list[i].Name, list[i].Note = b.str(list[i].Name), b.poisoned(list[i].Note)
	}
	return list, b.enter(ctx)
}

// SaveSnapshot notes the name and the note.
func (b *Backend) SaveSnapshot(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error {
	return b.carryOut(ctx, b.inTheWay("snapshot.sessions", opt.TerminateSessions), func() {
		b.Saved = append(b.Saved, name+": "+opt.Note)
		b.snapshots = slices.Insert(b.snapshots, 0, backup.Snapshot{Name: name, At: Now, Bytes: 358 << 20, Rows: 18_400, Note: opt.Note})
	}, report, "Copy the database as "+name)
}

// snapshot finds one by its name, poisoned or not.
func (b *Backend) snapshot(name string) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.snapshots, func(x backup.Snapshot) bool { return x.Name == name || b.str(x.Name) == name })
	if i < 0 {
		return 0, remedy.New("snapshot.unknown", remedy.ExitUsage, "there is no snapshot %q", name)
	}
	return i, nil
}

// DeleteSnapshot takes it off the list.
func (b *Backend) DeleteSnapshot(ctx context.Context, name string) error {
	i, err := b.snapshot(name)
	return b.carryOut(ctx, err, func() { b.snapshots = slices.Delete(b.snapshots, i, i+1) }, progress.Discard)
}

// PlanRestoreSnapshot drops what was replaced before.
func (b *Backend) PlanRestoreSnapshot(ctx context.Context, name string) (*backup.Plan, error) {
	i, err := b.snapshot(name)
	if err != nil {
		return nil, err
	}
	list, err := b.Snapshots(ctx)
	return &backup.Plan{
		Snapshot: &list[i], Keeps: "(replaced 3)", Rows: 18_412, Bytes: 120 << 20,
		Drops: []backup.Snapshot{{Name: "(replaced 1)", At: Now.Add(-50 * time.Hour), Bytes: 80 << 20, Rows: 9_120}},
	}, err
}

// PlanRestoreFile lacks a table.
func (b *Backend) PlanRestoreFile(ctx context.Context, path string) (*backup.Plan, error) {
	later := b.str("Later")
	return &backup.Plan{
		File: &backup.File{Path: path, Format: "custom", Tables: 112, Rows: 18_400, RowsExact: true}, Keeps: "(replaced 3)", Rows: 18_412, Bytes: 120 << 20,
		Gone:   []backup.Object{{Kind: "table", Schema: "public", Name: later}},
		Tables: []backup.Change{{Schema: "public", Name: later, Now: 12, Goes: true}, {Schema: "public", Name: "User", Now: 120, Then: 108, Exact: true}},
	}, b.enter(ctx)
}

// Restore notes what was restored, and with what leave.
func (b *Backend) Restore(ctx context.Context, plan *backup.Plan, opt devenv.CopyOptions, report progress.Report) error {
	of := ""
	if plan.File != nil {
		of = plan.File.Path
	} else {
		of = plan.Snapshot.Name
	}
	note := fmt.Sprintf("restore %s lose %v drop %v end %v", of, opt.AcceptDataLoss, opt.DropReplaced, opt.TerminateSessions)
	return b.carryOut(ctx, nil, func() { b.Files = append(b.Files, note) }, report, "Read "+of)
}

// Backup notes the file. One that it wrote is there, and one called taken.
func (b *Backend) Backup(ctx context.Context, path string, force bool, report progress.Report) error {
	note := "backup " + path
	b.mu.Lock()
	exists := path == "taken" || slices.Contains(b.Files, note)
	b.mu.Unlock()
	if exists && !force {
		return remedy.New("backup.exists", remedy.ExitRefused, "there is a file of that name already").
			WithSeen(path + ": 1229 kB, written at 2025-03-14 12:02:07").WithHelp(remedy.Again("dev backup", "taken", "--force"))
	}
	return b.carryOut(ctx, nil, func() { b.Files = append(b.Files, note+map[bool]string{true: " forced"}[force]) }, report, "Write "+path)
}

// Seeds has one of each state.
func (b *Backend) Seeds(ctx context.Context) ([]seeding.Seed, error) { return b.seeds(), b.enter(ctx) }

func (b *Backend) seeds() []seeding.Seed {
	file, then := &seedfile.File{}, Now.Add(-12*time.Minute)
	return []seeding.Seed{
		{Name: b.str("public.sql"), Schema: b.str("public"), State: "applied", AppliedAt: then, Rows: 18_000, Took: 240 * time.Millisecond, File: file},
		{Name: b.str("plugin_wallet.sql"), Schema: b.str("plugin_wallet"), State: "changed", AppliedAt: then, Rows: 1_500, File: file},
		{Name: b.str("plugin_capacity.sql"), Schema: b.str("plugin_capacity"), State: "pending", File: file},
		{Name: b.str("command: apps/web/package.json prisma.seed"), State: seeding.Found, Command: &seeding.Command{
			Origin: b.str("apps/web/package.json:3"), Shown: b.str("(cd apps/web && npx prisma db seed)"),
			Choosing: []string{"[[seed.command]]", b.str(`run = "npx prisma db seed"`), b.str(`dir = "apps/web"`)},
		}},
	}
}

// PlanSeeds applies what is named. Without a name, and again, it has rows of one table that go and one that stays.
func (b *Backend) PlanSeeds(ctx context.Context, names []string, force bool) (*backend.SeedsPlan, error) {
	b.mu.Lock()
	p := &backend.SeedsPlan{SeedsPlan: &devenv.SeedsPlan{Options: devenv.SeedOptions{Names: names, Force: force}, Standings: b.Asks}, File: b.file()}
	b.mu.Unlock()
	if len(names) == 1 && !force {
		p.Steps = []seeding.Step{{Seed: seeding.Seed{Name: names[0]}}}
	} else {
		p.Steps = []seeding.Step{{Seed: seeding.Seed{Name: b.str("plugin_wallet.sql")}, Replace: true, Rows: []seeding.TableRows{
			{Table: b.ref(postgres.TableRef{Schema: "plugin_wallet", Name: "Wallet"}), Back: 1_500, Kept: 1, Keys: []string{b.str("id 701")}}}}}
	}
	return p, b.enter(ctx)
}

// AllowSeeds lets nothing be asked any more.
func (b *Backend) AllowSeeds(ctx context.Context, _ *backend.SeedsPlan) error {
	return b.carryOut(ctx, nil, func() { b.Asks = nil }, progress.Discard)
}

// ApplySeeds notes the names.
func (b *Backend) ApplySeeds(ctx context.Context, plan *backend.SeedsPlan, report progress.Report) error {
	names := plan.Options.Names
	return b.carryOut(ctx, b.stale(), func() { b.Applied = append(b.Applied, names) }, report, "Seed "+strings.Join(names, ", "))
}

// FakeData reports its rows.
func (b *Backend) FakeData(ctx context.Context, opt devenv.FakeOptions, report progress.Report) error {
	return b.carryOut(ctx, nil, func() { b.Faked = append(b.Faked, opt) }, func(s progress.Step) {
		s.Done, s.Total, s.Unit, s.Detail = opt.Rows, opt.Rows, "rows", fmt.Sprint(opt.Rows)
		report(s)
	}, "Make up rows")
}

// Doctor found something.
func (b *Backend) Doctor(ctx context.Context) ([]remedy.Finding, error) {
	return []remedy.Finding{
		{Code: "docker.version", Severity: remedy.Fine, Title: b.str("Docker 28.5 answers"), Seen: []string{b.str("unix:///var/run/docker.sock")}},
		{Code: "schema.empty_tables", Severity: remedy.Warning, Title: b.str("11 tables of 112 are empty"), Seen: []string{b.str("public.UserLog, public.TeamEvent, …")}, Fix: []remedy.Advice{remedy.Naap("dev seed", "--fake", "100")}},
		{Code: "disk.low", Severity: remedy.Broken, Title: b.str("the volume's disk is almost full"), Seen: []string{b.str("1126 MB free of 80 GB")}, Fix: remedy.Lines("docker system prune")},
	}, b.enter(ctx)
}

// Check found a rule that is broken.
func (b *Backend) Check(ctx context.Context) ([]remedy.Finding, error) {
	return []remedy.Finding{
		{Code: "schema.attribute", Severity: remedy.Broken, Title: b.str("model DreamEvent has no @@schema"), File: b.str("prisma/schema.prisma"), Line: 412, Column: 1, Fix: remedy.Lines(`add @@schema("plugin_daydream")`)},
		{Code: "init.missing", Severity: remedy.Warning, Title: b.str("plugin_daydream is not in init-schemas.sql"), File: "docker/init-schemas.sql", Line: 9, Column: 1},
	}, b.enter(ctx)
}

// Logs gives three lines and waits.
func (b *Backend) Logs(ctx context.Context, _ int, emit func(string) bool) error {
	if err := b.Lacks.Logs.Err(); err != nil {
		return err
	}
	for _, l := range []string{
		"2025-03-14 13:50:01.123 UTC [1] LOG:  database system is ready to accept connections",
		"2025-03-14 13:58:40.000 UTC [71] ERROR:  duplicate key value violates unique constraint \"User_pkey\"",
		"2025-03-14 13:58:40.000 UTC [71] DETAIL:  Key (id)=(" + Hostile + ") already exists.",
	} {
		if !emit(b.str(l)) {
			return nil
		}
	}
	return b.wait(ctx)
}

// Events gives one event and waits.
func (b *Backend) Events(ctx context.Context, emit func(server.Event) bool) error {
	if err := b.Lacks.Events.Err(); err != nil {
		return err
	}
	emit(server.Event{At: Now, Kind: "health", Text: b.str("healthy")})
	return b.wait(ctx)
}

// wait ends with its context, or at once where the backend is brief.
func (b *Backend) wait(ctx context.Context) error {
	if !b.Brief {
		<-ctx.Done()
	}
	return ctx.Err()
}

// Psql is a command that does nothing.
func (b *Backend) Psql(ctx context.Context) (*exec.Cmd, error) {
	return program.Here().Command(context.WithoutCancel(ctx), program.Program{Name: "true"})
}
