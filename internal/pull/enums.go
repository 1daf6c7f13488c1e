package pull

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// enums adds the enums and values that are new, and removes those that are gone.
func (p *puller) enums() {
	for _, e := range p.found.Enums {
		n := p.enumNames[e.DBName]
		if n.was == nil {
			p.newEnum(e, n)
			continue
		}
		p.values(e, n)
	}
}

func (p *puller) newEnum(e schemaplan.PulledEnum, n *enum) {
	lines := []string{"enum " + n.name + " {"}
	taken := map[string]bool{}
	for _, v := range e.Values {
		lines = append(lines, n.value(v, taken))
	}
	if n.name != e.Name {
		lines = append(lines, "@@map("+prisma.Quote(e.Name)+")")
		p.mapped("enum", e.Name, n.name)
	}
	if p.named() {
		lines = append(lines, "@@schema("+prisma.Quote(e.Schema)+")")
	}
	p.newEnums = append(p.newEnums, strings.Join(lines, "\n")+"\n}\n")
	p.adds("enum %s", n.name)
}

// value returns the line of a value, and notes its name.
func (n *enum) value(label string, taken map[string]bool) string {
	name := word(label)
	switch {
	case label == "":
		name = "EMPTY_ENUM_VALUE"
	case name == "":
		name = "VALUE"
	}
	name = free(name, taken)
	n.values[label] = name
	if name == label {
		return name
	}
	return name + " @map(" + prisma.Quote(label) + ")"
}

// values adds and removes values of an enum of the file.
func (p *puller) values(e schemaplan.PulledEnum, n *enum) {
	there, taken := map[string]bool{}, map[string]bool{}
	for _, v := range e.Values {
		there[v] = true
	}
	var last *line
	at := map[string]*line{}
	for _, v := range n.was.Values {
		l := n.block.lines[v.Span.Start]
		at[v.DBName], taken[v.Name] = l, true
		if !there[v.DBName] {
			l.gone = true
			p.drops("value %s of %s", v.Name, n.name)
		} else if last == nil {
			last = l
		}
	}
	for _, v := range e.Values {
		if l := at[v]; l != nil {
			last = l
			continue
		}
		text := n.value(v, taken)
		p.adds("value %s of %s", n.values[v], n.name)
		if last == nil {
			n.block.added = append(n.block.added, text)
			continue
		}
		last.after = append(last.after, text)
	}
}
