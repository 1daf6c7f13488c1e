package migrate

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// A ddlReader reads the tokens of one statement, or of a part of one, from left to right.
type ddlReader struct {
	text   string
	tokens []sqltext.Token
	at     int
}

// relation is a table, a type or something else that has a schema, as a script names it.
type relation struct {
	schema, name string // as the server reads them; schema is "" where the script does not say
	text         string // as the script has it
	at           int    // offset in the script
}

func (r relation) key(usual string) string {
	if r.schema == "" {
		return postgres.Ident(usual, r.name)
	}
	return postgres.Ident(r.schema, r.name)
}

// reads returns a reader for some of the tokens.
func (r *ddlReader) reads(tokens []sqltext.Token) *ddlReader {
	return &ddlReader{text: r.text, tokens: tokens}
}

func (r *ddlReader) done() bool { return r.at >= len(r.tokens) }

func (r *ddlReader) rest() []sqltext.Token { return r.tokens[min(r.at, len(r.tokens)):] }

// raw returns the next token's text, "" at the end.
func (r *ddlReader) raw() string {
	if r.done() {
		return ""
	}
	t := r.tokens[r.at]
	return r.text[t.Start:t.End]
}

func (r *ddlReader) kind() sqltext.Kind {
	if r.done() {
		return sqltext.Space
	}
	return r.tokens[r.at].Kind
}

// is reports whether these key words come next.
func (r *ddlReader) is(words ...string) bool {
	if r.at+len(words) > len(r.tokens) {
		return false
	}
	for i, w := range words {
		if t := r.tokens[r.at+i]; t.Kind != sqltext.Word || !strings.EqualFold(r.text[t.Start:t.End], w) {
			return false
		}
	}
	return true
}

// take reads these key words if they come next.
func (r *ddlReader) take(words ...string) bool {
	if !r.is(words...) {
		return false
	}
	r.at += len(words)
	return true
}

// takeAny reads one of some key words, and returns it; "" if none comes next.
func (r *ddlReader) takeAny(words ...string) string {
	for _, w := range words {
		if r.take(w) {
			return w
		}
	}
	return ""
}

func (r *ddlReader) symbol(s byte) bool { return !r.done() && r.tokens[r.at].Is(r.text, s) }

// ident reads a name.
func (r *ddlReader) ident() (name string, ok bool) {
	if k := r.kind(); k != sqltext.Word && k != sqltext.Name {
		return "", false
	}
	name = sqltext.Identifier(r.raw())
	r.at++
	return name, true
}

// relation reads a name that may have its schema before it, and that of a database.
func (r *ddlReader) relation() (rel relation, ok bool) {
	start := r.at
	var parts []string
	for {
		part, ok := r.ident()
		if !ok {
			return relation{}, false
		}
		parts = append(parts, part)
		if !r.symbol('.') {
			break
		}
		r.at++
	}
	from, to := r.tokens[start], r.tokens[r.at-1]
	rel = relation{name: parts[len(parts)-1], text: r.text[from.Start:to.End], at: from.Start}
	if len(parts) > 1 {
		rel.schema = parts[len(parts)-2]
	}
	return rel, true
}

// relations reads names with commas between them; an asterisk after one, as in TRUNCATE, is passed over.
func (r *ddlReader) relations() (list []relation) {
	for {
		r.take("ONLY")
		rel, ok := r.relation()
		if !ok {
			return list
		}
		list = append(list, rel)
		if r.symbol('*') {
			r.at++
		}
		if r.symbol('(') { // the arguments of a function, the columns of a publication
			r.parens()
		}
		if !r.symbol(',') {
			return list
		}
		r.at++
	}
}

// parens reads what is in parentheses, and returns the tokens between them.
func (r *ddlReader) parens() []sqltext.Token {
	if !r.symbol('(') {
		return nil
	}
	r.at++
	start, depth := r.at, 1
	for ; !r.done(); r.at++ {
		switch {
		case r.symbol('('):
			depth++
		case r.symbol(')'):
			depth--
		}
		if depth == 0 {
			inner := r.tokens[start:r.at]
			r.at++
			return inner
		}
	}
	return r.tokens[start:]
}

// parts cuts tokens at the commas outside of parentheses.
func (r *ddlReader) parts(tokens []sqltext.Token) [][]sqltext.Token {
	var list [][]sqltext.Token
	depth, start := 0, 0
	for i, t := range tokens {
		switch {
		case t.Is(r.text, '('), t.Is(r.text, '['):
			depth++
		case t.Is(r.text, ')'), t.Is(r.text, ']'):
			depth--
		case t.Is(r.text, ',') && depth == 0:
			list, start = append(list, tokens[start:i]), i+1
		}
	}
	return append(list, tokens[start:])
}

// until reads tokens, parentheses as a whole, up to one of some key words or to the end.
func (r *ddlReader) until(words ...string) []sqltext.Token {
	start := r.at
	for !r.done() && !slices.ContainsFunc(words, func(w string) bool { return r.is(w) }) {
		if r.symbol('(') {
			r.parens()
			continue
		}
		r.at++
	}
	return r.tokens[start:r.at]
}

// has reports whether these key words are anywhere in the tokens, one after the other.
func (r *ddlReader) has(words ...string) bool {
	ahead := *r
	for ; !ahead.done(); ahead.at++ {
		if ahead.is(words...) {
			return true
		}
	}
	return false
}

// source returns the text from the first of some tokens to the last.
func (r *ddlReader) source(tokens []sqltext.Token) string {
	if len(tokens) == 0 {
		return ""
	}
	return r.text[tokens[0].Start:tokens[len(tokens)-1].End]
}

// squeezed returns tokens in lower case with one blank between words, to compare them: "character varying(10)".
func (r *ddlReader) squeezed(tokens []sqltext.Token) string {
	var b strings.Builder
	word := false
	for _, t := range tokens {
		raw := r.text[t.Start:t.End]
		isWord := t.Kind == sqltext.Word || t.Kind == sqltext.Name || t.Kind == sqltext.Number
		if isWord && word {
			b.WriteByte(' ')
		}
		if t.Kind == sqltext.Word {
			raw = strings.ToLower(raw)
		}
		b.WriteString(raw)
		word = isWord
	}
	return b.String()
}

// exists reads IF EXISTS or IF NOT EXISTS.
func (r *ddlReader) exists() bool { return r.take("IF", "NOT", "EXISTS") || r.take("IF", "EXISTS") }

// statementTokens returns the tokens of each statement of a script, without semicolons.
func statementTokens(text string) (list [][]sqltext.Token) {
	var tokens []sqltext.Token
	s := sqltext.Splitter{Lexer: sqltext.Lexer{Text: text}, Each: func(t sqltext.Token) { tokens = append(tokens, t) }}
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		if st.Ended {
			tokens = tokens[:len(tokens)-1]
		}
		list = append(list, slices.Clone(tokens))
		tokens = tokens[:0]
	}
	return list
}
