package ledger

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// known is what the ledger records of schemas.
type known struct {
	Seeds    json.RawMessage `json:"seeds,omitempty"`
	Baseline json.RawMessage `json:"baseline,omitempty"`
}

// Remember returns all that the ledger records of schemas, for Recall: a reset that takes schemas away stores it, and
// the undo that brings them back restores it.
func Remember(ctx context.Context, tx postgres.Tx, schemas []string) (json.RawMessage, error) {
	var k known
	var err error
	if there, err := has(ctx, tx, "seed"); err != nil || !there {
		return json.RawMessage(`{}`), err
	}
	if err := Prepare(ctx, tx); err != nil { // an older ledger has fewer tables
		return nil, err
	}
	if k.Seeds, err = rememberSeeds(ctx, tx, schemas); err != nil {
		return nil, err
	}
	err = tx.QueryRow(ctx, `SELECT coalesce(json_agg(b), '[]') FROM naap_dev.baseline b WHERE schema_name = ANY ($1)`, schemas).Scan(&k.Baseline)
	if err != nil {
		return nil, fmt.Errorf("read the rows after seeding: %w", err)
	}
	return json.Marshal(k)
}

func rememberSeeds(ctx context.Context, tx postgres.Tx, schemas []string) (note json.RawMessage, err error) {
	err = tx.QueryRow(ctx, `
SELECT pg_catalog.json_build_object(
	'seed', (SELECT coalesce(json_agg(s), '[]') FROM naap_dev.seed s WHERE s.schema_name = ANY ($1)),
	'rows', (SELECT coalesce(json_agg(r), '[]') FROM naap_dev.seed_rows r JOIN naap_dev.seed s ON s.name = r.seed WHERE s.schema_name = ANY ($1)),
	'changed', (SELECT coalesce(json_agg(c), '[]') FROM naap_dev.seed_changed c JOIN naap_dev.seed s ON s.name = c.seed WHERE s.schema_name = ANY ($1)))`,
		schemas).Scan(&note)
	if err != nil {
		return nil, fmt.Errorf("read what is known of the seeds: %w", err)
	}
	return note, nil
}

// Recall makes the ledger record of schemas what Remember returned.
func Recall(ctx context.Context, tx postgres.Tx, schemas []string, note json.RawMessage) error {
	var k known
	if len(note) > 0 {
		if err := json.Unmarshal(note, &k); err != nil {
			return err
		}
	}
	if err := Prepare(ctx, tx); err != nil {
		return err
	}
	if err := recallSeeds(ctx, tx, schemas, k.Seeds); err != nil || len(k.Baseline) == 0 {
		return err
	}
	b := &postgres.Batch{}
	b.Queue(`DELETE FROM naap_dev.baseline WHERE schema_name = ANY ($1)`, schemas)
	b.Queue(`INSERT INTO naap_dev.baseline SELECT * FROM json_populate_recordset(NULL::naap_dev.baseline, $1::text::json)`, string(k.Baseline))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("recall the rows after seeding: %w", err)
	}
	return nil
}

func recallSeeds(ctx context.Context, tx postgres.Tx, schemas []string, note json.RawMessage) error {
	if len(note) == 0 {
		note = json.RawMessage(`{"seed": [], "rows": []}`)
	}
	b := &postgres.Batch{}
	b.Queue(`DELETE FROM naap_dev.seed WHERE schema_name = ANY ($1)`, schemas)
	b.Queue(`INSERT INTO naap_dev.seed SELECT * FROM json_populate_recordset(NULL::naap_dev.seed, $1::text::json->'seed')`, string(note))
	b.Queue(`INSERT INTO naap_dev.seed_rows SELECT * FROM json_populate_recordset(NULL::naap_dev.seed_rows, $1::text::json->'rows')`, string(note))
	b.Queue(`INSERT INTO naap_dev.seed_changed
SELECT * FROM json_populate_recordset(NULL::naap_dev.seed_changed, coalesce($1::text::json->'changed', '[]'))`, string(note))
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("recall what was known of the seeds: %w", err)
	}
	return nil
}

// HandOver gives the database to the present workspace, whose seed files differ from the former owner's even where they
// have the same names. What was recorded of the seeds is kept with the former owner's entry, for the day that it comes
// back, and replaced by what was kept for the new one, or by nothing. The rows stay.
func HandOver(ctx context.Context, tx postgres.Tx, was *Entry, here Here) error {
	if err := Prepare(ctx, tx); err != nil {
		return err
	}
	kept, err := left(ctx, tx, here)
	if err != nil {
		return err
	}
	schemas, err := postgres.CollectStrings(tx.Query(ctx, `SELECT DISTINCT schema_name FROM naap_dev.seed`))
	if err != nil {
		return fmt.Errorf("read what is known of the seeds: %w", err)
	}
	lost, err := rememberSeeds(ctx, tx, schemas)
	if err != nil {
		return err
	}
	if err := recallSeeds(ctx, tx, schemas, kept); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE naap_dev.workspace SET left_behind = $2::text::jsonb WHERE id = $1`, was.id, string(lost)); err != nil {
		return fmt.Errorf("keep what is known of the other workspace: %w", err)
	}
	return nil
}
