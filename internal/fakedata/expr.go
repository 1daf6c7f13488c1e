package fakedata

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// expr is a boolean expression as the server prints those of constraints, in the part of the grammar that most
// constraints use. Anything else has the kind "unknown".
type expr struct {
	kind string // and, or, not, is null, cmp, call, column, const, array, now, unknown
	op   string // of cmp: the operator, followed by " any" or " all"; of call: the function
	text string // of column: its name; of const: the value
	args []*expr
}

// parseExpr parses an expression. It returns nil where the text has no form known here.
func parseExpr(text string) *expr {
	p := &exprParser{tokens: scanExpr(text)}
	if e := p.or(); !p.failed && p.at == len(p.tokens) {
		return e
	}
	return nil
}

type exprToken struct {
	kind byte // 'w'ord, 'q'uoted name, 's'tring, 'n'umber, 'o'perator, or the character itself
	text string
}

// scanExpr splits the text into tokens. It returns nil where one has no meaning here.
func scanExpr(s string) []exprToken {
	var out []exprToken
	end := 0 // of the previous token
	for t := range sqltext.Tokens(s) {
		text, n := s[t.Start:t.End], len(out)
		joined := n > 0 && end == t.Start
		end = t.End
		switch {
		case t.Kind == sqltext.Word:
			out = append(out, exprToken{'w', text})
		case t.Kind == sqltext.Name:
			out = append(out, exprToken{'q', sqltext.Unquote(text)})
		case t.Kind == sqltext.String && (text[0] == '\'' || text[0] == 'E'):
			out = append(out, exprToken{'s', sqltext.Unquote(text)})
		case t.Kind == sqltext.Number:
			out = append(out, exprToken{'n', text})
		case t.Kind != sqltext.Symbol:
			return nil
		case strings.Contains("()[],.", text):
			out = append(out, exprToken{text[0], text})
		case text == ":" && joined && out[n-1] == exprToken{'?', ":"}:
			out[n-1] = exprToken{':', "::"}
		case text == ":":
			out = append(out, exprToken{'?', ":"}) // half of ::
		case !strings.Contains("+-*/<>=~!@#%^&|?", text):
			return nil
		case joined && out[n-1].kind == 'o':
			out[n-1].text += text
		default:
			out = append(out, exprToken{'o', text})
		}
	}
	return out
}

// exprParser goes on to the end of what it parses where something has no form known here, and then has failed.
type exprParser struct {
	tokens []exprToken
	at     int
	failed bool
}

func (p *exprParser) fail() *expr {
	p.failed = true
	return &expr{kind: "unknown"}
}

func (p *exprParser) peek() exprToken {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return exprToken{}
}

// take skips the next token if it is of that kind and, unless text is "", has that text.
func (p *exprParser) take(kind byte, text string) bool {
	t := p.peek()
	if t.kind != kind || text != "" && !strings.EqualFold(t.text, text) {
		return false
	}
	p.at++
	return true
}

func (p *exprParser) or() *expr  { return p.chain("or", p.and) }
func (p *exprParser) and() *expr { return p.chain("and", p.not) }

func (p *exprParser) chain(word string, part func() *expr) *expr {
	list := []*expr{part()}
	for p.take('w', word) {
		list = append(list, part())
	}
	if len(list) == 1 {
		return list[0]
	}
	return &expr{kind: word, args: list}
}

func (p *exprParser) not() *expr {
	if p.take('w', "not") {
		return &expr{kind: "not", args: []*expr{p.not()}}
	}
	return p.comparison()
}

func (p *exprParser) comparison() *expr {
	left := p.operand()
	for !p.failed {
		t := p.peek()
		switch {
		case p.take('w', "is"):
			left = p.is(left)
		case t.kind == 'o':
			p.at++
			op := t.text
			for _, word := range []string{"any", "all"} {
				if p.take('w', word) {
					op += " " + word
				}
			}
			left = &expr{kind: "cmp", op: op, args: []*expr{left, p.operand()}}
		default:
			return left
		}
	}
	return left
}

func (p *exprParser) is(left *expr) *expr {
	negated := p.take('w', "not")
	var e *expr
	switch {
	case p.take('w', "null"):
		e = &expr{kind: "is null", args: []*expr{left}}
	case p.take('w', "true"):
		e = left
	case p.take('w', "false"):
		e = &expr{kind: "not", args: []*expr{left}}
	case p.take('w', "distinct") && p.take('w', "from"):
		e = &expr{kind: "not", args: []*expr{{kind: "cmp", op: "=", args: []*expr{left, p.operand()}}}}
	default:
		return p.fail()
	}
	if negated {
		return &expr{kind: "not", args: []*expr{e}}
	}
	return e
}

// operand parses a value and the casts after it. Casts of constants and columns do not change what is compared.
func (p *exprParser) operand() *expr {
	e := p.primary()
	for !p.failed {
		switch {
		case p.take(':', ""):
			p.typeName()
		case p.take('w', "collate"):
			p.at++
			for p.take('.', "") {
				p.at++
			}
		case p.take('[', ""):
			if p.operand(); !p.take(']', "") {
				return p.fail()
			}
			e = &expr{kind: "unknown"}
		default:
			return e
		}
	}
	return e
}

// typeName skips a type: character varying(40)[], "Role", timestamp without time zone.
func (p *exprParser) typeName() {
	for t := p.peek(); t.kind == 'q' || t.kind == '.' || t.kind == 'w' && !slices.Contains([]string{"and", "or", "is", "collate"}, strings.ToLower(t.text)); t = p.peek() {
		p.at++
	}
	if p.take('(', "") {
		for p.at < len(p.tokens) && !p.take(')', "") {
			p.at++
		}
		for p.peek().kind == 'w' && strings.Contains("without with time zone", strings.ToLower(p.peek().text)) {
			p.at++
		}
	}
	for p.take('[', "") {
		p.take(']', "")
	}
}

func (p *exprParser) primary() *expr {
	t := p.peek()
	p.at++
	switch {
	case t.kind == 's', t.kind == 'n':
		return &expr{kind: "const", text: t.text}
	case t.kind == 'o' && t.text == "-" && p.peek().kind == 'n':
		p.at++
		return &expr{kind: "const", text: "-" + p.tokens[p.at-1].text}
	case t.kind == '(':
		if e := p.or(); p.take(')', "") {
			return e
		}
	case t.kind == 'q':
		return p.name(t.text)
	case t.kind == 'w':
		return p.word(t.text)
	}
	return p.fail()
}

func (p *exprParser) word(word string) *expr {
	switch strings.ToLower(word) {
	case "true", "false":
		return &expr{kind: "const", text: strings.ToLower(word)}
	case "current_date", "current_timestamp", "localtimestamp":
		return &expr{kind: "now"}
	case "null", "case", "row", "extract":
		return p.fail()
	case "array":
		if !p.take('[', "") {
			return p.fail()
		}
		return p.list(']', &expr{kind: "array"})
	}
	return p.name(word)
}

// name parses what follows a name: with arguments it is a call, without any a column. VALUE is that of a domain.
func (p *exprParser) name(name string) *expr {
	for p.take('.', "") { // pg_catalog.length
		name = p.peek().text
		p.at++
	}
	if !p.take('(', "") {
		return &expr{kind: "column", text: name}
	}
	e := p.list(')', &expr{kind: "call", op: strings.ToLower(name)})
	if e.op == "now" {
		return &expr{kind: "now"}
	}
	return e
}

func (p *exprParser) list(end byte, e *expr) *expr {
	if p.take('w', "both") || p.take('w', "leading") || p.take('w', "trailing") { // TRIM(BOTH FROM name)
		p.take('w', "from")
	}
	for !p.failed && !p.take(end, "") {
		if len(e.args) > 0 && !p.take(',', "") {
			return p.fail()
		}
		e.args = append(e.args, p.or())
	}
	return e
}
