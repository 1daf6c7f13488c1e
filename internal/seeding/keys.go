package seeding

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/visible"
)

// keyColumns returns the columns that identify a row of the table: those in the file's header, or else the primary key,
// or else the narrowest unique index without NULLs, or else all of them (the first 50: jsonb_build_object takes at most
// 100 arguments). A header's key for all tables of a schema applies to those that have it.
func keyColumns(ctx context.Context, tx postgres.Tx, f *seedfile.File, t postgres.TableRef) ([]string, error) {
	keys, err := keysOfAll(ctx, tx, f, []postgres.TableRef{t})
	if err != nil {
		return nil, err
	}
	return keys[0], nil
}

// keysOfAll returns the keyColumns of each of the tables.
func keysOfAll(ctx context.Context, tx postgres.Tx, f *seedfile.File, list []postgres.TableRef) ([][]string, error) {
	keys := make([][]string, len(list))
	err := postgres.Each(ctx, tx, func(row postgres.Rows) error {
		var i int
		var key []string
		err := row.Scan(&i, &key)
		keys[i] = key
		return err
	}, `
SELECT t.i - 1, ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
	WHERE a.attrelid = t.name::regclass AND a.attnum > 0 AND NOT a.attisdropped AND (k.cols IS NULL OR a.attnum = ANY (k.cols))
	ORDER BY a.attnum LIMIT 50)
FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS t(name, i) LEFT JOIN LATERAL (
	SELECT i.indkey::int2[] AS cols FROM pg_catalog.pg_index i
	WHERE i.indrelid = t.name::regclass AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid
		AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
			WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
	ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
) AS k ON true`, quotedAll(list))
	if err != nil {
		return nil, fmt.Errorf("find the keys of the tables: %w", err)
	}
	for i, t := range list {
		k, ok := f.KeyOf(t.Schema, t.Name)
		if !ok {
			continue
		}
		lacks, err := lacksKey(ctx, tx, t, k.Columns)
		if err != nil {
			return nil, err
		}
		if lacks == "" || k.Table != "" {
			keys[i] = k.Columns
		}
	}
	return keys, nil
}

func quotedAll(list []postgres.TableRef) []string { return say.Each(list, postgres.TableRef.Quoted) }

// lacksKey returns why columns cannot be the key of a table, or "": rows that share a key could not be distinguished
// from other rows.
func lacksKey(ctx context.Context, q postgres.Querier, t postgres.TableRef, columns []string) (string, error) {
	missing, err := postgres.CollectStrings(q.Query(ctx, `SELECT c FROM pg_catalog.unnest($2::text[]) AS c WHERE NOT EXISTS (
	SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::text::regclass AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)`,
		t.Quoted(), columns))
	if err != nil {
		return "", fmt.Errorf("look for the columns of %s: %w", t, err)
	}
	if len(missing) > 0 {
		return fmt.Sprintf("%s has no column %s", t, strings.Join(missing, ", ")), nil
	}
	unique, err := isUnique(ctx, q, t, columns, false)
	if err != nil || unique {
		return "", err
	}
	return fmt.Sprintf("%s has no unique index over %s", t, strings.Join(columns, ", ")), nil
}

// findsOne reports whether a key finds at most one row, even where NULL is compared as an ordinary value.
func findsOne(ctx context.Context, q postgres.Querier, t postgres.TableRef, columns []string) (bool, error) {
	return isUnique(ctx, q, t, columns, true)
}

// isUnique reports whether there is a unique index over no other columns; with given, over columns that cannot be NULL.
func isUnique(ctx context.Context, q postgres.Querier, t postgres.TableRef, columns []string, given bool) (unique bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_index i
WHERE i.indrelid = $1::text::regclass AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid
	AND NOT EXISTS (SELECT FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(att, n)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.att
		WHERE k.n <= i.indnkeyatts AND (a.attname <> ALL ($2::text[]) OR $3 AND NOT a.attnotnull)))`, t.Quoted(), columns, given).Scan(&unique)
	if err != nil {
		err = fmt.Errorf("look for unique keys of %s: %w", t, err)
	}
	return unique, err
}

// checkKeys checks whether the header's keys for named tables can be keys. Tables that do not exist yet are skipped
// until the file has run.
func checkKeys(ctx context.Context, q postgres.Querier, f *seedfile.File, ran bool) error {
	for _, k := range f.Keys() {
		if k.Table == "" {
			continue
		}
		t := postgres.TableRef{Schema: k.Schema, Name: k.Table}
		there, err := exists(ctx, q, t)
		if err != nil {
			return err
		}
		lacks := ""
		switch {
		case there:
			if lacks, err = lacksKey(ctx, q, t, k.Columns); err != nil {
				return err
			}
		case ran:
			lacks = fmt.Sprintf("there is no table %s", t)
		}
		if lacks != "" {
			return f.BadHeader(k.Line, "key=%s(%s) finds no rows again: %s", visible.String(k.Table),
				visible.String(strings.Join(k.Columns, ",")), visible.String(lacks))
		}
	}
	return nil
}

func exists(ctx context.Context, q postgres.Querier, t postgres.TableRef) (bool, error) {
	there, err := existing(ctx, q, []postgres.TableRef{t})
	return len(there) > 0, err
}

// existing returns those of the tables that exist.
func existing(ctx context.Context, q postgres.Querier, list []postgres.TableRef) ([]postgres.TableRef, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var there []bool
	err := q.QueryRow(ctx, `SELECT array_agg(pg_catalog.to_regclass(name) IS NOT NULL ORDER BY i)
FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS t(name, i)`, quotedAll(list)).Scan(&there)
	if err != nil {
		return nil, fmt.Errorf("look for the tables: %w", err)
	}
	var found []postgres.TableRef
	for i, t := range list {
		if there[i] {
			found = append(found, t)
		}
	}
	return found, nil
}

// keyObject returns the key of a row as a JSON object. Keys are compared in that form, in which NULL equals NULL.
func keyObject(row string, columns []string) string {
	return "jsonb_build_object(" + say.Join(columns, ", ", func(c string) string { return postgres.Literal(c) + ", " + row + "." + postgres.Ident(c) }) + ")"
}

// keyGiven returns the condition that no column of a row's key is NULL.
func keyGiven(row string, columns []string) string {
	return say.Join(columns, " AND ", func(c string) string { return row + "." + postgres.Ident(c) + " IS NOT NULL" })
}

// keyText returns SQL for a row's key as a plan shows it: id 701, or tenant 3, name x.
func keyText(row string, columns []string) string {
	values := say.Each(columns, func(c string) string { return row + "." + postgres.Ident(c) })
	return labelled(columns, values)
}

// labelled returns SQL for values with their names.
func labelled(names, values []string) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = fmt.Sprintf("%s || coalesce((%s)::text, 'NULL')", postgres.Literal(n+" "), values[i])
	}
	return "pg_catalog.array_to_string(ARRAY[" + strings.Join(parts, ", ") + "], ', ')"
}
