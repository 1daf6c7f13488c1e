package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

const byteOrderMark = "\ufeff"

// runs reports what makes the server, or the protocol, refuse the script whatever is in the database, and whether the
// rest of it can be read.
func (l *linter) runs() bool {
	text := l.script.text
	if strings.HasPrefix(text, byteOrderMark) {
		l.report(lintScript, remedy.Broken, 0, len(byteOrderMark), "it begins with a byte order mark, which is a syntax error for the server: save the file as UTF-8 without BOM")
		return false
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		l.report(lintScript, remedy.Broken, i, i+1, "it has a NUL byte, at which the server stops reading")
		return false
	}
	for _, st := range l.script.statements {
		switch {
		case st.Unended != nil:
			l.report(lintScript, remedy.Broken, st.Unended.Start, st.Unended.Start+2, "a quote or a comment is never closed")
		case st.Paren >= 0:
			l.report(lintScript, remedy.Broken, st.Paren, st.Paren+1, "a parenthesis is never closed")
		case strings.HasPrefix(text[st.Start:], `\`):
			l.report(lintScript, remedy.Broken, st.Start, st.Start+2, "it is a command of psql, which the server does not know")
		case st.Verb == "COPY" && fromStdin(text, l.tokens[slices.IndexFunc(l.script.statements, func(o sqltext.Statement) bool { return o.Start == st.Start })]):
			l.report(lintScript, remedy.Broken, st.Start, st.End, "COPY FROM STDIN takes its rows from psql; a migration has none to send: write INSERT")
		default:
			continue
		}
		return false
	}
	return true
}

func fromStdin(text string, tokens []sqltext.Token) bool {
	r := &ddlReader{text: text, tokens: tokens}
	return r.has("FROM", "STDIN")
}

// alone reports the statements that the server refuses beside others.
func (l *linter) alone() {
	if len(l.script.statements) < 2 {
		return
	}
	for _, st := range l.script.statements {
		if needsToBeAlone(st) {
			l.report(lintAlone, remedy.Broken, st.Start, st.End, "PostgreSQL runs this statement only if it is alone in its script (25001): move it to a migration of its own",
				"-- in a migration of its own, with nothing else in it:", st.Text(l.script.text)+";")
		}
	}
}

// transactions reports what a script's own BEGIN, COMMIT and ROLLBACK do to it.
func (l *linter) transactions() {
	open, last := -1, -1 // the statements that began the transaction, and that committed
	statements := l.script.statements
	for i, st := range statements {
		switch v := st.Verb; {
		case v == "BEGIN" || v == "START":
			open = i
		case v == "ROLLBACK" && endsTransaction(st) || v == "ABORT":
			l.report(lintTransaction, remedy.Broken, st.Start, st.End, "it undoes what the script did before, and the migration is recorded as applied all the same")
			open = -1
		case v == "COMMIT" || v == "END":
			if i < len(statements)-1 {
				l.report(lintTransaction, remedy.Warning, st.Start, st.End, fmt.Sprintf("what is up to here stays if what follows (%s) fails", say.Count(len(statements)-1-i, "statement")),
					"-- what follows in a migration of its own, or no BEGIN and COMMIT")
			}
			open, last = -1, i
		case (v == "SAVEPOINT" || v == "RELEASE" || v == "ROLLBACK") && open < 0:
			l.report(lintScript, remedy.Broken, st.Start, st.End, "PostgreSQL refuses savepoints where no BEGIN came before (25P01)")
		}
	}
	if open >= 0 {
		st := statements[open]
		l.report(lintTransaction, remedy.Broken, st.Start, st.End, "the script begins a transaction and does not end it, and all of it is rolled back", "COMMIT; -- at its end, or without this BEGIN")
	}
	if n := len(statements); last == n-1 && n > 1 && endsTransaction(statements[0]) {
		l.report(lintTransaction, remedy.Notable, statements[0].Start, statements[0].End,
			"BEGIN and COMMIT are not needed, since a script is one transaction; without them the record of its end is part of it")
	}
	l.repeatable(last)
}

// repeatable reports what a script has committed when a statement after the commit can still fail, and what is in the
// way of a second run.
func (l *linter) repeatable(last int) {
	if last < 0 || last == len(l.script.statements)-1 {
		return
	}
	for i, st := range l.script.statements[:last] {
		l.now = i
		if why, instead := l.inTheWay(); why != "" {
			l.report(lintRepeat, remedy.Warning, st.Start, st.End, fmt.Sprintf("if a statement after line %d fails, this has been committed, and a second run fails here: %s",
				postgres.PositionAt(l.script.text, l.script.statements[last].Start).Line, why), instead...)
		}
	}
}

// inTheWay returns why the statement that is being read fails if it has succeeded before, and what would not; "" where
// it does not fail.
func (l *linter) inTheWay() (why string, instead []string) {
	r := l.reader()
	text := r.source(r.tokens)
	with := func(at int, words string) []string {
		if at >= len(r.tokens) {
			return nil
		}
		offset := r.tokens[at].Start - r.tokens[0].Start
		return []string{text[:offset] + words + " " + text[offset:] + ";"}
	}
	switch {
	case r.take("CREATE"):
		if r.is("OR", "REPLACE") || r.has("IF", "NOT", "EXISTS") {
			return "", nil
		}
		r.takeAny("UNIQUE", "UNLOGGED", "MATERIALIZED", "GLOBAL", "LOCAL")
		switch r.takeAny("TABLE", "INDEX", "SEQUENCE", "SCHEMA", "EXTENSION", "VIEW") {
		case "":
			return "it exists", nil
		case "INDEX":
			r.take("CONCURRENTLY")
		}
		return "it exists", with(r.at, "IF NOT EXISTS")
	case r.take("DROP"):
		if r.has("IF", "EXISTS") {
			return "", nil
		}
		r.takeAny("MATERIALIZED", "FOREIGN")
		r.at++
		r.take("CONCURRENTLY")
		return "it does not exist", with(r.at, "IF EXISTS")
	case r.take("ALTER", "TYPE"):
		r.relation()
		if r.take("ADD", "VALUE") && !r.is("IF") {
			return "the value exists", with(r.at, "IF NOT EXISTS")
		}
		return renamed(r), nil
	case r.take("ALTER", "TABLE"):
		return l.alterInTheWay(r)
	case r.is("INSERT") && !r.has("ON", "CONFLICT"):
		return "the rows are there, or are there twice then", nil
	}
	return "", nil
}

func renamed(r *ddlReader) string {
	if r.has("RENAME") {
		return "the old name does not exist"
	}
	return ""
}

func (l *linter) alterInTheWay(r *ddlReader) (why string, instead []string) {
	r.exists()
	r.take("ONLY")
	table, _ := r.relation()
	for _, part := range r.parts(r.rest()) {
		p := r.reads(part)
		switch {
		case p.take("ADD", "CONSTRAINT"):
			name, _ := p.ident()
			return "the constraint exists", []string{fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s; -- before it", table.text, postgres.Ident(name))}
		case p.take("ADD"):
			p.take("COLUMN")
			if !p.is("IF") && !p.isConstraint() {
				return "the column exists", []string{fmt.Sprintf("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s;", table.text, p.source(p.rest()))}
			}
		case p.take("DROP"):
			what := p.takeAny("COLUMN", "CONSTRAINT")
			if !p.is("IF") && (what != "" || !p.is("EXPRESSION")) {
				return "it does not exist", []string{strings.TrimSpace(fmt.Sprintf("ALTER TABLE %s DROP %s IF EXISTS %s;", table.text, what, p.source(p.rest())))}
			}
		case p.is("RENAME"):
			return renamed(p), nil
		}
	}
	return "", nil
}

// isConstraint reports whether what follows ADD is a constraint and not a column.
func (r *ddlReader) isConstraint() bool {
	return r.is("CONSTRAINT") || r.is("CHECK") || r.is("UNIQUE") || r.is("PRIMARY", "KEY") || r.is("FOREIGN", "KEY") || r.is("EXCLUDE")
}

// settings reports what is set for the session and not set back.
func (l *linter) settings() {
	for i, tokens := range l.tokens {
		r := &ddlReader{text: l.script.text, tokens: tokens}
		name, value := setting(r)
		if name == "" || l.setBack(name, i+1) {
			continue
		}
		help := fmt.Sprintf("SET LOCAL %s = %s;", name, value)
		if value == "" {
			help = "RESET " + name + "; -- at the end of the script"
		}
		l.about(lintSetting, remedy.Warning, tokens, fmt.Sprintf("%s stays set for the scripts that run after this one", name), help)
	}
}

// setting returns what a statement sets for the session, and to what.
func setting(r *ddlReader) (name, value string) {
	if r.is("SELECT") && r.has("set_config") { // SELECT pg_catalog.set_config('search_path', '', false), as pg_dump writes it
		for !r.take("set_config") {
			r.at++
		}
		args := r.parts(r.parens())
		if len(args) == 3 && strings.EqualFold(r.source(args[2]), "false") && len(args[0]) == 1 {
			return sqltext.Unquote(r.source(args[0])), r.source(args[1])
		}
		return "", ""
	}
	if !r.take("SET") || r.is("LOCAL") || r.is("TRANSACTION") || r.is("CONSTRAINTS") {
		return "", ""
	}
	if r.take("SESSION") && (r.is("CHARACTERISTICS") || r.is("AUTHORIZATION")) {
		if r.take("AUTHORIZATION") {
			return "session authorization", ""
		}
		return "the session's transaction mode", ""
	}
	switch {
	case r.is("TIME", "ZONE"):
		return "timezone", ""
	case r.is("ROLE"):
		return "role", ""
	case r.is("NAMES"):
		return "client_encoding", ""
	}
	rel, ok := r.relation()
	if !ok || !r.take("TO") && !r.symbol('=') {
		return "", ""
	}
	if r.symbol('=') {
		r.at++
	}
	if r.is("DEFAULT") {
		return "", ""
	}
	return rel.text, r.source(r.rest())
}

// setBack reports whether a later statement sets a setting back.
func (l *linter) setBack(name string, from int) bool {
	return slices.ContainsFunc(l.tokens[from:], func(tokens []sqltext.Token) bool {
		r := &ddlReader{text: l.script.text, tokens: tokens}
		if r.is("RESET", "ALL") || r.is("DISCARD", "ALL") {
			return true
		}
		if !r.take("RESET") && !r.take("SET") {
			return false
		}
		reset := r.at == 1 && strings.EqualFold(r.text[tokens[0].Start:tokens[0].End], "RESET")
		rel, ok := r.relation()
		return ok && strings.EqualFold(rel.text, name) && (reset || r.take("TO", "DEFAULT") || r.symbol('=') && r.has("DEFAULT"))
	})
}
