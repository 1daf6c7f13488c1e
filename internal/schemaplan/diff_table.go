package schemaplan

import (
	"slices"
	"sort"
)

// tableDiff is a desired table, with the one that was found under its name.
type tableDiff struct {
	name       qName
	have, want *Table
	pairs      []*columnPair // columns in both, in the order of the table that was found
	added      []*column     // in byte order of their names, as Prisma adds them
	dropped    []*column
	dropKey    bool // the primary key that was found is dropped
	addKey     bool
	dropIndex  []*index
	makeIndex  []*index
	renames    [][2]*index // from, to
	kept       [][2]*index // found and desired, of all that agree but for their names
}

// columnPair is a desired column and the one that was found.
type columnPair struct {
	have, want *column
	change     typeChange
	setDefault bool
}

func (p *columnPair) recreated() bool { return p.change == noCast }

// retyped reports whether what refers to the column has to be dropped for the change.
func (p *columnPair) retyped() bool {
	return p.change != keepType && (p.have.Type.Name != p.want.Type.Name || p.have.Type.List != p.want.Type.List)
}

func (t *tableDiff) pair(column string) *columnPair {
	for _, p := range t.pairs {
		if p.have.Name == column {
			return p
		}
	}
	return nil
}

func (d *differ) compareTables() {
	for _, w := range d.want.Tables {
		if !d.in(w.Schema) {
			continue
		}
		h := d.have.table(w.qName)
		switch {
		case h == nil:
			d.createTable(w)
		case h.Unmanaged == "":
			t := d.compareTable(h, w)
			d.tables = append(d.tables, t)
			d.byName[w.qName] = t
		}
	}
	for _, w := range d.want.Enums {
		if d.rebuilt[w.qName] {
			d.rebuildEnum(w)
		}
	}
}

func (d *differ) compareTable(have, want *Table) *tableDiff {
	t := &tableDiff{name: want.qName, have: have, want: want}
	for _, h := range have.Columns {
		w := want.column(h.Name)
		if w == nil {
			t.dropped = append(t.dropped, h)
			continue
		}
		t.pairs = append(t.pairs, d.comparePair(want.qName, h, w))
	}
	for _, w := range want.Columns {
		if have.column(w.Name) == nil {
			t.added = append(t.added, w)
		}
	}
	sort.Slice(t.added, func(i, j int) bool { return t.added[i].Name < t.added[j].Name })
	d.compareKeys(t)
	d.compareIndexes(t)
	return t
}

func (d *differ) comparePair(table qName, have, want *column) *columnPair {
	ref := columnRef{table, want.Name}
	p := &columnPair{have: have, want: want}
	if have.Generated { // the Prisma language cannot express these: left alone altogether
		return p
	}
	if !have.is(want.Type, d.canon.types[ref]) {
		have = have.withoutDomain()
		p.have = have
		p.change = changeOf(have.Type, want.Type, d.canon.castable[ref])
	}
	p.setDefault = !want.AutoIncrement && !have.Identity && !want.AnyDefault &&
		!d.canon.sameDefault(ref, have.Default, want.Default)
	if d.rebuilt[want.Type.Enum] && p.change == keepType {
		p.setDefault = false // the enum's step does it
	}
	return p
}

// compareKeys decides about the primary key. It is renamed where only the name differs.
func (d *differ) compareKeys(t *tableDiff) {
	have, want := t.have.PrimaryKey, t.want.PrimaryKey
	keeps := have != nil && want != nil && slices.Equal(have.Columns, want.Columns)
	if keeps {
		for _, c := range want.Columns {
			keeps = keeps && !t.pair(c).recreated()
		}
	}
	t.dropKey = have != nil && !keeps
	t.addKey = want != nil && !keeps
}

// compareIndexes pairs the indexes: first under their names, then as renamed ones.
func (d *differ) compareIndexes(t *tableDiff) {
	var have, want []*index
	for _, x := range t.have.Indexes {
		if !d.unmanagedIndex(x) {
			have = append(have, x)
		}
	}
	want = append(want, t.want.Indexes...)
	keep := func(h, w *index) {
		t.kept = append(t.kept, [2]*index{h, w})
		if d.mustRemake(t, h) {
			t.dropIndex = append(t.dropIndex, h)
			t.makeIndex = append(t.makeIndex, w)
		} else if h.Name != w.Name {
			t.renames = append(t.renames, [2]*index{h, w})
		}
	}
	for _, named := range []bool{true, false} {
		for _, same := range d.readings(t) {
			want = slices.DeleteFunc(want, func(w *index) bool {
				i := slices.IndexFunc(have, func(h *index) bool { return (h.Name == w.Name || !named) && same(h, w) })
				if i < 0 {
					return false
				}
				keep(have[i], w)
				have = slices.Delete(have, i, i+1)
				return true
			})
		}
	}
	for _, h := range have {
		if !d.besides(t, h) {
			t.dropIndex = append(t.dropIndex, h)
		}
	}
	t.makeIndex = append(t.makeIndex, want...)
	inOrder(t.want.Indexes, t.makeIndex)
}

// readings returns the ways in which an index that was found can be what the file says, the closest first: without
// anything that the Prisma language cannot express; disregarding that; and as db pull reads it, with the INCLUDEd
// columns in the key.
func (d *differ) readings(t *tableDiff) []func(h, w *index) bool {
	plain := func(h, w *index) bool { return d.sameIndex(t, h, w) }
	return []func(h, w *index) bool{
		func(h, w *index) bool { return len(h.extras()) == 0 && plain(h, w) },
		plain,
		func(h, w *index) bool { return len(h.Include) > 0 && plain(h.pulled(), w) },
	}
}

// pulled returns an index as db pull reads it: its INCLUDEd columns are part of the key.
func (x *index) pulled() *index {
	out := *x
	out.Columns = slices.Clone(x.Columns)
	for _, name := range x.Include {
		out.Columns = append(out.Columns, indexColumn{Name: name, DefaultClass: true})
	}
	return &out
}

// besides reports whether an index is left alone although another one is what the file says: Prisma considers it the
// same, and it has something that the file cannot express. Of two equal indexes, the one without anything like that is
// dropped.
func (d *differ) besides(t *tableDiff, h *index) bool {
	if len(h.extras()) == 0 || d.mustRemake(t, h) {
		return false
	}
	return slices.ContainsFunc(t.want.Indexes, func(w *index) bool {
		return slices.ContainsFunc(d.readings(t), func(same func(h, w *index) bool) bool { return same(h, w) })
	})
}

// inOrder sorts part in the order of all.
func inOrder(all, part []*index) {
	sort.SliceStable(part, func(i, j int) bool { return slices.Index(all, part[i]) < slices.Index(all, part[j]) })
}

// mustRemake reports whether an index that is right as it is cannot survive what happens to its columns: a recreated
// column drops its indexes, and a partial index's condition is bound to the type.
func (d *differ) mustRemake(t *tableDiff, x *index) bool {
	for _, name := range append(x.columnNames(), x.Include...) { // the server drops the index with either
		if p := t.pair(name); p == nil || p.recreated() {
			return true
		}
	}
	if x.Predicate == "" {
		return false
	}
	return slices.ContainsFunc(t.pairs, func(p *columnPair) bool {
		return p.retyped() || d.rebuilt[p.want.Type.Enum]
	})
}

// sameIndex reports whether two indexes are the same except for their names, in all that the Prisma language can
// express. It cannot express INCLUDE, COLLATE, NULLS FIRST and the like: such an index counts as the plain one and
// stays. An incomplete index is never the same.
func (d *differ) sameIndex(t *tableDiff, have, want *index) bool {
	if have.Invalid || have.Unique != want.Unique || have.Method != want.Method || len(have.Columns) != len(want.Columns) {
		return false
	}
	for i, h := range have.Columns {
		w := want.Columns[i]
		if h.Name != w.Name || h.Desc != w.Desc || !sameClass(have.Method, h, w) {
			return false
		}
	}
	return d.samePredicate(t, have, want)
}

func (d *differ) samePredicate(t *tableDiff, have, want *index) bool {
	if have.Predicate == want.Predicate {
		return true
	}
	return want.Predicate != "" && have.Predicate == d.canon.predicates[indexRef{t.name, want}]
}

// sameClass compares operator classes; the desired one may be spelled with its schema, quoted, or with parameters. db
// pull names none for btree and hash, so a file that names none may mean any.
func sameClass(method string, have, want indexColumn) bool {
	if want.Class == "" {
		return have.DefaultClass || method == "btree" || method == "hash"
	}
	return have.Class == plainClass(want.Class)
}

func plainClass(spelled string) string {
	for i, r := range spelled {
		if r == '(' || r == ' ' {
			spelled = spelled[:i]
			break
		}
	}
	if i := lastDot(spelled); i >= 0 {
		spelled = spelled[i+1:]
	}
	if len(spelled) > 1 && spelled[0] == '"' {
		return spelled[1 : len(spelled)-1]
	}
	return spelled
}

func lastDot(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '.' {
			return i
		}
	}
	return -1
}
