package pull

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// attributes writes the keys and indexes: as attributes of a field where they are of one column, otherwise of the block.
func (p *puller) attributes() {
	for _, m := range p.order {
		if m.join {
			continue
		}
		there := map[prisma.Pos]bool{}
		if m.Key != nil {
			p.index(m, m.Key, true, there)
		}
		for i := range m.Indexes {
			p.index(m, &m.Indexes[i], false, there)
		}
		if m.was != nil {
			p.goneIndexes(m, there)
		}
	}
}

func (p *puller) goneIndexes(m *model, there map[prisma.Pos]bool) {
	all := m.was.Indexes
	if m.was.PrimaryKey != nil {
		all = append([]*prisma.Index{m.was.PrimaryKey}, all...)
	}
	for _, x := range all {
		if there[x.Span.Start] {
			continue
		}
		l, a := m.block.attributeAt(x.Span.Start)
		if l == nil || l.gone {
			continue
		}
		p.drops("%s of %s", x.DBName(m.was), m.name)
		if l.Kind == prisma.AttributeMember {
			l.gone = true
			continue
		}
		for _, f := range m.was.Fields {
			if f.Span.Start == l.Span.Start {
				m.block.fieldOf(f).set("@"+a.Name, "")
			}
		}
	}
}

// attributeAt returns the attribute that begins at a place, and its line.
func (b *block) attributeAt(at prisma.Pos) (*line, *prisma.Attribute) {
	for _, l := range b.order {
		for _, a := range l.Attributes {
			if a.Span.Start == at {
				return l, a
			}
		}
	}
	return nil, nil
}

func (p *puller) index(m *model, x *schemaplan.PulledIndex, key bool, there map[prisma.Pos]bool) {
	if x.Pos.Line > 0 {
		there[x.Pos] = true
		if !x.SameName {
			p.renameIndex(m, x)
		}
		return
	}
	names := make([]string, len(x.Columns))
	for i, c := range x.Columns {
		f := m.columns[c.Name]
		if f == nil {
			return // of a column that is left out
		}
		names[i] = f.name + indexOptions(c, key)
	}
	if m.was != nil {
		p.adds("%s of %s", x.Name, m.name)
	}
	mark := map[bool]string{true: "@id", false: "@unique"}[key]
	if f := m.columns[x.Columns[0].Name]; len(names) == 1 && x.Unique && x.Algorithm == "" && x.Where == "" && x.Columns[0].Ops == "" && !f.has(mark) {
		f.attributes = append(f.attributes, mark+ofOneColumn(x))
		f.touch()
		return
	}
	m.add(blockAttribute(x, names, key))
}

func (f *field) has(mark string) bool {
	for _, a := range f.attributes {
		if attributeName(a) == mark {
			return true
		}
	}
	return false
}

// add adds an attribute of the block.
func (m *model) add(text string) {
	if m.block != nil {
		m.block.added = append(m.block.added, text)
		return
	}
	m.lines = append(m.lines, text)
}

func ofOneColumn(x *schemaplan.PulledIndex) string {
	var args []string
	if !x.Default {
		args = append(args, "map: "+prisma.Quote(x.Name))
	}
	if x.Columns[0].Desc {
		args = append(args, "sort: Desc")
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ", ") + ")"
}

func indexOptions(c schemaplan.PulledIndexColumn, key bool) string {
	var args []string
	if c.Desc {
		args = append(args, "sort: Desc")
	}
	if c.Ops != "" && !key {
		args = append(args, "ops: "+operatorClass(c.Ops))
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ", ") + ")"
}

// operatorClass returns a class as the language writes it: JsonbPathOps for jsonb_path_ops, raw("…") for what it does not
// name.
func operatorClass(name string) string {
	word := ""
	for part := range strings.SplitSeq(strings.NewReplacer("minmax", "min_max", "timestamptz", "timestamp_tz", "timetz", "time_tz", "varbit", "var_bit").Replace(name), "_") {
		if part != "" {
			word += strings.ToUpper(part[:1]) + part[1:]
		}
	}
	if prisma.IsOperatorClass(word) {
		return word
	}
	return "raw(" + prisma.Quote(name) + ")"
}

func blockAttribute(x *schemaplan.PulledIndex, names []string, key bool) string {
	mark := "@@index"
	switch {
	case key:
		mark = "@@id"
	case x.Unique:
		mark = "@@unique"
	}
	text := mark + "([" + strings.Join(names, ", ") + "]"
	if !x.Default {
		text += ", map: " + prisma.Quote(x.Name)
	}
	if x.Algorithm != "" {
		text += ", type: " + x.Algorithm
	}
	if x.Where != "" {
		text += ", where: raw(" + prisma.Quote(x.Where) + ")"
	}
	return text + ")"
}

// renameIndex gives an attribute of the file the name that the index has now.
func (p *puller) renameIndex(m *model, x *schemaplan.PulledIndex) {
	l, a := m.block.attributeAt(x.Pos)
	if l == nil {
		return
	}
	p.changes("%s of %s", x.Name, m.name)
	text := withMap(m.block, a, "map", x.Name, x.Default)
	if l.Kind == prisma.AttributeMember {
		l.text, l.dirty = "@"+text, true
		return
	}
	for _, f := range m.was.Fields {
		if f.Span.Start == l.Span.Start {
			m.block.fieldOf(f).set("@"+a.Name, text)
		}
	}
}

// withMap returns an attribute with its map: argument set, or left out where the name is the default one.
func withMap(b *block, a *prisma.Attribute, arg, name string, isDefault bool) string {
	var args []string
	for _, x := range a.Args {
		// @@index(name:) is the old spelling of map:.
		if x.Name != arg && !(a.Name == "index" && x.Name == "name") {
			args = append(args, b.raw(x.Span))
		}
	}
	if !isDefault {
		args = append(args, arg+": "+prisma.Quote(name))
	}
	if len(args) == 0 {
		return "@" + a.Name
	}
	return "@" + a.Name + "(" + strings.Join(args, ", ") + ")"
}
