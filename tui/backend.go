package tui

import (
	"context"
	"io"
	"os/exec"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Backend is what every screen needs: to look at the database. Its methods are called from several goroutines at once
// and stop when their context ends, on the server too. What else a backend can do it says by having the methods of the
// capabilities below; a key whose capability is missing, or answers devenv.ErrNotHere, says so.
type Backend interface {
	// Snapshot is one refresh. With fresh it counts every row again, whatever it remembers.
	Snapshot(ctx context.Context, fresh bool) (*devenv.Snapshot, error)
	Detail(ctx context.Context, table devenv.TableRef) (*devenv.TableDetail, error)
	Page(ctx context.Context, req devenv.PageRequest) (*devenv.Page, error)
}

// Booter brings the environment up and reports its steps.
type Booter interface {
	Boot(ctx context.Context, report progress.Report) error
}

// Identifier says what the header shows of the instance.
type Identifier interface {
	Identity() devenv.Identity
}

// Stopper stops the database; its data stays.
type Stopper interface {
	Stop(ctx context.Context, report progress.Report) error
}

// Knower knows what should be in the database, and who owns it.
type Knower interface {
	Facts(ctx context.Context) (*devenv.Facts, error)
}

// Prober looks whether the server is there, soon and whatever else it is asked: at its engine, which knows of a pause or an
// end, and on a connection of its own. Its error says what is wrong, and what helps with this engine.
type Prober interface {
	Probe(ctx context.Context) error
}

// Recorder shows single rows.
type Recorder interface {
	// Record is the one row at a cursor's place, with its values in full.
	Record(ctx context.Context, table devenv.TableRef, at devenv.Cursor, sort []devenv.SortKey) (*devenv.Record, error)
}

// Counter counts the rows of a table that fulfil conditions exactly, however long it takes.
type Counter interface {
	Count(ctx context.Context, table devenv.TableRef, where []devenv.Condition) (devenv.RowCount, error)
}

// Exporter writes rows as they arrive, from one consistent snapshot. It reports rows so far.
type Exporter interface {
	Export(ctx context.Context, w io.Writer, req devenv.ExportRequest, report progress.Report) (devenv.ExportResult, error)
}

// Session is a connection for the SQL console, with a transaction of its own.
type Session interface {
	// Powers are what its role may do although the session is locked: "postgres is a superuser"; "" for nothing.
	Powers() string
	Run(ctx context.Context, text string, opt devenv.RunOptions) (devenv.Outcome, error)
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	// Explain is about the statement of a text at a byte offset.
	Explain(ctx context.Context, text string, at int, analyze bool) (devenv.QueryPlan, error)
	Close()
}

// Scripter gives the SQL console its sessions, read-only by the server itself unless write is set, and its words.
type Scripter interface {
	OpenSession(ctx context.Context, write bool) (Session, error)
	Completion(ctx context.Context) (*devenv.Completion, error)
}

// Relater draws the picture of foreign keys.
type Relater interface {
	Relations(ctx context.Context) (*devenv.Relations, error)
	Neighbours(ctx context.Context, table devenv.TableRef) (*devenv.Neighbours, error)
}

// Pusher brings the database to what schema.prisma says. Push carries out the plan that it is given, no other; where the
// file has changed since the plan was made it does nothing, and its error has the code plan.stale.
type Pusher interface {
	PlanPush(ctx context.Context) (*devenv.PushPlan, error)
	// CheckPush is the error that Push would begin with.
	CheckPush(ctx context.Context, plan *devenv.PushPlan) error
	Push(ctx context.Context, plan *devenv.PushPlan, acceptLoss bool, report progress.Report) error
}

// Resetter resets schemas. Reset carries out the plan that it is given, with the options that it was made with, or refuses
// it as Pusher's Push does.
type Resetter interface {
	PlanResetWith(ctx context.Context, schemas []string, opt devenv.ResetOptions) (*devenv.ResetPlan, error)
	Reset(ctx context.Context, plan *devenv.ResetPlan, report progress.Report) error
}

// Undoer takes destructive verbs back. PlanUndo tells, a line each, what that would do; its error is the refusal.
type Undoer interface {
	ListUndo(ctx context.Context) ([]devenv.UndoEntry, error)
	PlanUndo(ctx context.Context, id string, opt devenv.UndoOptions) ([]string, error)
	UndoWith(ctx context.Context, id string, opt devenv.UndoOptions, report progress.Report) error
	DropUndo(ctx context.Context, id string, report progress.Report) error
}

// Saver keeps copies of the whole database under names.
type Saver interface {
	Snapshots(ctx context.Context) ([]devenv.SavedSnapshot, error)
	SaveSnapshotWith(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error
	PlanRestoreSnapshot(ctx context.Context, name string) (*devenv.RestorePlan, error)
	Restore(ctx context.Context, plan *devenv.RestorePlan, opt devenv.CopyOptions, report progress.Report) error
	DeleteSnapshot(ctx context.Context, name string) error
}

// Keeper writes the whole database to files, and reads it back. It refuses to replace a file ("backup.exists") unless it is
// to, and to restore while other sessions use the database, unless it is to end them.
type Keeper interface {
	Backup(ctx context.Context, path string, force bool, report progress.Report) error
	PlanRestoreFile(ctx context.Context, path string) (*devenv.RestorePlan, error)
	Restore(ctx context.Context, plan *devenv.RestorePlan, opt devenv.CopyOptions, report progress.Report) error
}

// Seeder fills the database: from seed files, each once, and with made-up rows.
type Seeder interface {
	Seeds(ctx context.Context) ([]devenv.SeedState, error)
	PlanSeeds(ctx context.Context, names []string, force bool) (devenv.SeedsAhead, error)
	// AllowSeeds keeps that what a plan's Asks say is allowed.
	AllowSeeds(ctx context.Context, ahead devenv.SeedsAhead) error
	ApplySeeds(ctx context.Context, ahead devenv.SeedsAhead, report progress.Report) error
	FakeData(ctx context.Context, req devenv.FakeRequest, report progress.Report) error
}

// Doctor looks for what is wrong.
type Doctor interface {
	Doctor(ctx context.Context) ([]devenv.Finding, error)
}

// Checker checks the workspace against the mandatory rules.
type Checker interface {
	Check(ctx context.Context) ([]devenv.Finding, error)
}

// Logger follows the server's log: the last lines at once, then each as it comes, until ctx ends or emit says false.
type Logger interface {
	Logs(ctx context.Context, tail int, emit func(devenv.LogLine) bool) error
}

// Eventer tells what happens to the container or process, until ctx ends or emit says false.
type Eventer interface {
	Events(ctx context.Context, emit func(devenv.EngineEvent) bool) error
}

// FileWatcher tells when files that the workspace is made from change, until ctx ends or emit says false.
type FileWatcher interface {
	WatchFiles(ctx context.Context, emit func(devenv.FileChange) bool) error
}

// Measurer measures the container or process.
type Measurer interface {
	EngineStats(ctx context.Context) (*devenv.EngineStats, error)
}

// Shell says how to start psql on the database: a command, its arguments, and variables for its environment.
type Shell interface {
	Psql(ctx context.Context) (*exec.Cmd, error)
}
