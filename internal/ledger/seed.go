package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Seed is a seed file, or a seed command, that was applied.
type Seed struct {
	Name, Schema string // a command has no schema
	Hash         string // of what was applied
	AppliedAt    time.Time
	Rows         int64
	Took         time.Duration
}

// Seeds returns the seeds that were applied, by name.
func Seeds(ctx context.Context, q postgres.Querier) (map[string]Seed, error) {
	known := map[string]Seed{}
	if there, err := has(ctx, q, "seed"); err != nil || !there {
		return known, err
	}
	list, err := postgres.Collect(ctx, q, func(s *Seed) []any { return []any{&s.Name, &s.Schema, &s.Hash, &s.AppliedAt, &s.Rows, &s.Took} },
		`SELECT name, schema_name, hash, applied_at, rows, took FROM naap_dev.seed`)
	if err != nil {
		return nil, fmt.Errorf("read the seeds' notes: %w", err)
	}
	for _, s := range list {
		known[s.Name] = s
	}
	return known, nil
}

// LockSeeds makes one of two naaps that seed at once wait until the other's transaction ends.
func LockSeeds(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('naap_dev.seed'))`); err != nil {
		return fmt.Errorf("wait for the seeds' lock: %w", err)
	}
	return nil
}

// BeginSeed records a seed in place of what was recorded of it, and returns the transaction's mark on rows: those
// written from here on have this xmin, or a later one where the file sets savepoints of its own.
func BeginSeed(ctx context.Context, tx postgres.Tx, name, schema, hash string) (mark string, err error) {
	if _, err = tx.Exec(ctx, `DELETE FROM naap_dev.seed WHERE name = $1`, name); err == nil {
		err = tx.QueryRow(ctx, `INSERT INTO naap_dev.seed (name, schema_name, hash, applied_at, rows, took)
VALUES ($1, $2, $3, now(), 0, '0') RETURNING xmin::text`, name, schema, hash).Scan(&mark)
	}
	if err != nil {
		return "", fmt.Errorf("note the seed %s: %w", name, err)
	}
	return mark, nil
}

// EndSeed records the outcome of applying a seed.
func EndSeed(ctx context.Context, tx postgres.Tx, name string, rows int64, took time.Duration) error {
	if _, err := tx.Exec(ctx, `UPDATE naap_dev.seed SET rows = $2, took = $3 WHERE name = $1`, name, rows, took); err != nil {
		return fmt.Errorf("note the seed %s: %w", name, err)
	}
	return nil
}

// NoteCommand records a seed command that ran. Which rows it wrote is not known.
func NoteCommand(ctx context.Context, tx postgres.Tx, name, hash string, took time.Duration) error {
	if err := Prepare(ctx, tx); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO naap_dev.seed (name, schema_name, hash, applied_at, rows, took)
VALUES ($1, '', $2, now(), 0, $3)
ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, applied_at = excluded.applied_at, took = excluded.took`, name, hash, took)
	if err != nil {
		return fmt.Errorf("note the seed %s: %w", name, err)
	}
	return nil
}

// RenameSeed records the name that a seed has now.
func RenameSeed(ctx context.Context, tx postgres.Tx, was, now string) error {
	b := &postgres.Batch{}
	b.Queue(`INSERT INTO naap_dev.seed SELECT $2, schema_name, hash, applied_at, rows, took FROM naap_dev.seed WHERE name = $1
ON CONFLICT (name) DO NOTHING`, was, now)
	b.Queue(`UPDATE naap_dev.seed_rows SET seed = $2 WHERE seed = $1`, was, now)
	b.Queue(`UPDATE naap_dev.seed_changed SET seed = $2 WHERE seed = $1`, was, now)
	b.Queue(`DELETE FROM naap_dev.seed WHERE name = $1`, was)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("note that the seed %s is called %s now: %w", was, now, err)
	}
	return nil
}

// ForgetSeeds removes what is recorded of a schema's seeds, so that they are pending again: its tables were recreated.
func ForgetSeeds(ctx context.Context, tx postgres.Tx, schema string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM naap_dev.seed WHERE schema_name = $1`, schema); err != nil {
		return fmt.Errorf("forget the seeds of %q: %w", schema, err)
	}
	return nil
}

// SeedTable is a table that a seed wrote to.
type SeedTable struct {
	Seed    string
	Table   postgres.TableRef
	Changed bool // the seed changed rows that are not its own; otherwise it has rows of its own there
}

// SeedTables returns the tables that seeds wrote to.
func SeedTables(ctx context.Context, q postgres.Querier) ([]SeedTable, error) {
	var list []SeedTable
	for _, from := range []string{"seed_rows", "seed_changed"} {
		there, err := has(ctx, q, from)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		some, err := postgres.Collect(ctx, q, func(t *SeedTable) []any {
			t.Changed = from == "seed_changed"
			return []any{&t.Seed, &t.Table.Schema, &t.Table.Name}
		}, `SELECT seed, schema_name, table_name FROM naap_dev.`+from)
		if err != nil {
			return nil, fmt.Errorf("read the seeds' notes: %w", err)
		}
		list = append(list, some...)
	}
	return list, nil
}

// NoteChanged records that a seed changed rows of a table that are not its own.
func NoteChanged(ctx context.Context, tx postgres.Tx, seed string, t postgres.TableRef) error {
	_, err := tx.Exec(ctx, `INSERT INTO naap_dev.seed_changed (seed, schema_name, table_name) VALUES ($1, $2, $3)`, seed, t.Schema, t.Name)
	return err
}

// SeedNote is what is recorded of a seed's rows in one existing table.
type SeedNote struct {
	Seed     string
	Table    postgres.TableRef
	First    map[string]json.RawMessage // the key of its first row
	Now      []string                   // the columns that the table has now
	Enums    []string                   // the columns of its key that are enums
	Columns  []string                   // the columns that the digests cover; nil where an older naap recorded none
	Digested bool                       // whether the ledger has digests: one from before there were versions may lack them
	Mark     string                     // the transaction that recorded the rows, or "" where the note was copied since
}

// NotesOf returns the notes on a seed's rows.
func NotesOf(ctx context.Context, q postgres.Querier, seed string) ([]SeedNote, error) {
	return seedNotes(ctx, q, "n.seed = $1", seed)
}

// NotesIn returns the notes on rows of a table, without those of one seed.
func NotesIn(ctx context.Context, q postgres.Querier, t postgres.TableRef, but string) ([]SeedNote, error) {
	return seedNotes(ctx, q, "n.seed <> $1 AND n.schema_name = $2 AND n.table_name = $3", but, t.Schema, t.Name)
}

func seedNotes(ctx context.Context, q postgres.Querier, condition string, args ...any) ([]SeedNote, error) {
	if there, err := has(ctx, q, "seed_rows"); err != nil || !there {
		return nil, err
	}
	var digested bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute
WHERE attrelid = 'naap_dev.seed_rows'::regclass AND attname = 'digests' AND NOT attisdropped)`).Scan(&digested)
	if err != nil {
		return nil, fmt.Errorf("look for the seeds' notes: %w", err)
	}
	columns := "NULL::text[]"
	if digested {
		columns = "n.columns"
	}
	// A note that was copied or restored came in the same transaction as the ledger's table, or not in that of its seed.
	list, err := postgres.Collect(ctx, q, func(n *SeedNote) []any {
		n.Digested = digested
		return []any{&n.Seed, &n.Table.Schema, &n.Table.Name, &n.First, &n.Now, &n.Enums, &n.Columns, &n.Mark}
	}, fmt.Sprintf(`
SELECT n.seed, n.schema_name, n.table_name, n.keys->0, ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute
	WHERE attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident(n.schema_name) || '.' || pg_catalog.quote_ident(n.table_name)) AND attnum > 0 AND NOT attisdropped),
	ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid AND y.typtype = 'e'
	WHERE a.attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident(n.schema_name) || '.' || pg_catalog.quote_ident(n.table_name)) AND n.keys->0 ? a.attname), %s, CASE WHEN n.xmin = s.xmin AND n.xmin <> (SELECT a.xmin FROM pg_catalog.pg_attribute a
	WHERE a.attrelid = 'naap_dev.seed_rows'::regclass AND a.attnum = 1) THEN n.xmin::text ELSE '' END
FROM naap_dev.seed_rows n JOIN naap_dev.seed s ON s.name = n.seed
WHERE pg_catalog.to_regclass(pg_catalog.quote_ident(n.schema_name) || '.' || pg_catalog.quote_ident(n.table_name)) IS NOT NULL AND %s
ORDER BY n.seed, n.schema_name, n.table_name`, columns, condition), args...)
	if err != nil {
		return nil, fmt.Errorf("read the seeds' notes: %w", err)
	}
	return list, nil
}

// Rows returns SQL for the recorded rows, numbered: key, digest, nth.
func (n *SeedNote) Rows() string {
	digests := "NULL::text[]"
	if n.Digested {
		digests = "n.digests"
	}
	return fmt.Sprintf(`SELECT e.key, e.digest, e.nth FROM naap_dev.seed_rows AS n,
	ROWS FROM (pg_catalog.jsonb_array_elements(n.keys), pg_catalog.unnest(%s)) WITH ORDINALITY AS e(key, digest, nth)
	WHERE n.seed = %s AND n.schema_name = %s AND n.table_name = %s`,
		digests, postgres.Literal(n.Seed), postgres.Literal(n.Table.Schema), postgres.Literal(n.Table.Name))
}

// NotedKeys is SQL for the recorded keys of the seed $1 in the table $2.$3.
const NotedKeys = `SELECT pg_catalog.jsonb_array_elements(keys) FROM naap_dev.seed_rows WHERE seed = $1 AND schema_name = $2 AND table_name = $3`

// AddRows returns SQL that adds rows to the notes of the seed $1 in the table $2.$3. from is the item of a FROM clause,
// and what follows it, that yields each row's key and its digest, over the columns $4.
func AddRows(from string) string {
	return `INSERT INTO naap_dev.seed_rows AS n (seed, schema_name, table_name, keys, columns, digests)
SELECT $1, $2, $3, jsonb_agg(key), $4, array_agg(digest) FROM ` + from + ` HAVING count(*) > 0
ON CONFLICT (seed, schema_name, table_name) DO UPDATE SET keys = n.keys || excluded.keys, digests = n.digests || excluded.digests`
}

// SetDigests returns SQL that replaces the digests of all rows of the seed $1 in the table $2.$3 by those that query
// yields as an array, over the columns $4.
func SetDigests(query string) string {
	return `UPDATE naap_dev.seed_rows SET columns = $4, digests = (` + query + `)
WHERE seed = $1 AND schema_name = $2 AND table_name = $3`
}
