package reset

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// Plan is what resetting schemas does. Compute makes it, and Apply carries it out.
type Plan struct {
	Schemas    []string   `json:"schemas"`
	Tables     []Table    `json:"tables"`                 // what is moved aside
	Keys       []Key      `json:"repointed_keys"`         // foreign keys of other schemas: dropped and recreated
	Columns    []Column   `json:"enum_columns,omitempty"` // columns elsewhere that have one of the schemas' enums
	Objects    []Object   `json:"objects,omitempty"`      // what the Prisma file does not know
	Extensions []string   `json:"extensions,omitempty"`   // moved to the new schema
	Effects    []Effect   `json:"rows_elsewhere"`         // what happens to rows of other schemas
	Creates    int        `json:"creates_tables"`         // tables that are recreated
	Rows       int64      `json:"rows"`                   // in all Tables
	RowsExact  bool       `json:"rows_exact"`
	Bytes      int64      `json:"undo_bytes"`       // what undo keeps on disk
	Evicts     []Eviction `json:"evicts,omitempty"` // undo entries that are given up for this one, once it is done
	Warnings   []string   `json:"warnings,omitempty"`
	Refused    []string   `json:"refused,omitempty"` // why it cannot be carried out, a line each
	// CascadeHelps reports that Cascade would resolve what is in Refused.
	CascadeHelps bool `json:"cascade_helps,omitempty"`
	Cascade      bool `json:"cascade"`
	// Rehearsed reports that the walk was run, and rolled back, to find out what happens to Objects and rows elsewhere.
	Rehearsed bool `json:"rehearsed"`

	failure     error
	leftOver    []int    // entries whose dropping was interrupted
	fingerprint string   // of what ties the schemas to the rest
	locks       []string // tables to be locked, quoted
	made        string   // digest of what migrations made
}

// Table is a table that is moved aside.
type Table struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Exact  bool   `json:"exact"` // counted; otherwise the planner's estimate
	Bytes  int64  `json:"bytes"` // including indexes and TOAST

	size int64 // of the rows alone
}

// Ref returns the table's name.
func (t Table) Ref() postgres.TableRef { return postgres.TableRef{Schema: t.Schema, Name: t.Name} }

// Object is something that the Prisma file does not know, within the schemas or depending on them.
type Object struct {
	Kind    string `json:"kind"` // "view", "trigger", "policy", "function", …
	Name    string `json:"name"`
	Outside bool   `json:"outside"` // it is in another schema
	Kept    bool   `json:"kept"`    // it is recreated from its own definition
	Why     string `json:"why,omitempty"`
	Rows    int64  `json:"rows,omitempty"` // of the kind "rows", which migrations put into a table
}

// Effect is what a reset does to rows of one table elsewhere because of one foreign key.
type Effect struct {
	Key    string            `json:"key"`
	Table  postgres.TableRef `json:"table"`
	To     postgres.TableRef `json:"references"`
	Rows   int64             `json:"rows"`
	Action string            `json:"action"` // "deleted", "set to NULL", "set to the default"
}

// String returns the effect for people.
func (e Effect) String() string {
	return fmt.Sprintf("%s of %s %s: %s no longer has what they refer to (foreign key %s)",
		say.Count(e.Rows, "row"), e.Table, e.Action, e.To, e.Key)
}

// Lines returns the plan for people, one line each.
func (p *Plan) Lines() []string {
	var out []string
	about := "about "
	if p.RowsExact {
		about = ""
	}
	out = append(out, fmt.Sprintf("reset %s: %s with %s%s go aside, %s made again", strings.Join(p.Schemas, ", "),
		say.Count(len(p.Tables), "table"), about, say.Count(p.Rows, "row"), say.Count(p.Creates, "table")))
	for _, t := range p.Tables {
		if t.Rows > 0 {
			out = append(out, fmt.Sprintf("- %s: %s", t.Ref(), say.Count(t.Rows, "row")))
		}
	}
	out = append(out, say.Each(p.Keys, func(k Key) string {
		return fmt.Sprintf("~ foreign key %s of %s points at the new %s", k.Name, k.From, k.To)
	})...)
	out = append(out, say.Each(p.Columns, func(c Column) string {
		return fmt.Sprintf("~ column %s.%s gets the new enum %s", c.Table, c.Name, c.Enum)
	})...)
	out = append(out, say.Each(p.Extensions, func(x string) string { return "~ extension " + x + " moves over" })...)
	out = append(out, say.Each(p.Objects, func(o Object) string { return o.line() })...)
	out = append(out, say.Each(p.Effects, func(e Effect) string { return "! " + e.String() })...)
	out = append(out, say.Each(p.Warnings, func(w string) string { return "! " + w })...)
	out = append(out, fmt.Sprintf("  undo keeps %s on disk", say.Bytes(p.Bytes)))
	out = append(out, say.Each(p.Evicts, func(e Eviction) string { return "! " + e.String() })...)
	out = append(out, say.Each(p.Refused, func(r string) string { return "refused: " + r })...)
	return out
}

// EvictedIDs returns the numbers of the entries whose disk space is given back: those that the plan gives up, and those
// whose dropping was interrupted.
func (p *Plan) EvictedIDs() []int {
	return append(say.Each(p.Evicts, func(e Eviction) int { return e.ID }), p.leftOver...)
}

// String returns what happens to the object, for people.
func (o Object) String() string { return o.line() }

func (o Object) line() string {
	switch rows := say.Count(o.Rows, "row") + " of " + o.Name + ", from migrations, "; {
	case o.Kind == "rows" && o.Kept:
		return "~ " + rows + say.Form(o.Rows, "comes", "come") + " back"
	case o.Kind == "rows":
		return "- " + rows + say.Form(o.Rows, "goes", "go") + ": " + o.Why
	case o.Kept:
		return "~ " + o.Kind + " " + o.Name + " is made again"
	}
	return "- " + o.Kind + " " + o.Name + " goes: " + o.Why
}

// Err returns why the plan cannot be carried out: a remedy, or nil.
func (p *Plan) Err() error { return p.failure }
