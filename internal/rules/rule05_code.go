package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/script"
)

// checkScriptURLs checks the URLs that a script falls back to (DATABASE_URL ?? '…'), sets, connects to, or passes to
// another program, and the .env files that it writes.
func (r *run) checkScriptURLs(f *file) {
	s := f.script
	if isTest(f.path) || !bytes.Contains(f.data, []byte("ostgre")) && !bytes.Contains(f.data, []byte("DATABASE_URL")) {
		return
	}
	for i := range s.Tokens {
		value, last, ok := wholeText(s, i)
		if !ok || s.Is(last+1, "+") || s.Is(last+1, ".") {
			r.checkWrittenEnv(f, i)
			continue
		}
		at, end := s.Tokens[i].Start, s.Tokens[last].End
		switch name, kind := urlContext(s, i); {
		case kind == namedURL:
			r.checkURL(f, name, value, at, end, isProduction(f.path))
		case kind == likelyURL && postgresURL.Get().MatchString(value):
			r.guessURL(f, name, value, at, end)
		default:
			r.checkWrittenEnv(f, i)
		}
	}
}

// wholeText returns the value of a string or a template that begins at token i, with the unknown mark for what is
// substituted at run time, and its last token.
func wholeText(s *script.Source, i int) (value string, last int, ok bool) {
	if v, ok := s.Literal(i); ok {
		return v, i, true
	}
	if s.Kind(i) != script.Head {
		return "", i, false
	}
	var b strings.Builder
	b.WriteString(s.Value(i))
	depth := 0
	for j := i + 1; j < len(s.Tokens); j++ {
		switch s.Kind(j) {
		case script.Head:
			depth++
		case script.Middle, script.Tail:
			if depth == 0 {
				b.WriteString(unknown + s.Value(j))
				if s.Kind(j) == script.Tail {
					return b.String(), j, true
				}
			} else if s.Kind(j) == script.Tail {
				depth--
			}
		}
	}
	return "", i, false
}

type urlKind int

const (
	noURL     urlKind = iota
	namedURL          // the value of a variable whose name says that it is a database's URL
	likelyURL         // a default, a connection's argument or setting
)

// urlContext returns what the string at token i is the value of, judging by what precedes it. A string that is
// compared, shown or searched for is not a URL that is used.
func urlContext(s *script.Source, i int) (name string, kind urlKind) {
	before := i - 1
	isDefault := s.Is(before, "??") || s.Is(before, "||") || s.Is(before, "??=") || s.Is(before, "||=")
	switch {
	case isDefault || s.Is(before, "=") || s.Is(before, ":"):
		name = nameBefore(s, before)
		switch {
		case isURLName(name):
			return name, namedURL
		case strings.Contains(strings.ToUpper(name), "SHADOW"), strings.Contains(strings.ToUpper(name), "TEST"):
			return "", noURL
		case isDefault:
			return "the default", likelyURL
		case connectionName.Get().MatchString(name), (name == "url" || name == "connection") && s.Is(before, ":") && isConnectionKey(s, before-1):
			return name, likelyURL
		}
	case s.Is(before, ","): // getenv('DATABASE_URL', '…')
		if first, ok := s.Literal(before - 1); ok && s.Is(before-2, "(") && isURLName(first) {
			return first, namedURL
		}
	case s.Is(before, "("):
		if callee := s.Word(before - 1); connecting[callee] {
			return callee, likelyURL
		}
	}
	return "", noURL
}

// nameBefore returns the name that an operator at the token applies to: of a variable, before its type, of a property,
// or in quotes as in process.env['DATABASE_URL'].
func nameBefore(s *script.Source, operator int) string {
	j := operator - 1
	for s.Is(j, "]") || s.Is(j, ")") || s.Is(j, "!") {
		j--
	}
	if s.Is(operator, "=") && s.Is(j-1, ":") { // const name: string = …
		j -= 2
	}
	if name := s.Word(j); name != "" {
		return name
	}
	if name, _ := s.Literal(j); identifier.Get().MatchString(name) {
		return name
	}
	return ""
}

// connectionName matches settings that hold a connection's URL; a variable that is only called url may hold any.
var connectionName = lazy.Regexp{Text: `(?i)^(connection_?string|connection_?ur[il]|data_?source_?url|(db|database|pg|postgres)_?(ur[il]|dsn|connection))$`}

// connecting are the functions and classes whose first argument is a connection's URL.
var connecting = map[string]bool{
	"Pool": true, "Client": true, "postgres": true, "createPool": true, "drizzle": true, "Sequelize": true, "knex": true, "pgp": true,
	"neon": true, "PrismaPg": true, "PrismaNeon": true, "PrismaClient": true,
}

// isConnectionKey reports whether the key at token i is in an object that a connection is made from:
// datasources: { db: { url } }, dbCredentials: { url }, new Client({ connection }).
func isConnectionKey(s *script.Source, i int) bool {
	for range 4 {
		if i = opening(s, i); i < 0 {
			return false
		}
		if s.Is(i, "(") && connecting[s.Word(i-1)] {
			return true
		}
		if s.Is(i-1, ":") && slices.Contains([]string{"datasources", "datasource", "dbCredentials", "db", "database", "postgres", "pg"}, s.Word(i-2)) {
			return true
		}
	}
	return false
}

var identifier = lazy.Regexp{Text: `^\w+$`}

var envLine = lazy.Regexp{Text: `(?m)^[ \t]*(?:export )?([A-Z_]*DATABASE_URL[A-Z_]*)=["']?([^"'\s]*)`}

// checkWrittenEnv checks the text of a .env file that a generator writes: a string or a template of several lines.
func (r *run) checkWrittenEnv(f *file, i int) {
	s := f.script
	switch s.Kind(i) {
	case script.String, script.Template, script.Head:
	default:
		return
	}
	m := envLine.Get().FindStringSubmatch(s.Value(i))
	if m == nil || !mentionsEnvFile(s) {
		return
	}
	value := m[2]
	if s.Kind(i) == script.Head && strings.HasSuffix(s.Value(i), value) {
		// What follows is composed at run time: a database that is named after the plugin is not the one database.
		value += "…"
	}
	r.checkURL(f, m[1], value, s.Tokens[i].Start, s.Tokens[i].End, false)
}

func mentionsEnvFile(s *script.Source) bool {
	for i := range s.Tokens {
		if v, ok := s.Literal(i); ok && (strings.HasPrefix(v, ".env") || strings.Contains(v, "/.env")) {
			return true
		}
	}
	return false
}
