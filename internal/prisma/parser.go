package prisma

import (
	"strings"
	"sync"
)

// parser turns tokens into a syntax tree. A schema is parsed line by line, as Prisma parses it: what is wrong on a line
// is reported once, and parsing goes on at the next.
type parser struct {
	src    string
	file   fileNumber
	tokens []token
	at     int
	depth  int // of nested values
	report func(Diagnostic)

	memberSlab    slab[Member]
	attributeSlab slab[Attribute]
	exprSlab      slab[Expr]
}

// maxDepth bounds nested arrays and calls: the language needs three, and a bound keeps hostile input from exhausting
// the stack.
const maxDepth = 32

// maxParts bounds the parts of a dotted name: the language needs two.
const maxParts = 8

// ParseFile parses one file into a syntax tree. The tree holds whatever could be parsed; the diagnostics say what could
// not.
func ParseFile(source Source) (*File, []Diagnostic) {
	var found []Diagnostic
	report := func(d Diagnostic) { found = append(found, d) }
	p := &parser{src: source.Text, file: numberOf(source.Name), report: report}
	buffer := tokenBuffers.Get().(*[]token)
	p.tokens = lex(source, (*buffer)[:0], report)
	f := p.parseFile()
	if cap(p.tokens) <= keptTokens {
		*buffer = p.tokens
		tokenBuffers.Put(buffer)
	}
	return f, found
}

// keptTokens is how many tokens are kept room for: those of a schema of some 2,000 tables. More would be in the way of what
// is made of them.
const keptTokens = 256 << 10

// tokenBuffers reuses token slices: a file is read again at each save, and its old tokens are not needed any longer.
var tokenBuffers = sync.Pool{New: func() any { return new([]token) }}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) kind() tokenKind { return p.tokens[p.at].kind }

// next takes a token; the end token is never taken.
func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

func (p *parser) take(kind tokenKind) bool {
	if p.kind() != kind {
		return false
	}
	p.next()
	return true
}

func (p *parser) text(t token) string { return p.src[t.off:t.end] }

func (p *parser) startOf(t token) Pos {
	return Pos{file: p.file, Line: t.line, Column: t.col, offset: t.off}
}

func (p *parser) endOf(t token) Pos {
	return Pos{file: p.file, Line: t.endLine, Column: t.endCol, offset: t.end}
}

func (p *parser) span(t token) Span { return Span{p.startOf(t), p.endOf(t)} }

// since returns the span from a start to the end of the last token taken.
func (p *parser) since(start Pos) Span {
	if p.at == 0 {
		return Span{start, start}
	}
	end := p.endOf(p.tokens[p.at-1])
	if end.offset < start.offset {
		end = start
	}
	return Span{start, end}
}

// fail reports an error, and returns false: the line could not be read.
func (p *parser) fail(span Span, message, help string) bool {
	p.report(Diagnostic{Severity: Error, Code: codeSyntax, Span: span, Message: message, Help: help})
	return false
}

// failAt is fail for the coming token, unless the lexer has reported it.
func (p *parser) failAt(message, help string) bool {
	t := p.peek()
	if t.kind == badToken {
		return false
	}
	span := p.span(t)
	if t.kind == newlineToken || t.kind == endToken {
		span.End = span.Start
	}
	return p.fail(span, message, help)
}

// parseFile reads blocks until the end.
func (p *parser) parseFile() *File {
	f := &File{Name: p.file.name()}
	for {
		lead, blank := p.comments(p.at == 0)
		if len(lead) > 0 && len(f.Blocks) > 0 {
			lead[0].Blank = true
		}
		if p.kind() == endToken {
			f.Tail = append(f.Tail, lead...)
			return f
		}
		if b := p.block(); b != nil {
			b.Lead, b.Blank = lead, blank && len(lead) > 0
			f.Blocks = append(f.Blocks, b)
		} else {
			f.Tail = append(f.Tail, lead...)
		}
	}
}

// comments takes line ends and comments on lines of their own, and reports whether an empty line came last. At the
// beginning of the file or of a block, empty lines do not count.
func (p *parser) comments(beginning bool) (found []Comment, blank bool) {
	lines := 0
	for {
		switch p.kind() {
		case newlineToken:
			lines++
			p.next()
		case commentToken, blockCommentToken:
			c := p.comment()
			c.Blank = lines > 1 && !(beginning && len(found) == 0)
			found = append(found, c)
			lines = 0
		default:
			return found, lines > 1 && !(beginning && len(found) == 0)
		}
	}
}

func (p *parser) comment() Comment {
	t := p.next()
	return Comment{Span: p.span(t), Text: p.text(t)}
}

// trailing takes the comments on the rest of a line.
func (p *parser) trailing() []Comment {
	var found []Comment
	for p.kind() == commentToken || p.kind() == blockCommentToken {
		found = append(found, p.comment())
	}
	return found
}

// skipLine skips to the line's end, and past brackets that are still open there: their contents belong to the same
// fault.
func (p *parser) skipLine(open int) {
	for {
		switch p.kind() {
		case endToken:
			return
		case newlineToken:
			if open <= 0 || p.startsLine(p.at+1) {
				return
			}
		case parenOpenToken, bracketOpenToken:
			open++
		case parenCloseToken, bracketCloseToken:
			open--
		case braceCloseToken:
			if open <= 0 {
				return
			}
		}
		p.next()
	}
}

// startsLine reports whether a line that stands on its own begins at i, whatever was left open above it.
func (p *parser) startsLine(i int) bool {
	switch p.tokens[i].kind {
	case braceCloseToken, doubleAtToken, newlineToken, endToken:
		return true
	case wordToken:
		return p.tokens[i+1].kind == wordToken || p.opensBlock(i)
	}
	return false
}

// opensBlock reports whether `keyword name {` is at i.
func (p *parser) opensBlock(i int) bool {
	if i+2 >= len(p.tokens) || p.tokens[i].kind != wordToken || p.tokens[i+1].kind != wordToken ||
		p.tokens[i+2].kind != braceOpenToken {
		return false
	}
	_, ok := blockKind(p.text(p.tokens[i]))
	return ok
}

func blockKind(keyword string) (BlockKind, bool) {
	for i, k := range blockKeywords {
		if k == keyword {
			return BlockKind(i), true
		}
	}
	return 0, false
}

// unescape resolves a string token's escapes and reports invalid ones.
func (p *parser) unescape(t token) string {
	raw := p.src[t.off+1 : t.end-1]
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			i++
			continue
		}
		n := p.escape(&b, raw[i:], t, 1+i)
		i += n
	}
	return b.String()
}
