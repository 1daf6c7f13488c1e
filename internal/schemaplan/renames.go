package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// candidate is a possible rename: of something that is dropped to something of the same form that is added.
type candidate struct {
	Rename
	table, to  qName // of a column: its table; of a table or an enum: from and to
	column     string
	wantColumn string
	value      string // of an enum value: its old and new name
	wantValue  string
	likely     bool // neither side has another match
	pos        prisma.Pos
}

// candidates returns the possible renames between what was found and what is desired.
func candidates(have, want *Database, limit []string) []candidate {
	d := &differ{have: have, want: want, limit: limit}
	var out []candidate
	out = append(out, enumCandidates(d)...)
	out = append(out, tableCandidates(d)...)
	out = append(out, valueCandidates(d)...)
	for _, w := range want.Tables {
		if h := have.table(w.qName); h != nil && h.Unmanaged == "" && d.in(w.Schema) {
			out = append(out, columnCandidates(h, w)...)
		}
	}
	return out
}

// pairUp decides which pairs are likely: those that leave no choice.
func pairUp(pairs []candidate) []candidate {
	from, to := map[string]int{}, map[string]int{}
	for _, p := range pairs {
		from[p.From]++
		to[p.To]++
	}
	for i := range pairs {
		pairs[i].likely = from[pairs[i].From] == 1 && to[pairs[i].To] == 1
	}
	return pairs
}

func columnCandidates(h, w *Table) []candidate {
	var out []candidate
	for _, hc := range h.Columns {
		if w.column(hc.Name) != nil || hc.Generated {
			continue
		}
		for _, wc := range w.Columns {
			if h.column(wc.Name) == nil && hc.is(wc.Type, "") {
				from, to := h.String()+"."+hc.Name, h.String()+"."+wc.Name
				out = append(out, candidate{
					Rename: Rename{Key: from + ">" + wc.Name, Kind: "column", From: from, To: to, At: wc.Pos.String()},
					table:  h.qName, column: hc.Name, wantColumn: wc.Name, pos: wc.Pos,
				})
			}
		}
	}
	return pairUp(out)
}

func tableCandidates(d *differ) []candidate {
	var out []candidate
	for _, h := range d.have.Tables {
		if !d.in(h.Schema) || h.Unmanaged != "" || d.want.table(h.qName) != nil {
			continue
		}
		for _, w := range d.want.Tables {
			if !d.in(w.Schema) || d.have.table(w.qName) != nil {
				continue
			}
			if same, near := alike(h, w); same || near {
				out = append(out, candidate{
					Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "table", From: h.String(), To: w.String(), At: w.Pos.String(), guess: !same},
					table:  h.qName, to: w.qName, pos: w.Pos,
				})
			}
		}
	}
	return pairUp(withoutGuesses(out))
}

// withoutGuesses removes pairs of tables that are only near where either has an exact match.
func withoutGuesses(pairs []candidate) []candidate {
	sure := map[string]bool{}
	for _, p := range pairs {
		if !p.guess {
			sure[p.From], sure[p.To] = true, true
		}
	}
	return slices.DeleteFunc(pairs, func(p candidate) bool { return p.guess && (sure[p.From] || sure[p.To]) })
}

// alike reports whether two tables have the same columns, and near whether one could be the other with a few columns
// renamed too: at least two of three columns have the same name. Enum types count only as lists or not, since they may
// have other names too.
func alike(h, w *Table) (same, near bool) {
	if len(h.Columns) != len(w.Columns) {
		return false, false
	}
	matched := 0
	var left []*column
	for _, hc := range h.Columns {
		wc := w.column(hc.Name)
		switch {
		case wc != nil && couldBe(hc, wc.Type):
			matched++
		case wc == nil:
			left = append(left, hc)
		default:
			return false, false
		}
	}
	for _, wc := range w.Columns {
		if h.column(wc.Name) != nil {
			continue
		}
		i := slices.IndexFunc(left, func(hc *column) bool { return couldBe(hc, wc.Type) })
		if i < 0 {
			return false, false
		}
		left = slices.Delete(left, i, i+1)
	}
	return matched == len(h.Columns), 3*matched >= 2*len(h.Columns)
}

// couldBe reports whether two columns' types are the same, or would be if an enum was renamed.
func couldBe(h *column, w columnType) bool {
	if h.Type.isEnum() && w.isEnum() {
		return h.Type.List == w.List
	}
	return h.is(w, "")
}

func enumCandidates(d *differ) []candidate {
	var out []candidate
	for _, h := range d.have.Enums {
		if h.Unmanaged != "" || !d.in(h.Schema) || d.want.enum(h.qName) != nil {
			continue
		}
		for _, w := range d.want.Enums {
			if d.in(w.Schema) && d.have.enum(w.qName) == nil && (slices.Equal(h.Values, w.Values) || takesOver(d, h, w)) {
				out = append(out, candidate{
					Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "enum", From: h.String(), To: w.String(), At: w.Pos.String()},
					table:  h.qName, to: w.qName, pos: w.Pos,
				})
			}
		}
	}
	return pairUp(out)
}

// takesOver reports whether a column changes from one enum to the other, which has some of its values.
func takesOver(d *differ, h, w *enum) bool {
	if !slices.ContainsFunc(h.Values, func(v string) bool { return slices.Contains(w.Values, v) }) {
		return false
	}
	return slices.ContainsFunc(d.have.Tables, func(t *Table) bool {
		want := d.want.table(t.qName)
		return want != nil && slices.ContainsFunc(t.Columns, func(c *column) bool {
			wc := want.column(c.Name)
			return wc != nil && c.Type.Enum == h.qName && wc.Type.Enum == w.qName && c.Type.List == wc.Type.List
		})
	})
}

// valueCandidates are values of an enum that are removed while others are added. Those at the same place in otherwise
// equal lists are paired; elsewhere any added value may be any removed one's new name.
func valueCandidates(d *differ) []candidate {
	var out []candidate
	for _, w := range d.want.Enums {
		h := d.have.enum(w.qName)
		if h == nil || !d.in(w.Schema) {
			continue
		}
		gone, come := without(h.Values, w.Values), without(w.Values, h.Values)
		placed := len(h.Values) == len(w.Values)
		for i := range h.Values {
			placed = placed && (h.Values[i] == w.Values[i] || slices.Contains(gone, h.Values[i]) && slices.Contains(come, w.Values[i]))
		}
		var pairs []candidate
		for _, from := range gone {
			for _, to := range come {
				if placed && slices.Index(h.Values, from) != slices.Index(w.Values, to) {
					continue
				}
				name := w.String() + "."
				pairs = append(pairs, candidate{
					Rename: Rename{Key: name + from + ">" + to, Kind: "enum value", From: name + from, To: name + to, At: w.Pos.String()},
					table:  w.qName, value: from, wantValue: to, pos: w.Pos,
				})
			}
		}
		out = append(out, pairUp(pairs)...)
	}
	return out
}

// applyRenames returns the database as it will be after the requested renames, and the steps that do them. A key that
// names no possible rename is an error.
func applyRenames(have, want *Database, opt ComputeOptions) (*Database, []*Step, error) {
	if len(opt.Renames) == 0 {
		return have, nil, nil
	}
	after := have.clone()
	d := &differ{have: after, want: want, limit: opt.Schemas}
	left := slices.Clone(opt.Renames)
	for len(left) > 0 {
		possible := candidates(after, want, opt.Schemas)
		done := false
		for _, c := range possible {
			if i := slices.Index(left, c.Key); i >= 0 {
				c.apply(d)
				left, done = slices.Delete(left, i, i+1), true
				break // a renamed table has new columns to compare
			}
		}
		if !done {
			e := remedy.New("push.rename", remedy.ExitUsage, "%q is not a possible rename", left[0])
			var keys []string
			for _, c := range possible {
				e.WithSeen("possible: " + c.Key)
				keys = append(keys, c.Key)
			}
			near := say.Nearest(left[0], keys)
			return nil, nil, e.WithHelp(remedy.Meant("dev push", left[0], near, "--rename", near)...)
		}
	}
	return after, d.steps, nil
}

func (c candidate) apply(d *differ) {
	summary := fmt.Sprintf("rename %s %s to %s", c.Kind, c.From, c.To)
	switch c.Kind {
	case "column":
		d.add(renameColumn, Changes, c.To, c.pos, summary,
			fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s", c.table.sql(), identList([]string{c.column, c.wantColumn}, " TO "))).
			needs(tableKey(c.table)).gives(columnKey(c.table, c.wantColumn))
		d.have.renameColumn(c.table, c.column, c.wantColumn)
	case "table":
		s := d.add(renameTable, Changes, c.To, c.pos, summary, moveSQL("TABLE", c.table, c.to)...)
		s.needs(schemaKey(c.to.Schema), freeKey(c.to.Schema, c.to.Name)).
			gives(tableKey(c.to), freeKey(c.table.Schema, c.table.Name))
		d.have.renameTable(c.table, c.to)
	case "enum":
		s := d.add(renameTable, Changes, c.To, c.pos, summary, moveSQL("TYPE", c.table, c.to)...)
		s.needs(schemaKey(c.to.Schema), freeKey(c.to.Schema, c.to.Name)).
			gives(typeKey(c.to), freeKey(c.table.Schema, c.table.Name))
		d.have.renameEnum(c.table, c.to)
	case "enum value":
		d.add(renameEnumValue, Changes, c.To, c.pos, summary,
			fmt.Sprintf("ALTER TYPE %s RENAME VALUE %s TO %s", c.table.sql(), literal(c.value), literal(c.wantValue))).
			needs(typeKey(c.table)).gives(valueKey(c.table, c.wantValue))
		d.have.renameValue(c.table, c.value, c.wantValue)
	}
}

// moveSQL moves a table or a type to another schema, another name, or both.
func moveSQL(what string, from, to qName) []string {
	var out []string
	if from.Schema != to.Schema {
		out = append(out, fmt.Sprintf("ALTER %s %s SET SCHEMA %s", what, from.sql(), postgres.Ident(to.Schema)))
		from.Schema = to.Schema
	}
	if from.Name != to.Name {
		out = append(out, fmt.Sprintf("ALTER %s %s RENAME TO %s", what, from.sql(), postgres.Ident(to.Name)))
	}
	return out
}

// suggestRenames returns the likely renames that were not requested, with what each would keep, and after them those
// that only appear once the others are done: of the columns of a renamed table, or of columns whose enum is renamed.
func suggestRenames(steps []*Step, have, want *Database, limit []string) []Rename {
	losses := map[string]*Loss{}
	for _, s := range steps {
		if s.Destroys != nil {
			losses[s.Object] = s.Destroys
		}
	}
	var out []Rename
	d := &differ{have: have.clone(), want: want, limit: limit}
	seen := map[string]bool{}
	for done := []candidate(nil); ; {
		var found []candidate
		for _, c := range candidates(d.have, want, limit) {
			if c.likely && !seen[c.Key] {
				found = append(found, c)
			}
		}
		if len(found) == 0 {
			return out
		}
		for _, c := range found {
			seen[c.Key] = true
			c.Keeps = c.keeps(steps, have, losses)
			c.With = c.needed(done, want)
			out = append(out, c.Rename)
			c.apply(d)
			done = append(done, c)
		}
	}
}

// needed returns the keys of those of the earlier renames that the rename builds upon.
func (c candidate) needed(earlier []candidate, want *Database) []string {
	var keys []string
	for _, e := range earlier {
		builds := false
		switch {
		case e.Kind == "table" && c.Kind == "column":
			builds = c.table == e.to
		case e.Kind == "table" && c.Kind == "enum":
			builds = slices.ContainsFunc(want.table(e.to).Columns, func(w *column) bool { return w.Type.Enum == c.to })
		case e.Kind == "enum" && c.Kind == "enum value":
			builds = c.table == e.to
		case e.Kind == "enum" && c.Kind == "column":
			builds = want.table(c.table).column(c.wantColumn).Type.Enum == e.to
		}
		if builds {
			keys = append(append(keys, e.With...), e.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// keeps returns what the plan would lose without the rename, or cannot do without it; "" for nothing.
func (c candidate) keeps(steps []*Step, have *Database, losses map[string]*Loss) string {
	switch c.Kind {
	case "enum":
		return valuesOf(have, c.table, losses)
	case "enum value":
		for _, s := range steps {
			if s.Kind == rebuildEnum && s.Object == c.table.String() && s.removed > 0 {
				return say.Count(s.removed, "value") + " of its type"
			}
		}
		return ""
	}
	if l := losses[c.From]; l != nil {
		return l.What
	}
	return ""
}

// valuesOf returns what columns of an enum type lose because it is dropped.
func valuesOf(have *Database, enum qName, losses map[string]*Loss) string {
	n := int64(0)
	for _, t := range have.Tables {
		for _, c := range t.Columns {
			if l := losses[t.String()+"."+c.Name]; l != nil && c.Type.Enum == enum {
				n += max(1, l.NonNull) // a loss that was not counted counts as one
			}
		}
	}
	if n == 0 {
		return ""
	}
	return say.Count(n, "value") + " of its type"
}

// clone copies what renames change.
func (d *Database) clone() *Database {
	out := *d
	out.Enums, out.Tables = nil, nil
	for _, e := range d.Enums {
		copied := *e
		out.Enums = append(out.Enums, &copied)
	}
	for _, t := range d.Tables {
		out.Tables = append(out.Tables, t.clone())
	}
	out.inbound = nil
	for _, in := range d.inbound {
		key := *in.Key
		key.RefColumns = slices.Clone(key.RefColumns)
		out.inbound = append(out.inbound, inboundKey{in.From, &key})
	}
	return &out
}

func (t *Table) clone() *Table {
	out := *t
	out.was = t.asIs()
	out.Columns, out.Indexes, out.ForeignKeys = nil, nil, nil
	for _, c := range t.Columns {
		copied := *c
		copied.was = c.asIs()
		if c.Sequence != nil {
			sequence := *c.Sequence
			copied.Sequence = &sequence
		}
		out.Columns = append(out.Columns, &copied)
	}
	if t.PrimaryKey != nil {
		key := *t.PrimaryKey
		key.Columns = slices.Clone(key.Columns)
		out.PrimaryKey = &key
	}
	for _, x := range t.Indexes {
		copied := *x
		copied.Columns, copied.Include = slices.Clone(x.Columns), slices.Clone(x.Include)
		out.Indexes = append(out.Indexes, &copied)
	}
	for _, k := range t.ForeignKeys {
		copied := *k
		copied.Columns, copied.RefColumns = slices.Clone(k.Columns), slices.Clone(k.RefColumns)
		out.ForeignKeys = append(out.ForeignKeys, &copied)
	}
	return &out
}

func (d *Database) keys() map[*foreignKey]qName {
	out := map[*foreignKey]qName{}
	for _, t := range d.Tables {
		for _, k := range t.ForeignKeys {
			out[k] = t.qName
		}
	}
	for _, in := range d.inbound {
		out[in.Key] = in.From
	}
	return out
}

func (d *Database) renameColumn(table qName, from, to string) {
	swap := func(names []string) {
		for i, n := range names {
			if n == from {
				names[i] = to
			}
		}
	}
	t := d.table(table)
	t.column(from).Name = to
	if t.PrimaryKey != nil {
		swap(t.PrimaryKey.Columns)
	}
	for _, x := range t.Indexes {
		swap(x.Include)
		for i := range x.Columns {
			if x.Columns[i].Name == from {
				x.Columns[i].Name = to
			}
		}
	}
	for k, owner := range d.keys() {
		if owner == table {
			swap(k.Columns)
		}
		if k.References == table {
			swap(k.RefColumns)
		}
	}
}

func (d *Database) renameTable(from, to qName) {
	for k := range d.keys() {
		if k.References == from {
			k.References = to
		}
	}
	t := d.table(from)
	t.qName = to
	for _, c := range t.Columns {
		if c.Sequence != nil { // it moves with its table
			c.Sequence.Schema = to.Schema
		}
	}
}

// renameValue renames a value of an enum, including in the defaults of columns: the server keeps them by number.
func (d *Database) renameValue(enum qName, from, to string) {
	e := d.enum(enum)
	e.Values = slices.Clone(e.Values)
	e.Values[slices.Index(e.Values, from)] = to
	for _, t := range d.Tables {
		for _, c := range t.Columns {
			if c.Type.Enum != enum || c.Default == nil {
				continue
			}
			if text, ok := literalText(c.Default.SQL); ok && text == from {
				renamed := *c.Default
				renamed.SQL = strings.TrimSpace(literal(to)) + strings.TrimPrefix(renamed.SQL, literal(from))
				c.Default = &renamed
			}
		}
	}
}

func (d *Database) renameEnum(from, to qName) {
	d.enum(from).qName = to
	for _, t := range d.Tables {
		for _, c := range t.Columns {
			if c.Type.Enum == from {
				c.Type.Enum, c.Type.Name = to, to.Name
			}
		}
	}
}
