package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// squashing is one way to write the script.
type squashing struct {
	how   SquashWay
	text  string
	notes []string
}

// ways returns the scripts that may do the same as several, the shortest first. Which of them does is for the proof to
// say.
func ways(tables string, list []Migration) []squashing {
	out := []squashing{{Written, tables, []string{}}}
	statements := keptStatements(list)
	add := func(w squashing) {
		if !slices.ContainsFunc(out, func(o squashing) bool { return o.text == w.text }) {
			out = append(out, w)
		}
	}
	if len(statements) > 0 {
		for _, least := range []weight{does, fills, changes} {
			for _, early := range []bool{false, true} {
				add(compose(tables, statements, least, early))
			}
		}
	}
	add(join(list, false))
	add(join(list, true))
	return out
}

// weight is how likely a statement leaves something in a database that was empty.
type weight int

const (
	changes weight = iota // UPDATE and DELETE: mostly there for rows that a new database does not have
	fills                 // DO, INSERT and a SELECT that calls something
	does                  // makes an object, or changes one
)

// keptStatement is one that Prisma's language has no words for.
type keptStatement struct {
	of     string // the migration
	text   string
	weight weight
	first  bool // it makes what tables are made of
	early  bool // tables may need it: a function
}

func keptStatements(list []Migration) (out []keptStatement) {
	for _, m := range list {
		statements := sqltext.Statements(m.Script)
		for i, tokens := range statementTokens(m.Script) {
			k, ok := keeps(m.Script, statements[i], tokens)
			if ok {
				k.of = m.Name
				out = append(out, k)
			}
		}
	}
	return out
}

// keeps reports whether a statement does something that the tables, as Prisma writes them, do not hold.
func keeps(text string, st sqltext.Statement, tokens []sqltext.Token) (keptStatement, bool) {
	k := keptStatement{text: st.Text(text), weight: does}
	r := &ddlReader{text: text, tokens: tokens}
	second := ""
	if len(st.Words) > 1 {
		second = st.Words[1]
	}
	switch st.Verb {
	case "UPDATE", "DELETE", "TRUNCATE", "MERGE":
		k.weight = changes
	case "INSERT", "DO", "SELECT", "WITH", "CALL", "COPY":
		k.weight = fills
	case "BEGIN", "START", "COMMIT", "END", "ANALYZE", "VACUUM", "REINDEX", "LOCK", "":
		return k, false
	case "CREATE":
		k.first = slices.ContainsFunc([]string{"EXTENSION", "SCHEMA", "DOMAIN", "SEQUENCE", "COLLATION"}, func(w string) bool { return second == w }) || second == "TYPE" && !r.has("ENUM")
		k.early = slices.Contains(st.Words, "FUNCTION")
		switch {
		case r.is("CREATE", "TYPE") && r.has("ENUM"):
			return k, false
		case slices.Contains(st.Words, "INDEX"):
			return k, beyondPrisma(r)
		case slices.Contains(st.Words, "TABLE"):
			return k, false
		}
	case "DROP":
		return k, !slices.Contains([]string{"TABLE", "INDEX", "TYPE"}, second)
	case "ALTER":
		switch second {
		case "TABLE":
			return k, r.has("CHECK") || r.has("EXCLUDE") || r.has("SECURITY") || r.has("TRIGGER") || r.has("OWNER") || r.has("RULE") || r.has("REPLICA") || r.has("STORAGE") || r.has("STATISTICS") || r.has("CLUSTER")
		case "INDEX", "TYPE":
			return k, false
		}
	}
	return k, true
}

// beyondPrisma reports whether an index is one on an expression, or includes columns.
func beyondPrisma(r *ddlReader) bool {
	if r.has("INCLUDE") {
		return true
	}
	depth := 0
	for _, t := range r.tokens {
		switch {
		case t.Is(r.text, '('):
			if depth++; depth == 2 {
				return true
			}
		case t.Is(r.text, ')'):
			if depth--; depth == 0 {
				return false
			}
		}
	}
	return false
}

// compose puts statements around the tables: what these are made of before them, the rest after.
func compose(tables string, list []keptStatement, least weight, functionsFirst bool) squashing {
	var before, after strings.Builder
	left := 0
	for _, k := range list {
		to := &after
		switch {
		case k.weight < least:
			left++
			continue
		case k.first || functionsFirst && k.early:
			to = &before
		}
		fmt.Fprintf(to, "-- %s\n%s;\n\n", visible.String(k.of), k.text)
	}
	w := squashing{how: Composed, text: before.String() + strings.TrimRight(tables, "\n") + "\n\n" + strings.TrimRight(after.String(), "\n") + "\n"}
	w.notes = []string{say.Count(len(list)-left, "statement") + " of theirs kept as written"}
	if left > 0 {
		w.notes = append(w.notes, say.Count(left, "statement")+" of theirs left out: in a new database there is nothing for them to change")
	}
	return w
}

// join writes all scripts one after the other. An index that is built CONCURRENTLY is built with the rest.
func join(list []Migration, apart bool) squashing {
	w := squashing{how: Joined, notes: []string{}}
	if apart {
		w.how = Apart
		w.notes = append(w.notes, "! a failure in its middle would leave what came before it")
	}
	built := 0
	var b strings.Builder
	for _, m := range list {
		script, n := withoutConcurrently(m.Script)
		built += n
		script = strings.TrimSpace(script)
		own := !readScript(script).whole && n == 0
		if script != "" {
			script += "\n;"
		}
		if apart && !own {
			script = "BEGIN;\n" + script + "\nCOMMIT;"
		}
		fmt.Fprintf(&b, "-- %s\n%s\n\n", visible.String(m.Name), script)
	}
	if built > 0 {
		w.notes = append(w.notes, say.Count(built, "index")+" built without CONCURRENTLY, which nobody waits for in a new database")
	}
	w.text = strings.TrimRight(b.String(), "\n") + "\n"
	return w
}

// withoutConcurrently leaves the word out of statements that make or drop an index.
func withoutConcurrently(script string) (string, int) {
	var b strings.Builder
	from, n := 0, 0
	for _, tokens := range statementTokens(script) {
		r := &ddlReader{text: script, tokens: tokens}
		if !r.is("CREATE") && !r.is("DROP") {
			continue
		}
		for _, t := range tokens[:min(len(tokens), 5)] {
			if t.Kind == sqltext.Word && strings.EqualFold(script[t.Start:t.End], "CONCURRENTLY") {
				b.WriteString(script[from:t.Start])
				from = t.End
				n++
			}
		}
	}
	return b.String() + script[from:], n
}
