package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// statement reads the statement at l.now: what it locks, and what it does to what was there.
func (l *linter) statement() {
	defer l.names()
	r := l.reader()
	switch {
	case r.take("CREATE"):
		l.create(r)
	case r.take("ALTER"):
		l.alter(r)
	case r.take("DROP"):
		l.drop(r)
	case r.take("TRUNCATE"):
		r.take("TABLE")
		for _, t := range r.relations() {
			l.lock(t, accessExclusive)
			l.destroys(t, "it removes all rows of "+t.String())
		}
	case r.take("DELETE", "FROM"):
		r.take("ONLY")
		if t, ok := r.relation(); ok {
			l.lock(t, rowExclusive)
			if !r.has("WHERE") && !r.has("USING") {
				l.destroys(t, "without WHERE, it removes all rows of "+t.String())
			}
			l.keeps(t)
		}
	case r.take("UPDATE"):
		r.take("ONLY")
		l.writes(r)
	case r.take("INSERT", "INTO"):
		l.writes(r)
	case r.take("LOCK"):
		r.take("TABLE")
		list := r.relations()
		r.take("IN")
		for _, t := range list {
			l.lock(t, lockWords(r))
		}
	default:
		l.maintain(r)
	}
}

// writes reads the table that rows are written to.
func (l *linter) writes(r *ddlReader) {
	if t, ok := r.relation(); ok {
		l.lock(t, rowExclusive)
		l.keeps(t)
	}
}

// maintain reads the statements that look after tables.
func (l *linter) maintain(r *ddlReader) {
	switch {
	case r.take("REFRESH", "MATERIALIZED", "VIEW"):
		mode := accessExclusive
		if r.take("CONCURRENTLY") {
			mode = exclusive
		}
		l.lockNext(r, mode)
	case r.take("CLUSTER"):
		r.take("VERBOSE")
		r.parens()
		if t, ok := r.relation(); ok {
			l.lock(t, accessExclusive)
			l.rewrites(t, r.tokens, "CLUSTER writes "+t.String()+" again")
		}
	case r.take("VACUUM"):
		l.vacuum(r)
	case r.take("ANALYZE"):
		l.lockNext(r, shareUpdateExclusive)
	case r.take("REINDEX"):
		l.reindex(r)
	case r.take("COMMENT", "ON"):
		if r.take("TABLE") {
			l.lockNext(r, shareUpdateExclusive)
		}
	}
}

func (l *linter) lockNext(r *ddlReader, mode lockMode) {
	if t, ok := r.relation(); ok {
		l.lock(t, mode)
	}
}

func (l *linter) vacuum(r *ddlReader) {
	mode := shareUpdateExclusive
	options := r.squeezed(r.parens())
	if r.take("FULL") || strings.Contains(options, "full") {
		mode = accessExclusive
	}
	r.take("FREEZE")
	r.take("VERBOSE")
	r.take("ANALYZE")
	for _, t := range r.relations() {
		l.lock(t, mode)
		if mode == accessExclusive {
			l.rewrites(t, r.tokens, "VACUUM FULL writes "+t.String()+" again")
		}
	}
}

func (l *linter) reindex(r *ddlReader) {
	r.parens()
	what := r.takeAny("TABLE", "INDEX")
	mode := share
	if r.take("CONCURRENTLY") {
		mode = shareUpdateExclusive
	}
	t, ok := r.relation()
	if on, known := l.catalogue.indexes[t.key(l.opt.Schema)]; what == "INDEX" && known {
		t, ok = relation{on.schema, on.name, on.text, t.at}, true
	} else if what == "INDEX" {
		ok = false // it is not known what it is on
	}
	if !ok || what == "" {
		return
	}
	l.lock(t, mode)
	if mode == share && l.existing(t) {
		l.about(lintIndex, remedy.Warning, r.tokens, "it blocks writing to "+t.String()+" until the index is built",
			"-- in a migration of its own, with nothing else in it:", strings.Replace(r.source(r.tokens), what, what+" CONCURRENTLY", 1)+";")
	}
}

// lock notes a lock that the statement takes on a relation, unless the script itself has made that.
func (l *linter) lock(t relation, mode lockMode) {
	l.qualified(t)
	if l.existing(t) {
		l.locks = append(l.locks, lockedRelation{t, mode})
	}
}

// qualified asks for the schema in a name.
func (l *linter) qualified(t relation) {
	if !l.opt.Several || t.schema != "" || t.name == "" || l.temporary[t.name] || l.asked[t.at] {
		return
	}
	for ; l.searched < l.now; l.searched++ {
		name, _ := setting(&ddlReader{text: l.script.text, tokens: l.tokens[l.searched]})
		l.finds = l.finds || strings.EqualFold(name, "search_path")
	}
	if l.finds { // the script says itself where it looks
		return
	}
	l.asked[t.at] = true
	l.report(lintQualified, remedy.Warning, t.at, t.at+len(t.text), t.String()+" is looked for in the search_path: say its schema",
		sqltext.Ident(l.opt.Schema)+"."+t.text)
}

// destroys reports a statement that removes something for good.
func (l *linter) destroys(t relation, message string, help ...string) {
	if l.existing(t) {
		l.here(lintDestroys, remedy.Warning, message, help...)
	}
}

// keeps reports a statement that changes what the tools keep in the database.
func (l *linter) keeps(t relation) {
	switch {
	case hidden.IsOwn(t.schema):
		l.here(lintKept, remedy.Broken, "the schema "+t.schema+" is what naap keeps in the database")
	case t.name == tableName:
		l.here(lintKept, remedy.Broken, "the table "+tableName+" records which migrations the database has")
	}
}

func (l *linter) rewrites(t relation, tokens []sqltext.Token, message string, help ...string) {
	if l.existing(t) {
		l.about(lintRewrite, remedy.Warning, tokens, message+": nobody can read or write it until all rows and indexes are written", help...)
	}
}

// drop reads DROP.
func (l *linter) drop(r *ddlReader) {
	r.takeAny("MATERIALIZED", "FOREIGN")
	what := r.raw()
	r.at++
	concurrently := r.take("CONCURRENTLY")
	r.exists()
	switch strings.ToUpper(what) {
	case "TABLE":
		for _, t := range r.relations() {
			l.lock(t, accessExclusive)
			l.keeps(t)
			l.destroys(t, fmt.Sprintf("it removes the table %s with its rows", t))
			delete(l.catalogue.tables, t.key(l.opt.Schema))
		}
	case "SCHEMA":
		for _, s := range r.relations() {
			l.keeps(relation{schema: s.name})
			if r.is("CASCADE") {
				l.here(lintDestroys, remedy.Warning, fmt.Sprintf("it removes everything in the schema %s", s))
			}
		}
	case "INDEX":
		l.dropIndexes(r.relations(), concurrently)
	case "TYPE", "DOMAIN", "EXTENSION":
		list := r.relations()
		if r.is("CASCADE") {
			l.here(lintDestroys, remedy.Warning, "with CASCADE it removes the columns of that type, with their values")
		}
		for _, t := range list {
			delete(l.catalogue.enums, t.key(l.opt.Schema))
		}
	case "VIEW":
		for _, t := range r.relations() {
			l.lock(t, accessExclusive)
		}
	case "TRIGGER", "POLICY", "RULE":
		r.ident()
		if r.take("ON") {
			l.lockNext(r, accessExclusive)
		}
	}
}

func (l *linter) dropIndexes(list []relation, concurrently bool) {
	mode := accessExclusive
	if concurrently {
		mode = shareUpdateExclusive
	}
	for _, index := range list {
		on, known := l.catalogue.indexes[index.key(l.opt.Schema)]
		delete(l.catalogue.indexes, index.key(l.opt.Schema))
		if l.made[index.key(l.opt.Schema)] {
			continue
		}
		if known {
			on.at = index.at
			l.lock(on, mode)
		}
		if !concurrently && (!known || l.existing(on)) {
			l.report(lintIndex, remedy.Notable, index.at, index.at+len(index.text), "it waits for everybody who uses the table, and they wait for it",
				"-- in a migration of its own, with nothing else in it:", fmt.Sprintf("DROP INDEX CONCURRENTLY %s;", index.text))
		}
	}
}

// addedValue is a value of an enum that the transaction has added.
type addedValue struct {
	enum  relation
	value string
}

// usesNewValue reports a value that the same transaction added to an enum that was there before.
func (l *linter) usesNewValue() {
	r := l.reader()
	if endsTransaction(l.script.statements[l.now]) || len(r.tokens) == 0 {
		l.enums = nil
		return
	}
	if len(l.enums) == 0 || r.is("ALTER", "TYPE") {
		return
	}
	l.findNewValue(r.text, r.tokens, r.tokens[0].Start, true)
}

// findNewValue looks for the value among the strings of a statement, and of the body of a DO or a function in it.
func (l *linter) findNewValue(text string, tokens []sqltext.Token, start int, outer bool) {
	for i, t := range tokens {
		if t.Kind != sqltext.String {
			continue
		}
		value := sqltext.Unquote(text[t.Start:t.End])
		n := slices.IndexFunc(l.enums, func(a addedValue) bool { return a.value == value })
		switch {
		case n >= 0:
			at, end := start, start+1
			if outer {
				at, end = t.Start, t.End
			}
			l.usedValue(l.enums[n], (&ddlReader{text: text, tokens: tokens, at: i + 1}), at, end)
			return
		case outer && text[t.Start] == '$':
			var inner []sqltext.Token
			for u := range sqltext.Tokens(value) {
				inner = append(inner, u)
			}
			l.findNewValue(value, inner, t.Start, false)
		}
	}
}

// usedValue reports the use; r is after the string. Whether the string is a value of the enum is certain where a cast
// or a column of that type says so.
func (l *linter) usedValue(a addedValue, r *ddlReader, start, end int) {
	certain := false
	if r.symbol(':') {
		r.at += 2
		typ, ok := r.relation()
		certain = ok && typ.key(l.opt.Schema) == a.enum.key(l.opt.Schema)
		if !certain {
			return
		}
	} else {
		certain = l.namesColumnOf(a.enum, r)
	}
	split := []string{"-- in a migration of its own, before this one:", fmt.Sprintf("ALTER TYPE %s ADD VALUE %s;", a.enum.text, sqltext.Literal(a.value))}
	if certain {
		l.report(lintEnum, remedy.Broken, start, end, fmt.Sprintf("the value was added to %s in the same transaction, and cannot be used in it (55P04)", a.enum), split...)
		return
	}
	l.report(lintEnum, remedy.Warning, start, end, fmt.Sprintf("if this is the value that was added to %s in the same transaction, it cannot be used in it (55P04)", a.enum), split...)
}

// namesColumnOf reports whether a statement names a column of a type.
func (l *linter) namesColumnOf(typ relation, r *ddlReader) bool {
	for _, t := range r.tokens {
		if t.Kind != sqltext.Word && t.Kind != sqltext.Name {
			continue
		}
		name := sqltext.Identifier(r.text[t.Start:t.End])
		for _, table := range l.catalogue.tables {
			if c, ok := table.columns[name]; ok && l.typeKey(c.typ) == typ.key(l.opt.Schema) {
				return true
			}
		}
	}
	return false
}

// typeKey returns the key of a type that is written as in a script.
func (l *linter) typeKey(typ string) string {
	r := &ddlReader{text: typ}
	for t := range sqltext.Tokens(typ) {
		r.tokens = append(r.tokens, t)
	}
	rel, _ := r.relation()
	return rel.key(l.opt.Schema)
}

// heldLock is a lock that the transaction holds.
type heldLock struct {
	lockedRelation
	from int // the statement that took it
	told bool
}

// hold adds the statement's locks to those of the transaction, and reports what is done under a strong one.
func (l *linter) hold() {
	st := l.script.statements[l.now]
	if endsTransaction(st) {
		l.reportLocks(l.now - 1)
		l.held = nil
		return
	}
	if slices.Contains([]string{"UPDATE", "DELETE", "INSERT", "COPY", "CALL", "DO"}, st.Verb) && !l.reader().has("VALUES") {
		l.slowUnderLock(st)
	}
	for _, lock := range l.locks {
		i := slices.IndexFunc(l.held, func(h heldLock) bool { return h.key(l.opt.Schema) == lock.key(l.opt.Schema) })
		switch {
		case i < 0:
			l.held = append(l.held, heldLock{lockedRelation: lock, from: l.now})
		case lock.mode > l.held[i].mode:
			l.held[i].mode, l.held[i].from, l.held[i].relation = lock.mode, l.now, lock.relation
		}
	}
}

func (l *linter) slowUnderLock(st sqltext.Statement) {
	var list []string
	for i, h := range l.held {
		if h.mode >= share && !h.told {
			l.held[i].told = true
			list = append(list, fmt.Sprintf("%s is locked (%s since line %d: %s)", h.relation, h.mode, l.lineOf(h.from), h.mode.blocks()))
		}
	}
	if len(list) > 0 {
		l.here(lintLock, remedy.Warning, "while it runs, "+say.And(list), "-- in a migration of its own, after this one:", shortened(st.Text(l.script.text)))
	}
}

func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 160 {
		return string(r[:160]) + "…"
	}
	return text + ";"
}
