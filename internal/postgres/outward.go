package postgres

import (
	"cmp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Outward is a statement that reaches out of the database: to programs, files, libraries or the settings of the server,
// or to other servers.
type Outward struct {
	Line int    `json:"line"` // line of the statement in the text, from 1
	Text string `json:"text"` // the statement
	Why  string `json:"why"`  // in a few words: "runs a program"
}

// FindOutward finds the statements of a script that reach out of the database, also inside the bodies of functions and
// DO blocks and in the strings in these.
//
// It goes by the text alone. It cannot know what a script composes at run time (a string from chr(), format() or a
// table, passed to EXECUTE), nor what an existing function does.
func FindOutward(text string) []Outward {
	var out []Outward
	list, copies := scriptOf(text)
	if copies { // if the COPY fails, psql takes its rows for statements
		for _, st := range Split(text) {
			if !slices.ContainsFunc(list, func(other Statement) bool { return other.Offset == st.Offset && other.Text == st.Text }) {
				list = append(list, st)
			}
		}
		slices.SortStableFunc(list, func(a, b Statement) int { return cmp.Compare(a.Offset, b.Offset) })
	}
	for _, st := range list {
		if why := WhyOutward(st.Text); why != "" {
			out = append(out, Outward{PositionAt(text, st.Offset).Line, st.Text, why})
		}
	}
	return out
}

// scriptOf is Split for psql; copies reports whether the script contains rows for a COPY, which are not SQL.
func scriptOf(text string) (list []Statement, copies bool) {
	s := sqltext.Splitter{Lexer: sqltext.Lexer{Text: text, Psql: true}}
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		list = append(list, Statement{Text: st.Text(text), Offset: st.Start})
		copies = copies || st.Data != nil
	}
	return list, copies
}

// WhyOutward returns why a statement reaches out of the database, or "".
func WhyOutward(statement string) string { return reachIn(statement, false, 0) }

// deepest is how many levels of strings inside strings are searched. Deeper ones count as reaching out.
const deepest = 8

// reachIn searches a text of statements. In a body, any string may be executed.
func reachIn(text string, body bool, depth int) string {
	if depth > deepest {
		return "hides SQL in strings inside strings"
	}
	var part []reachToken
	for _, t := range reachTokens(text, !body) {
		if t.kind == sqltext.Symbol && t.text == ";" || body && t.kind == sqltext.Word && slices.Contains(opens, t.text) {
			if why := reachOfPart(part, body, depth); why != "" {
				return why
			}
			part = part[:0]
			continue
		}
		part = append(part, t)
	}
	return reachOfPart(part, body, depth)
}

// opens are the words of PL/pgSQL after which a statement begins.
var opens = []string{"begin", "then", "else", "loop", "declare"}

// reachToken is a token that matters: words in lower case, quoted names and strings as the server reads them.
type reachToken struct {
	kind  sqltext.Kind
	text  string
	apart bool // blanks or a comment come before it
}

// reachTokens returns the tokens of a text; psql reports whether psql reads it.
func reachTokens(text string, psql bool) []reachToken {
	var out []reachToken
	apart := false
	l := sqltext.Lexer{Text: text, Psql: psql}
	for t, ok := l.Next(); ok; t, ok = l.Next() {
		raw := text[t.Start:t.End]
		switch t.Kind {
		case sqltext.Space:
			apart = true
			continue
		case sqltext.Word:
			raw = strings.ToLower(raw)
		case sqltext.Name, sqltext.String:
			raw = sqltext.Unquote(raw)
		}
		n := len(out)
		if t.Kind == sqltext.String && n >= 3 && isSymbol(out[n-1], "|") && isSymbol(out[n-2], "|") && out[n-3].kind == sqltext.String {
			out = out[:n-2]
			out[n-3].text += raw
		} else {
			out = append(out, reachToken{t.Kind, raw, apart})
		}
		apart = false
	}
	return out
}

// reachOfPart returns why one statement reaches out, or "".
func reachOfPart(part []reachToken, body bool, depth int) string {
	if len(part) == 0 {
		return ""
	}
	for _, rule := range reachRules {
		if why := rule(part); why != "" {
			return why
		}
	}
	first := part[0].text
	inner := first == "do" || isRoutine(part)
	if !inner && !body && !runsText(part) {
		return ""
	}
	for _, t := range part {
		if t.kind != sqltext.String {
			continue
		}
		if why := reachIn(t.text, true, depth+1); why != "" {
			return why
		}
	}
	return ""
}

func isSymbol(t reachToken, s string) bool { return t.kind == sqltext.Symbol && t.text == s }

// words returns the first n words of a statement, joined by blanks.
func words(part []reachToken, n int) string {
	var out []string
	for _, t := range part[:min(n, len(part))] {
		if t.kind == sqltext.Word {
			out = append(out, t.text)
		}
	}
	return strings.Join(out, " ")
}

// begins reports whether a statement begins with one of some sequences of words.
func begins(part []reachToken, sequences ...string) bool {
	all := words(part, 6) + " "
	return slices.ContainsFunc(sequences, func(s string) bool { return strings.HasPrefix(all, s+" ") })
}

func isRoutine(part []reachToken) bool {
	return begins(part, "create function", "create procedure", "create or replace function", "create or replace procedure")
}

// runningText matches the functions of the server, and of the extensions that come with it, that run a query given as
// text.
var runningText = lazy.Regexp{Text: `^(query_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)$`}

// runsText reports whether a statement calls a function that runs a query given as text.
func runsText(part []reachToken) bool {
	return slices.ContainsFunc(part, func(t reachToken) bool {
		return isName(t) && runningText.Get().MatchString(t.text)
	}) || begins(part, "execute")
}

func isName(t reachToken) bool { return t.kind == sqltext.Word || t.kind == sqltext.Name }
