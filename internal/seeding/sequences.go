package seeding

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// A row that specifies its id takes none from the sequence that generates the ids of others. So the sequences of the
// columns that a file filled are advanced past the existing values, or the next insert would get an id that is taken.

// source is a sequence with the columns that it generates values for.
type source struct {
	sequence  postgres.TableRef
	increment int64
	cached    bool // sessions take several values at once
	columns   []sourceColumn
}

type sourceColumn struct {
	table postgres.TableRef
	name  string
}

// sequencesOf lists the sequences that columns of tables own or have as their default, including those of partitioned
// tables and of tables that are inherited from. A default in which the value is only a part, such as 'n' ||
// nextval('s'), is left out, and so is a column that does not hold numbers.
func sequencesOf(ctx context.Context, q postgres.Querier, tables []string) ([]*source, error) {
	var list []*source
	err := postgres.Each(ctx, q, func(row postgres.Rows) error {
		var s source
		var c sourceColumn
		err := row.Scan(&s.sequence.Schema, &s.sequence.Name, &s.increment, &s.cached, &c.table.Schema, &c.table.Name, &c.name)
		if n := len(list); n == 0 || list[n-1].sequence != s.sequence {
			list = append(list, &s)
		}
		last := list[len(list)-1]
		last.columns = append(last.columns, c)
		return err
	}, `
WITH RECURSIVE touched AS (
	SELECT pg_catalog.to_regclass(name)::oid AS rel FROM pg_catalog.unnest($1::text[]) AS name
	UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN touched ON i.inhrelid = touched.rel
), draws AS (
	SELECT objid AS seq, refobjid AS rel, refobjsubid AS att FROM touched JOIN pg_catalog.pg_depend ON refobjid = touched.rel
	WHERE classid = 'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass AND refobjsubid > 0 AND deptype IN ('a', 'i')
	UNION
	SELECT d.refobjid, ad.adrelid, ad.adnum FROM touched JOIN pg_catalog.pg_attrdef ad ON ad.adrelid = touched.rel
	JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = ad.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
	WHERE pg_get_expr(ad.adbin, ad.adrelid) ~ '^nextval\(''.*''::regclass\)(::\w+)?$'
)
SELECT sn.nspname, s.relname, q.seqincrement, q.seqcache > 1, tn.nspname, t.relname, a.attname
FROM draws
JOIN pg_catalog.pg_class s ON s.oid = draws.seq AND s.relkind = 'S' JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_class t ON t.oid = draws.rel JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = draws.att
JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
WHERE coalesce(nullif(y.typbasetype, 0), y.oid) IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
ORDER BY sn.nspname, s.relname, tn.nspname, t.relname, a.attname`, tables)
	if err != nil {
		return nil, fmt.Errorf("list the sequences of the seed's tables: %w", err)
	}
	return list, nil
}

// advanceSequences advances the sequences of the tables into which a file inserted rows, unless the file sets them
// itself.
func advanceSequences(ctx context.Context, tx postgres.Tx, f *seedfile.File, effects map[postgres.TableRef]effect) error {
	var tables []string
	for t, e := range effects {
		if e.inserted || e.updated {
			tables = append(tables, t.Quoted())
		}
	}
	list, err := sequencesOf(ctx, tx, tables)
	if err != nil {
		return err
	}
	set := settings(f)
	for _, s := range list {
		if s.setBy(set) {
			continue
		}
		if err := s.advance(ctx, tx); err != nil {
			return fmt.Errorf("advance the sequence %s: %w", s.sequence, err)
		}
	}
	return nil
}

var setting = lazy.Regexp{Text: `(?is)\bsetval\s*\(|\balter\b.*\brestart\b`}

// settings returns the statements of a script that set sequences. TRUNCATE … RESTART IDENTITY is not one: it says
// nothing about the rows that come after it.
func settings(f *seedfile.File) []string {
	if f.Format != seedfile.SQL {
		return nil
	}
	statements, err := f.Statements()
	if err != nil {
		return nil
	}
	var list []string
	for _, s := range statements {
		if s.Command != "TRUNCATE" && setting.Get().MatchString(s.Text) {
			list = append(list, s.Text)
		}
	}
	return list
}

// setBy reports whether one of the statements names the sequence, or a table that it generates values for.
func (s *source) setBy(statements []string) bool {
	for _, text := range statements {
		names := newNames(text)
		if names.has(s.sequence.Name) {
			return true
		}
		for _, c := range s.columns {
			if names.has(c.table.Name) {
				return true
			}
		}
	}
	return false
}

// atOnce is how many values are taken one by one rather than set: taken ones cannot be taken twice, even if others take
// some meanwhile. Nobody takes more than this between the look and the setting.
const atOnce = 100

// advance makes the sequence's next value greater than all that its columns hold. It never goes back, keeps its step,
// and stays where it is if the next value would be out of bounds.
func (s *source) advance(ctx context.Context, tx postgres.Tx) error {
	last := "max"
	if s.increment < 0 {
		last = "min"
	}
	ids := make([]string, len(s.columns))
	for i, c := range s.columns {
		ids[i] = fmt.Sprintf("SELECT %s(%s)::numeric AS id FROM %s", last, postgres.Ident(c.name), c.table.Quoted())
	}
	name := postgres.Literal(s.sequence.Quoted())
	var steps int64
	var target *int64
	err := tx.QueryRow(ctx, fmt.Sprintf(`
WITH here AS (
	SELECT %[1]s AS next, (SELECT %[2]s(id) FROM (%[3]s) AS x) AS last
), wanted AS (
	SELECT next, greatest(0, floor((last - next) / %[4]d) + 1) AS steps FROM here
)
SELECT CASE WHEN inside THEN least(steps, %[5]d + 1)::bigint ELSE 0 END, CASE WHEN inside THEN target::bigint END
FROM (SELECT steps, next + steps * %[4]d AS target, coalesce(next + steps * %[4]d BETWEEN seqmin AND seqmax, false) AS inside
	FROM wanted, pg_catalog.pg_sequence WHERE seqrelid = %[6]s::regclass) AS x`,
		s.next(), last, strings.Join(ids, " UNION ALL "), s.increment, atOnce, name)).Scan(&steps, &target)
	if err != nil || steps == 0 {
		return err
	}
	if steps <= atOnce && !s.cached {
		_, err = tx.Exec(ctx, fmt.Sprintf("SELECT nextval(%s) FROM generate_series(1, %d)", name, steps))
		return err
	}
	return s.set(ctx, tx, *target)
}

// next returns SQL for the value that the sequence will return next.
func (s *source) next() string {
	return fmt.Sprintf("(SELECT last_value::numeric + CASE WHEN is_called THEN %d ELSE 0 END FROM %s)", s.increment, s.sequence.Quoted())
}

// set makes a value the next one, unless someone took it meanwhile.
func (s *source) set(ctx context.Context, tx postgres.Tx, value int64) error {
	_, err := tx.Exec(ctx, fmt.Sprintf("SELECT setval(%s, %d, false) WHERE (%[2]d - %s) / %d > 0",
		postgres.Literal(s.sequence.Quoted()), value, s.next(), s.increment))
	return err
}
