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

// candidates returns the possible renames between what was found and what is desired; asked are the keys of those that
// must not be left out because there are many.
func candidates(have, want *Database, limit, asked []string) []candidate {
	d := newDiffer(have, want, nil, limit)
	var out []candidate
	out = append(out, enumCandidates(d, asked)...)
	out = append(out, tableCandidates(d, asked)...)
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

func tableCandidates(d *differ, asked []string) []candidate {
	gone, come := slices.Clone(d.have.Tables), slices.Clone(d.want.Tables)
	gone = slices.DeleteFunc(gone, func(h *Table) bool { return !d.in(h.Schema) || h.Unmanaged != "" || d.want.table(h.qName) != nil })
	come = slices.DeleteFunc(come, func(w *Table) bool { return !d.in(w.Schema) || d.have.table(w.qName) != nil })
	var out []candidate
	pairs(gone, come, asked, (*Table).form, func(h, w *Table) {
		if same, near := alike(h, w); same || near {
			out = append(out, candidate{
				Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "table", From: h.String(), To: w.String(), At: w.Pos.String(), guess: !same},
				table:  h.qName, to: w.qName, pos: w.Pos,
			})
		}
	})
	return pairUp(withoutGuesses(out))
}

// form returns the same for tables whose columns have the same names.
func (t *Table) form() string {
	names := say.Each(t.Columns, func(c *column) string { return c.Name })
	slices.Sort(names)
	return strings.Join(names, "\x00")
}

// manyPairs is how many pairs of what goes and what comes are each looked at: about a tenth of a second. A person who
// replaces more at once than that renames nothing in it, so that beyond it, only what is of exactly one form counts.
const manyPairs = 100_000

// pairs calls f with each pair of what goes and what comes. Beyond manyPairs, it does so only for those that are asked
// for by their keys, and for pairs of one form, without those of a form that either side has several of: none of these
// is a likely rename.
func pairs[T fmt.Stringer](gone, come []T, asked []string, form func(T) string, f func(h, w T)) {
	if len(gone)*len(come) <= manyPairs {
		for _, h := range gone {
			for _, w := range come {
				f(h, w)
			}
		}
		return
	}
	forms, names := map[string][]T{}, map[string]T{}
	for _, w := range come {
		forms[form(w)] = append(forms[form(w)], w)
		names[w.String()] = w
	}
	alone := map[string]int{}
	for _, h := range gone {
		alone[form(h)]++
	}
	for _, h := range gone {
		only := ""
		if same := forms[form(h)]; alone[form(h)] == 1 && len(same) == 1 {
			only = same[0].String()
			f(h, same[0])
		}
		for _, key := range asked {
			if to, found := strings.CutPrefix(key, h.String()+">"); found {
				if w, found := names[to]; found && to != only {
					f(h, w)
				}
			}
		}
	}
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

func enumCandidates(d *differ, asked []string) []candidate {
	gone, come := slices.Clone(d.have.Enums), slices.Clone(d.want.Enums)
	gone = slices.DeleteFunc(gone, func(h *enum) bool { return h.Unmanaged != "" || !d.in(h.Schema) || d.want.enum(h.qName) != nil })
	come = slices.DeleteFunc(come, func(w *enum) bool { return !d.in(w.Schema) || d.have.enum(w.qName) != nil })
	if len(gone) == 0 || len(come) == 0 {
		return nil
	}
	var out []candidate
	changes := enumChanges(d)
	pairs(gone, come, asked, func(e *enum) string { return strings.Join(e.Values, "\x00") }, func(h, w *enum) {
		if slices.Equal(h.Values, w.Values) || changes[[2]qName{h.qName, w.qName}] && overlap(h.Values, w.Values) {
			out = append(out, candidate{
				Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "enum", From: h.String(), To: w.String(), At: w.Pos.String()},
				table:  h.qName, to: w.qName, pos: w.Pos,
			})
		}
	})
	return pairUp(out)
}

// overlap reports whether an element of a is in b.
func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// enumChanges returns the pairs of enums between which a column changes.
func enumChanges(d *differ) map[[2]qName]bool {
	out := map[[2]qName]bool{}
	for _, t := range d.have.Tables {
		want := d.want.table(t.qName)
		if want == nil {
			continue
		}
		for _, c := range t.Columns {
			if !c.Type.isEnum() {
				continue
			}
			if wc := want.column(c.Name); wc != nil && wc.Type.isEnum() && c.Type.List == wc.Type.List {
				out[[2]qName{c.Type.Enum, wc.Type.Enum}] = true
			}
		}
	}
	return out
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
	d := newDiffer(after, want, nil, opt.Schemas)
	left := slices.Clone(opt.Renames)
	for len(left) > 0 { // again, because a renamed table has new columns to compare
		possible := candidates(after, want, opt.Schemas, left)
		done, taken := false, map[string]bool{}
		for _, c := range possible {
			if i := slices.Index(left, c.Key); i >= 0 && !taken[c.From] && !taken[c.To] {
				c.apply(d)
				left, done = slices.Delete(left, i, i+1), true
				taken[c.From], taken[c.To] = true, true
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
	likely := func(have *Database) []candidate {
		return slices.DeleteFunc(candidates(have, want, limit, nil), func(c candidate) bool { return !c.likely })
	}
	found := likely(have)
	if len(found) == 0 {
		return nil // most plans: no copy is made
	}
	var out []Rename
	d := newDiffer(have.clone(), want, nil, limit)
	lost := newLost(steps, have)
	done, seen := newMade(want), map[string]bool{}
	for len(found) > 0 {
		for _, c := range found {
			seen[c.Key] = true
			c.Keeps = lost.without(c)
			c.With = done.needed(c)
			out = append(out, c.Rename)
			c.apply(d)
			done.add(c)
		}
		found = slices.DeleteFunc(likely(d.have), func(c candidate) bool { return seen[c.Key] })
	}
	return out
}

// made are renames that were suggested, by what others build upon: a table or an enum has one new name.
type made struct {
	want          *Database
	tables, enums map[qName]candidate
	users         map[qName][]columnUse // of the enums, in the desired tables
}

func newMade(want *Database) *made {
	return &made{want, map[qName]candidate{}, map[qName]candidate{}, want.enumColumns()}
}

func (m *made) add(c candidate) {
	switch c.Kind {
	case "table":
		m.tables[c.to] = c
	case "enum":
		m.enums[c.to] = c
	}
}

// needed returns the keys of those of the earlier renames that a rename builds upon.
func (m *made) needed(c candidate) []string {
	var keys []string
	builds := func(on map[qName]candidate, name qName) {
		if e, found := on[name]; found {
			keys = append(append(keys, e.With...), e.Key)
		}
	}
	switch c.Kind {
	case "column":
		builds(m.tables, c.table)
		builds(m.enums, m.want.table(c.table).column(c.wantColumn).Type.Enum)
	case "enum":
		for _, u := range m.users[c.to] {
			builds(m.tables, u.table.qName)
		}
	case "enum value":
		builds(m.enums, c.table)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// lost is what a plan loses, by what it is about.
type lost struct {
	losses  map[string]*Loss
	rebuilt map[string]*Step // enums that are recreated
	users   map[qName][]columnUse
}

func newLost(steps []*Step, have *Database) lost {
	l := lost{map[string]*Loss{}, map[string]*Step{}, have.enumColumns()}
	for _, s := range steps {
		if s.Destroys != nil {
			l.losses[s.Object] = s.Destroys
		}
		if s.Kind == rebuildEnum {
			l.rebuilt[s.Object] = s
		}
	}
	return l
}

// without returns what the plan would lose without a rename, or cannot do without it; "" for nothing.
func (l lost) without(c candidate) string {
	switch c.Kind {
	case "enum":
		return l.valuesOf(c.table)
	case "enum value":
		if s := l.rebuilt[c.table.String()]; s != nil && s.removed > 0 {
			return say.Count(s.removed, "value") + " of its type"
		}
		return ""
	}
	if loss := l.losses[c.From]; loss != nil {
		return loss.What
	}
	return ""
}

// valuesOf returns what columns of an enum type lose because it is dropped.
func (l lost) valuesOf(enum qName) string {
	n := int64(0)
	for _, u := range l.users[enum] {
		if loss := l.losses[u.table.String()+"."+u.column.Name]; loss != nil {
			n += max(1, loss.NonNull) // a loss that was not counted counts as one
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
	out.Enums, out.Tables, out.enums, out.tables = nil, nil, nil, nil
	for _, e := range d.Enums {
		copied := *e
		out.addEnum(&copied)
	}
	for _, t := range d.Tables {
		out.addTable(t.clone())
	}
	out.inbound = nil
	for _, in := range d.inbound {
		key := *in.Key
		key.RefColumns = slices.Clone(key.RefColumns)
		out.inbound = append(out.inbound, inboundKey{in.From, &key})
	}
	out.renaming = newRenaming(&out)
	return &out
}

// renaming is what a rename looks for in a whole database: kept from one rename to the next, because there may be as
// many as tables.
type renaming struct {
	keysOf map[qName][]*foreignKey // by the table that they belong to
	keysTo map[qName][]*foreignKey // by the table that they refer to
	users  map[qName][]columnUse
}

func newRenaming(d *Database) *renaming {
	r := &renaming{map[qName][]*foreignKey{}, map[qName][]*foreignKey{}, d.enumColumns()}
	note := func(of qName, k *foreignKey) {
		r.keysOf[of] = append(r.keysOf[of], k)
		r.keysTo[k.References] = append(r.keysTo[k.References], k)
	}
	for _, t := range d.Tables {
		for _, k := range t.ForeignKeys {
			note(t.qName, k)
		}
	}
	for _, in := range d.inbound {
		note(in.From, in.Key)
	}
	return r
}

// move gives what is noted under one name another.
func move[T any](all map[qName][]T, from, to qName) {
	if list, found := all[from]; found {
		delete(all, from)
		all[to] = list
	}
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
	for _, k := range d.renaming.keysOf[table] {
		swap(k.Columns)
	}
	for _, k := range d.renaming.keysTo[table] {
		swap(k.RefColumns)
	}
}

func (d *Database) renameTable(from, to qName) {
	for _, k := range d.renaming.keysTo[from] {
		k.References = to
	}
	move(d.renaming.keysTo, from, to)
	move(d.renaming.keysOf, from, to)
	t := d.table(from)
	t.qName = to
	delete(d.tables, from)
	d.tables[to] = t
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
	for _, u := range d.renaming.users[enum] {
		c := u.column
		if c.Default == nil {
			continue
		}
		if text, ok := literalText(c.Default.SQL); ok && text == from {
			renamed := *c.Default
			renamed.SQL = strings.TrimSpace(literal(to)) + strings.TrimPrefix(renamed.SQL, literal(from))
			c.Default = &renamed
		}
	}
}

func (d *Database) renameEnum(from, to qName) {
	e := d.enum(from)
	e.qName = to
	delete(d.enums, from)
	d.enums[to] = e
	for _, u := range d.renaming.users[from] {
		u.column.Type.Enum, u.column.Type.Name = to, to.Name
	}
	move(d.renaming.users, from, to)
}
