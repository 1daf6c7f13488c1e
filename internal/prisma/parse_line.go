package prisma

import "fmt"

// setting reads key = value.
func (p *parser) setting(m *Member, b *Block) bool {
	t := p.next()
	m.Name = Name{p.text(t), p.span(t)}
	if !p.take(equalToken) {
		return p.failAt(fmt.Sprintf("`=` belongs after `%s`.", m.Name.Value), fmt.Sprintf("A line of a %s is key = value.", b.Kind))
	}
	switch p.kind() {
	case newlineToken, endToken, commentToken, blockCommentToken, braceCloseToken:
		return p.fail(m.Name.Span, fmt.Sprintf("`%s` has no value.", m.Name.Value), "Write one after the =.")
	}
	v, ok := p.expr()
	if ok {
		m.Value = v
	}
	return ok
}

// value reads an enum's NAME @attributes.
func (p *parser) value(m *Member) bool {
	t := p.next()
	m.Name = Name{p.text(t), p.span(t)}
	return p.attributes(m)
}

// field reads name Type @attributes.
func (p *parser) field(m *Member) bool {
	t := p.next()
	m.Name = Name{p.text(t), p.span(t)}
	if p.kind() == colonToken {
		p.failAt("A field has no `:` between its name and its type.", fmt.Sprintf("Write %s Type.", m.Name.Value))
		p.next()
	}
	switch p.kind() {
	case newlineToken, endToken, commentToken, blockCommentToken:
		return p.fail(m.Name.Span, fmt.Sprintf("The field `%s` has no type.", m.Name.Value), fmt.Sprintf("Write %s String, for example.", m.Name.Value))
	}
	if !p.fieldType(m) {
		return false
	}
	return p.attributes(m)
}

// fieldType reads Type, Type?, Type[] or Unsupported("…") with either.
func (p *parser) fieldType(m *Member) bool {
	start := p.startOf(p.peek())
	if p.kind() == bracketOpenToken && p.tokens[p.at+1].kind == wordToken && p.tokens[p.at+2].kind == bracketCloseToken {
		name := p.text(p.tokens[p.at+1])
		p.at += 3
		p.fail(p.since(start), "A list's brackets follow the type.", fmt.Sprintf("Write %s[].", name))
		m.Type = TypeExpr{Span: p.since(start), Name: name, Arity: List}
		return true
	}
	if p.kind() != wordToken {
		return p.failAt(fmt.Sprintf("A type belongs here, not %s.", p.peek().describe(p.src)), fmt.Sprintf("Write %s String, for example.", m.Name.Value))
	}
	m.Type.Name = p.text(p.next())
	if p.kind() == parenOpenToken {
		if !p.unsupported(m, start) {
			m.Type = TypeExpr{}
			return false
		}
	}
	ok := p.arity(m, start)
	m.Type.Span = p.since(start)
	return ok
}

// unsupported reads the ("…") of Unsupported("…").
func (p *parser) unsupported(m *Member, start Pos) bool {
	if m.Type.Name != "Unsupported" {
		return p.fail(p.since(start), fmt.Sprintf("The type `%s` takes no arguments.", m.Type.Name), "A length or precision is given by a native type: @db.VarChar(20).")
	}
	p.next()
	if p.kind() != stringToken {
		return p.failAt("Unsupported names the database's type in quotes.", `Write Unsupported("circle").`)
	}
	m.Type.Unsupported = true
	m.Type.Name = p.unescape(p.next())
	if !p.take(parenCloseToken) {
		return p.failAt(fmt.Sprintf("`)` belongs here, not %s.", p.peek().describe(p.src)), `Write Unsupported("circle").`)
	}
	return true
}

func (p *parser) arity(m *Member, start Pos) bool {
	switch {
	case p.kind() == bangToken:
		p.failAt("A field is required without `!`.", "Remove the !.")
		p.next()
	case p.kind() == questionToken:
		p.next()
		m.Type.Arity = Optional
		if p.kind() == bracketOpenToken {
			return p.fail(p.since(start), "A list has no optional elements.", fmt.Sprintf("Use %s[] or %s?.", m.Type.Name, m.Type.Name))
		}
	case p.kind() == bracketOpenToken:
		p.next()
		m.Type.Arity = List
		if !p.take(bracketCloseToken) {
			return p.failAt(fmt.Sprintf("`]` belongs here, not %s.", p.peek().describe(p.src)), fmt.Sprintf("Write %s[].", m.Type.Name))
		}
		if p.take(questionToken) {
			p.fail(p.since(start), "A list cannot be optional.", fmt.Sprintf("Use %s[], which may be empty, or %s?.", m.Type.Name, m.Type.Name))
		}
	}
	return true
}

// attributes reads what follows a field's type or an enum's value.
func (p *parser) attributes(m *Member) bool {
	for p.kind() == atToken {
		a, ok := p.attribute()
		if a.Name != "" {
			m.Attributes = append(m.Attributes, a)
		}
		if !ok {
			return false
		}
	}
	return true
}

// attribute reads @name or @@name, and its arguments where it has some.
func (p *parser) attribute() (*Attribute, bool) {
	mark := p.next()
	a := p.attributeSlab.new()
	start := p.startOf(mark)
	at := p.startOf(p.peek())
	for parts := 1; ; parts++ {
		if p.kind() != wordToken || parts > maxParts {
			p.failAt(fmt.Sprintf("An attribute's name belongs after `%s`.", p.text(mark)), "")
			a.NameAt, a.Span = p.since(at), p.since(start)
			return a, false
		}
		a.Name += p.text(p.next())
		if !p.take(dotToken) {
			break
		}
		a.Name += "."
	}
	a.NameAt = p.since(at)
	ok := true
	if p.take(parenOpenToken) {
		a.Parens = true
		a.Args, ok = p.args(parenCloseToken)
	}
	a.Span = p.since(start)
	return a, ok
}
