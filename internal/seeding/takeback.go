package seeding

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// tableKeys are the rows of one table that a seed brought, by their keys.
type tableKeys struct {
	Table postgres.TableRef
	Keys  json.RawMessage // an array of objects, a column and its value each
}

// taken is what was taken back of a seed.
type taken struct {
	seed   Seed
	number int // among those taken back in the transaction
	tables []tableKeys
	former []*former
	loose  map[string]int64 // rows that referred to nothing before, by the foreign keys that allow it
}

// takeBack takes away the rows that a seed brought, as far as they are still there. Foreign keys' triggers are held back
// meanwhile: a row that the changed file brings again keeps what refers to it, and nothing is deleted by cascade.
// Afterwards dangling looks whether everything resolves.
func takeBack(ctx context.Context, tx postgres.Tx, seed Seed, number int) (*taken, error) {
	b := &taken{seed: seed, number: number, loose: map[string]int64{}}
	var err error
	if b.tables, err = noted(ctx, tx, seed.Name); err == nil && len(b.tables) > 0 {
		err = b.countLoose(ctx, tx)
		if err == nil {
			err = withoutTriggers(ctx, tx, func() error { return b.remove(ctx, tx) })
		}
	}
	if err != nil {
		return nil, fmt.Errorf("take back the rows of %s: %w", seed.Name, err)
	}
	return b, nil
}

// withoutTriggers holds back triggers, of which foreign keys are made.
func withoutTriggers(ctx context.Context, tx postgres.Tx, f func() error) error {
	if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
		return fmt.Errorf("hold back foreign keys (needs a superuser): %w", err)
	}
	if err := f(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SET LOCAL session_replication_role = origin`)
	return err
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

func (b *taken) remove(ctx context.Context, tx postgres.Tx) error {
	for i, t := range b.tables {
		was, err := newFormer(ctx, tx, b.seed.File, t.Table, fmt.Sprintf("naap_former_%d_%d", b.number, i))
		if err == nil {
			err = t.remove(ctx, tx, was)
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Table, err)
		}
		if was != nil {
			b.former = append(b.former, was)
		}
	}
	return nil
}

// remove deletes the noted rows, found by key, and never more of a key than were noted: a table without a unique key may
// have rows of others that look the same. Keys are written anew from the noted ones, because the text of an instant
// depends on the session's time zone.
func (t tableKeys) remove(ctx context.Context, tx postgres.Tx, was *former) error {
	var first []map[string]json.RawMessage
	if err := json.Unmarshal(t.Keys, &first); err != nil || len(first) == 0 {
		return err
	}
	columns, table := sortedKeys(first[0]), t.Table.Quoted()
	end := "SELECT 1 FROM gone LIMIT 0"
	if was != nil {
		end = was.insert("gone")
	}
	_, err := tx.Exec(ctx, fmt.Sprintf(`
WITH noted AS (
	SELECT %[1]s AS key, count(*) AS n FROM jsonb_populate_recordset(NULL::%[3]s, $1) AS k GROUP BY 1
), found AS (
	SELECT r.ctid AS at, noted.n, row_number() OVER (PARTITION BY noted.key ORDER BY r.ctid DESC) AS nth
	FROM ONLY %[3]s AS r JOIN noted ON noted.key = %[2]s
), gone AS (
	DELETE FROM ONLY %[3]s AS r USING found WHERE r.ctid = found.at AND found.nth <= found.n RETURNING r.*
) %[4]s`,
		keyObject("k", columns), keyObject("r", columns), table, end), t.Keys)
	return err
}

// countLoose counts what refers to nothing before anything is taken away. Only foreign keys that were never validated
// allow it.
func (b *taken) countLoose(ctx context.Context, tx postgres.Tx) error {
	for _, t := range b.tables {
		keys, err := referencing(ctx, tx, t.Table)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.Valid {
				continue
			}
			if b.loose[k.id()], err = k.orphans(ctx, tx); err != nil {
				return err
			}
		}
	}
	return nil
}

// dangling refuses a changed seed that no longer brings rows to which others refer.
func (b *taken) dangling(ctx context.Context, tx postgres.Tx) error {
	for _, t := range b.tables {
		there, err := exists(ctx, tx, t.Table)
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		keys, err := referencing(ctx, tx, t.Table)
		if err != nil {
			return err
		}
		for _, k := range keys {
			n, err := k.orphans(ctx, tx)
			if err != nil {
				return err
			}
			if n > b.loose[k.id()] {
				return b.referenced(k, n-b.loose[k.id()])
			}
		}
	}
	return nil
}

func (b *taken) referenced(k reference, n int64) error {
	return remedy.New("seed.referenced", remedy.ExitRefused, "%s no longer has rows of %s that others refer to", b.seed.Name, k.To).
		WithSeen(fmt.Sprintf("%d rows of %s point at them (foreign key %s)", n, k.From, k.Name)).
		WithFix("keep those rows in the seed, or remove what refers to them first",
			"where the server makes their keys anew each time, say how to find them: -- naap: key="+k.To.Name+"(COLUMN)",
			"naap dev reset "+b.seed.Schema)
}
