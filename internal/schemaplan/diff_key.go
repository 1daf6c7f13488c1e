package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// foreignKeys compares the foreign keys of each table, drops those that are removed or prevent a change, and creates
// the desired ones.
func (d *differ) foreignKeys() {
	for _, t := range d.tables {
		have, want := slices.Clone(t.have.ForeignKeys), slices.Clone(t.want.ForeignKeys)
		take := func(match func(h, w *foreignKey) bool) {
			want = slices.DeleteFunc(want, func(w *foreignKey) bool {
				i := slices.IndexFunc(have, func(h *foreignKey) bool { return sameForeignKey(h, w) && match(h, w) })
				if i < 0 {
					return false
				}
				d.keepForeignKey(t.name, have[i], w)
				have = slices.Delete(have, i, i+1)
				return true
			})
		}
		take(func(h, w *foreignKey) bool { return h.Name == w.Name })
		take(func(_, _ *foreignKey) bool { return true })
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
			d.mustStand(s, in)
		}
	}
}

// mustStand blocks dropping a foreign key that could not be recreated: the columns that it refers to are dropped, are
// no longer unique, or get a type that cannot be compared with its own columns'.
func (d *differ) mustStand(s *Step, in inboundKey) {
	to, k := d.byName[in.Key.References], in.Key
	if to == nil {
		return // its table is dropped, which is blocked by itself
	}
	way := fmt.Sprintf("drop it first: ALTER TABLE %s DROP CONSTRAINT %s", in.From.sql(), postgres.Ident(k.Name))
	for _, name := range k.RefColumns {
		want := to.want.column(name)
		if want == nil {
			s.block(1, fmt.Sprintf("it refers to column %s of %s, which goes, and %s", name, k.References, d.ruler(in.From)), way)
			return
		}
		if p := to.pair(name); p != nil && p.change != keepType && !want.Type.isEnum() {
			s.checks = append(s.checks, comparable(in, k.Columns[slices.Index(k.RefColumns, name)], want, way))
		}
	}
	unique := to.want.PrimaryKey != nil && sameSet(to.want.PrimaryKey.Columns, k.RefColumns)
	for _, x := range to.want.Indexes {
		unique = unique || x.Unique && x.Predicate == "" && sameSet(x.columnNames(), k.RefColumns)
	}
	if !unique {
		s.block(1, fmt.Sprintf("it needs (%s) of %s to be unique, and %s", strings.Join(k.RefColumns, ", "), k.References, d.ruler(in.From)),
			way, fmt.Sprintf("keep (%s) unique in the schema file", strings.Join(k.RefColumns, ", ")))
	}
}

// comparable asks whether the server can compare a column that stays as it is with one that changes its type, as a
// foreign key requires (ATAddForeignKeyConstraint).
func comparable(in inboundKey, column string, want *column, way string) check {
	typ := literal(want.Type.sql()) + "::regtype"
	return check{
		sql: fmt.Sprintf(`SELECT count(*) FROM pg_catalog.pg_attribute a WHERE a.attrelid = %s::regclass AND a.attname = %s AND a.atttypid <> %[3]s
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_operator o WHERE o.oprname = '=' AND o.oprleft = %[3]s AND o.oprright = a.atttypid)
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c WHERE c.castsource = a.atttypid AND c.casttarget = %[3]s AND c.castcontext = 'i')`,
			literal(in.From.sql()), literal(column), typ),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s.%s, which is to become %s, could not be compared with %s of %s any more", in.Key.References, want.Name,
				strings.ToLower(want.Type.sql()), column, in.From), way)
		},
	}
}

// keysTo returns the foreign keys to a table from tables that the plan does not cover: first those that the schema file
// does not manage, then those that it does.
func (d *differ) keysTo(table qName) (unmanaged, managed []inboundKey) {
	if d.inboundTo == nil {
		d.inboundTo, d.leftOutTo = byTarget(d.have.inbound), byTarget(d.leftOut())
	}
	return d.inboundTo[table], d.leftOutTo[table]
}

func byTarget(keys []inboundKey) map[qName][]inboundKey {
	out := map[qName][]inboundKey{}
	for _, k := range keys {
		out[k.Key.References] = append(out[k.Key.References], k)
	}
	return out
}

// leftOut returns the foreign keys of tables that the schema file manages and the plan does not cover.
func (d *differ) leftOut() []inboundKey {
	var out []inboundKey
	for _, t := range d.have.Tables {
		if d.in(t.Schema) {
			continue
		}
		for _, k := range t.ForeignKeys {
			out = append(out, inboundKey{t.qName, k})
		}
	}
	return out
}

func sameForeignKey(have, want *foreignKey) bool {
	return have.References == want.References && slices.Equal(have.Columns, want.Columns) &&
		slices.Equal(have.RefColumns, want.RefColumns) && have.OnDelete == want.OnDelete && have.OnUpdate == want.OnUpdate
}

func (d *differ) keepForeignKey(table qName, have, want *foreignKey) {
	switch {
	case d.letsGo(table, have):
		d.dropForeignKey(table, have)
		d.addForeignKey(table, want, false)
	case have.Name != want.Name:
		d.add(renameForeignKey, Changes, table.String()+"."+want.Name, want.Pos,
			fmt.Sprintf("rename foreign key %s of %s to %s", have.Name, table, want.Name),
			fmt.Sprintf("ALTER TABLE %s RENAME CONSTRAINT %s", table.sql(), identList([]string{have.Name, want.Name}, " TO "))).
			needs(freeConstraintKey(table, want.Name)).gives(freeConstraintKey(table, have.Name)).
			aside = between("ALTER TABLE "+strings.ReplaceAll(table.sql(), "%", "%%")+" RENAME CONSTRAINT %s TO %s", have.Name, want.Name)
	}
}

// letsGo reports whether a foreign key that stays has to be dropped while its columns, or the key it refers to, change.
func (d *differ) letsGo(table qName, k *foreignKey) bool {
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
	return slices.ContainsFunc(to.dropIndex, func(x *index) bool {
		return x.Unique && sameSet(x.columnNames(), k.RefColumns)
	})
}

func sameSet(a, b []string) bool {
	return uniqueKey(qName{}, a) == uniqueKey(qName{}, b)
}

func (d *differ) dropForeignKey(table qName, k *foreignKey) *Step {
	s := d.add(dropForeignKey, Changes, table.String()+"."+k.Name, noPos,
		fmt.Sprintf("drop foreign key %s of %s to %s", k.Name, table, k.References),
		fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", table.sql(), postgres.Ident(k.Name))).
		gives(freeConstraintKey(table, k.Name), dependentKey(k.References), dependentKey(table))
	s.table, s.refers = table, k.References
	return s
}

// dependentKey returns the key that is provided once nothing depends on a table's keys any more.
func dependentKey(table qName) string { return "dependents " + table.sql() }

// addForeignKey creates a foreign key. fresh reports that it did not exist before, so that rows may violate it.
func (d *differ) addForeignKey(table qName, k *foreignKey, fresh bool) {
	refs := identList(k.RefColumns, ", ")
	s := d.add(addForeignKey, Adds, table.String()+"."+k.Name, k.Pos,
		fmt.Sprintf("add foreign key %s of %s to %s", k.Name, table, k.References),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY (%s) REFERENCES %s(%s) ON DELETE %s ON UPDATE %s",
			table.sql(), postgres.Ident(k.Name), identList(k.Columns, ", "), k.References.sql(), refs, k.OnDelete, k.OnUpdate))
	s.table, s.refers = table, k.References
	s.needs(tableKey(table), tableKey(k.References), freeConstraintKey(table, k.Name),
		uniqueKey(k.References, k.RefColumns), primaryKeyKey(k.References))
	for _, c := range k.Columns {
		s.needs(columnKey(table, c))
	}
	for _, c := range k.RefColumns {
		s.needs(columnKey(k.References, c))
	}
	d.needsExternal(s, k.References, qName{})
	if !d.in(k.References.Schema) && d.have.table(k.References) == nil && d.want.table(k.References) != nil {
		s.Blocked = &block{Why: fmt.Sprintf("%s is not there, and schema %s is not part of this plan", k.References, k.References.Schema),
			Count: 1, Ways: remedy.Lines("push schema " + k.References.Schema + " too")}
		return
	}
	if fresh {
		d.checkOrphans(s, table, k)
	}
}
