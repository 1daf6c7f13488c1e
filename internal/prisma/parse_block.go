package prisma

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

const blockHelp = "The file consists of datasource, generator, model, enum, view and type blocks: model Name {"

// block parses one block, or reports what is there instead and returns nil.
func (p *parser) block() *Block {
	start := p.peek()
	if start.kind != wordToken {
		p.failAt(fmt.Sprintf("A block begins here, and %s does not begin one.", start.describe(p.src)), blockHelp)
		p.skipStray()
		return nil
	}
	kind, ok := p.blockKeyword(start)
	if !ok {
		return nil
	}
	p.next()
	b := &Block{Kind: kind}
	if p.kind() != wordToken {
		p.failAt(capital(kind.article())+" needs a name.", fmt.Sprintf("Write %s Name {", kind))
		b.Broken = true
		b.Name.Span = p.span(start)
		if p.kind() != braceOpenToken {
			p.skipBlock()
			return nil
		}
	} else {
		t := p.next()
		b.Name = Name{p.text(t), p.span(t)}
	}
	if !p.blockOpen(b) {
		return nil
	}
	p.members(b)
	b.Span = p.since(p.startOf(start))
	b.Trail = p.trailing()
	if b.Name.Value == "" {
		return nil
	}
	return b
}

// blockKeyword returns the kind of block that a word begins. A word that is nearly a keyword is reported and taken for
// it, so that the names in the block are known further on.
func (p *parser) blockKeyword(t token) (BlockKind, bool) {
	word := p.text(t)
	if kind, ok := blockKind(word); ok {
		return kind, true
	}
	after := p.tokens[p.at+1].kind
	looksLikeBlock := after == wordToken && p.tokens[p.at+2].kind == braceOpenToken || after == braceOpenToken
	if !looksLikeBlock {
		p.fail(p.span(t), "This line is outside of every block.", blockHelp)
		p.skipStray()
		return 0, false
	}
	near := say.Nearest(word, blockKeywords[:])
	help := blockHelp
	if near != "" {
		help = fmt.Sprintf("Did you mean `%s`?", near)
	}
	p.fail(p.span(t), fmt.Sprintf("`%s` begins no block.", word), help)
	if kind, ok := blockKind(near); ok && after == wordToken {
		return kind, true
	}
	p.skipBlock()
	return 0, false
}

// blockOpen takes the opening brace. Prisma requires it on the keyword's line, with nothing after it.
func (p *parser) blockOpen(b *Block) bool {
	if p.kind() == equalToken && b.Kind == TypeBlock {
		p.fail(p.span(p.peek()), "Prisma has no type aliases any more.", "Write the type and its attributes on each field.")
		p.skipLine(0)
		return false
	}
	if p.kind() != braceOpenToken {
		i := p.at
		for p.tokens[i].kind == newlineToken {
			i++
		}
		if i == p.at || p.tokens[i].kind != braceOpenToken {
			p.failAt(fmt.Sprintf("`{` belongs here, not %s.", p.peek().describe(p.src)), fmt.Sprintf("Write %s %s {", b.Kind, b.Name.Value))
			p.skipBlock()
			return false
		}
		p.fail(p.span(p.tokens[i]), "The `{` of a block stands on the line of its name.", fmt.Sprintf("Write %s %s {", b.Kind, b.Name.Value))
		p.at = i
	}
	p.next()
	b.Opening = p.trailing()
	for _, c := range b.Opening {
		if c.Span.Start.Line != c.Span.End.Line {
			p.fail(c.Span, "A comment after `{` ends on the same line.", "Put the comment on a line of its own.")
		}
	}
	if p.kind() != newlineToken && p.kind() != endToken {
		// Prisma silently skips whatever is there, even a whole field.
		p.failAt("A block's lines begin on the line below its `{`.", "Break the line after `{`.")
		if b.Broken = true; !p.closesOnLine() {
			p.skipStray()
		}
	}
	return true
}

// closesOnLine reports whether a closing brace comes before the line's end.
func (p *parser) closesOnLine() bool {
	for _, t := range p.tokens[p.at:] {
		switch t.kind {
		case braceCloseToken:
			return true
		case newlineToken, endToken:
			return false
		}
	}
	return false
}

// members parses a block's lines up to and including its closing brace.
func (p *parser) members(b *Block) {
	for {
		lead, blank := p.comments(len(b.Members) == 0 && len(b.Inner) == 0)
		switch {
		case p.kind() == braceCloseToken:
			p.next()
			b.Inner = append(b.Inner, lead...)
			return
		case p.kind() == endToken, p.opensBlock(p.at):
			b.Inner = append(b.Inner, lead...)
			b.Broken = true
			p.fail(b.Name.Span, fmt.Sprintf("The %s `%s` is never closed.", b.Kind, b.Name.Value), "Its last line is a single }.")
			return
		}
		m := p.member(b)
		if m == nil {
			b.Broken = true
			p.skipLine(0)
			b.Inner = append(b.Inner, lead...)
			continue
		}
		m.Lead, m.Blank = lead, blank
		b.Broken = b.Broken || m.Broken
		b.Members = append(b.Members, m)
	}
}

// member reads one line.
func (p *parser) member(b *Block) *Member {
	start := p.peek()
	before := p.at
	m := p.memberSlab.new()
	ok := false
	switch config := b.Kind == DatasourceBlock || b.Kind == GeneratorBlock; {
	case config && start.kind == wordToken:
		m.Kind = SettingMember
		ok = p.setting(m, b)
	case config:
		p.failAt(fmt.Sprintf("A line of a %s is key = value.", b.Kind), "")
	case start.kind == doubleAtToken:
		m.Kind = AttributeMember
		var a *Attribute
		a, ok = p.attribute()
		m.Attributes = []*Attribute{a}
	case start.kind == wordToken && b.Kind == EnumBlock:
		m.Kind = ValueMember
		ok = p.value(m)
	case start.kind == wordToken:
		m.Kind = FieldMember
		ok = p.field(m)
	case start.kind == atToken:
		p.failAt("A block's attribute begins with @@.", "Write @@ instead of @, or put this after a field.")
	default:
		p.failAt(fmt.Sprintf("A line of the %s begins with a name or @@, not with %s.", b.Kind, start.describe(p.src)), "")
	}
	if ok {
		m.Span = p.since(p.startOf(start))
		ok = p.lineEnd(m, b)
	} else {
		p.skipLine(p.openBrackets(before))
		m.Span = p.since(p.startOf(start))
		m.Trail = nil
	}
	m.Broken = !ok
	if m.Name.Value == "" && m.Kind != AttributeMember || m.Kind == AttributeMember && !ok {
		if p.at == before {
			p.next()
		}
		b.Broken = true
		return nil
	}
	return m
}

// openBrackets counts the brackets that the tokens since i leave open.
func (p *parser) openBrackets(i int) int {
	open := 0
	for ; i < p.at; i++ {
		switch p.tokens[i].kind {
		case parenOpenToken, bracketOpenToken:
			open++
		case parenCloseToken, bracketCloseToken:
			open--
		}
	}
	return open
}

// lineEnd takes the comments at the end of a line, and the end.
func (p *parser) lineEnd(m *Member, b *Block) bool {
	m.Trail = p.trailing()
	switch t := p.peek(); t.kind {
	case newlineToken, endToken:
		return true
	case braceCloseToken:
		p.failAt("The `}` of a block stands on a line of its own.", "Break the line before it.")
		return true
	case badToken:
	case doubleAtToken:
		p.failAt("A block's attribute stands on a line of its own.", "Break the line before @@, or write a single @ for the field.")
	default:
		if len(m.Trail) > 0 {
			p.failAt("Nothing can follow a comment on its line.", "Move the comment to the line's end.")
			break
		}
		p.failAt(fmt.Sprintf("%s does not belong here.", capital(t.describe(p.src))), lineHelp(m.Kind, b.Kind))
	}
	p.skipLine(0)
	return false
}

func lineHelp(m MemberKind, b BlockKind) string {
	switch m {
	case FieldMember:
		return "A field is one line: name Type @attribute …"
	case ValueMember:
		return "A value of an enum is one line: NAME, and @map(\"…\") where the database calls it otherwise."
	case SettingMember:
		return fmt.Sprintf("A line of a %s is key = value.", b)
	}
	return "An attribute of a block has a line of its own."
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// skipStray skips to the end of a line outside of every block.
func (p *parser) skipStray() {
	for p.kind() != endToken && p.kind() != newlineToken {
		p.next()
	}
}

// skipBlock skips past the brace that closes a block whose beginning could not be parsed.
func (p *parser) skipBlock() {
	for p.kind() != endToken && p.kind() != newlineToken && p.kind() != braceOpenToken {
		p.next()
	}
	if p.kind() != braceOpenToken {
		return
	}
	for depth := 0; p.kind() != endToken; {
		switch p.kind() {
		case braceOpenToken:
			depth++
		case braceCloseToken:
			depth--
		case newlineToken:
			if p.opensBlock(p.at+1) && p.tokens[p.at+1].col == 1 {
				return
			}
		}
		p.next()
		if depth == 0 {
			return
		}
	}
}
