package seeding

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// Remember is all that is known of the seeds of schemas, for Recall: whoever takes schemas away and brings them back
// does the same with what is known of them. nil where nothing was ever seeded.
func Remember(ctx context.Context, q postgres.Querier, schemas []string) (json.RawMessage, error) {
	var there bool
	if err := q.QueryRow(ctx, `SELECT pg_catalog.to_regclass('naap_dev.seed') IS NOT NULL`).Scan(&there); err != nil || !there {
		return nil, err
	}
	if err := ledger.Prepare(ctx, q); err != nil { // an older one has fewer tables
		return nil, err
	}
	var text []byte
	err := q.QueryRow(ctx, `
SELECT pg_catalog.json_build_object(
	'seed', (SELECT coalesce(json_agg(s), '[]') FROM naap_dev.seed s WHERE s.schema_name = ANY ($1)),
	'rows', (SELECT coalesce(json_agg(r), '[]') FROM naap_dev.seed_rows r JOIN naap_dev.seed s ON s.name = r.seed WHERE s.schema_name = ANY ($1)),
	'changed', (SELECT coalesce(json_agg(c), '[]') FROM naap_dev.seed_changed c JOIN naap_dev.seed s ON s.name = c.seed WHERE s.schema_name = ANY ($1)))`,
		schemas).Scan(&text)
	if err != nil {
		return nil, fmt.Errorf("read what is known of the seeds: %w", err)
	}
	return text, nil
}

// Recall makes what is known of the seeds of schemas be what Remember said.
func Recall(ctx context.Context, q postgres.Querier, schemas []string, note json.RawMessage) error {
	if len(note) == 0 {
		note = json.RawMessage(`{"seed": [], "rows": []}`)
	}
	if err := ledger.Prepare(ctx, q); err != nil {
		return err
	}
	b := &postgres.Batch{}
	b.Queue(`DELETE FROM naap_dev.seed WHERE schema_name = ANY ($1)`, schemas)
	b.Queue(`INSERT INTO naap_dev.seed SELECT * FROM json_populate_recordset(NULL::naap_dev.seed, $1::text::json->'seed')`, string(note))
	b.Queue(`INSERT INTO naap_dev.seed_rows SELECT * FROM json_populate_recordset(NULL::naap_dev.seed_rows, $1::text::json->'rows')`, string(note))
	b.Queue(`INSERT INTO naap_dev.seed_changed
SELECT * FROM json_populate_recordset(NULL::naap_dev.seed_changed, coalesce($1::text::json->'changed', '[]'))`, string(note))
	if err := q.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("recall what was known of the seeds: %w", err)
	}
	return nil
}

// Exchange makes the database another workspace's, whose files are others even where they have the same names: what was
// known of the seeds is forgotten, and returned for the day that they come back; what was kept of the newcomer's, or
// nothing, is known from then on. The rows stay.
func Exchange(ctx context.Context, q postgres.Querier, kept json.RawMessage) (known json.RawMessage, err error) {
	if err := ledger.Prepare(ctx, q); err != nil {
		return nil, err
	}
	schemas, err := postgres.CollectStrings(q.Query(ctx, `SELECT DISTINCT schema_name FROM naap_dev.seed`))
	if err != nil {
		return nil, fmt.Errorf("read what is known of the seeds: %w", err)
	}
	if known, err = Remember(ctx, q, schemas); err != nil {
		return nil, err
	}
	return known, Recall(ctx, q, schemas, kept)
}
