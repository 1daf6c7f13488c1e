package devenv

import (
	"time"
)

// Identity is what a screen's header says of an instance. It does not change while the instance lives.
type Identity struct {
	Instance  string // "naap"
	Engine    string // "docker", "embedded", "external"
	Address   string // "127.0.0.1:5432/naap"
	Workspace string // what it is made from: a folder's name, or "built-in workspace"
	Lacks     Lacks
}

// FileState says which state of the Prisma schema an answer speaks of: files change while a screen shows what they said.
type FileState struct {
	Name string    // as people know it, safe to show: "packages/database/prisma/schema.prisma"; "" where there is none
	AsOf time.Time // when it was read; zero for one inside the program, which does not change
	ID   string    // of its contents, and of what else the answer was made from
}

// FileChange tells of files of the workspace that have changed.
type FileChange struct {
	At    time.Time
	Names []string // as people know them, safe to show
}

// Facts are what naap knows of a database beyond what the server says: who owns a schema, what should be there, what
// was seeded. They are asked for now and then, not with every Snapshot.
type Facts struct {
	Owners   map[string]string    // schema → plugin or service
	Missing  map[string][]string  // schema → tables of the Prisma file that the database lacks
	Unknown  map[string][]string  // schema → tables that the Prisma file lacks
	Baseline map[TableRef]int64   // rows right after the seeds, to tell what changed since
	Problems map[string][]Finding // schema → what is wrong with it
	Pending  int                  // statements that a push would run
	Destroys int                  // how many of them would lose something
	DriftErr error                // why the drift is not known: a mistake in the Prisma file
	Seeds    []SeedState
	File     FileState // what the drift was compared with
}

// LogLine is a line of the server's own log.
type LogLine struct {
	At   time.Time // zero where the engine doesn't know
	Text string
}

// Effect is what a statement does to what is there.
type Effect string

const (
	Adds     Effect = "adds"
	Changes  Effect = "changes"
	Destroys Effect = "destroys" // rows or values are lost
)

// PlanStatement is one statement of a plan.
type PlanStatement struct {
	SQL    string
	Effect Effect
	Object string // what it is about: "public.User.email"
	Note   string // what a person should know: how many rows are lost, why it may fail
	Rows   int64  // rows that are lost or rewritten
}

// PushPlan is what a push would do, made for reading. Token is the plan itself, which is what Push carries out.
type PushPlan struct {
	Statements []PlanStatement
	Warnings   []string
	Lost       int64    // rows or values that would be gone
	Wipes      []string // most of the database's tables, where they go: "drops all 32 tables of schema public"
	File       FileState
	Token      any
}

// NeedsPermission reports whether a push of the plan is refused unless what it takes away was agreed to.
func (p PushPlan) NeedsPermission() bool { return len(p.Wipes) > 0 || p.Destructive() > 0 }

// Destructive counts the statements that lose something.
func (p PushPlan) Destructive() int {
	n := 0
	for _, s := range p.Statements {
		if s.Effect == Destroys {
			n++
		}
	}
	return n
}

// ResetPlan is what resetting schemas would do, made for reading. Token is the plan itself.
type ResetPlan struct {
	Schemas  []string
	Tables   []ResetTable     // that are moved aside and made anew
	Cuts     []ForeignKeyEdge // foreign keys of other schemas that point here: dropped and made again
	Orphans  []ResetOrphans   // rows of other schemas that point at rows which will be gone
	Cascades []string         // further schemas that must go too, and why
	Seeds    []string         // seeds that run afterwards
	Evicts   []string         // undo entries that are given up for this one, with what each holds
	Warnings []string
	Rows     int64 // in all Tables
	Bytes    int64 // what undo keeps
	Refused  string
	Helps    bool // cascade would lift what is in Refused
	File     FileState
	Token    any
}

// ResetTable is one table of a ResetPlan.
type ResetTable struct {
	Table TableRef
	Rows  RowCount
	Bytes int64
}

// ResetOrphans counts the rows of another schema's table that point at rows that a reset removes.
type ResetOrphans struct {
	Edge ForeignKeyEdge
	Rows int64
	Then string // what becomes of them: "deleted", "set to NULL", "kept: the seed has the same key"
}

// UndoEntry is a reset, or another verb that destroyed something, that can be taken back.
type UndoEntry struct {
	ID      string
	Verb    string // "reset"
	Schemas []string
	At      time.Time
	Rows    int64
	Bytes   int64
	Note    string // why it can't be undone any more, or ""
}

// SavedSnapshot is a copy of the whole database under a name.
type SavedSnapshot struct {
	Name  string
	At    time.Time
	Bytes int64
	Rows  int64
	Note  string
}

// SeedState is where one seed stands.
type SeedState struct {
	Name    string // "public.sql"
	Schema  string
	State   string // "applied", "pending", "changed" (its file differs from what was applied), "failed"
	Applied time.Time
	Rows    int64
	Detail  string
}

// FakeRequest asks for made-up rows.
type FakeRequest struct {
	Schemas []string // all where empty
	Tables  []TableRef
	Rows    int   // of each table
	Seed    int64 // the same seed makes the same rows
	Append  bool  // add to tables that have rows; they are refused otherwise
	Edge    bool  // mix in extremes
}

// RestorePlan is what restoring a snapshot or a file would do, made for reading. Token is the plan itself.
type RestorePlan struct {
	Lines []string // "- " goes, "~ " changes, "+ " is kept
	Loses bool     // the database has what the file has not: it needs AcceptDataLoss
	Drops bool     // it drops what earlier restores replaced: it needs DropReplaced
	Token any
}
