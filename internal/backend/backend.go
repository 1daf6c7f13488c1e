// Package backend answers what the terminal app's screens ask for: an environment in which every verb takes and returns
// values, reads the workspace's files when it is asked, and carries out only the plan that was shown.
package backend

import (
	"context"
	"io"
	"os/exec"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/watch"
)

// Backend is what the screens need: to look at the database, and the verbs. Its methods are called from several goroutines
// at once and stop when their context ends, on the server too. What a kind of server cannot do, Identity says.
//
// A verb that changes something has a plan, which it then carries out, and no other: where files have changed since the
// plan was made it does nothing, and its error has the code plan.stale.
type Backend interface {
	// Identity is what the header shows of the instance, and what its server cannot do.
	Identity() devenv.Identity
	// Instances are those that this home knows, this one among them.
	Instances(ctx context.Context) ([]devenv.Instance, error)
	// Boot brings the environment up.
	Boot(ctx context.Context, report progress.Report) error
	// Stop stops the database; its data stays.
	Stop(ctx context.Context, report progress.Report) error

	// Snapshot is one refresh: at most two round trips. With fresh it counts every row again, whatever it remembers.
	Snapshot(ctx context.Context, fresh bool) (*postgres.Snapshot, error)
	// Probe looks whether the server is there, soon and whatever else it is asked: at its engine, which knows of a pause or
	// an end, and on a connection of its own. Its error says what is wrong, and what helps with this engine.
	Probe(ctx context.Context) error
	// Facts are what should be in the database, and who owns it. They cost a comparison with the Prisma file.
	Facts(ctx context.Context) (*Facts, error)
	// EngineStats measures the container or process; nil where there is none.
	EngineStats(ctx context.Context) (*server.Stats, error)

	// These go on until ctx ends or emit answers false. Logs gives the last lines at once, then each as it comes.
	Logs(ctx context.Context, tail int, emit func(string) bool) error
	Events(ctx context.Context, emit func(server.Event) bool) error
	WatchFiles(ctx context.Context, emit func(watch.Change) bool) error

	Detail(ctx context.Context, table postgres.TableRef) (*postgres.TableDetail, error)
	Page(ctx context.Context, req postgres.PageRequest) (*postgres.Page, error)
	// Record is the one row at a cursor's place, with its values in full. The order is that of the page which has the cursor,
	// and so are the conditions where nothing but their number tells rows apart.
	Record(ctx context.Context, req postgres.PageRequest) (*postgres.Record, error)
	// CountLinks counts the rows that a record's links lead to, up to postgres.LinksCountedTo of each, in one round trip.
	// RowNames is what rows are called that foreign keys refer to, for each request a name for each of its keys, or "".
	CountLinks(ctx context.Context, links []postgres.RecordLink) ([]postgres.LinkCount, error)
	RowNames(ctx context.Context, reqs []postgres.NameRequest) ([][]string, error)
	// Count counts the rows of a table that fulfil conditions exactly, however long it takes.
	Count(ctx context.Context, table postgres.TableRef, where []postgres.Condition) (postgres.RowCount, error)
	// Export writes rows as they arrive, from one consistent snapshot. It reports rows so far.
	Export(ctx context.Context, w io.Writer, req postgres.ExportRequest, report progress.Report) (postgres.ExportResult, error)

	// EditTable is what must be known of a table to change its rows, and EditRow a row to be changed, in full: the one at a
	// place in the table's own order.
	EditTable(ctx context.Context, table postgres.TableRef) (*rowedit.Table, error)
	EditRow(ctx context.Context, table postgres.TableRef, at postgres.Cursor) (*rowedit.Row, error)
	// CheckValue is what the server makes of a text as a value of a column; KeyChoices are rows that a foreign key may
	// refer to, whose key or name contains a text.
	CheckValue(ctx context.Context, column rowedit.Column, text string) (rowedit.Checked, error)
	KeyChoices(ctx context.Context, key rowedit.ForeignKey, search string) ([]rowedit.Choice, error)
	// TryRows carries a plan out and undoes it. ChangeRows commits it, all or nothing, and only while each row is what was
	// shown. Where the answer to the COMMIT got lost and nobody can be asked, its error has the code rows.doubt, and
	// RowsFate asks again.
	TryRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error)
	ChangeRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error)
	RowsFate(ctx context.Context, xid string) (committed bool, err error)
	// Find looks for a value in all tables, and tells what it finds as it comes, until emit answers false.
	Find(ctx context.Context, req postgres.FindRequest, emit func(postgres.FindNews) bool) error

	// OpenSession opens a connection for the SQL console, read-only by the server itself unless write is set.
	OpenSession(ctx context.Context, write bool) (Session, error)
	Completion(ctx context.Context) (*postgres.Completion, error)
	// Queries are the workspace's named queries. SaveQuery writes one over what was read of it, nil for one that is not
	// there yet: where the file holds something else, its error has the code query.exists or query.changed.
	Queries(ctx context.Context) ([]queries.Query, error)
	SaveQuery(ctx context.Context, name, text string, was *string) (queries.Query, error)
	// Sessions are those of the whole server, as far as its role may know them. StopSession cancels what one of them runs, or
	// ends it, if it is still the one that was shown.
	Sessions(ctx context.Context) ([]postgres.ServerSession, error)
	StopSession(ctx context.Context, id postgres.SessionID, how postgres.SessionEnd) error
	// Psql is psql on the database, ready to be given the terminal.
	Psql(ctx context.Context) (*exec.Cmd, error)

	PlanPush(ctx context.Context) (*PushPlan, error)
	// AllowHooks notes that the commands that a plan has run afterwards may run: exactly these texts.
	AllowHooks(ctx context.Context, plan *PushPlan) error
	// CheckPush is the error that Push would begin with.
	CheckPush(ctx context.Context, plan *PushPlan) error
	Push(ctx context.Context, plan *PushPlan, acceptLoss bool, report progress.Report) error

	// PlanReset plans with options, to which Reset keeps.
	PlanReset(ctx context.Context, schemas []string, opt devenv.ResetOptions) (*ResetPlan, error)
	Reset(ctx context.Context, plan *ResetPlan, report progress.Report) error

	ListUndo(ctx context.Context) ([]reset.Entry, error)
	// PlanUndo is what an undo would do; its error is the refusal.
	PlanUndo(ctx context.Context, id int, opt devenv.UndoOptions) (*reset.Undone, error)
	Undo(ctx context.Context, id int, opt devenv.UndoOptions, report progress.Report) error
	DropUndo(ctx context.Context, id int, report progress.Report) error

	// Snapshots are copies of the whole database under names.
	Snapshots(ctx context.Context) ([]backup.Snapshot, error)
	SaveSnapshot(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error
	DeleteSnapshot(ctx context.Context, name string) error
	PlanRestoreSnapshot(ctx context.Context, name string) (*backup.Plan, error)
	PlanRestoreFile(ctx context.Context, path string) (*backup.Plan, error)
	// Restore refuses while other sessions use the database, unless it is to end them.
	Restore(ctx context.Context, plan *backup.Plan, opt devenv.CopyOptions, report progress.Report) error
	// Backup writes the whole database to a file. It replaces one only with force; otherwise its error has the code
	// backup.exists.
	Backup(ctx context.Context, path string, force bool, report progress.Report) error

	Seeds(ctx context.Context) ([]seeding.Seed, error)
	// PlanSeeds plans the seeds that are pending or changed, with force also the others. names restricts it to these.
	PlanSeeds(ctx context.Context, names []string, force bool) (*SeedsPlan, error)
	// AllowSeeds notes that the files and the command of a plan may do what its Asks say: exactly these texts, whatever the
	// files say by now.
	AllowSeeds(ctx context.Context, plan *SeedsPlan) error
	ApplySeeds(ctx context.Context, plan *SeedsPlan, report progress.Report) error
	FakeData(ctx context.Context, opt devenv.FakeOptions, report progress.Report) error

	// Migrations is the folder of migrations beside the database's record of them.
	Migrations(ctx context.Context) (*Migrations, error)
	// PlanDeploy is what a deploy would run; its error is the refusal.
	PlanDeploy(ctx context.Context) (*DeployPlan, error)
	// CheckDeploy is the error that Deploy would begin with.
	CheckDeploy(ctx context.Context, plan *DeployPlan) error
	Deploy(ctx context.Context, plan *DeployPlan, report progress.Report) error
	// Rehearse carries a plan out on a copy of the database. Where a statement fails, it returns both what ran and the error.
	Rehearse(ctx context.Context, plan *DeployPlan, opt devenv.RehearseOptions, report progress.Report) (*migrate.Rehearsal, error)
	// PlanResolve is how a migration is recorded as applied, or as rolled back, and what of it is there now.
	PlanResolve(ctx context.Context, name string, applied bool) (*migrate.Resolution, error)
	Resolve(ctx context.Context, r *migrate.Resolution, report progress.Report) error
	// PlanScripts is what the scripts would reach that PlanMigration and CheckMigrations run on a shadow database. Both refuse
	// while it asks for something.
	PlanScripts(ctx context.Context) (*ScriptsPlan, error)
	// AllowScripts notes that scripts may do what standings of a plan say: exactly these texts.
	AllowScripts(ctx context.Context, standings []trust.Standing) error
	// PlanMigration is the migration that the folder lacks of the Prisma file. A database that is not what its migrations make
	// is refused (migrate.drift) unless the migration is only to be written.
	PlanMigration(ctx context.Context, opt devenv.NewMigrationOptions) (*MigrationPlan, error)
	// MakeMigration writes and runs it, or with only, and where its plan was made for that, writes it.
	MakeMigration(ctx context.Context, plan *MigrationPlan, only, acceptLoss bool, report progress.Report) error
	// CheckMigrations compares what all migrations make with the Prisma file.
	CheckMigrations(ctx context.Context) (*Agreement, error)

	// Doctor looks for what is wrong with the environment, Check for where the workspace breaks the mandatory rules.
	Doctor(ctx context.Context) ([]remedy.Finding, error)
	Check(ctx context.Context) ([]remedy.Finding, error)
}

// Session is a connection for the SQL console, with a transaction of its own.
type Session interface {
	// Powers says what its role may do although the session is locked: "postgres is a superuser"; "" for nothing.
	Powers() string
	// Parameters are the named parameters of a text with their types, as the server describes them; nothing is run. Where
	// the text has a mistake, the error comes with its place, if that is known.
	Parameters(ctx context.Context, text string) ([]postgres.Parameter, *postgres.Position, error)
	Run(ctx context.Context, text string, opt postgres.RunOptions) (postgres.Outcome, error)
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	// Explain explains the statement at a byte offset of a text.
	Explain(ctx context.Context, text string, at int, analyze bool, args postgres.Arguments) (postgres.QueryPlan, error)
	Close(ctx context.Context) error
}
