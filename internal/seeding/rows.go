package seeding

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// tableKeys are the rows of one table that a seed brought, by their keys.
type tableKeys struct {
	Table postgres.TableRef
	Keys  json.RawMessage // an array of objects, a column and its value each
}

// ours tells of a row r that this file brought it: its transaction is the file's own or a savepoint inside it ($1 is the
// first number), which alone are still going on and yet seen. A savepoint, or a block with EXCEPTION in a function, has
// a number of its own.
const ours = `r.xmin::text::bigint >= $1::text::bigint AND
	pg_xact_status(((pg_current_xact_id()::text::bigint >> 32 << 32) + r.xmin::text::bigint)::text::xid8) = 'in progress'`

// record notes the keys of every row that the file brought, and returns their number. Only tables that the server counts
// insertions for in this transaction are looked at. Rows that were there before and that the file only changed are not
// its own: they stay when it is taken back.
func record(ctx context.Context, tx postgres.Tx, seed Seed, mark string, old map[postgres.TableRef]string) (int64, error) {
	tables, err := touched(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("list the tables that %s filled: %w", seed.Name, err)
	}
	var total int64
	for _, t := range tables {
		columns, err := keyColumns(ctx, tx, seed, t)
		if err != nil {
			return 0, err
		}
		before := ""
		if name, ok := old[t]; ok {
			before = " AND NOT EXISTS (SELECT 1 FROM pg_temp." + name + " AS o WHERE o.key = " + keyObject(columns) + ")"
		}
		var n int64
		err = tx.QueryRow(ctx, fmt.Sprintf(`
WITH brought AS (
	SELECT %s AS key FROM %s AS r WHERE %s%s
), noted AS (
	INSERT INTO naap_dev.seed_rows (seed, schema_name, table_name, keys)
	SELECT $2, $3, $4, jsonb_agg(key) FROM brought HAVING count(*) > 0
)
SELECT count(*) FROM brought`, keyObject(columns), t.Quoted(), ours, before), mark, seed.Name, t.Schema, t.Name).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("note the rows that %s brought to %s: %w", seed.Name, t, err)
		}
		total += n
	}
	return total, nil
}

// keyObject is the key of a row r as a JSON object.
func keyObject(columns []string) string {
	pairs := make([]string, len(columns))
	for i, c := range columns {
		pairs[i] = postgres.Literal(c) + ", r." + postgres.Ident(c)
	}
	return "jsonb_build_object(" + strings.Join(pairs, ", ") + ")"
}

// upserting finds scripts that may change rows that are there: INSERT … ON CONFLICT DO UPDATE, UPDATE, MERGE.
var upserting = regexp.MustCompile(`(?i)\b(conflict|update|merge)\b`)

// keepOld keeps the keys of the rows that are there before such a script runs, in temporary tables by whose names the
// tables are known: afterwards nothing tells a row that was changed from one that was inserted.
func keepOld(ctx context.Context, tx postgres.Tx, seed Seed) (map[postgres.TableRef]string, error) {
	old := map[postgres.TableRef]string{}
	if seed.File.Format != seedfile.SQL || !upserting.MatchString(seed.File.Text) {
		return old, nil
	}
	for i, t := range seed.File.Tables() {
		ref := postgres.TableRef(t)
		var there bool
		if err := tx.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, ref.Quoted()).Scan(&there); err != nil || !there {
			if err != nil {
				return nil, fmt.Errorf("look for %s: %w", ref, err)
			}
			continue
		}
		columns, err := keyColumns(ctx, tx, seed, ref)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("naap_seed_%d", i)
		_, err = tx.Exec(ctx, fmt.Sprintf(`DROP TABLE IF EXISTS pg_temp.%s`, name))
		if err == nil {
			_, err = tx.Exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s AS key FROM %s AS r`, name, keyObject(columns), ref.Quoted()))
		}
		if err != nil {
			return nil, fmt.Errorf("keep the keys of %s: %w", ref, err)
		}
		old[ref] = name
	}
	return old, nil
}

// touched are the tables that rows were inserted into by this transaction, ours aside. jsonb_build_object takes at
// most 100 arguments, so that a wider table without a key could not be noted; see keyColumns.
func touched(ctx context.Context, tx postgres.Tx) ([]postgres.TableRef, error) {
	rows, err := tx.Query(ctx, `
SELECT schemaname, relname FROM pg_catalog.pg_stat_xact_user_tables
WHERE n_tup_ins > 0 AND schemaname <> 'naap_dev' AND schemaname !~ '^pg_temp' AND schemaname !~ '^naap_undo_' ORDER BY schemaname, relname`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []postgres.TableRef
	for rows.Next() {
		var t postgres.TableRef
		if err := rows.Scan(&t.Schema, &t.Name); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, rows.Err()
}

// keyColumns are the columns that find a row of the table again: what the file's header says, else the primary key,
// else the narrowest unique index without NULLs, else all of them (the first 50).
func keyColumns(ctx context.Context, tx postgres.Tx, seed Seed, t postgres.TableRef) ([]string, error) {
	if columns := seed.File.KeyOf(t.Schema, t.Name); len(columns) > 0 {
		return columns, nil
	}
	columns, err := postgres.CollectStrings(tx.Query(ctx, `
WITH k AS (
	SELECT i.indrelid, i.indkey::int2[] AS cols FROM pg_catalog.pg_index i
	WHERE i.indrelid = $1::text::regclass AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid
		AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
			WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND NOT a.attnotnull)
	ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
)
SELECT a.attname::text FROM pg_catalog.pg_attribute a LEFT JOIN k ON true
WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND (k.cols IS NULL OR a.attnum = ANY (k.cols))
ORDER BY a.attnum LIMIT 50`, t.Quoted()))
	if err != nil {
		return nil, fmt.Errorf("find the key of %s: %w", t, err)
	}
	return columns, nil
}

// remove takes away the rows that a seed brought, as far as they are still there, and returns what it looked for.
// Foreign keys' triggers are held back meanwhile: a row that the changed file brings again keeps what refers to it, and
// nothing is deleted by cascade. ApplyIn checks afterwards that nothing dangles.
func remove(ctx context.Context, tx postgres.Tx, seed string) ([]tableKeys, error) {
	tables, err := noted(ctx, tx, seed)
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
		return nil, fmt.Errorf("hold back foreign keys (needs a superuser): %w", err)
	}
	for _, t := range tables {
		if err := removeFrom(ctx, tx, t); err != nil {
			return nil, err
		}
	}
	if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = origin`); err != nil {
		return nil, err
	}
	return tables, nil
}

func noted(ctx context.Context, tx postgres.Tx, seed string) ([]tableKeys, error) {
	rows, err := tx.Query(ctx, `
SELECT schema_name, table_name, keys FROM naap_dev.seed_rows
WHERE seed = $1 AND to_regclass(quote_ident(schema_name) || '.' || quote_ident(table_name)) IS NOT NULL
ORDER BY schema_name, table_name`, seed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []tableKeys
	for rows.Next() {
		var t tableKeys
		if err := rows.Scan(&t.Table.Schema, &t.Table.Name, &t.Keys); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, rows.Err()
}

func removeFrom(ctx context.Context, tx postgres.Tx, t tableKeys) error {
	var first []map[string]json.RawMessage
	if err := json.Unmarshal(t.Keys, &first); err != nil || len(first) == 0 {
		return err
	}
	var same []string
	for _, column := range sortedKeys(first[0]) {
		c := postgres.Ident(column)
		same = append(same, fmt.Sprintf("to_jsonb(r.%s) = to_jsonb(k.%s)", c, c))
		if string(first[0][column]) == "null" || nullable(first, column) {
			same[len(same)-1] = fmt.Sprintf("to_jsonb(r.%s) IS NOT DISTINCT FROM to_jsonb(k.%s)", c, c)
		}
	}
	_, err := tx.Exec(ctx, fmt.Sprintf(`DELETE FROM %s AS r USING jsonb_populate_recordset(NULL::%s, $1) AS k WHERE %s`,
		t.Table.Quoted(), t.Table.Quoted(), strings.Join(same, " AND ")), t.Keys)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Table, err)
	}
	return nil
}

func nullable(rows []map[string]json.RawMessage, column string) bool {
	for _, r := range rows {
		if string(r[column]) == "null" {
			return true
		}
	}
	return false
}
