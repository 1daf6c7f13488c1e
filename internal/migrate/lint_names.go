package migrate

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// names asks for the schema of each table that a query reads or writes, wherever in the statement it is: in a FROM list, a join, a
// subquery, or a WITH. What the statement itself names so, a function's rows, and what a FROM of an expression is followed by
// (EXTRACT, IS DISTINCT FROM) are no tables.
func (l *linter) names() {
	r := l.reader()
	tokens := queryOf(r)
	if !l.opt.Several || len(tokens) == 0 {
		return
	}
	n := &nameReader{linter: l, r: r.reads(tokens), own: withNames(r.reads(tokens))}
	n.read()
}

// queryOf returns the part of a statement that is a query, or that has queries in it; nil where FROM means something else.
func queryOf(r *ddlReader) []sqltext.Token {
	switch {
	case r.symbol('('), r.is("SELECT"), r.is("WITH"), r.is("INSERT"), r.is("UPDATE"), r.is("DELETE"), r.is("MERGE"), r.is("EXPLAIN"):
		return r.tokens
	case r.is("CREATE") && r.has("POLICY"):
		return r.tokens
	case r.is("CREATE") && (r.has("VIEW") || r.has("TABLE")):
		r.until("AS")
		return r.rest()
	}
	return nil
}

// withNames returns the names that WITH gives to queries: NAME [(columns)] AS [[NOT] MATERIALIZED] (.
func withNames(r *ddlReader) map[string]bool {
	own := map[string]bool{}
	if !r.has("WITH") {
		return own
	}
	for ; !r.done(); r.at++ {
		ahead := *r
		name, ok := ahead.ident()
		if !ok {
			continue
		}
		ahead.parens()
		if !ahead.take("AS") {
			continue
		}
		ahead.take("NOT")
		ahead.take("MATERIALIZED")
		if ahead.symbol('(') {
			own[name] = true
		}
	}
	return own
}

// A nameReader finds the tables that a query names.
type nameReader struct {
	*linter
	r      *ddlReader
	own    map[string]bool
	before []string // the word before each open parenthesis
}

// ofExpression are the functions in whose arguments FROM is not that of a query.
var ofExpression = []string{"extract", "substring", "trim", "overlay", "position"}

func (n *nameReader) read() {
	last := "" // the token before this one, in lower case
	for !n.r.done() {
		word := strings.ToLower(n.r.raw())
		if n.r.kind() != sqltext.Word {
			word = ""
		}
		switch {
		case n.r.symbol('('):
			n.before = append(n.before, last)
		case n.r.symbol(')') && len(n.before) > 0:
			n.before = n.before[:len(n.before)-1]
		case n.names(word, last):
			n.r.at++
			n.list(word == "from" || word == "using")
			last = ""
			continue
		}
		last = strings.ToLower(n.r.raw())
		n.r.at++
	}
}

// names reports whether tables are named after a word.
func (n *nameReader) names(word, last string) bool {
	switch word {
	case "from":
		inside := len(n.before) > 0 && slices.Contains(ofExpression, n.before[len(n.before)-1])
		return last != "distinct" && !inside
	case "join":
		return true
	case "into":
		return last == "insert" || last == "merge"
	case "update":
		return last == "" || last == "(" || last == ")"
	case "using":
		return n.r.is("USING") && !n.r.has("INDEX") && (n.r.tokens[0].Kind == sqltext.Word) && (n.starts("DELETE") || n.starts("MERGE") || n.starts("WITH"))
	}
	return false
}

func (n *nameReader) starts(word string) bool { return n.r.reads(n.r.tokens).is(word) }

// list reads a table, or with commas several.
func (n *nameReader) list(several bool) {
	for {
		n.r.take("LATERAL")
		n.r.take("ONLY")
		at := n.r.at
		t, ok := n.r.relation()
		if !ok { // a subquery, which is read next
			n.r.at = at
			return
		}
		if !n.r.symbol('(') && !n.own[t.name] {
			n.table(t)
		}
		if !several || !n.comma() {
			return
		}
	}
}

// comma goes to behind the comma that ends an item of a list: an alias, with columns, may come before.
func (n *nameReader) comma() bool {
	ahead := *n.r
	if ahead.symbol('*') {
		ahead.at++
	}
	if ahead.symbol('(') {
		ahead.parens()
	}
	ahead.take("AS")
	if !ahead.symbol(',') {
		ahead.ident()
		if ahead.symbol('(') {
			ahead.parens()
		}
	}
	if !ahead.symbol(',') {
		return false
	}
	n.r.at = ahead.at + 1
	return true
}

// table asks for a table's schema. The server's own are found without.
func (n *nameReader) table(t relation) {
	if t.schema == "" && !strings.HasPrefix(t.name, "pg_") {
		n.qualified(t)
	}
}
