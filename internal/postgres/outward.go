package postgres

import (
	"cmp"
	"regexp"
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
	list, copies := splitCopies(text)
	if copies { // where the COPY fails, psql takes its rows for statements
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

// splitCopies is Split for psql, to which the lines after a COPY … FROM stdin are rows and not SQL, up to one that is \.
// alone; copies reports whether there are such.
func splitCopies(text string) (list []Statement, copies bool) {
	s, l, start := splitter{}, lexer{s: text}, 0
	for {
		t, ok := l.next()
		if !ok {
			return appendStatement(list, text, start, len(text), s.verb), copies
		}
		if !s.ends(text, t) {
			continue
		}
		list = appendStatement(list, text, start, t.start, s.verb)
		if s.verb == "COPY" && readsRows(text[start:t.start]) {
			copies = true
			if end := endOfRows.FindStringIndex(text[t.end:]); end != nil {
				l.pos = t.end + end[1]
			} else {
				l.pos = len(text)
			}
		}
		s, start = splitter{}, l.pos
	}
}

var endOfRows = regexp.MustCompile(`(?m)^\\\.\r?$`)

// readsRows reports whether a COPY has FROM stdin in it.
func readsRows(statement string) bool {
	part := reachTokens(statement)
	for i := range part {
		if i > 0 && part[i].kind == wordToken && part[i].text == "stdin" && part[i-1].text == "from" {
			return true
		}
	}
	return false
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
	kind    tokenKind
	text    string
	apart   bool // blanks or a comment come before it
	newLine bool // and a line break is among these
}

func reachTokens(text string) []reachToken {
	var out []reachToken
	l := lexer{s: text}
	apart, newLine := false, false
	for {
		t, ok := l.next()
		if !ok {
			return out
		}
		if t.kind == stringToken && text[t.start] != '$' {
			t.end = l.wholeString(t.end)
		}
		raw := text[t.start:t.end]
		switch t.kind {
		case spaceToken:
			apart, newLine = true, newLine || strings.ContainsAny(raw, "\n\r")
			continue
		case wordToken:
			raw = strings.ToLower(raw)
		case quotedToken, stringToken:
			raw = unquoted(raw)
		}
		n := len(out)
		if t.kind == stringToken && n >= 3 && isSymbol(out[n-1], "|") && isSymbol(out[n-2], "|") && out[n-3].kind == stringToken {
			out = out[:n-2]
			out[n-3].text += raw
		} else {
			out = append(out, reachToken{t.kind, raw, apart, newLine})
		}
		apart, newLine = false, false
	}
}

// wholeString goes on to where a string ends that continues on other lines, beyond its first piece.
func (l *lexer) wholeString(end int) int {
	for {
		l.pos = end
		next, continued := l.continuation()
		if !continued {
			return end
		}
		l.pos = next
		l.quoted('\'', stringToken, false)
		end = l.pos
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
	for _, t := range part {
		if t.kind != stringToken {
			continue
		}
		if why := reachIn(t.text, true, depth+1); why != "" {
			return why
		}
	}
	return ""
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

// runningText are functions of the server and of the extensions that come with it which run a query that is a text.
var runningText = regexp.MustCompile(`^(query_to_xml\w*|ts_stat|ts_rewrite|crosstab\w*|connectby|xpath_table)$`)

// runsText reports whether a statement calls what runs a query that it is given as text.
func runsText(part []reachToken) bool {
	return slices.ContainsFunc(part, func(t reachToken) bool {
		return isName(t) && runningText.MatchString(t.text)
	}) || begins(part, "execute")
}

func isName(t reachToken) bool { return t.kind == wordToken || t.kind == quotedToken }
