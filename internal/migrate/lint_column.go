package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// addColumn reads what comes after ADD COLUMN. A default that is the same for all rows is stored once since PostgreSQL
// 11; one that must be computed for each row makes the server write all of them again ("Adding a Column", PostgreSQL's
// manual, Modifying Tables).
func (l *linter) addColumn(t relation, table *lintTable, p *ddlReader) {
	name, ok := p.ident()
	if !ok {
		return
	}
	start := *p
	c := columnOf(p)
	table.columns[name] = c
	p.at = start.at
	if !l.existing(t) {
		return
	}
	column := fmt.Sprintf("the new column %s of %s", postgres.Ident(name), t)
	later := []string{
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s;", t.text, postgres.Ident(name), c.typ),
		"-- in a migration of its own, for new rows, and the old ones in portions:",
	}
	value := p.defaultValue()
	switch {
	case p.has("GENERATED", "ALWAYS", "AS") && p.has("STORED"):
		l.rewrites(t, p.tokens, column+" is computed for each row")
	case p.has("AS", "IDENTITY"), isSerial(c.typ):
		l.rewrites(t, p.tokens, column+" gets a number in each row")
	case len(value) > 0:
		if why := l.volatile(p.reads(value)); why != "" {
			l.rewrites(t, value, fmt.Sprintf("%s: %s", column, why), append(later,
				fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s;", t.text, postgres.Ident(name), p.source(value)),
				fmt.Sprintf("UPDATE %s SET %s = DEFAULT WHERE %[2]s IS NULL;", t.text, postgres.Ident(name)))...)
		}
	case c.notNull:
		l.about(lintRows, remedy.Warning, p.tokens, column+" is required and has no default: it fails where the table has rows (23502)", append(later,
			fmt.Sprintf("UPDATE %s SET %s = … WHERE %[2]s IS NULL;", t.text, postgres.Ident(name)),
			fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL;", t.text, postgres.Ident(name)))...)
	}
	if p.has("CHECK") {
		l.scans(t, p.tokens, "the CHECK is tried on each row")
	}
	if len(value) > 0 && p.has("REFERENCES") {
		l.scans(t, p.tokens, "each row's value is looked for in the other table")
	}
	if p.has("UNIQUE") || p.has("PRIMARY", "KEY") {
		l.about(lintIndex, remedy.Warning, p.tokens, fmt.Sprintf("nobody can read or write %s until the index of the key is built", t))
	}
}

func isSerial(typ string) bool {
	return slices.Contains([]string{"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"}, typ)
}

// defaultValue returns the tokens of the DEFAULT, none where there is none.
func (r *ddlReader) defaultValue() []sqltext.Token {
	p := *r
	p.until("DEFAULT")
	if !p.take("DEFAULT") || p.done() {
		return nil
	}
	return p.until("NOT", "NULL", "CONSTRAINT", "PRIMARY", "UNIQUE", "REFERENCES", "CHECK", "GENERATED", "COLLATE")
}

// The volatile functions of PostgreSQL and of the extensions that come with it, and the others that defaults call.
const (
	volatileFunctions = " random random_normal gen_random_uuid uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 clock_timestamp timeofday nextval currval lastval setval txid_current pg_sleep gen_random_bytes gen_salt "
	steadyFunctions   = " now transaction_timestamp statement_timestamp coalesce nullif greatest least concat concat_ws lower upper md5 to_char to_timestamp to_date date_trunc date_part extract make_interval make_date make_timestamp jsonb_build_object jsonb_build_array json_build_object json_build_array to_jsonb to_json array_fill replace substring substr trim length abs round floor ceil encode decode current_setting array row age timezone session_user cast "
)

// volatile returns why an expression must be computed for each row, "" where it need not be.
func (l *linter) volatile(r *ddlReader) string {
	for ; !r.done(); r.at++ {
		if r.symbol(':') { // of a cast, whose type may have parentheses
			r.at += 2
			r.relation()
			r.at--
			continue
		}
		if k := r.kind(); k != sqltext.Word && k != sqltext.Name || r.at+1 >= len(r.tokens) || !r.tokens[r.at+1].Is(r.text, '(') {
			continue
		}
		name := sqltext.Identifier(r.raw())
		made, known := l.catalogue.functions[name]
		switch {
		case strings.Contains(volatileFunctions, " "+name+" "), made == "VOLATILE":
			return fmt.Sprintf("%s() is computed for each row", name)
		case !known && !strings.Contains(steadyFunctions, " "+name+" "):
			return fmt.Sprintf("%s() is computed for each row, unless it is declared STABLE or IMMUTABLE", name)
		}
	}
	return ""
}

// alterColumn reads what comes after ALTER COLUMN name.
func (l *linter) alterColumn(t relation, table *lintTable, name string, p *ddlReader) {
	c, known := table.columns[name]
	switch {
	case p.take("TYPE"), p.take("SET", "DATA", "TYPE"):
		typ := p.squeezed(p.until("COLLATE", "USING"))
		l.changesType(t, name, c.typ, typ, p)
		c.typ = typ
	case p.is("SET", "NOT", "NULL"):
		if !table.provesNotNull(name) {
			l.setNotNull(t, name, p)
		}
		c.notNull = true
	case p.is("DROP", "NOT", "NULL"):
		c.notNull = false
	default:
		return
	}
	if known || c.typ != "" {
		table.columns[name] = c
	}
}

// changesType reports a change of a column's type; from is "" where it is not known.
func (l *linter) changesType(t relation, name, from, to string, p *ddlReader) {
	if !l.existing(t) {
		return
	}
	column := postgres.Ident(name)
	if p.take("USING") && !isPlainCast(p.squeezed(p.rest()), name, to) {
		l.rewrites(t, p.tokens, fmt.Sprintf("%s.%s is computed for each row", t, column), l.beside(t, name, to)...)
		return
	}
	switch changeOfType(from, to) {
	case typeStays:
	case typeMayStay:
		l.rewrites(t, p.tokens, fmt.Sprintf("%s.%s becomes %s (unless its old type is stored the same)", t, column, to), l.beside(t, name, to)...)
	default:
		l.rewrites(t, p.tokens, fmt.Sprintf("%s.%s becomes %s", t, column, to), l.beside(t, name, to)...)
	}
}

// beside are the steps that need no rewriting: another column, filled in portions.
func (l *linter) beside(t relation, name, to string) []string {
	other := postgres.Ident(name + "_new")
	return []string{
		"-- where the table is large, in migrations of their own:",
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s;", t.text, other, to),
		fmt.Sprintf("UPDATE %s SET %s = %s::%s WHERE %[2]s IS NULL AND …; -- in portions", t.text, other, postgres.Ident(name), to),
		fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s;", t.text, postgres.Ident(name), postgres.Ident(name+"_old")),
		fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s TO %s;", t.text, other, postgres.Ident(name)),
	}
}

// isPlainCast reports whether an expression is only the column, or its cast to the type.
func isPlainCast(expression, column, typ string) bool {
	bare := func(s string) string { return strings.NewReplacer("(", "", ")", "", `"`, "").Replace(s) }
	e, c := bare(expression), bare(column)
	return e == c || e == c+"::"+bare(typ)
}

func (l *linter) setNotNull(t relation, name string, p *ddlReader) {
	column, check := postgres.Ident(name), postgres.Ident(t.name+"_"+name+"_not_null")
	l.scans(t, p.tokens, fmt.Sprintf("all rows of %s are read for a NULL in %s", t, column),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID;", t.text, check, column),
		"-- in a migration of its own: it reads the rows, and others can read and write",
		fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s;", t.text, check),
		"-- in another one: the constraint proves it, and no row is read",
		fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s SET NOT NULL, DROP CONSTRAINT %s;", t.text, column, check))
}

// scans reports a statement that reads all rows of a table under its lock.
func (l *linter) scans(t relation, tokens []sqltext.Token, message string, help ...string) {
	if l.existing(t) {
		l.about(lintScan, remedy.Warning, tokens, message, help...)
	}
}

// addConstraint reads what comes after ADD.
func (l *linter) addConstraint(t relation, table *lintTable, p *ddlReader) {
	name := ""
	if p.take("CONSTRAINT") {
		name, _ = p.ident()
	}
	rest := p.source(p.rest())
	switch {
	case p.take("CHECK"):
		condition := p.parens()
		valid := !p.has("NOT", "VALID")
		if column, ok := isNotNull(p.reads(condition)); ok && name != "" {
			table.checks[name] = notNullCheck{column, valid}
		}
		if valid {
			l.notValid(t, name, "check", rest, p.tokens, fmt.Sprintf("all rows of %s are checked, and nobody can read or write it meanwhile", t))
		}
	case p.take("FOREIGN", "KEY"):
		columns := p.parens()
		if !p.has("NOT", "VALID") {
			l.notValid(t, name, strings.Join(namesIn(p.reads(columns)), "_")+"_fkey", rest, p.tokens, fmt.Sprintf("all rows of %s are looked for in the other table, and nobody can write either meanwhile", t))
		}
	case p.is("UNIQUE"), p.is("PRIMARY", "KEY"):
		l.addKey(t, name, rest, p)
	case p.is("EXCLUDE"):
		l.scans(t, p.tokens, fmt.Sprintf("nobody can read or write %s until the index of the constraint is built", t))
	}
}

// notValid reports a constraint that is checked at once, with the two statements that check it later.
func (l *linter) notValid(t relation, name, kind, rest string, tokens []sqltext.Token, message string) {
	if name == "" {
		name = t.name + "_" + kind
	}
	l.scans(t, tokens, message,
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID;", t.text, postgres.Ident(name), strings.Join(strings.Fields(rest), " ")),
		"-- in a migration of its own: it reads the rows, and others can read and write",
		fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s;", t.text, postgres.Ident(name)))
}

// addKey reports UNIQUE or PRIMARY KEY, unless an index for it is there.
func (l *linter) addKey(t relation, name, rest string, p *ddlReader) {
	kind, suffix := "UNIQUE", "_key"
	if p.take("PRIMARY", "KEY") {
		kind, suffix = "PRIMARY KEY", "_pkey"
	} else {
		p.take("UNIQUE")
	}
	if p.is("USING", "INDEX") || !l.existing(t) {
		return
	}
	columns := p.parens()
	if name == "" && kind == "UNIQUE" {
		suffix = "_" + strings.Join(namesIn(p.reads(columns)), "_") + suffix
	}
	if name == "" {
		name = t.name + suffix
	}
	l.about(lintIndex, remedy.Warning, p.tokens, fmt.Sprintf("nobody can read or write %s until the index of the key is built", t),
		"-- in a migration of its own, with nothing else in it:",
		fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY %s ON %s (%s);", postgres.Ident(name), t.text, p.source(columns)),
		"-- in the next one:",
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s USING INDEX %[2]s;", t.text, postgres.Ident(name), kind))
}

func namesIn(r *ddlReader) (list []string) {
	for _, part := range r.parts(r.tokens) {
		if name, ok := r.reads(part).ident(); ok {
			list = append(list, name)
		}
	}
	return list
}

// isNotNull reads a condition that is only: column IS NOT NULL.
func isNotNull(r *ddlReader) (column string, ok bool) {
	for r.symbol('(') {
		r = r.reads(r.parens())
	}
	column, ok = r.ident()
	return column, ok && r.take("IS", "NOT", "NULL") && r.done()
}
