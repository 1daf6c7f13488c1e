package prisma

import (
	"strings"
	"unicode/utf8"
)

// printed prints a syntax tree as a schema file: an indent of two blanks, columns aligned, one empty line between
// blocks, and inside of them where there was one. Parsing the result gives the same tree, for a tree without syntax
// errors: this shows that the tree holds all that was written, comments included.
func printed(f *File) string {
	var p printer
	for i, b := range f.Blocks {
		p.separate(i > 0, b.Lead)
		p.block(b)
	}
	if len(f.Tail) > 0 {
		p.separate(len(f.Blocks) > 0, f.Tail)
	}
	p.comments(f.Tail, "")
	return p.b.String()
}

type printer struct{ b strings.Builder }

// separate prints the empty line between a block and what is above it, unless the comments do.
func (p *printer) separate(above bool, lead []Comment) {
	if above && (len(lead) == 0 || !lead[0].Blank) {
		p.b.WriteByte('\n')
	}
}

func (p *printer) block(b *Block) {
	p.comments(b.Lead, "")
	if b.Blank {
		p.b.WriteByte('\n')
	}
	p.b.WriteString(b.Kind.String() + " " + b.Name.Value + " {")
	p.trail(b.Opening)
	p.b.WriteByte('\n')
	for i := 0; i < len(b.Members); {
		n := groupEnd(b.Members, i)
		p.group(b.Members[i:n])
		i = n
	}
	p.comments(b.Inner, "  ")
	p.b.WriteByte('}')
	p.trail(b.Trail)
	p.b.WriteByte('\n')
}

// groupEnd returns the end of the group of lines that begins at i: an empty line, a comment or another kind of line.
func groupEnd(members []*Member, i int) int {
	kind := members[i].Kind
	for i++; i < len(members); i++ {
		if m := members[i]; m.Blank || len(m.Lead) > 0 || m.Kind != kind {
			break
		}
	}
	return i
}

// group prints lines whose columns are aligned with each other.
func (p *printer) group(members []*Member) {
	name, kind := 0, 0
	for _, m := range members {
		name = max(name, utf8.RuneCountInString(m.Name.Value))
		if m.Kind == FieldMember && len(m.Attributes) > 0 {
			kind = max(kind, utf8.RuneCountInString(m.Type.text()))
		}
	}
	for _, m := range members {
		p.comments(m.Lead, "  ")
		if m.Blank {
			p.b.WriteByte('\n')
		}
		p.b.WriteString("  ")
		p.member(m, name, kind)
		p.trail(m.Trail)
		p.b.WriteByte('\n')
	}
}

func (p *printer) member(m *Member, name, kind int) {
	switch m.Kind {
	case AttributeMember:
		p.attribute(m.Attributes[0], "@@")
		return
	case SettingMember:
		p.pad(m.Name.Value, name)
		p.b.WriteString(" =")
		if m.Value != nil {
			p.b.WriteByte(' ')
			p.expr(m.Value)
		}
		return
	case FieldMember:
		p.pad(m.Name.Value, name)
		p.b.WriteByte(' ')
		if len(m.Attributes) == 0 {
			kind = 0
		}
		p.pad(m.Type.text(), kind)
	case ValueMember:
		if len(m.Attributes) == 0 {
			name = 0
		}
		p.pad(m.Name.Value, name)
	}
	for _, a := range m.Attributes {
		p.b.WriteByte(' ')
		p.attribute(a, "@")
	}
}

func (p *printer) pad(s string, n int) {
	p.b.WriteString(s)
	for n -= utf8.RuneCountInString(s); n > 0; n-- {
		p.b.WriteByte(' ')
	}
}

// text returns the type as it is written.
func (t TypeExpr) text() string {
	s := t.Name
	if t.Unsupported {
		s = "Unsupported(" + Quote(t.Name) + ")"
	}
	return s + [...]string{"", "?", "[]"}[t.Arity]
}

func (p *printer) attribute(a *Attribute, mark string) {
	p.b.WriteString(mark + a.Name)
	if a.Parens {
		p.args(a.Args, "(", ")")
	}
}

func (p *printer) args(args []Arg, open, end string) {
	p.b.WriteString(open)
	for i, a := range args {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if a.Name != "" {
			p.b.WriteString(a.Name + ": ")
		}
		p.expr(a.Value)
	}
	p.b.WriteString(end)
}

func (p *printer) expr(e *Expr) {
	if e == nil {
		return
	}
	switch e.Kind {
	case StringExpr:
		p.b.WriteString(Quote(e.Text))
	case CallExpr:
		p.b.WriteString(e.Text)
		p.args(e.Args, "(", ")")
	case ArrayExpr:
		p.b.WriteByte('[')
		for i, item := range e.Items {
			if i > 0 {
				p.b.WriteString(", ")
			}
			p.expr(item)
		}
		p.b.WriteByte(']')
	case ObjectExpr:
		if len(e.Args) == 0 {
			p.b.WriteString("{}")
			return
		}
		p.args(e.Args, "{ ", " }")
	default:
		p.b.WriteString(e.Text)
	}
}

// comments prints comments on lines of their own.
func (p *printer) comments(list []Comment, indent string) {
	for _, c := range list {
		if c.Blank {
			p.b.WriteByte('\n')
		}
		p.b.WriteString(indent + c.Text + "\n")
	}
}

// trail prints comments at the end of a line.
func (p *printer) trail(list []Comment) {
	for _, c := range list {
		p.b.WriteString(" " + c.Text)
	}
}
