package pull

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// enum is an enum type that was found, with the names of its values in the file.
type enum struct {
	name   string
	values map[string]string // by their names in the database
	block  *block
	was    *prisma.Enum
}

// name gives everything that was found its name in the file: the one that it has there, or a new one.
func (p *puller) name() {
	p.models, p.enumNames, p.taken = map[schemaplan.DBName]*model{}, map[schemaplan.DBName]*enum{}, map[string]bool{}
	p.goneBlocks()
	was := map[prisma.Pos]*prisma.Model{}
	for _, m := range append(append([]*prisma.Model{}, p.schema.Models...), p.schema.Views...) {
		was[m.NameAt.Start] = m
		p.taken[m.Name] = p.taken[m.Name] || !p.isGone(m)
	}
	wasEnum := map[prisma.Pos]*prisma.Enum{}
	for _, e := range p.schema.Enums {
		wasEnum[e.NameAt.Start] = e
		p.taken[e.Name] = p.taken[e.Name] || !p.blocks[e.NameAt.Start].gone
	}
	several := p.several()
	for i := range p.found.Tables {
		t := &p.found.Tables[i]
		m := &model{PulledTable: t, names: map[string]bool{}, columns: map[string]*field{}}
		if m.was = was[t.Pos]; m.was != nil {
			m.name, m.block, m.ignored = m.was.Name, p.blocks[t.Pos], m.was.Ignored
		} else {
			// One that the file has as a relation need not look like one any more.
			m.join = isJoinTable(t) || p.implicit(m) != nil
			if !m.join {
				m.name = p.newName(t.Schema, t.Name, several)
			}
		}
		p.models[schemaplan.DBName{Schema: t.Schema, Name: t.Name}] = m
		p.order = append(p.order, m)
	}
	for _, e := range p.found.Enums {
		n := &enum{values: map[string]string{}, was: wasEnum[e.Pos]}
		if n.was != nil {
			n.name, n.block = n.was.Name, p.blocks[e.Pos]
			for _, v := range n.was.Values {
				n.values[v.DBName] = v.Name
			}
		} else {
			n.name = p.newName(e.Schema, e.Name, several)
		}
		p.enumNames[e.DBName] = n
	}
}

// goneBlocks marks the models and enums that are not in the database any more. Their names are free.
func (p *puller) goneBlocks() {
	for _, pos := range p.found.Gone {
		if b := p.blocks[pos]; b != nil {
			b.gone = true
			p.drops("%s %s", b.Kind, b.Name.Value)
		}
	}
}

func (p *puller) isGone(m *prisma.Model) bool { return p.blocks[m.NameAt.Start].gone }

// implicit returns the relation of the file whose table it is, or nil.
func (p *puller) implicit(m *model) *prisma.ManyToMany {
	for _, r := range p.schema.ManyToMany {
		if r.A.NameAt.Start == m.Pos && !p.isGone(r.A.Model) && !p.isGone(r.B.Model) {
			return r
		}
	}
	return nil
}

// several returns the names that more than one table or enum has, in different schemas.
func (p *puller) several() map[string]bool {
	n := map[string]int{}
	for _, t := range p.found.Tables {
		n[t.Name]++
	}
	for _, e := range p.found.Enums {
		n[e.Name]++
	}
	out := map[string]bool{}
	for name, count := range n {
		out[name] = count > 1
	}
	return out
}

// newName returns a free name for a model or an enum, as Prisma makes it.
func (p *puller) newName(schema, name string, several map[string]bool) string {
	if several[name] {
		name = schema + "_" + name
	}
	own := cmp.Or(word(name), "Unnamed")
	if prisma.Reserved(own) {
		own = "Renamed" + own
	}
	return free(own, p.taken)
}

// free returns a name that is not taken, and takes it.
func free(name string, taken map[string]bool) string {
	out := name
	for i := 1; taken[out]; i++ {
		out = fmt.Sprintf("%s_%d", name, i)
	}
	taken[out] = true
	return out
}

// word returns a name of the language for one of the database: without what comes before its first letter, and with _ for
// what the language does not allow. It is "" where nothing is left.
func word(name string) string {
	start := strings.IndexFunc(name, isLetter)
	if start < 0 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if isLetter(r) || '0' <= r && r <= '9' || r == '_' {
			return r
		}
		return '_'
	}, name[start:])
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// isJoinTable reports whether a table is that of an implicit many-to-many relation: _Name, columns A and B, both unique
// together, B indexed, and a cascading foreign key of each.
func isJoinTable(t *schemaplan.PulledTable) bool {
	if !strings.HasPrefix(t.Name, "_") || len(t.Columns) != 2 || t.Columns[0].Name != "A" || t.Columns[1].Name != "B" || len(t.ForeignKeys) != 2 {
		return false
	}
	for _, k := range t.ForeignKeys {
		if len(k.Columns) != 1 || k.OnDelete != prisma.Cascade || k.OnUpdate != prisma.Cascade {
			return false
		}
	}
	unique := t.Key != nil && columnsOf(*t.Key) == "A,B"
	indexed := false
	for _, x := range t.Indexes {
		unique = unique || x.Unique && columnsOf(x) == "A,B"
		indexed = indexed || !x.Unique && columnsOf(x) == "B"
	}
	return unique && indexed
}

func columnsOf(x schemaplan.PulledIndex) string {
	var names []string
	for _, c := range x.Columns {
		names = append(names, c.Name)
	}
	return strings.Join(names, ",")
}
