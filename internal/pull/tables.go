package pull

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// tables adds new models and columns, changes those that differ, and removes those that are gone.
func (p *puller) tables() {
	for _, m := range p.order {
		if m.join && p.implicit(m) == nil && !p.sayable(m) {
			m.join, m.name = false, p.newName(m.Schema, m.Name, nil)
			m.unplaced()
		}
	}
	for _, m := range p.order {
		switch {
		case m.join:
		case m.was == nil:
			p.newModel(m)
		default:
			p.columns(m)
		}
	}
}

// unplaced forgets where the file says the parts of a table that it has had as a relation.
func (m *model) unplaced() {
	if m.Key != nil {
		m.Key.Pos = prisma.Pos{}
	}
	for i := range m.Indexes {
		m.Indexes[i].Pos = prisma.Pos{}
	}
	for i := range m.ForeignKeys {
		m.ForeignKeys[i].Pos = prisma.Pos{}
	}
}

// sayable reports whether two lists mean a new join table: its column A is that of the model whose name comes first, and
// both refer to the one column of a key. Another one is a model of its own.
func (p *puller) sayable(m *model) bool {
	a, b := p.sides(m)
	if a == nil || b == nil {
		return false
	}
	for _, side := range []*model{a, b} {
		if side.join || side.Key == nil || len(side.Key.Columns) != 1 {
			return false
		}
	}
	return a.name <= b.name && (a.Schema == m.Schema)
}

func (p *puller) newModel(m *model) {
	p.adds("model %s", m.name)
	for i := range m.Columns {
		c := &m.Columns[i]
		if word(c.Name) == "" {
			p.plan.Warnings = append(p.plan.Warnings, "column "+quoted(c.Name)+" of "+m.name+" has no letter in its name, and is left out")
			continue
		}
		f := p.newField(m, c)
		m.fields = append(m.fields, f)
	}
	m.ignored = !m.usable()
	if m.ignored {
		m.docs = append(m.docs, "/// The underlying table does not contain a valid unique identifier and can therefore currently not be handled by Prisma Client.")
		p.plan.Warnings = append(p.plan.Warnings, "model "+m.name+" has no key that is unique and required, and has @@ignore: Prisma's client cannot use it")
	}
	if m.name != m.Name {
		p.mapped("model", m.Name, m.name)
	}
}

// usable reports whether the table has a key that Prisma's client can use: unique and required, of supported types.
func (m *model) usable() bool {
	keys := m.Indexes
	if m.Key != nil {
		keys = append([]schemaplan.PulledIndex{*m.Key}, keys...)
	}
	for _, x := range keys {
		if !x.Unique || x.Where != "" {
			continue
		}
		ok := true
		for _, part := range x.Columns {
			for _, c := range m.Columns {
				if c.Name == part.Name {
					ok = ok && !c.Unsupported && c.Arity == prisma.Required
				}
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// newField returns the field of a new column.
func (p *puller) newField(m *model, c *schemaplan.PulledColumn) *field {
	f := &field{name: free(word(c.Name), m.names), typ: p.typeOf(c), column: c}
	if d := p.defaultOf(c); d != "" {
		f.attributes = append(f.attributes, d)
	}
	if f.name != c.Name {
		f.attributes = append(f.attributes, "@map("+prisma.Quote(c.Name)+")")
		p.mapped("column", m.name+"."+c.Name, f.name)
	}
	if c.Native != "" {
		f.attributes = append(f.attributes, p.native()+c.Native)
	}
	if c.Unsupported {
		p.plan.Warnings = append(p.plan.Warnings, "Prisma has no type for column "+quoted(c.Name)+" of "+m.name+": it is Unsupported("+prisma.Quote(c.Type)+")")
	}
	m.columns[c.Name] = f
	return f
}

func (p *puller) typeOf(c *schemaplan.PulledColumn) string {
	t := c.Type
	switch {
	case c.Enum != nil:
		t = p.enumName(*c.Enum)
	case c.Unsupported:
		t = "Unsupported(" + prisma.Quote(t) + ")"
	}
	return t + [...]string{"", "?", "[]"}[c.Arity]
}

// enumName returns an enum's name in the file. One of a schema that is not looked at keeps its name there.
func (p *puller) enumName(n schemaplan.DBName) string {
	if e := p.enumNames[n]; e != nil {
		return e.name
	}
	for _, e := range p.schema.Enums {
		if e.DBName == n.Name && schemaOf(e.Schema) == n.Schema {
			return e.Name
		}
	}
	return n.Name
}

// defaultOf returns the attribute of a column's default; "" for none.
func (p *puller) defaultOf(c *schemaplan.PulledColumn) string {
	d := c.Default
	if d == nil {
		return ""
	}
	text := d.Text
	if len(d.Labels) > 0 {
		names := make([]string, len(d.Labels))
		for i, label := range d.Labels {
			names[i] = p.valueName(*c.Enum, label)
		}
		text = strings.Join(names, ", ")
		if d.List {
			text = "[" + text + "]"
		}
	}
	return "@default(" + text + ")"
}

func (p *puller) valueName(n schemaplan.DBName, label string) string {
	if e := p.enumNames[n]; e != nil && e.values[label] != "" {
		return e.values[label]
	}
	for _, e := range p.schema.Enums {
		if e.DBName != n.Name || schemaOf(e.Schema) != n.Schema {
			continue
		}
		for _, v := range e.Values {
			if v.DBName == label {
				return v.Name
			}
		}
	}
	return label
}

// columns compares the columns of a model of the file.
func (p *puller) columns(m *model) {
	at := map[prisma.Pos]*prisma.Field{}
	for _, f := range m.was.Fields {
		at[f.NameAt.Start] = f
		m.names[f.Name] = true
	}
	there := map[*prisma.Field]bool{}
	var last *line
	for i := range m.Columns {
		c := &m.Columns[i]
		was := at[c.Pos]
		if was == nil {
			last = p.addColumn(m, c, last)
			continue
		}
		there[was] = true
		f := m.block.fieldOf(was)
		f.column = c
		m.columns[c.Name] = f
		last = f.line
		p.change(m, f, was, c)
	}
	for _, f := range m.was.Fields {
		if f.HasColumn() && !there[f] {
			m.block.lines[f.Span.Start].gone = true
			p.drops("field %s.%s", m.name, f.Name)
		}
	}
}

// addColumn adds the field of a new column below another line, or at the block's beginning.
func (p *puller) addColumn(m *model, c *schemaplan.PulledColumn, last *line) *line {
	if word(c.Name) == "" {
		p.plan.Warnings = append(p.plan.Warnings, "column "+quoted(c.Name)+" of "+m.name+" has no letter in its name, and is left out")
		return last
	}
	f := p.newField(m, c)
	m.fields = append(m.fields, f)
	p.adds("field %s.%s", m.name, f.name)
	if last == nil {
		for _, l := range m.block.order {
			if l.Kind == prisma.FieldMember {
				last = l
				break
			}
		}
	}
	if last != nil {
		last.below = append(last.below, f)
		return last
	}
	m.block.below = append(m.block.below, f)
	return nil
}

// change changes a field whose column is not what it says.
func (p *puller) change(m *model, f *field, was *prisma.Field, c *schemaplan.PulledColumn) {
	if c.Same {
		return
	}
	p.changes("field %s.%s", m.name, f.name)
	if !c.SameType {
		f.typ = p.typeOf(c)
		for _, a := range f.line.Attributes {
			if strings.HasPrefix("@"+a.Name, p.native()) {
				f.set("@"+a.Name, "")
			}
		}
		if c.Native != "" {
			f.attributes = append(f.attributes, p.native()+c.Native)
		}
	}
	if !c.SameNull {
		f.typ = strings.TrimSuffix(strings.TrimSuffix(f.typ, "?"), "[]") + [...]string{"", "?", "[]"}[c.Arity]
	}
	if !c.SameDflt || !c.SameType && c.Enum != nil && c.Default != nil { // another enum may have other names for its values
		f.set("@default", p.defaultOf(c))
	}
	f.touch()
}

func quoted(name string) string { return prisma.Quote(name) }
