package schemaplan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Kind is what a step does. The values are part of the JSON contract.
type Kind string

const (
	CreateSchema     Kind = "create_schema"
	createExtension  Kind = "create_extension"
	AlterExtension   Kind = "alter_extension"
	renameTable      Kind = "rename_table"
	renameColumn     Kind = "rename_column"
	createEnum       Kind = "create_enum"
	addEnumValue     Kind = "add_enum_value"
	renameEnumValue  Kind = "rename_enum_value"
	dropForeignKey   Kind = "drop_foreign_key"
	dropIndex        Kind = "drop_index"
	rebuildEnum      Kind = "rebuild_enum"
	dropPrimaryKey   Kind = "drop_primary_key"
	renamePrimaryKey Kind = "rename_primary_key"
	dropColumn       Kind = "drop_column"
	addColumn        Kind = "add_column"
	alterColumn      Kind = "alter_column"
	recreateColumn   Kind = "recreate_column"
	addPrimaryKey    Kind = "add_primary_key"
	DropTable        Kind = "drop_table"
	dropEnum         Kind = "drop_enum"
	CreateTable      Kind = "create_table"
	createIndex      Kind = "create_index"
	renameForeignKey Kind = "rename_foreign_key"
	addForeignKey    Kind = "add_foreign_key"
	renameIndex      Kind = "rename_index"
)

// Class is the effect of a step on what exists.
type Class string

const (
	Adds     Class = "adds"     // everything that existed is unchanged afterwards
	Changes  Class = "changes"  // something changes, but no row and no value is lost
	Destroys Class = "destroys" // rows or values are lost: Destroys says how many
)

// Loss is what a step destroys, counted in the database when the plan was made.
type Loss struct {
	What string `json:"what"`           // "3 rows of public.User"
	Rows int64  `json:"rows,omitempty"` // of a table that goes
	// NonNull counts the values of a column that is dropped, or cast to a type that may not hold them.
	NonNull int64 `json:"non_null,omitempty"`
	// Takes are objects that the schema file does not describe and that are dropped too: checks, partial indexes.
	Takes []string `json:"takes,omitempty"`
	// Weakens says that no row and no value is lost, only a guarantee or an index.
	Weakens bool `json:"weakens,omitempty"`
}

// block is why a step cannot run on the existing data.
type block struct {
	Why   string          `json:"why"`
	Count int64           `json:"count"` // rows or values that prevent it
	Ways  []remedy.Advice `json:"ways_out"`
}

// Step is one change.
type Step struct {
	Kind       Kind        `json:"kind"`
	Object     string      `json:"object"` // what it is about: "public.User.email"
	Summary    string      `json:"summary"`
	Statements []string    `json:"sql"`
	Class      Class       `json:"class"`
	Destroys   *Loss       `json:"destroys,omitempty"`
	Blocked    *block      `json:"blocked,omitempty"`
	Held       *heldReason `json:"held,omitempty"` // of a step in HeldBack
	// CommitAfter ends a transaction after this step: PostgreSQL does not allow a new enum value to be used before
	// that.
	CommitAfter bool `json:"commit_after,omitempty"`
	// At is the place in the schema file that requires the step, "file:line:column", and Line the text there; both are
	// empty where nothing in the file does.
	At   string     `json:"at,omitempty"`
	Line string     `json:"line,omitempty"`
	Pos  prisma.Pos `json:"-"`

	schema   string // of a step that is not within a table
	table    qName  // of a step within a table
	enum     qName  // of a step that adds to an enum
	requires []string
	provides []string
	checks   []check
	// aside, of a rename, returns its statement to an intermediate name, or from it.
	aside func(between string, onward bool) string
	// unsettles are the table that is dropped, or the columns that are dropped or change their type: no view or trigger
	// may use them.
	unsettles []columnName
	// loses and fails are Prisma's words in a migration for what the step could destroy, or on what it could fail, and
	// backfill the statements that can replace it where there are rows.
	loses, fails []string
	backfill     string
	// becomes is the column's new type, where that changes.
	becomes string
	// leavesType is an enum that is dropped, or recreated: whatever else uses it prevents that.
	leavesType qName
	// removed counts the rows with a value that an enum is to lose.
	removed int64
	refers  qName    // of a foreign key's step: the table that it refers to
	locking []locked // what it locks
	// locks are tables whose rows must stay as they were counted until the step has run.
	locks []qName
}

// Rename is a guess: one thing is dropped, another of the same form is added. Key names it to ComputeOptions.
type Rename struct {
	Key  string `json:"key"`  // "public.User.name>fullName" or "public.User>Account"
	Kind string `json:"kind"` // "column", "table", "enum" or "enum value"
	From string `json:"from"`
	To   string `json:"to"`
	// Keeps is what would be lost without it: "42 values".
	Keeps string `json:"keeps,omitempty"`
	At    string `json:"at,omitempty"`
	// With are the keys of the renames that this one requires.
	With []string `json:"with,omitempty"`

	guess bool // the two are similar, but not the same
}

// heldReason is why a step was left out of the part of a plan that was asked for.
type heldReason struct {
	Why  string          `json:"why"` // with what it would destroy, or what prevents it, counted
	Ways []remedy.Advice `json:"ways_out"`
}

// check is one count of what a step affects in the data.
type check struct {
	sql   string // one row of one bigint
	weigh func(s *Step, n int64)
}

type columnName struct {
	table  qName
	column string
}

// Note returns what to know about a step before it runs: why it cannot run, or what it loses; "" for nothing.
func (s *Step) Note() string {
	switch {
	case s.Blocked != nil:
		return "cannot run: " + s.Blocked.Why
	case s.Destroys != nil:
		return "loses " + s.Destroys.What
	}
	return ""
}

// Lost returns how many rows or values a step destroys.
func (s *Step) Lost() int64 {
	if s.Destroys == nil {
		return 0
	}
	return s.Destroys.Rows + s.Destroys.NonNull
}

// Plan holds the steps that make a database match a schema, in order.
type Plan struct {
	Steps []*Step `json:"steps"`
	// HeldBack are steps that Additive left out, each with the reason.
	HeldBack []*Step `json:"held_back,omitempty"`
	// Renames are suggestions; none of them is in Steps unless Compute was told to do it.
	Renames []Rename `json:"renames,omitempty"`
	// Wipes are the schemas that lose every table, by name, and all of the plan's schemas together where those lose
	// more than half of their tables in another way.
	Wipes []Wipe `json:"-"`
	// Lacking are the extensions without which steps cannot run.
	Lacking []Lack `json:"lacking,omitempty"`

	scope       []string
	searchPath  string
	uncounted   bool
	external    External
	found       map[string]int // tables that could be dropped, by schema
	fingerprint string         // of the catalogue that the plan was made from
	lockRoom    int64          // of the server; 0 where it is not known
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

// TablesOf returns the names of the tables that steps of a kind are about, by schema.
func (p *Plan) TablesOf(kind Kind) map[string][]string {
	tables := map[string][]string{}
	for _, s := range p.Steps {
		if s.Kind == kind {
			t := s.table
			tables[t.Schema] = append(tables[t.Schema], t.Name)
		}
	}
	return tables
}

// Destructive reports whether the plan needs permission: a step loses something, or most tables are dropped.
func (p *Plan) Destructive() bool {
	return len(p.Wipes) > 0 || slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Destroys != nil })
}

// Schema returns the schema of the database that a step is about; "" for an extension's.
func (s *Step) Schema() string { return cmp.Or(s.table.Schema, s.schema) }

// Losses returns the steps that destroy.
func (p *Plan) Losses() []*Step {
	return p.filter(func(s *Step) bool { return s.Destroys != nil })
}

// blocked returns the steps that cannot run on the existing data.
func (p *Plan) blocked() []*Step {
	return p.filter(func(s *Step) bool { return s.Blocked != nil })
}

func (p *Plan) filter(keep func(*Step) bool) []*Step {
	var out []*Step
	for _, s := range p.Steps {
		if keep(s) {
			out = append(out, s)
		}
	}
	return out
}

// Counts are the numbers of a plan's steps of each class.
type Counts struct {
	Adds     int `json:"adds"`
	Changes  int `json:"changes"`
	Destroys int `json:"destroys"`
	Blocked  int `json:"blocked"`
	HeldBack int `json:"held_back"`
}

// Counts counts the steps; a blocked one counts in its class too.
func (p *Plan) Counts() Counts {
	c := Counts{HeldBack: len(p.HeldBack)}
	for _, s := range p.Steps {
		switch s.Class {
		case Adds:
			c.Adds++
		case Changes:
			c.Changes++
		case Destroys:
			c.Destroys++
		}
		if s.Blocked != nil {
			c.Blocked++
		}
	}
	return c
}

// Drops counts the steps that only drop what the Prisma file does not have.
func (p *Plan) Drops() int {
	return len(p.filter(func(s *Step) bool {
		return slices.Contains([]Kind{DropTable, dropColumn, dropEnum, dropForeignKey, dropIndex}, s.Kind)
	}))
}

// For returns the plan with its ways out as they are printed for a target: what is in a document is printed too.
func (p *Plan) For(target remedy.Target) *Plan {
	printed := func(steps []*Step) []*Step {
		out := make([]*Step, len(steps))
		for i, s := range steps {
			copied := *s
			if b := s.Blocked; b != nil {
				copied.Blocked = &block{b.Why, b.Count, remedy.Lines(target.Lines(b.Ways)...)}
			}
			if h := s.Held; h != nil {
				copied.Held = &heldReason{h.Why, remedy.Lines(target.Lines(h.Ways)...)}
			}
			out[i] = &copied
		}
		return out
	}
	part := *p
	part.Steps, part.HeldBack = printed(p.Steps), printed(p.HeldBack)
	return &part
}

// Summary returns the plan for people: one line per step, with what it destroys or what blocks it below. The ways out
// are commands for the target.
func (p *Plan) Summary(target remedy.Target) []string {
	out := say.Each(p.WipeLines(), func(line string) string { return "! " + line })
	splits := p.splits()
	for _, s := range p.Steps {
		out = append(out, map[Class]string{Adds: "+ ", Changes: "~ ", Destroys: "- "}[s.Class]+s.Summary)
		if s.Destroys != nil {
			out = append(out, "    loses "+s.Destroys.What)
		}
		if s.Blocked != nil {
			out = append(out, "    cannot run: "+s.Blocked.Why)
		}
		if note := splits[s]; note != "" {
			out = append(out, "= "+note)
		}
	}
	for _, s := range p.HeldBack {
		out = append(out, "  held back: "+s.Summary, "    "+s.Held.Why)
		for _, way := range s.Held.Ways {
			out = append(out, "    try: "+target.Line(way))
		}
	}
	out = append(out, say.Each(p.Lacking, func(l Lack) string { return "! " + l.String() })...)
	for _, r := range p.Renames {
		out = append(out, fmt.Sprintf("? is %s %s now called %s?", r.Kind, r.From, r.To))
	}
	return out
}

// splitNote says why a plan commits before its end.
const splitNote = "here the first transaction ends: PostgreSQL lets nobody use a new enum value before that. " +
	"If what follows fails, these values stay"

// SplitNote returns what a plan of more than one transaction leaves behind if it fails half-way; "" for any other.
func (p *Plan) SplitNote() string {
	splits := p.splits()
	for _, s := range p.Steps {
		if note := splits[s]; note != "" {
			return "after " + s.Summary + ": " + note
		}
	}
	return ""
}

// splits returns the steps after which a transaction ends before the plan does, each with the reason.
func (p *Plan) splits() map[*Step]string {
	out := map[*Step]string{}
	parts := p.transactions()
	for _, part := range parts[:max(0, len(parts)-1)] {
		last := part[len(part)-1]
		out[last] = crowdedNote
		if last.CommitAfter {
			out[last] = splitNote
		}
	}
	return out
}

// headings are the comments above the statements, as in Prisma's scripts.
var headings = map[Kind]string{
	CreateSchema: "CreateSchema", createExtension: "CreateExtension", AlterExtension: "AlterExtension",
	renameTable: "RenameTable", renameColumn: "RenameColumn", createEnum: "CreateEnum", addEnumValue: "AlterEnum",
	rebuildEnum: "AlterEnum", renameEnumValue: "AlterEnum", dropForeignKey: "DropForeignKey", dropIndex: "DropIndex", DropTable: "DropTable",
	dropEnum: "DropEnum", CreateTable: "CreateTable", createIndex: "CreateIndex", renameForeignKey: "RenameForeignKey",
	addForeignKey: "AddForeignKey", renameIndex: "RenameIndex",
}

// SQL returns the plan as a script for psql, with one transaction unless the plan says otherwise.
func (p *Plan) SQL() string {
	if p.Empty() {
		return "-- Nothing to do.\n"
	}
	var b strings.Builder
	for _, line := range p.WipeLines() {
		b.WriteString("-- " + oneLine(line) + "\n")
	}
	parts, splits := p.transactions(), p.splits()
	for i, part := range parts {
		if i > 0 {
			before := parts[i-1]
			b.WriteString("\n-- " + splits[before[len(before)-1]] + ".\n")
		}
		b.WriteString("BEGIN;\n\n")
		for _, s := range part {
			heading := cmp.Or(headings[s.Kind], "AlterTable")
			b.WriteString("-- " + heading + "\n")
			if s.Destroys != nil {
				b.WriteString("-- loses " + oneLine(s.Destroys.What) + "\n")
			}
			if s.Blocked != nil {
				b.WriteString("-- cannot run: " + oneLine(s.Blocked.Why) + "\n")
			}
			for _, statement := range s.Statements {
				if strings.Contains(statement, "--") { // possibly a comment in the schema file's own SQL
					statement += "\n"
				}
				b.WriteString(statement + ";\n")
			}
			b.WriteString("\n")
		}
		b.WriteString("COMMIT;\n")
	}
	return b.String()
}

// oneLine keeps a comment on one line, whatever an object is called.
func oneLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(s)
}

// transactions returns the steps grouped by transaction: as few as possible, and more where one would take more locks
// than the server has room for and every step only adds, so that nothing is lost if one of them fails.
func (p *Plan) transactions() [][]*Step {
	var out [][]*Step
	for _, part := range p.commits() {
		out = append(out, p.divided(part)...)
	}
	return out
}

// commits returns the steps grouped by what CommitAfter ends.
func (p *Plan) commits() [][]*Step {
	var out [][]*Step
	var part []*Step
	for _, s := range p.Steps {
		part = append(part, s)
		if s.CommitAfter {
			out, part = append(out, part), nil
		}
	}
	if len(part) > 0 {
		out = append(out, part)
	}
	return out
}
