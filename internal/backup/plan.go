package backup

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Plan is what a restore does. PlanFile or PlanSnapshot makes it, and Restore carries it out.
type Plan struct {
	File     *File     `json:"file,omitempty"`
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	// Schema is the schema that a file of one schema replaces; "" where the whole database is replaced.
	Schema    string   `json:"schema,omitempty"`
	Tables    []Change `json:"tables"`                 // that will have other rows, or will be dropped
	Gone      []Object `json:"gone"`                   // what the database has and the file does not
	Rows      int64    `json:"rows_now"`               // in all tables of the database
	Undo      int      `json:"undo_entries,omitempty"` // that are kept aside with what is replaced
	NotesGone bool     `json:"notes_gone,omitempty"`   // the file lacks the ledger: which seeds were applied
	// Keeps is the name among the snapshots under which the present database is kept.
	Keeps string `json:"keeps"`
	Bytes int64  `json:"keeps_bytes"`
	// Drops are databases that earlier restores replaced, and that exceed the limits.
	Drops  []Snapshot `json:"drops,omitempty"`
	Limits Limits     `json:"-"`

	source *source
	from   string // the snapshot's database
	made   bool   // the database does not have Schema
}

// Change is what happens to a table's rows.
type Change struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Now    int64  `json:"rows_now"`
	Then   int64  `json:"rows_then"`
	Exact  bool   `json:"exact"` // Then was counted, not estimated
	Goes   bool   `json:"goes"`  // the table itself is dropped
	NoRows bool   `json:"no_rows_in_file,omitempty"`
}

// Limits bound how many replaced databases are kept; zero means no limit. The last one that was replaced is always
// kept.
type Limits struct {
	Keep    int   // databases
	MaxSize int64 // bytes on disk, of all
}

// Loses reports whether the database has anything that the file lacks: tables, other objects, or the rows of tables
// that the file leaves empty.
func (p *Plan) Loses() bool { return len(p.Gone) > 0 || slices.ContainsFunc(p.Tables, Change.empties) }

// NeedsTools reports whether pg_restore carries the plan out.
func (p *Plan) NeedsTools() bool { return p.source != nil && p.source.format != formatPlain }

func (c Change) empties() bool { return !c.Goes && c.Now > 0 && c.Then == 0 }

// compare fills in what restoring a file changes. It only looks at its arguments.
func (p *Plan) compare(f *File, here *holdings) {
	p.File, p.Rows, p.Bytes = f, here.total(), here.bytes
	if schema, ok := f.oneSchema(); ok && here.elsewhere(schema) {
		p.Schema, p.made = schema, schema != "public" && !here.objects[Object{Kind: "schema", Name: schema}]
	} else {
		p.Undo, p.NotesGone = here.undo, here.notes && !f.own
	}
	for o := range here.objects {
		if p.concerns(o) && !f.holds(o) {
			p.Gone = append(p.Gone, o)
		}
	}
	p.Gone = withoutParts(p.Gone)
	for t, now := range here.rows {
		if !p.concerns(t) {
			continue
		}
		then, data := f.counts[t]
		c := Change{Schema: t.Schema, Name: t.Name, Now: now, Then: then, Exact: f.RowsExact, Goes: !f.objects[t], NoRows: !data}
		if c.Goes || now != then {
			p.Tables = append(p.Tables, c)
		}
	}
	slices.SortFunc(p.Tables, func(a, b Change) int { return cmp.Or(cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name)) })
}

// concerns reports whether the restore replaces the object, rather than leaving it alone.
func (p *Plan) concerns(o Object) bool {
	return p.Schema == "" || o.Schema == p.Schema || o.Kind == "schema" && o.Name == p.Schema
}

// elsewhere reports whether there is anything outside of a schema, which a file of that schema must leave alone.
func (h *holdings) elsewhere(schema string) bool {
	for o := range h.objects {
		if o.Schema != schema && !(o.Kind == "schema" && o.Name == schema) {
			return true
		}
	}
	return h.notes
}

// holds reports whether the file creates the object. A table whose columns it does not list has all of them.
func (f *File) holds(o Object) bool {
	if f.objects[o] {
		return true
	}
	if o.Kind == "schema" { // one that the file only puts things into is created all the same
		return slices.Contains(f.Schemas, o.Name)
	}
	if o.Kind != "column" {
		return false
	}
	for t := range f.objects {
		if t.Kind == "table" && t.Schema == o.Schema && strings.HasPrefix(o.Name, t.Name+" ") && !f.known[t] {
			return true
		}
	}
	return false
}

// ofTables are kinds of objects that are named after their table: they are not listed where the table is dropped too.
var ofTables = map[string]bool{"column": true, "constraint": true, "fk constraint": true, "trigger": true, "policy": true, "rule": true}

// withoutParts sorts objects, schemas and tables first, and leaves out the parts of tables that are dropped as a whole.
func withoutParts(list []Object) []Object {
	var tables []Object
	for _, o := range list {
		if o.Kind == "table" || o.Kind == "view" || o.Kind == "materialized view" {
			tables = append(tables, o)
		}
	}
	list = slices.DeleteFunc(list, func(o Object) bool {
		return ofTables[o.Kind] && slices.ContainsFunc(tables, func(t Object) bool { return t.Schema == o.Schema && strings.HasPrefix(o.Name, t.Name+" ") })
	})
	rank := func(o Object) int {
		if i := slices.Index([]string{"schema", "table", "column"}, o.Kind); i >= 0 {
			return i
		}
		return 9
	}
	slices.SortFunc(list, func(a, b Object) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// Lines returns the plan for people, one line each: "- " is removed, "~ " changes, "+ " is kept.
func (p *Plan) Lines() []string {
	var out []string
	switch {
	case p.Snapshot != nil:
		out = append(out, fmt.Sprintf("restore %s: the database becomes what it was at %s", p.Snapshot.Name, say.Moment(p.Snapshot.At)))
	case p.Schema != "" && p.made:
		out = append(out, fmt.Sprintf("restore %s (%s): the schema %s, which is not there now, is made, and nothing else is changed", filepath.Base(p.File.Path), p.File.describe(), p.Schema))
	case p.Schema != "":
		out = append(out, fmt.Sprintf("restore %s (%s): the schema %s is replaced, and nothing else", filepath.Base(p.File.Path), p.File.describe(), p.Schema))
	default:
		out = append(out, fmt.Sprintf("restore %s (%s): the whole database is replaced", filepath.Base(p.File.Path), p.File.describe()))
	}
	out = append(out, p.losses()...)
	for _, c := range p.Tables {
		if !c.Goes && !c.empties() {
			out = append(out, "~ "+c.String())
		}
	}
	if p.NotesGone {
		out = append(out, "- naap's notes of which seeds were applied: the file has none")
	}
	if p.Undo > 0 {
		out = append(out, fmt.Sprintf("- %s: kept with what is replaced, and out of reach of an undo until that is restored", say.Count(p.Undo, "undo entry")))
	}
	out = append(out, fmt.Sprintf("+ what the database holds now is kept as %s: %s, %s", p.Keeps, say.Count(p.Rows, "row"), say.Bytes(p.Bytes)))
	return append(out, say.Each(p.Drops, func(x Snapshot) string { return "- " + x.Name + " is dropped for it: " + x.describe() })...)
}

// losses returns what the database has and the file does not, one line each.
func (p *Plan) losses() []string {
	var out []string
	gone := map[Object]Change{}
	for _, c := range p.Tables {
		gone[Object{"table", c.Schema, c.Name}] = c
	}
	for _, o := range p.Gone {
		line := "- " + o.String() + " goes"
		if c, ok := gone[o]; ok {
			line += ", with " + say.Count(c.Now, "row")
		}
		out = append(out, line)
	}
	for _, c := range p.Tables {
		if c.empties() {
			out = append(out, "- "+c.String())
		}
	}
	return out
}

func (c Change) String() string {
	then := fmt.Sprint(c.Then)
	if !c.Exact {
		then = "about " + then
	}
	if c.NoRows {
		then = "none: the file has no rows of it"
	}
	return fmt.Sprintf("table %s.%s: %s now, %s afterwards", c.Schema, c.Name, say.Count(c.Now, "row"), then)
}

func (f *File) describe() string {
	about := ""
	if !f.RowsExact {
		about = "about "
	}
	return fmt.Sprintf("%s, %s, %s%s", f.Format, say.Count(f.Tables, "table"), about, say.Count(f.Rows, "row"))
}

func (x Snapshot) describe() string {
	rows := say.Count(x.Rows, "row")
	if x.number == 0 { // kept by an earlier version of naap
		rows = "rows that were not counted"
	}
	return fmt.Sprintf("%s, %s, replaced at %s", rows, say.Bytes(x.Bytes), say.Moment(x.At))
}

// Allowed refuses a plan that loses what was not allowed to be lost: "backup.partial" where the file lacks something,
// "restore.replaced" where a database that was kept would be dropped.
func (p *Plan) Allowed(opt Options) error {
	if p.Loses() && !opt.AcceptDataLoss {
		return remedy.New("backup.partial", remedy.ExitRefused, "the file does not hold all that would be replaced; what it lacks would go").
			WithSeen(say.First(p.losses(), 20)...).WithHelp(showsPlan(p.File.Path), p.command(opt, "--accept-data-loss"))
	}
	if len(p.Drops) > 0 && !opt.DropReplaced {
		e := remedy.New("restore.replaced", remedy.ExitRefused, "the limits on what restores replaced leave no room; the oldest would be dropped for good")
		for _, x := range p.Drops {
			e.WithSeen(x.Name + ": " + x.describe())
		}
		return e.WithHelp(p.command(opt, "--drop-replaced"), remedy.Line("NAAP_RESTORE_KEEP=0 NAAP_RESTORE_MAX_SIZE=0 ", p.command(opt, "").Note("keeps all")))
	}
	return nil
}

// command returns the restore with what was allowed so far, and one more flag.
func (p *Plan) command(opt Options, flag string) remedy.Advice {
	var flags []string
	for _, f := range []struct {
		name string
		on   bool
	}{{"--accept-data-loss", opt.AcceptDataLoss}, {"--drop-replaced", opt.DropReplaced}, {"--terminate-sessions", opt.TerminateSessions}} {
		if f.on || f.name == flag {
			flags = append(flags, f.name)
		}
	}
	if p.Snapshot != nil {
		return remedy.Again("dev snapshot restore", append([]string{p.Snapshot.Name, "--yes=" + p.Snapshot.Name}, flags...)...)
	}
	return restoreCommand(p.File.Path, flags...)
}

// showsPlan returns the command that only shows what a restore would do.
func showsPlan(path string) remedy.Advice {
	return remedy.Naap("dev restore", path, "--dry-run").Note("shows the whole plan")
}
