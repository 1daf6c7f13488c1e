package pull

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// file is a file of the schema with the changes to it.
type file struct {
	prisma.Source
	blocks []*block
	crlf   bool
	extra  [2][]string // new models and new enums
}

// block is a block of a file with the changes to its lines.
type block struct {
	*prisma.Block
	file  *file
	lines map[prisma.Pos]*line // by the place of their beginning
	order []*line
	added []string // lines before the closing brace
	below []*field // new, where there is no line to write them below
	gone  bool
}

// line is a line of a block with the change to it.
type line struct {
	*prisma.Member
	block *block
	field *field // of a field that was looked at; its text is what is written
	text  string // for a block's attribute: what is written instead
	after []string
	below []*field // new, to be written below it
	gone  bool
	dirty bool
}

func (p *puller) readBlocks() {
	for _, s := range p.schema.Sources {
		f := &file{Source: s, crlf: strings.Contains(s.Text, "\r\n")}
		tree, _ := prisma.ParseFile(s)
		for _, b := range tree.Blocks {
			own := &block{Block: b, file: f, lines: map[prisma.Pos]*line{}}
			for _, m := range b.Members {
				l := &line{Member: m, block: own}
				own.lines[m.Span.Start] = l
				own.order = append(own.order, l)
			}
			f.blocks = append(f.blocks, own)
			p.blocks[b.Name.Span.Start] = own
		}
		p.files = append(p.files, f)
	}
}

func (b *block) raw(s prisma.Span) string { return b.file.Text[s.Start.Offset():s.End.Offset()] }

// fieldOf returns a field of the file, whose parts can be changed.
func (b *block) fieldOf(f *prisma.Field) *field {
	l := b.lines[f.Span.Start]
	if l.field == nil {
		l.field = &field{name: f.Name, typ: b.raw(l.Type.Span), line: l}
		for _, a := range l.Attributes {
			l.field.attributes = append(l.field.attributes, b.raw(a.Span))
		}
	}
	return l.field
}

// set replaces the attribute of a name, or adds it; "" removes it.
func (f *field) set(name, text string) {
	i := slices.IndexFunc(f.attributes, func(a string) bool { return attributeName(a) == name })
	switch {
	case i >= 0 && text == "":
		f.attributes = slices.Delete(f.attributes, i, i+1)
	case i >= 0:
		f.attributes[i] = text
	case text != "":
		f.attributes = append(f.attributes, text)
	default:
		return
	}
	f.touch()
}

func (f *field) touch() {
	if f.line != nil {
		f.line.dirty = true
	}
}

// attributeName returns the name of an attribute as written, such as @default.
func attributeName(text string) string {
	if i := strings.IndexAny(text, "( \t"); i >= 0 {
		text = text[:i]
	}
	return text
}

func (b *block) changed() bool {
	if len(b.added) > 0 {
		return true
	}
	return slices.ContainsFunc(b.order, func(l *line) bool { return l.gone || l.dirty || len(l.after) > 0 })
}

// rewritten returns the block's new text, in Prisma's format unless that would lose a comment.
func (b *block) rewritten() string {
	var out strings.Builder
	text, at := b.file.Text, b.Span.Start.Offset()
	copyTo := func(end int) {
		if end > at {
			out.WriteString(text[at:end])
			at = end
		}
	}
	for _, l := range b.order {
		switch {
		case l.gone:
			copyTo(l.begin())
			at = max(at, lineEnd(text, l.end()))
		case l.dirty:
			copyTo(l.Span.Start.Offset())
			out.WriteString(l.written())
			at = l.Span.End.Offset()
		}
		if len(l.after) > 0 {
			copyTo(lineEnd(text, l.end()))
			out.WriteString("  " + strings.Join(l.after, "\n  ") + "\n")
		}
	}
	closing := b.Span.Start.Offset() + strings.LastIndexByte(text[b.Span.Start.Offset():b.Span.End.Offset()], '}')
	copyTo(closing)
	for _, l := range b.added {
		out.WriteString("  " + l + "\n")
	}
	out.WriteString("}")
	if len(b.Opening) == 0 {
		if formatted, _ := prisma.Format(prisma.Source{Name: b.file.Name, Text: out.String()}); formatted != "" {
			return strings.TrimSuffix(formatted, "\n")
		}
	}
	return out.String()
}

func (l *line) written() string {
	if l.field != nil {
		return l.field.text()
	}
	return l.text
}

// begin returns where a line begins.
func (l *line) begin() int { return withDocs(l.block.file.Text, l.Span.Start.Offset(), l.Lead) }

// withDocs returns where something begins that goes, with the documentation above it; other comments stay.
func withDocs(text string, at int, lead []prisma.Comment) int {
	for i := len(lead) - 1; i >= 0 && strings.HasPrefix(lead[i].Text, "///"); i-- {
		at = lead[i].Span.Start.Offset()
	}
	return strings.LastIndexByte(text[:at], '\n') + 1
}

func (l *line) end() int {
	if n := len(l.Trail); n > 0 {
		return l.Trail[n-1].Span.End.Offset()
	}
	return l.Span.End.Offset()
}

// lineEnd returns where the next line begins.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}
