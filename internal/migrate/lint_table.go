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

func (l *linter) lineOf(statement int) int {
	return l.position(l.script.statements[statement].Start).Line
}

// reportLocks reports the strong locks of a transaction, each table once. last is its last statement.
func (l *linter) reportLocks(last int) {
	for _, h := range l.held {
		if h.mode < share {
			continue
		}
		more := ""
		if n := last - h.from; n > 0 {
			more = fmt.Sprintf(", over %s", say.Count(n, "more statement"))
		}
		st := l.script.statements[h.from]
		l.report(lintLock, remedy.Notable, st.Start, st.End, fmt.Sprintf("takes %s on %s to the end of the transaction%s: %s", h.mode, h.relation, more, h.mode.blocks()))
	}
}

// create reads CREATE.
func (l *linter) create(r *ddlReader) {
	r.take("OR", "REPLACE")
	unlogged := r.takeAny("UNLOGGED", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL", "UNIQUE", "MATERIALIZED", "CONSTRAINT", "RECURSIVE")
	if unlogged == "GLOBAL" || unlogged == "LOCAL" {
		unlogged = r.takeAny("TEMP", "TEMPORARY")
	}
	switch {
	case r.take("TABLE"):
		l.createTable(r, strings.HasPrefix(unlogged, "TEMP"))
	case r.take("INDEX"):
		l.createIndex(r)
	case r.take("TYPE"):
		if t, ok := r.relation(); ok {
			l.qualified(t)
			l.made[t.key(l.opt.Schema)] = true
			l.catalogue.enums[t.key(l.opt.Schema)] = r.is("AS", "ENUM")
		}
	case r.take("VIEW"), r.take("SEQUENCE"), r.take("DOMAIN"):
		r.exists()
		if t, ok := r.relation(); ok {
			l.qualified(t)
			l.made[t.key(l.opt.Schema)] = true
		}
	case r.take("FUNCTION"):
		l.createFunction(r)
	case r.take("TRIGGER"):
		r.until("ON")
		r.at++
		l.lockNext(r, shareRowExclusive)
	case r.take("POLICY"):
		r.until("ON")
		r.at++
		l.lockNext(r, accessExclusive)
	case r.take("RULE"):
		r.until("TO")
		r.at++
		l.lockNext(r, accessExclusive)
	case r.take("STATISTICS"):
		r.until("FROM")
		r.at++
		l.lockNext(r, shareUpdateExclusive)
	}
}

func (l *linter) createFunction(r *ddlReader) {
	name, ok := r.relation()
	if !ok {
		return
	}
	volatility := "VOLATILE"
	for _, v := range []string{"IMMUTABLE", "STABLE"} {
		if r.has(v) {
			volatility = v
		}
	}
	l.catalogue.functions[name.name] = volatility
}

func (l *linter) createTable(r *ddlReader, temporary bool) {
	r.exists()
	t, ok := r.relation()
	if !ok {
		return
	}
	if temporary {
		l.temporary[t.name] = true
	}
	l.qualified(t)
	l.made[t.key(l.opt.Schema)] = true
	table := l.catalogue.table(t.key(l.opt.Schema))
	if r.take("PARTITION", "OF") {
		l.lockNext(r, accessExclusive)
	}
	for _, part := range r.parts(r.parens()) {
		p := r.reads(part)
		l.references(p)
		if p.isConstraint() || p.is("LIKE") {
			continue
		}
		if name, ok := p.ident(); ok {
			table.columns[name] = columnOf(p)
		}
	}
	if r.take("INHERITS") {
		for _, parent := range r.reads(r.parens()).relations() {
			l.lock(parent, shareUpdateExclusive)
		}
	}
	table.partitioned = r.take("PARTITION", "BY")
}

// references notes the lock on each table that a foreign key points to.
func (l *linter) references(p *ddlReader) {
	for ahead := *p; !ahead.done(); ahead.at++ {
		if ahead.take("REFERENCES") {
			l.lockNext(&ahead, shareRowExclusive)
		}
	}
}

// columnWords end the type of a column.
var columnWords = []string{"COLLATE", "NOT", "NULL", "DEFAULT", "CONSTRAINT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", "GENERATED", "STORAGE", "COMPRESSION", "USING", "DEFERRABLE"}

// columnOf reads what comes after a column's name.
func columnOf(p *ddlReader) lintColumn {
	c := lintColumn{typ: p.squeezed(p.until(columnWords...))}
	c.notNull = p.has("NOT", "NULL") || p.has("PRIMARY", "KEY")
	return c
}

func (l *linter) createIndex(r *ddlReader) {
	at := r.at
	concurrently := r.take("CONCURRENTLY")
	again := r.take("IF", "NOT", "EXISTS")
	name, named := "", false
	if !r.is("ON") {
		name, named = r.ident()
	}
	if !r.take("ON") {
		return
	}
	r.take("ONLY")
	on, ok := r.relation()
	if !ok {
		return
	}
	index := relation{schema: on.schema, name: name}
	if named {
		l.catalogue.indexes[index.key(l.opt.Schema)] = on
		if !l.existing(on) {
			l.made[index.key(l.opt.Schema)] = true
		}
	}
	mode := share
	if concurrently {
		mode = shareUpdateExclusive
	}
	l.lock(on, mode)
	switch {
	case concurrently && again:
		l.here(lintRepeat, remedy.Warning, "if it is broken off, an INVALID index of this name stays, and IF NOT EXISTS passes over that: the migration succeeds without the index",
			"-- in a migration of its own, before this one:", "DROP INDEX CONCURRENTLY IF EXISTS "+postgres.Ident(name)+";", "-- here, without IF NOT EXISTS:", strings.Replace(r.source(r.tokens), "IF NOT EXISTS ", "", 1)+";")
	case !concurrently && l.existing(on):
		l.blockingIndex(r, at, on)
	}
}

func (l *linter) blockingIndex(r *ddlReader, at int, on relation) {
	message := fmt.Sprintf("nobody can write %s until the index is built", on)
	if l.catalogue.table(on.key(l.opt.Schema)).partitioned {
		l.about(lintIndex, remedy.Warning, r.tokens, message, "-- it is partitioned: CREATE INDEX … ON ONLY, then one CONCURRENTLY for each partition, and ALTER INDEX … ATTACH PARTITION")
		return
	}
	offset := r.tokens[at].Start - r.tokens[0].Start
	text := r.source(r.tokens)
	l.about(lintIndex, remedy.Warning, r.tokens, message, "-- in a migration of its own, with nothing else in it:", text[:offset]+"CONCURRENTLY "+text[offset:]+";")
}

// alter reads ALTER.
func (l *linter) alter(r *ddlReader) {
	switch {
	case r.take("TABLE"), r.take("FOREIGN", "TABLE"):
		l.alterTable(r)
	case r.take("TYPE"):
		l.alterType(r)
	case r.take("MATERIALIZED", "VIEW"), r.take("VIEW"):
		r.exists()
		l.lockNext(r, accessExclusive)
	case r.take("POLICY"), r.take("TRIGGER"):
		r.ident()
		if r.take("ON") {
			l.lockNext(r, accessExclusive)
		}
	case r.take("SCHEMA"):
		if s, ok := r.ident(); ok {
			l.keeps(relation{schema: s})
		}
	}
}

func (l *linter) alterType(r *ddlReader) {
	t, ok := r.relation()
	if !ok {
		return
	}
	l.qualified(t)
	key := t.key(l.opt.Schema)
	switch {
	case r.take("ADD", "VALUE"):
		r.exists()
		if r.kind() == sqltext.String && !l.made[key] {
			l.enums = append(l.enums, addedValue{t, sqltext.Unquote(r.raw())})
		}
	case r.take("RENAME", "TO"):
		if name, ok := r.ident(); ok {
			to := relation{schema: t.schema, name: name}.key(l.opt.Schema)
			l.made[to] = l.made[key]
			l.catalogue.enums[to] = l.catalogue.enums[key]
			delete(l.made, key)
		}
	}
}

func (l *linter) alterTable(r *ddlReader) {
	r.exists()
	r.take("ONLY")
	t, ok := r.relation()
	if !ok {
		return
	}
	if r.symbol('*') {
		r.at++
	}
	l.keeps(t)
	for _, part := range r.parts(r.rest()) {
		p := r.reads(part)
		l.lock(relation{t.schema, t.name, t.text, t.at}, alterTableLock(p))
		l.references(p)
		l.alterPart(t, p)
	}
}

// alterPart reads one part of an ALTER TABLE.
func (l *linter) alterPart(t relation, p *ddlReader) {
	table := l.catalogue.table(t.key(l.opt.Schema))
	switch {
	case p.take("ADD"):
		if p.isConstraint() {
			l.addConstraint(t, table, p)
			return
		}
		p.take("COLUMN")
		p.exists()
		l.addColumn(t, table, p)
	case p.take("DROP", "CONSTRAINT"):
		p.exists()
		name, _ := p.ident()
		delete(table.checks, name)
	case p.take("DROP"):
		p.take("COLUMN")
		p.exists()
		l.dropColumn(t, table, p)
	case p.take("ALTER"):
		p.take("COLUMN")
		if name, ok := p.ident(); ok {
			l.alterColumn(t, table, name, p)
		}
	case p.take("VALIDATE", "CONSTRAINT"):
		name, _ := p.ident()
		if c, ok := table.checks[name]; ok {
			c.valid = true
			table.checks[name] = c
		}
	case p.is("SET", "LOGGED"), p.is("SET", "UNLOGGED"), p.is("SET", "ACCESS", "METHOD"):
		l.rewrites(t, p.tokens, fmt.Sprintf("it writes %s again", t))
	case p.is("SET", "TABLESPACE"):
		l.rewrites(t, p.tokens, fmt.Sprintf("it copies the files of %s", t))
	case p.take("RENAME"):
		l.rename(t, table, p)
	case p.take("ATTACH", "PARTITION"):
		if part, ok := p.relation(); ok {
			l.lock(part, accessExclusive)
			l.scans(part, p.tokens, fmt.Sprintf("all rows of %s are checked to belong there, unless a CHECK constraint of its own proves it", part))
		}
	case p.take("DETACH", "PARTITION"):
		l.lockNext(p, accessExclusive)
	}
}

func (l *linter) rename(t relation, table *lintTable, p *ddlReader) {
	if p.take("TO") {
		if name, ok := p.ident(); ok {
			to := relation{schema: t.schema, name: name}.key(l.opt.Schema)
			l.catalogue.tables[to], l.made[to] = table, l.made[t.key(l.opt.Schema)]
			delete(l.catalogue.tables, t.key(l.opt.Schema))
			delete(l.made, t.key(l.opt.Schema))
		}
		return
	}
	if p.take("CONSTRAINT") {
		return
	}
	p.take("COLUMN")
	from, _ := p.ident()
	if p.take("TO") {
		to, _ := p.ident()
		table.columns[to] = table.columns[from]
		delete(table.columns, from)
	}
}

func (l *linter) dropColumn(t relation, table *lintTable, p *ddlReader) {
	name, ok := p.ident()
	if !ok {
		return
	}
	delete(table.columns, name)
	message := fmt.Sprintf("it removes the column %s of %s with its values", postgres.Ident(name), t)
	if l.addsAgain(name) {
		l.destroys(t, message+", and another of that name begins empty",
			fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE … USING …; -- keeps the values", t.text, postgres.Ident(name)))
		return
	}
	l.destroys(t, message)
}

// addsAgain reports whether the statement that is being read also adds a column of a name.
func (l *linter) addsAgain(name string) bool {
	r := l.reader()
	return slices.ContainsFunc(r.parts(r.tokens), func(part []sqltext.Token) bool {
		p := r.reads(part)
		if !p.take("ADD", "COLUMN") {
			return false
		}
		p.exists()
		added, _ := p.ident()
		return added == name
	})
}
