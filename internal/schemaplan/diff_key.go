package schemaplan

import (
	"fmt"
	"slices"
	"strings"
)

// foreignKeys pairs the foreign keys of each table, drops those that go or stand in the way of a change, and makes those
// that are wanted.
func (d *differ) foreignKeys() {
	for _, t := range d.tables {
		have, want := slices.Clone(t.have.ForeignKeys), slices.Clone(t.want.ForeignKeys)
		take := func(match func(h, w *ForeignKey) bool) {
			want = slices.DeleteFunc(want, func(w *ForeignKey) bool {
				i := slices.IndexFunc(have, func(h *ForeignKey) bool { return sameForeignKey(h, w) && match(h, w) })
				if i < 0 {
					return false
				}
				d.keepForeignKey(t.name, have[i], w)
				have = slices.Delete(have, i, i+1)
				return true
			})
		}
		take(func(h, w *ForeignKey) bool { return h.Name == w.Name })
		take(func(_, _ *ForeignKey) bool { return true })
		for _, h := range have {
			d.dropForeignKey(t.name, h)
		}
		for _, w := range want {
			d.addForeignKey(t.name, w, true)
		}
	}
	for _, in := range append(d.leftOut(), d.have.inbound...) {
		if d.letsGo(in.From, in.Key) {
			s := d.dropForeignKey(in.From, in.Key)
			d.addForeignKey(in.From, in.Key, false)
			if t := d.have.table(in.From); t != nil && t.Unmanaged != "" {
				s.block(1, fmt.Sprintf("it belongs to %s, and %s", in.From, d.ruler(in.From)), "have it dropped by whoever it belongs to, then push again")
			}
		}
	}
}

// leftOut are the foreign keys of tables that the schema file rules and the plan is not about.
func (d *differ) leftOut() []inboundKey {
	var out []inboundKey
	for _, t := range d.have.Tables {
		if d.in(t.Schema) {
			continue
		}
		for _, k := range t.ForeignKeys {
			out = append(out, inboundKey{t.QName, k})
		}
	}
	return out
}

func sameForeignKey(have, want *ForeignKey) bool {
	return have.References == want.References && slices.Equal(have.Columns, want.Columns) &&
		slices.Equal(have.RefColumns, want.RefColumns) && have.OnDelete == want.OnDelete && have.OnUpdate == want.OnUpdate
}

func (d *differ) keepForeignKey(table QName, have, want *ForeignKey) {
	switch {
	case d.letsGo(table, have):
		d.dropForeignKey(table, have)
		d.addForeignKey(table, want, false)
	case have.Name != want.Name:
		d.add(RenameForeignKey, Changes, table.String()+"."+want.Name, want.Pos,
			fmt.Sprintf("rename foreign key %s of %s to %s", have.Name, table, want.Name),
			fmt.Sprintf("ALTER TABLE %s RENAME CONSTRAINT %s", table.SQL(), identList([]string{have.Name, want.Name}, " TO "))).
			needs(freeConstraintKey(table, want.Name)).gives(freeConstraintKey(table, have.Name)).
			aside = between("ALTER TABLE "+strings.ReplaceAll(table.SQL(), "%", "%%")+" RENAME CONSTRAINT %s TO %s", have.Name, want.Name)
	}
}

// letsGo tells whether a foreign key that stays has to be away while its columns, or the key it refers to, change.
func (d *differ) letsGo(table QName, k *ForeignKey) bool {
	changes := func(t *tableDiff, columns []string) bool {
		return t != nil && slices.ContainsFunc(columns, func(name string) bool {
			p := t.pair(name)
			return p == nil || p.retyped() || p.recreated() || d.rebuilt[p.want.Type.Enum]
		})
	}
	from, to := d.byName[table], d.byName[k.References]
	if changes(from, k.Columns) || changes(to, k.RefColumns) {
		return true
	}
	if to == nil {
		return false
	}
	if to.dropKey && sameSet(to.have.PrimaryKey.Columns, k.RefColumns) {
		return true
	}
	return slices.ContainsFunc(to.dropIndex, func(x *Index) bool {
		return x.Unique && sameSet(x.columnNames(), k.RefColumns)
	})
}

func sameSet(a, b []string) bool {
	return uniqueKey(QName{}, a) == uniqueKey(QName{}, b)
}

func (d *differ) dropForeignKey(table QName, k *ForeignKey) *Step {
	s := d.add(DropForeignKey, Changes, table.String()+"."+k.Name, noPos,
		fmt.Sprintf("drop foreign key %s of %s to %s", k.Name, table, k.References),
		fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", table.SQL(), identList([]string{k.Name}, ""))).
		gives(freeConstraintKey(table, k.Name), dependentKey(k.References), dependentKey(table))
	s.table = table
	return s
}

// dependentKey says that nothing depends on a table's keys any more.
func dependentKey(table QName) string { return "dependents " + table.SQL() }

// addForeignKey makes a foreign key. fresh tells that it was not there before, so that rows may break it.
func (d *differ) addForeignKey(table QName, k *ForeignKey, fresh bool) {
	refs := identList(k.RefColumns, ", ")
	s := d.add(AddForeignKey, Adds, table.String()+"."+k.Name, k.Pos,
		fmt.Sprintf("add foreign key %s of %s to %s", k.Name, table, k.References),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s(%s) ON DELETE %s ON UPDATE %s",
			table.SQL(), identList([]string{k.Name}, ""), identList(k.Columns, ", "), k.References.SQL(), refs, k.OnDelete, k.OnUpdate))
	s.table = table
	s.needs(tableKey(table), tableKey(k.References), freeConstraintKey(table, k.Name),
		uniqueKey(k.References, k.RefColumns), primaryKeyKey(k.References))
	for _, c := range k.Columns {
		s.needs(columnKey(table, c))
	}
	for _, c := range k.RefColumns {
		s.needs(columnKey(k.References, c))
	}
	d.needsExternal(s, k.References, QName{})
	if !d.in(k.References.Schema) && d.have.table(k.References) == nil && d.want.table(k.References) != nil {
		s.Blocked = &Block{Why: fmt.Sprintf("%s is not there, and schema %s is not part of this plan", k.References, k.References.Schema),
			Count: 1, Ways: []string{"push schema " + k.References.Schema + " too"}}
		return
	}
	if fresh {
		d.checkOrphans(s, table, k)
	}
}
