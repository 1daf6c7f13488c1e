package seeding

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

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
		columns, err := keyColumns(ctx, tx, seed.File, t)
		if err != nil {
			return 0, err
		}
		before := ""
		if name, ok := old[t]; ok {
			before = " AND NOT EXISTS (SELECT 1 FROM pg_temp." + name + " AS o WHERE o.key = " + keyObject("r", columns) + ")"
		}
		var n int64
		err = tx.QueryRow(ctx, fmt.Sprintf(`
WITH brought AS (
	SELECT %s AS key FROM ONLY %s AS r WHERE %s%s
), noted AS (
	INSERT INTO naap_dev.seed_rows (seed, schema_name, table_name, keys)
	SELECT $2, $3, $4, jsonb_agg(key) FROM brought HAVING count(*) > 0
)
SELECT count(*) FROM brought`, keyObject("r", columns), t.Quoted(), ours, before), mark, seed.Name, t.Schema, t.Name).Scan(&n)
		if err != nil {
			return 0, fmt.Errorf("note the rows that %s brought to %s: %w", seed.Name, t, err)
		}
		total += n
	}
	return total, nil
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
		there, err := exists(ctx, tx, ref)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		columns, err := keyColumns(ctx, tx, seed.File, ref)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("naap_seed_%d", i)
		_, err = tx.Exec(ctx, fmt.Sprintf(`DROP TABLE IF EXISTS pg_temp.%s`, name))
		if err == nil {
			_, err = tx.Exec(ctx, fmt.Sprintf(`CREATE TEMP TABLE %s ON COMMIT DROP AS SELECT %s AS key FROM ONLY %s AS r`, name, keyObject("r", columns), ref.Quoted()))
		}
		if err != nil {
			return nil, fmt.Errorf("keep the keys of %s: %w", ref, err)
		}
		old[ref] = name
	}
	return old, nil
}

// touched are the tables that rows were inserted into by this transaction, ours aside, and perhaps by some before it: the
// server's counts are of what it has not yet handed on.
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

// removeFrom deletes the noted rows, found by key, and never more of a key than were noted: a table without a unique key
// may have rows of others that look the same. Keys are written anew from the noted ones, because the text of an instant
// depends on the session's time zone.
func removeFrom(ctx context.Context, tx postgres.Tx, t tableKeys) error {
	var first []map[string]json.RawMessage
	if err := json.Unmarshal(t.Keys, &first); err != nil || len(first) == 0 {
		return err
	}
	columns, table := sortedKeys(first[0]), t.Table.Quoted()
	_, err := tx.Exec(ctx, fmt.Sprintf(`
WITH noted AS (
	SELECT %[1]s AS key, count(*) AS n FROM jsonb_populate_recordset(NULL::%[3]s, $1) AS k GROUP BY 1
), found AS (
	SELECT r.ctid AS at, noted.n, row_number() OVER (PARTITION BY noted.key ORDER BY r.ctid DESC) AS nth
	FROM ONLY %[3]s AS r JOIN noted ON noted.key = %[2]s
)
DELETE FROM ONLY %[3]s AS r USING found WHERE r.ctid = found.at AND found.nth <= found.n`,
		keyObject("k", columns), keyObject("r", columns), table), t.Keys)
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Table, err)
	}
	return nil
}
