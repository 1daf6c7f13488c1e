package pull

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// text returns a new model in Prisma's words; its format comes later.
func (m *model) text(named bool) string {
	lines := slices.Clone(m.docs)
	lines = append(lines, "model "+m.name+" {")
	for _, f := range m.fields {
		lines = append(lines, f.text())
	}
	lines = append(lines, "")
	lines = append(lines, m.lines...)
	if m.name != m.Name {
		lines = append(lines, "@@map("+prisma.Quote(m.Name)+")")
	}
	if m.ignored {
		lines = append(lines, "@@ignore")
	}
	if named {
		lines = append(lines, "@@schema("+prisma.Quote(m.Schema)+")")
	}
	return strings.Join(lines, "\n") + "\n}\n"
}

// write makes the files' new texts.
func (p *puller) write(folder string) {
	var models []string
	for _, m := range p.order {
		if m.was == nil && !m.join && len(m.fields) > 0 {
			models = append(models, m.text(p.named()))
		}
	}
	target := p.target(folder)
	target.extra = [2][]string{models, p.newEnums}
	for _, f := range p.files {
		f.setBelow()
		text := f.rewritten()
		if text != f.Text {
			isNew := !slices.ContainsFunc(p.schema.Sources, func(s prisma.Source) bool { return s.Name == f.Name })
			p.plan.Files = append(p.plan.Files, File{Name: f.Name, Was: f.Text, Text: text, New: isNew})
		}
	}
}

// target returns the file for what is new: the schema's one file or, if it has several, one of its own.
func (p *puller) target(folder string) *file {
	if len(p.files) == 1 {
		return p.files[0]
	}
	name := introspected(folder)
	for _, f := range p.files {
		if f.Name == name {
			return f
		}
	}
	f := &file{Source: prisma.Source{Name: name}}
	p.files = append(p.files, f)
	return f
}

// setBelow turns new fields into lines.
func (f *file) setBelow() {
	for _, b := range f.blocks {
		for _, x := range b.below {
			b.added = append(b.added, x.text())
		}
		for _, l := range b.order {
			for _, x := range l.below {
				l.after = append(l.after, x.text())
			}
		}
	}
}

func (f *file) rewritten() string {
	var out strings.Builder
	at := 0
	lastModel := -1
	for i, b := range f.blocks {
		if b.Kind == prisma.ModelBlock && !b.gone {
			lastModel = i
		}
	}
	for i, b := range f.blocks {
		switch {
		case b.gone:
			out.WriteString(f.Text[at:b.begin()])
			at = b.after()
		case b.changed():
			out.WriteString(f.Text[at:b.Span.Start.Offset()])
			out.WriteString(f.ends(b.rewritten()))
			at = b.Span.End.Offset()
		}
		if i == lastModel && len(f.extra[0]) > 0 {
			end := max(at, min(lineEnd(f.Text, b.Span.End.Offset()), len(f.Text)))
			out.WriteString(f.Text[at:end])
			at = end
			f.append(&out, f.extra[0])
			f.extra[0] = nil
		}
	}
	out.WriteString(f.Text[at:])
	if n := len(f.blocks); n > 0 && f.blocks[n-1].gone { // no empty lines at the end
		rest := strings.TrimRight(out.String(), "\r\n")
		out.Reset()
		out.WriteString(rest + f.ends("\n"))
	}
	f.append(&out, append(f.extra[0], f.extra[1]...))
	return out.String()
}

// append writes new blocks, each after an empty line.
func (f *file) append(out *strings.Builder, blocks []string) {
	for _, b := range blocks {
		text, found := prisma.Format(prisma.Source{Name: f.Name, Text: b})
		if text == "" {
			panic(fmt.Sprintf("what naap writes does not parse: %v\n%s", found, b))
		}
		written := out.String()
		if written != "" && !strings.HasSuffix(written, "\n") {
			out.WriteString(f.ends("\n"))
		}
		if written != "" && !strings.HasSuffix(strings.ReplaceAll(written, "\r\n", "\n"), "\n\n") {
			out.WriteString(f.ends("\n"))
		}
		out.WriteString(f.ends(text))
	}
}

// ends gives a text the file's line ends.
func (f *file) ends(text string) string {
	if f.crlf {
		return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	return text
}

// begin returns where a block begins.
func (b *block) begin() int { return withDocs(b.file.Text, b.Span.Start.Offset(), b.Lead) }

// after returns where the text goes on after a block that goes: with the next line that is not empty.
func (b *block) after() int {
	at := lineEnd(b.file.Text, b.Span.End.Offset())
	for at < len(b.file.Text) {
		next := lineEnd(b.file.Text, at)
		if strings.TrimSpace(b.file.Text[at:next]) != "" {
			break
		}
		at = next
	}
	return at
}

// mapped notes a name that the language cannot have.
func (p *puller) mapped(kind, was, name string) {
	p.plan.Warnings = append(p.plan.Warnings, fmt.Sprintf("%s %s is called %s in the Prisma file", kind, quoted(was), name))
}

// warn adds what the file does not say.
func (p *puller) warn() {
	for _, left := range p.found.Left {
		p.plan.Warnings = append(p.plan.Warnings, "left out of the Prisma file: "+left)
	}
}
