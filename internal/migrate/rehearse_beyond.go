package migrate

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// beyond refuses scripts that change more of the server than their database: on a copy of that, they would change the
// same as a deploy.
func (p *Plan) beyond() error {
	for _, s := range p.Steps {
		for i, tokens := range statementTokens(s.SQL) {
			if !isBeyond(s.SQL, tokens, 0) {
				continue
			}
			st := s.script.statements[i]
			return remedy.New("migrate.beyond", remedy.ExitRefused, "%s:%d: this changes more of the server than its database, so that a copy cannot be used to rehearse it",
				visible.String(s.Path), postgres.PositionAt(s.SQL, st.Start).Line).
				WithSeen("statement: "+visible.String(s.script.excerpt(st))).
				WithHelp(remedy.Words("what the kinds of the statements say:"), remedy.Naap("migrate lint"))
		}
	}
	return nil
}

// isBeyond reports whether a statement, or one in the body of a DO, is about roles, databases or the server.
func isBeyond(text string, tokens []sqltext.Token, depth int) bool {
	r := &ddlReader{text: text, tokens: tokens}
	body := r.is("DO")
	switch {
	case r.is("GRANT") || r.is("REVOKE"):
		if !r.has("ON") {
			return true // of a role
		}
	case r.is("REASSIGN", "OWNED"), r.is("DROP", "OWNED"), r.is("ALTER", "SYSTEM"):
		return true
	case r.take("COMMENT", "ON"), r.is("CREATE") || r.is("ALTER") || r.is("DROP"):
		if r.at == 0 {
			r.at++
		}
		if r.aboutServer() {
			return true
		}
	}
	if !body && depth == 0 {
		return false
	}
	return slices.ContainsFunc(tokens, func(t sqltext.Token) bool {
		return depth < 4 && t.Kind == sqltext.String && strings.ContainsAny(text[t.Start:t.End], " \n\t") && bodyIsBeyond(sqltext.Unquote(text[t.Start:t.End]), depth+1)
	})
}

func (r *ddlReader) aboutServer() bool {
	return !r.is("USER", "MAPPING") && slices.ContainsFunc([]string{"ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION"}, func(w string) bool { return r.is(w) })
}

// bodyIsBeyond looks at a text that is run, in which a statement may begin at any word.
func bodyIsBeyond(text string, depth int) bool {
	var tokens []sqltext.Token
	for t := range sqltext.Tokens(text) {
		tokens = append(tokens, t)
	}
	for i, t := range tokens {
		if t.Kind == sqltext.String && depth < 4 && bodyIsBeyond(sqltext.Unquote(text[t.Start:t.End]), depth+1) {
			return true
		}
		r := &ddlReader{text: text, tokens: tokens[i:]}
		if r.is("CREATE") || r.is("ALTER") || r.is("DROP") {
			r.at++
			if r.aboutServer() {
				return true
			}
		}
		if (r.is("GRANT") || r.is("REVOKE")) && !r.reads(r.untilSymbol(';')).has("ON") {
			return true
		}
	}
	return false
}

// untilSymbol returns the tokens up to a symbol or to the end.
func (r *ddlReader) untilSymbol(s byte) []sqltext.Token {
	for i, t := range r.tokens {
		if t.Is(r.text, s) {
			return r.tokens[:i]
		}
	}
	return r.tokens
}
