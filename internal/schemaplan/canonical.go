package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// canon is the server's form of those parts of the desired database that cannot be compared as text alone.
type canon struct {
	types      map[columnRef]string // its own name for the desired type
	castable   map[columnRef]bool   // the type found can be cast to the desired one
	defaults   map[columnRef]string // its own form of the desired default
	predicates map[indexRef]string  // its own form of the desired partial index's condition
	refused    map[string]*refusal  // what it cannot create, by the text that was tried
}

// refusal is the server's refusal to create something, and the ways out.
type refusal struct {
	server *postgres.ServerError
	ways   []remedy.Advice
}

type columnRef struct {
	table  qName
	column string
}

type indexRef struct {
	table qName
	index *index
}

// question is one thing to ask: statements that create something in the temporary schema, and where the answer goes.
type question struct {
	statements []string
	settle     func(typeText, expr string)
	refused    func(*postgres.ServerError) // may be nil
}

// name gives the question's table its name.
func (x question) name(table string) {
	for i, s := range x.statements {
		x.statements[i] = strings.Replace(s, "naap_probe", table, 1) // only the first: others belong to the schema file
	}
}

// settle asks the server about everything in want that has a counterpart in have and differs from it only as text. It
// creates temporary tables and drops them again; nothing else in the database is touched. The search path is the schema
// file's.
func settle(ctx context.Context, q postgres.Querier, have, want *Database, s settings, withImage func(image string) []string) (*canon, error) {
	c := &canon{
		types: map[columnRef]string{}, castable: map[columnRef]bool{},
		defaults: map[columnRef]string{}, predicates: map[indexRef]string{}, refused: map[string]*refusal{},
	}
	if err := c.lookForExtensions(ctx, q, have, want); err != nil {
		return nil, err
	}
	questions := once(append(c.questions(have, want), c.trials(have, want)...))
	for part := range slices.Chunk(questions, atOnce(have.lockRoom)) {
		if err := probe(ctx, q, part, s); err != nil {
			return nil, err
		}
	}
	c.findWays(ctx, q, withImage)
	return c, nil
}

// once returns the questions without those that are asked already: many columns have the same type and default.
func once(questions []question) []question {
	var out []question
	at := map[string]int{}
	for _, x := range questions {
		key := strings.Join(x.statements, "\x00")
		i, asked := at[key]
		if !asked {
			at[key] = len(out)
			out = append(out, x)
			continue
		}
		out[i] = out[i].and(x)
	}
	return out
}

// and returns the question with another that is the same.
func (x question) and(y question) question {
	settle, refused := x.settle, x.refused
	x.settle = func(typeText, expr string) { settle(typeText, expr); y.settle(typeText, expr) }
	x.refused = func(err *postgres.ServerError) {
		if refused != nil {
			refused(err)
		}
		if y.refused != nil {
			y.refused(err)
		}
	}
	return x
}

// probe asks the server some questions.
func probe(ctx context.Context, q postgres.Querier, questions []question, s settings) error {
	for i := range questions {
		questions[i].name(fmt.Sprintf("pg_temp.naap_probe_%d", i))
	}
	batch := &postgres.Batch{}
	batch.Queue(s.enter())
	batch.Queue(probeScript(questions))
	batch.Queue("SELECT set_config('search_path', 'pg_catalog', true)")
	batch.Queue(`SELECT substr(c.relname, length('naap_probe_') + 1)::int, format_type(a.atttypid, a.atttypmod),
			coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(i.indpred, i.indrelid), '')
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = 1
		LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indpred IS NOT NULL
		WHERE c.relnamespace = pg_my_temp_schema() AND c.relname LIKE 'naap\_probe\_%' AND c.relkind = 'r'`)
	batch.Queue(`SELECT i::int, left(e, 5), substr(e, 7) FROM generate_series(0, $1::int - 1) i, current_setting('naap.probe_' || i, true) e WHERE e <> ''`, len(questions))
	batch.Queue(dropProbes)
	batch.Queue(leave)
	results := q.SendBatch(ctx, batch)
	defer results.Close()
	for i := range batch.Len() {
		rows, err := results.Query()
		if err != nil {
			return fmt.Errorf("ask the server for its form of types and defaults: %w", err)
		}
		for rows.Next() {
			if i != 3 && i != 4 {
				continue
			}
			var number int
			var first, second string
			if err := rows.Scan(&number, &first, &second); err != nil {
				rows.Close()
				return fmt.Errorf("ask the server for its form of types and defaults: %w", err)
			}
			if x := questions[number]; i == 3 {
				x.settle(first, second)
			} else if x.refused != nil {
				x.refused(&postgres.ServerError{Code: first, Message: second})
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("ask the server for its form of types and defaults: %w", err)
		}
	}
	return results.Close()
}

func (c *canon) findWays(ctx context.Context, q postgres.Querier, withImage func(image string) []string) {
	for _, r := range c.refused {
		if r.ways == nil {
			r.ways = postgres.LackingWays(ctx, q, r.server, withImage)
		}
	}
}

// probeScript runs each question in a block of its own, so that one that fails does not affect the others: what the
// server cannot create a temporary table for counts as different, and the plan's own statement will say why.
func probeScript(questions []question) string {
	var b strings.Builder
	for i, x := range questions {
		setting := fmt.Sprintf("PERFORM pg_catalog.set_config('naap.probe_%d', ", i)
		b.WriteString(setting + "'', true);\nBEGIN\n")
		for _, s := range x.statements {
			b.WriteString("EXECUTE " + postgres.Literal(s) + ";\n")
		}
		b.WriteString("EXCEPTION WHEN lock_not_available THEN RAISE; WHEN OTHERS THEN " + setting + "SQLSTATE || ' ' || SQLERRM, true); END;\n")
	}
	quote := "$naap_probe$"
	for i := 0; strings.Contains(b.String(), quote); i++ { // the schema file's own SQL may contain anything
		quote = fmt.Sprintf("$naap_probe%d$", i)
	}
	return "DO " + quote + " BEGIN\n" + b.String() + "END " + quote
}

// dropProbes cleans up in a transaction that goes on.
const dropProbes = `DO $naap_probe$ DECLARE probe regclass; BEGIN
	FOR probe IN SELECT oid FROM pg_catalog.pg_class
		WHERE relnamespace = pg_catalog.pg_my_temp_schema() AND relname LIKE 'naap\_probe\_%' AND relkind = 'r'
	LOOP EXECUTE 'DROP TABLE ' || probe; END LOOP;
	END $naap_probe$`

func (c *canon) questions(have, want *Database) []question {
	var out []question
	ask := func(settle func(typeText, expr string), statements ...string) {
		out = append(out, question{statements: statements, settle: settle})
	}
	for _, w := range want.Tables {
		h := have.table(w.qName)
		if h == nil || h.Unmanaged != "" {
			continue
		}
		for _, wc := range w.Columns {
			if hc := h.column(wc.Name); hc != nil {
				c.askColumn(ask, columnRef{w.qName, wc.Name}, hc, wc)
			}
		}
		if want.partial {
			c.askPredicates(ask, h, w)
		}
	}
	return out
}

type asker func(settle func(typeText, expr string), statements ...string)

func (c *canon) askColumn(ask asker, ref columnRef, have, want *column) {
	is := have.is(want.Type, "")
	if !want.Type.known() && !want.Type.isEnum() && !is {
		ask(func(typeText, _ string) { c.types[ref] = typeText },
			"CREATE TEMP TABLE naap_probe (c "+want.Type.sql()+")")
	}
	if !(is && have.Domain != nil) && !have.Type.isEnum() && !want.Type.isEnum() && !(have.Type.known() && want.Type.known()) {
		ask(func(string, string) { c.castable[ref] = true },
			"CREATE TEMP TABLE naap_probe (c "+have.Type.Text+")",
			"ALTER TABLE naap_probe ALTER COLUMN c TYPE "+want.Type.sql())
	}
	if want.Default != nil && compareDefaults(have.Default, want.Default) == unknown {
		typeText := want.Type.sql()
		if is && have.Domain != nil {
			typeText = have.Type.Text
		}
		ask(func(_, expr string) { c.defaults[ref] = expr },
			"CREATE TEMP TABLE naap_probe (c "+typeText+" DEFAULT "+want.Default.SQL+")")
	}
}

func (c *canon) askPredicates(ask asker, have, want *Table) {
	for _, x := range want.Indexes {
		if x.Predicate == "" {
			continue
		}
		ask(func(_, expr string) { c.predicates[indexRef{want.qName, x}] = expr },
			"CREATE TEMP TABLE naap_probe (LIKE "+have.asIs().sql()+")",
			"CREATE INDEX ON naap_probe ("+postgres.Ident(x.Columns[0].Name)+") WHERE ("+x.Predicate+")")
	}
}

// sameDefault reports whether the column already has the desired default.
func (c *canon) sameDefault(ref columnRef, have, want *columnDefault) bool {
	switch compareDefaults(have, want) {
	case same:
		return true
	case different:
		return false
	}
	expr, asked := c.defaults[ref]
	return asked && expr == have.SQL
}
