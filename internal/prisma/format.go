package prisma

import (
	"slices"
	"strings"
)

// Format returns a file in Prisma's own format, byte for byte as prisma format writes it: indentation, columns, the
// order of attributes, one empty line where there were more, none at a block's edges. Line ends become \n and a byte
// order mark goes. A file that does not parse is not formatted: the diagnostics say why, and the text is empty.
//
// What prisma format does beyond that is left out: it completes relations whose other side is missing.
func Format(source Source) (string, []Diagnostic) {
	tree, found := ParseFile(source)
	for _, d := range found {
		if d.Severity == Error {
			return "", found
		}
	}
	f := &formatter{src: source.Text}
	f.file(tree)
	return f.out.String(), nil
}

// LostComments returns the comments that Prisma's format drops: those after the opening brace of a block.
func LostComments(source Source) []Comment {
	tree, _ := ParseFile(source)
	var lost []Comment
	for _, b := range tree.Blocks {
		lost = append(lost, b.Opening...)
	}
	return lost
}

// formatter writes a syntax tree as Prisma's formatter does. That one goes through the pieces that its grammar cuts a file
// into (pieces), among them runs of empty lines, and so does this.
type formatter struct {
	src string
	out strings.Builder
}

func (f *formatter) file(tree *File) {
	list := f.filePieces(tree)
	for i, p := range list {
		if p.gap && i > 0 {
			f.out.WriteByte('\n')
		}
		switch {
		case p.block != nil:
			f.block(p.block)
		default:
			var t grid
			f.comments(&t, p.comments)
			t.render(&f.out, "")
		}
	}
	if f.out.Len() == 0 {
		f.out.WriteByte('\n')
	}
}

func (f *formatter) block(b *Block) {
	f.out.WriteString(b.Kind.String() + " " + b.Name.Value + " {\n")
	w := blockWriter{formatter: f}
	for i, p := range f.blockPieces(b) {
		w.piece(p, i == 0)
	}
	w.end()
	f.out.WriteString("}\n")
}

// blockWriter writes the lines of a block: attributes last, the others in groups whose columns are aligned.
type blockWriter struct {
	*formatter
	table      grid
	pending    []Comment // stand above an attribute, and move with it
	attributes []heldAttribute
}

type heldAttribute struct {
	comments []Comment
	member   *Member
}

func (w *blockWriter) piece(p piece, first bool) {
	isAttribute := p.member != nil && p.member.Kind == AttributeMember
	gap := p.gap && !first
	switch {
	case isAttribute:
		w.attributes = append(w.attributes, heldAttribute{w.pending, p.member})
		w.pending = nil
	case p.member != nil:
		if gap {
			w.flush()
		}
		w.member(p.member)
	case p.beforeAttribute:
		w.pending = p.comments
	default:
		if gap {
			w.flush()
		}
		w.comments(&w.table, p.comments)
	}
}

// flush writes the group so far, and begins the next with an empty line.
func (w *blockWriter) flush() {
	w.table.render(&w.out, indent)
	w.table.line()
}

// indent is that of a block's lines.
const indent = "  "

func (w *blockWriter) end() {
	w.table.render(&w.out, indent)
	if len(w.attributes) == 0 {
		return
	}
	w.table.line()
	slices.SortStableFunc(w.attributes, func(a, b heldAttribute) int {
		return attributeRank(a.member.Attributes[0]) - attributeRank(b.member.Attributes[0])
	})
	for _, h := range w.attributes {
		w.comments(&w.table, h.comments)
		w.table.line(w.attribute("@@", h.member.Attributes[0]))
		w.trail(&w.table, h.member)
	}
	w.table.render(&w.out, indent)
}

func (w *blockWriter) member(m *Member) {
	switch m.Kind {
	case SettingMember:
		w.table.line(m.Name.Value, "= "+w.expr(m.Value))
	case ValueMember:
		w.table.line(m.Name.Value, w.attributeList(m.Attributes, ""))
	default:
		sorted := slices.Clone(m.Attributes)
		slices.SortStableFunc(sorted, func(a, b *Attribute) int { return attributeRank(a) - attributeRank(b) })
		w.table.line(m.Name.Value, w.fieldType(m.Type), w.attributeList(sorted, " "))
	}
	w.trail(&w.table, m)
}

// attributeOrder is the order of a line's, or a block's, attributes; others follow as they were.
var attributeOrder = [...]string{"id", "unique", "default", "updatedAt", "index", "fulltext", "map", "relation", "ignore"}

func attributeRank(a *Attribute) int {
	if i := slices.Index(attributeOrder[:], a.Name); i >= 0 {
		return i
	}
	return len(attributeOrder)
}

func (f *formatter) trail(t *grid, m *Member) {
	for i, c := range m.Trail {
		if i > 0 {
			t.suffix(" ")
		}
		t.suffix(c.Text)
	}
}
