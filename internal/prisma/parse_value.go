package prisma

import (
	"fmt"
	"strings"
)

// args parses arguments up to and including the closing token.
func (p *parser) args(closing tokenKind) ([]Arg, bool) {
	var args []Arg
	if p.take(closing) {
		return args, true
	}
	for {
		a, ok := p.arg()
		if !ok {
			return args, false
		}
		args = append(args, a)
		if done, ok := p.separator(closing); done {
			return args, ok
		}
	}
}

// separator takes the comma or closing token after an argument or element. done reports that nothing more follows.
func (p *parser) separator(closing tokenKind) (done, ok bool) {
	if p.take(closing) {
		return true, true
	}
	t := p.peek()
	if t.kind == commaToken {
		p.next()
		if p.kind() != closing {
			return false, true
		}
		// Parsing goes on as if the comma were not there.
		p.fail(p.span(t), "No comma follows the last one.", "Remove the comma.")
		p.next()
		return true, true
	}
	p.notHere(t, fmt.Sprintf("`,` or `%s` belongs here", closer(closing)))
	return true, false
}

func closer(kind tokenKind) string {
	switch kind {
	case parenCloseToken:
		return ")"
	case bracketCloseToken:
		return "]"
	}
	return "}"
}

// notHere reports a token where another belongs. A line's end inside of brackets is the usual case: people break lines
// as in other languages, and Prisma's error does not say that this is the reason.
func (p *parser) notHere(t token, expected string) bool {
	if t.kind == newlineToken || t.kind == commentToken || t.kind == blockCommentToken {
		return p.failAt("The line ends inside of brackets.", "Close the bracket on this line: a field, an attribute or a setting is one line, however long, without comments inside.")
	}
	return p.failAt(fmt.Sprintf("%s, not %s.", expected, t.describe(p.src)), "")
}

// arg reads value or name: value.
func (p *parser) arg() (Arg, bool) {
	start := p.peek()
	a := Arg{}
	if start.kind == wordToken && p.tokens[p.at+1].kind == colonToken {
		p.next()
		p.next()
		a.Name, a.NameAt = p.text(start), p.span(start)
		switch p.kind() {
		case commaToken, parenCloseToken, braceCloseToken:
			p.fail(a.NameAt, fmt.Sprintf("The argument `%s` has no value.", a.Name), "Write one after the colon.")
			return a, false
		}
	}
	v, ok := p.expr()
	a.Value = v
	a.Span = p.since(p.startOf(start))
	return a, ok
}

// expr reads one value.
func (p *parser) expr() (*Expr, bool) {
	t := p.peek()
	if p.depth >= maxDepth {
		p.failAt("This is nested too deeply.", "")
		return &Expr{Span: p.span(t)}, false
	}
	p.depth++
	defer func() { p.depth-- }()
	e := p.exprSlab.new()
	ok := true
	switch t.kind {
	case stringToken:
		p.next()
		e.Kind, e.Text = StringExpr, p.unescape(t)
	case numberToken:
		p.next()
		e.Kind, e.Text = NumberExpr, p.text(t)
	case wordToken:
		ok = p.wordOrCall(e)
	case bracketOpenToken:
		p.next()
		e.Kind = ArrayExpr
		e.Items, ok = p.items()
	case braceOpenToken:
		p.next()
		e.Kind = ObjectExpr
		e.Args, ok = p.args(braceCloseToken)
	default:
		p.notHere(t, "A value belongs here")
		return e, false
	}
	e.Span = p.since(p.startOf(t))
	return e, ok
}

func (p *parser) items() ([]*Expr, bool) {
	var items []*Expr
	if p.take(bracketCloseToken) {
		return items, true
	}
	for {
		e, ok := p.expr()
		if !ok {
			return items, false
		}
		items = append(items, e)
		if done, ok := p.separator(bracketCloseToken); done {
			return items, ok
		}
	}
}

// wordOrCall reads a name, a path or a call.
func (p *parser) wordOrCall(e *Expr) bool {
	t := p.next()
	e.Kind, e.Text = WordExpr, p.text(t)
	if isDigit(e.Text[0]) {
		help := ""
		if strings.ContainsAny(e.Text, "eE") {
			help = "Write the number without an exponent."
		}
		return p.fail(p.span(t), fmt.Sprintf("`%s` is not a number.", e.Text), help)
	}
	for parts := 2; p.take(dotToken); parts++ {
		if p.kind() != wordToken || parts > maxParts {
			return p.notHere(p.peek(), "A name belongs after the `.`")
		}
		e.Text += "." + p.text(p.next())
	}
	if !p.take(parenOpenToken) {
		return true
	}
	e.Kind = CallExpr
	args, ok := p.args(parenCloseToken)
	e.Args = args
	return ok
}
