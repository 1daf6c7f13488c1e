package postgres

import (
	"slices"
	"strings"
)

// Outward is a statement that leads out of the database: to programs, files, libraries or the settings of the server, or to
// other servers.
type Outward struct {
	Line int    `json:"line"` // of the statement in the text, from 1
	Text string `json:"text"` // of the statement
	Why  string `json:"why"`  // in a few words: "runs a program"
}

// FindOutward finds the statements of a script that lead out of the database, also inside the bodies of functions and DO
// blocks and in the strings that these hold.
//
// It goes by the text. What a script puts together while it runs (a string from chr(), format() or a table, given to
// EXECUTE) and what a function does that is there already cannot be told from it.
func FindOutward(text string) []Outward {
	var out []Outward
	for _, st := range Split(text) {
		if why := WhyOutward(st.Text); why != "" {
			out = append(out, Outward{PositionAt(text, st.Offset).Line, st.Text, why})
		}
	}
	return out
}

// WhyOutward is why a statement leads out of the database, or "".
func WhyOutward(statement string) string { return reachIn(statement, false, 0) }

// deepest is how many strings inside each other are looked into. Deeper ones count as leading out.
const deepest = 8

// reachIn looks at a text of statements. In a body every string may come to be run.
func reachIn(text string, body bool, depth int) string {
	if depth > deepest {
		return "hides SQL in strings inside strings"
	}
	var part []reachToken
	for _, t := range reachTokens(text) {
		if t.kind == symbolToken && t.text == ";" || body && t.kind == wordToken && slices.Contains(opens, t.text) {
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
	kind tokenKind
	text string
}

func reachTokens(text string) []reachToken {
	var out []reachToken
	l := lexer{s: text}
	for {
		t, ok := l.next()
		if !ok {
			return out
		}
		raw := text[t.start:t.end]
		switch t.kind {
		case spaceToken:
			continue
		case wordToken:
			raw = strings.ToLower(raw)
		case quotedToken, stringToken:
			raw = unquoted(raw)
		}
		out = append(out, reachToken{t.kind, raw})
	}
}

// reachOfPart is about one statement.
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
	for _, text := range joined(part) {
		if why := reachIn(text, true, depth+1); why != "" {
			return why
		}
	}
	return ""
}

// joined are the strings of a statement, those with || between them as one.
func joined(part []reachToken) []string {
	var out []string
	for i, t := range part {
		if t.kind != stringToken {
			continue
		}
		if i >= 3 && isSymbol(part[i-1], "|") && isSymbol(part[i-2], "|") && part[i-3].kind == stringToken {
			out[len(out)-1] += t.text
		} else {
			out = append(out, t.text)
		}
	}
	return out
}

func isSymbol(t reachToken, s string) bool { return t.kind == symbolToken && t.text == s }

// words are the first words of a statement, joined by blanks.
func words(part []reachToken, n int) string {
	var out []string
	for _, t := range part[:min(n, len(part))] {
		if t.kind == wordToken {
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

// runsText reports whether a statement calls what runs a query that it is given as text.
func runsText(part []reachToken) bool {
	return slices.ContainsFunc(part, func(t reachToken) bool {
		return isName(t) && (strings.HasPrefix(t.text, "query_to_xml") || t.text == "ts_stat" || t.text == "ts_rewrite")
	}) || begins(part, "execute")
}

func isName(t reachToken) bool { return t.kind == wordToken || t.kind == quotedToken }
