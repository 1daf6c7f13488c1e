package pull

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// pair is two models between which relations are, in the order of their tables.
type pair [2]*model

func (p *puller) pairOf(a, b *model) pair {
	if slices.Index(p.order, a) > slices.Index(p.order, b) {
		a, b = b, a
	}
	return pair{a, b}
}

// relations writes the fields of foreign keys and of implicit many-to-many relations.
func (p *puller) relations() {
	if p.emulates() {
		p.emulated()
		return
	}
	holders := map[prisma.Pos]*prisma.Field{}
	for _, m := range p.schema.Models {
		for _, f := range m.Fields {
			if f.Relation != nil && f.Relation.Holds() {
				holders[f.Relation.Span.Start] = f
			}
		}
	}
	several := p.ambiguous()
	for _, m := range p.order {
		if !m.join {
			p.foreignKeys(m, holders, several)
		}
	}
	for _, m := range p.order {
		if m.join {
			p.manyToMany(m, several)
		}
	}
}

// emulated keeps the file's own relations, which have nothing in the database, as far as their columns are there.
func (p *puller) emulated() {
	for _, m := range p.order {
		if m.was == nil {
			continue
		}
		for _, f := range m.was.Fields {
			if f.Relation == nil || !f.Relation.Holds() {
				continue
			}
			var columns []string
			for _, c := range f.Relation.Fields {
				if !m.block.lines[c.Span.Start].gone {
					columns = append(columns, c.DBName)
				}
			}
			to := p.models[schemaplan.DBName{Schema: schemaOf(f.Relation.To.Schema), Name: f.Relation.To.DBName}]
			if len(columns) == len(f.Relation.Fields) && to != nil && to.hasAll(f.Relation.References) {
				p.fit(m, columns, f)
			}
		}
	}
	for _, m := range p.order {
		if m.join {
			p.manyToMany(m, nil)
		}
	}
}

// hasAll reports whether the columns of fields are there.
func (m *model) hasAll(fields []*prisma.Field) bool {
	return !slices.ContainsFunc(fields, func(f *prisma.Field) bool { return m.columns[f.DBName] == nil })
}

func (p *puller) foreignKeys(m *model, holders map[prisma.Pos]*prisma.Field, several map[pair]bool) {
	seen := map[string]bool{}
	for i := range m.ForeignKeys {
		k := &m.ForeignKeys[i]
		to := p.models[k.To]
		same := strings.Join(slices.Concat(k.Columns, []string{k.To.Schema, k.To.Name}, k.RefColumns), "\x00")
		switch {
		case to == nil || to.join:
			p.outward(m, k)
			continue
		case seen[same]:
			p.plan.Warnings = append(p.plan.Warnings, "foreign key "+quoted(k.Name)+" of "+m.name+" says the same as another one, and is left out")
		case holders[k.Pos] != nil:
			p.kept(m, k, holders[k.Pos])
		default:
			p.relation(m, to, k, several[p.pairOf(m, to)])
		}
		seen[same] = true
	}
}

// outward notes a foreign key to a table that the file does not have.
func (p *puller) outward(m *model, k *schemaplan.PulledKey) {
	if k.Pos.Line == 0 {
		p.plan.Warnings = append(p.plan.Warnings, "foreign key "+quoted(k.Name)+" of "+m.name+" refers to "+k.To.Schema+"."+k.To.Name+", which is not in the Prisma file, and is left out")
	}
}

// ambiguous returns the pairs of models whose relations need names: there are several between them, or a column has the
// name that the field would have.
func (p *puller) ambiguous() map[pair]bool {
	n, clash := map[pair]int{}, map[pair]bool{}
	for _, m := range p.order {
		columns := map[string]bool{}
		for _, k := range m.ForeignKeys {
			to := p.models[k.To]
			if to == nil || to.join || m.join || columns[strings.Join(k.Columns, "\x00")] {
				continue
			}
			columns[strings.Join(k.Columns, "\x00")] = true
			at := p.pairOf(m, to)
			n[at]++
			for _, c := range k.Columns {
				clash[at] = clash[at] || m.columns[c] != nil && m.columns[c].name == to.name
			}
		}
		if a, b := p.sides(m); m.join && a != nil && b != nil {
			n[p.pairOf(a, b)]++
		}
	}
	for at, count := range n {
		clash[at] = clash[at] || count > 1
	}
	return clash
}

// relation adds the two fields of a new foreign key.
func (p *puller) relation(m, to *model, k *schemaplan.PulledKey, several bool) {
	name, forward, back := "", to.name, m.name
	other := ""
	if m == to {
		name, other = m.name+"To"+to.name, "other_"
	}
	if several {
		columns := make([]string, len(k.Columns))
		for i, c := range k.Columns {
			columns[i] = m.columnName(c)
		}
		name = m.name + "_" + strings.Join(columns, "_") + "To" + to.name
		forward, back = to.name+"_"+name, m.name+"_"+name
	}
	ignore := !m.usable() || !to.usable()
	f := &field{name: p.freeField(m, forward, name), typ: to.name + m.mark(k.Columns)}
	f.attributes = append(f.attributes, p.relationAttribute(m, to, k, name))
	b := &field{name: p.freeField(to, other+back, name), typ: m.name + m.manyMark(k.Columns)}
	if name != "" {
		b.attributes = append(b.attributes, "@relation("+prisma.Quote(name)+")")
	}
	for own, x := range map[*model]*field{m: f, to: b} {
		if ignore && !own.ignored {
			x.attributes = append(x.attributes, "@ignore")
		}
	}
	if m == to && ignore && !m.ignored && !f.has("@ignore") {
		f.attributes = append(f.attributes, "@ignore")
	}
	p.put(m, f)
	p.put(to, b)
}

func (m *model) columnName(c string) string {
	if f := m.columns[c]; f != nil {
		return f.name
	}
	return c
}

// freeField returns a free name for a field, and takes it.
func (p *puller) freeField(m *model, name, relation string) string {
	if m.names[name] && relation != "" && !strings.HasSuffix(name, relation) {
		name += "_" + relation
	}
	return free(name, m.names)
}

// put adds a field below the others of a model.
func (p *puller) put(m *model, f *field) {
	m.fields = append(m.fields, f)
	if m.block == nil {
		return
	}
	p.adds("field %s.%s", m.name, f.name)
	for i := len(m.block.order) - 1; i >= 0; i-- {
		if l := m.block.order[i]; l.Kind == prisma.FieldMember && !l.gone {
			l.below = append(l.below, f)
			return
		}
	}
	m.block.below = append(m.block.below, f)
}

// mark is "?" where a column of a foreign key may be NULL.
func (m *model) mark(columns []string) string {
	for _, c := range m.Columns {
		if slices.Contains(columns, c.Name) && c.Arity != prisma.Required {
			return "?"
		}
	}
	return ""
}

// manyMark is "?" where a row can be referred to by one other only, "[]" otherwise.
func (m *model) manyMark(columns []string) string {
	unique := func(x schemaplan.PulledIndex) bool {
		return x.Unique && x.Where == "" && !slices.ContainsFunc(x.Columns, func(c schemaplan.PulledIndexColumn) bool { return !slices.Contains(columns, c.Name) })
	}
	if m.Key != nil && unique(*m.Key) || slices.ContainsFunc(m.Indexes, unique) {
		return "?"
	}
	return "[]"
}

func (p *puller) relationAttribute(m, to *model, k *schemaplan.PulledKey, name string) string {
	var args []string
	if name != "" {
		args = append(args, prisma.Quote(name))
	}
	fields, refs := make([]string, len(k.Columns)), make([]string, len(k.Columns))
	for i := range k.Columns {
		fields[i], refs[i] = m.columnName(k.Columns[i]), to.columnName(k.RefColumns[i])
	}
	args = append(args, "fields: ["+strings.Join(fields, ", ")+"]", "references: ["+strings.Join(refs, ", ")+"]")
	return "@relation(" + strings.Join(append(args, m.actions(k)...), ", ") + ")"
}

// actions returns the arguments for what is not Prisma's default.
func (m *model) actions(k *schemaplan.PulledKey) []string {
	var args []string
	required := slices.ContainsFunc(m.Columns, func(c schemaplan.PulledColumn) bool {
		return slices.Contains(k.Columns, c.Name) && c.Arity == prisma.Required
	})
	standard := prisma.SetNull
	if required {
		standard = prisma.Restrict
	}
	if k.OnDelete != standard {
		args = append(args, "onDelete: "+string(k.OnDelete))
	}
	if k.OnUpdate != prisma.Cascade {
		args = append(args, "onUpdate: "+string(k.OnUpdate))
	}
	if !k.Default {
		args = append(args, "map: "+prisma.Quote(k.Name))
	}
	return args
}

// kept brings the fields of a foreign key that the file has in line with what it is now.
func (p *puller) kept(m *model, k *schemaplan.PulledKey, was *prisma.Field) {
	f := p.fit(m, k.Columns, was)
	if k.Same {
		return
	}
	p.changes("foreign key %s of %s", k.Name, m.name)
	for _, a := range f.line.Attributes {
		if a.Name != "relation" {
			continue
		}
		var args []string
		for _, x := range a.Args {
			if x.Name != "onDelete" && x.Name != "onUpdate" && x.Name != "map" {
				args = append(args, m.block.raw(x.Span))
			}
		}
		f.set("@relation", "@relation("+strings.Join(append(args, m.actions(k)...), ", ")+")")
	}
}

// fit keeps the fields of a relation, and has them allow what the columns allow.
func (p *puller) fit(m *model, columns []string, was *prisma.Field) *field {
	p.keep(was)
	f := m.block.fieldOf(was)
	// What the language allows stays: an optional field over required columns, a list where there is at most one.
	if m.mark(columns) == "?" && !strings.HasSuffix(f.typ, "?") {
		f.typ += "?"
		f.touch()
		p.changes("field %s.%s", m.name, f.name)
	}
	if back := was.Relation.Opposite; back != nil {
		p.keep(back)
		b := p.fieldOf(back)
		if m.manyMark(columns) == "[]" && strings.HasSuffix(b.typ, "?") && p.in(back.Model.Schema) {
			b.typ = strings.TrimSuffix(b.typ, "?") + "[]"
			b.touch()
			p.changes("field %s.%s", back.Model.Name, b.name)
		}
	}
	return f
}

// fieldOf returns a field of whichever model of the file.
func (p *puller) fieldOf(f *prisma.Field) *field { return p.blocks[f.Model.NameAt.Start].fieldOf(f) }

func (p *puller) keep(f *prisma.Field) {
	if p.keeps == nil {
		p.keeps = map[*prisma.Field]bool{}
	}
	p.keeps[f] = true
}

// sides returns the models of an implicit many-to-many relation's table: those of its columns A and B.
func (p *puller) sides(m *model) (a, b *model) {
	for _, k := range m.ForeignKeys {
		switch to := p.models[k.To]; {
		case len(k.Columns) != 1:
		case k.Columns[0] == "A":
			a = to
		case k.Columns[0] == "B":
			b = to
		}
	}
	return a, b
}

// manyToMany writes the two lists of an implicit many-to-many relation.
func (p *puller) manyToMany(m *model, several map[pair]bool) {
	if r := p.implicit(m); r != nil {
		p.keep(r.A)
		p.keep(r.B)
		return
	}
	a, b := p.sides(m)
	if a == nil || b == nil || a.join || b.join {
		return
	}
	name, suffix := m.Name[1:], ""
	first := p.pairOf(a, b)
	switch {
	case several[first]:
		suffix = m.Name
	case name == first[0].name+"To"+first[1].name && a != b:
		name = ""
	}
	var attributes []string
	if name != "" {
		attributes = []string{"@relation(" + prisma.Quote(name) + ")"}
	}
	own := map[bool]string{true: "_"}[a == b]
	mark := func(side string) string {
		if own == "" {
			return ""
		}
		return own + side
	}
	p.put(a, &field{name: p.freeField(a, b.name+suffix+mark("A"), ""), typ: b.name + "[]", attributes: slices.Clone(attributes)})
	p.put(b, &field{name: p.freeField(b, a.name+suffix+mark("B"), ""), typ: a.name + "[]", attributes: slices.Clone(attributes)})
}

// goneRelations removes the fields of relations that are not in the database any more.
func (p *puller) goneRelations() {
	gone := func(f *prisma.Field) {
		b := p.blocks[f.Model.NameAt.Start]
		if l := b.lines[f.Span.Start]; !b.gone && !l.gone {
			l.gone = true
			p.drops("field %s.%s", f.Model.Name, f.Name)
		}
	}
	for _, m := range p.schema.Models {
		for _, f := range m.Fields {
			r := f.Relation
			if r == nil || !r.Holds() || p.keeps[f] || r.To.View || !p.in(m.Schema) || p.isExternal(m) {
				continue
			}
			gone(f)
			if r.Opposite != nil {
				gone(r.Opposite)
			}
		}
	}
	for _, r := range p.schema.ManyToMany {
		if !p.keeps[r.A] && p.in(r.A.Model.Schema) && !p.isExternal(r.A.Model) && !p.isExternal(r.B.Model) {
			gone(r.A)
			gone(r.B)
		}
	}
}

// isExternal reports whether a model's table is left alone.
func (p *puller) isExternal(m *prisma.Model) bool {
	b := p.blocks[m.NameAt.Start]
	return p.models[schemaplan.DBName{Schema: schemaOf(m.Schema), Name: m.DBName}] == nil && !b.gone
}
