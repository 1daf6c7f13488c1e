package seeding

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// tableKeys are the rows of one table that a seed brought, by their keys.
type tableKeys struct {
	Table postgres.TableRef
	Keys  json.RawMessage // an array of objects, a column and its value each
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
