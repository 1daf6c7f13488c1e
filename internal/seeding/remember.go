package seeding

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Remember is all that is known of the seeds of schemas, for Recall: whoever takes schemas away and brings them back
// does the same with what is known of them. nil where nothing was ever seeded.
func Remember(ctx context.Context, q postgres.Querier, schemas []string) (json.RawMessage, error) {
	var there bool
	if err := q.QueryRow(ctx, `SELECT to_regclass('naap_dev.seed') IS NOT NULL`).Scan(&there); err != nil || !there {
		return nil, err
	}
	if err := Install(ctx, q); err != nil { // an older naap made fewer tables
		return nil, err
	}
	var text []byte
	err := q.QueryRow(ctx, `
SELECT json_build_object(
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
	if err := Install(ctx, q); err != nil {
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
