package prisma

import "strings"

// piece is what Prisma's grammar cuts a file or a block into: a block, a line, or comments without an empty line between
// them.
type piece struct {
	gap             bool // an empty line, as Prisma counts them, comes before it
	block           *Block
	member          *Member
	comments        []Comment
	beforeAttribute bool // comments: the next piece is a block's attribute, with or without an empty line between
}

// cutter collects pieces in the order of the file.
type cutter struct {
	src  string
	end  int  // of the last thing added
	eats bool // that thing takes the end of its line along, so that it does not count as an empty one
	list []piece
}

// gapTo reports whether an empty line lies between the last thing and the next one.
func (c *cutter) gapTo(next int) bool {
	between := c.src[c.end:max(next, c.end)]
	lines := countLines(between)
	if c.eats {
		lines--
	}
	return lines > 0
}

func (c *cutter) comments(list []Comment) {
	for _, x := range list {
		gap := c.gapTo(x.Span.Start.Offset())
		if n := len(c.list); n > 0 && !gap && c.list[n-1].comments != nil {
			c.list[n-1].comments = append(c.list[n-1].comments, x)
		} else {
			c.list = append(c.list, piece{gap: gap, comments: []Comment{x}})
		}
		c.end = x.Span.End.Offset()
		// Only directly after /* */ does the line's end belong to it.
		c.eats = c.end < len(c.src) && (c.src[c.end] == '\n' || c.src[c.end] == '\r')
	}
}

func (f *formatter) filePieces(tree *File) []piece {
	c := cutter{src: f.src}
	for _, b := range tree.Blocks {
		c.comments(b.Lead)
		c.list = append(c.list, piece{gap: c.gapTo(b.Span.Start.Offset()), block: b})
		c.end, c.eats = b.Span.End.Offset(), false
		c.comments(b.Trail)
	}
	c.comments(tree.Tail)
	return c.list
}

func (f *formatter) blockPieces(b *Block) []piece {
	c := cutter{src: f.src, end: b.Name.Span.End.Offset(), eats: true}
	c.end += strings.IndexByte(f.src[c.end:], '{') + 1
	for _, x := range b.Opening {
		c.end = x.Span.End.Offset()
	}
	for _, m := range b.Members {
		c.comments(m.Lead)
		if n := len(c.list); n > 0 && m.Kind == AttributeMember && c.list[n-1].comments != nil {
			c.list[n-1].beforeAttribute = !c.gapTo(m.Span.Start.Offset())
		}
		c.list = append(c.list, piece{gap: c.gapTo(m.Span.Start.Offset()), member: m})
		c.end, c.eats = m.Span.End.Offset(), true
		for _, x := range m.Trail {
			c.end = x.Span.End.Offset()
		}
	}
	c.comments(b.Inner)
	return c.list
}

// comments adds a run of comments, a line each.
func (f *formatter) comments(t *grid, list []Comment) {
	for _, c := range list {
		if !strings.HasPrefix(c.Text, "/*") {
			t.line()
			t.suffix(c.Text)
			continue
		}
		t.line()
		t.suffix("/**")
		f.starred(t, c.Text[2:len(c.Text)-2])
		t.line()
		t.suffix(" */")
	}
}

// starred adds the lines of a /* */ comment, each after a star.
func (f *formatter) starred(t *grid, body string) {
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimSpace(line)
		if rest, starred := strings.CutPrefix(line, "*"); starred {
			line = strings.TrimLeft(rest, " \t")
		}
		if line != "" {
			t.line()
			t.suffix(" * " + line)
		}
	}
}
