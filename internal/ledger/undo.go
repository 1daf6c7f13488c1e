package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Undo is a reset, or an undo, that can be undone, as package reset describes it.
type Undo struct {
	ID       int
	Verb     string
	At       time.Time
	Places   json.RawMessage // where each schema waits: [{"schema": …, "aside": …}]
	Rows     int64
	Exact    bool
	Bytes    int64  // on disk: now, where Undos returned it; else at the time of the note
	Kept     string // the schema of copies, or ""
	Dropping bool   // its disk space is being given back
	Detail   json.RawMessage
}

// Undos returns the entries, newest first, with the disk space that they use now if sized is set: that opens every table
// of them.
func Undos(ctx context.Context, q postgres.Querier, sized bool) ([]Undo, error) {
	if there, err := has(ctx, q, "undo"); err != nil || !there {
		return nil, err
	}
	list, err := postgres.Collect(ctx, q, func(u *Undo) []any {
		return []any{&u.ID, &u.Verb, &u.At, &u.Places, &u.Rows, &u.Exact, &u.Bytes, &u.Kept, &u.Dropping, &u.Detail}
	}, `
SELECT u.id, u.verb, u.at, u.places, u.rows, u.exact, CASE WHEN NOT $1 THEN u.bytes ELSE coalesce((
	SELECT sum(pg_catalog.pg_total_relation_size(c.oid)) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND (n.nspname = u.kept OR n.nspname IN (SELECT p->>'aside' FROM jsonb_array_elements(u.places) p))), 0)::bigint END,
	u.kept, u.dropping, u.detail
FROM naap_dev.undo u ORDER BY u.id DESC`, sized)
	if err != nil {
		return nil, fmt.Errorf("read the undo entries: %w", err)
	}
	return list, nil
}

// CountUndos returns the number of entries.
func CountUndos(ctx context.Context, q postgres.Querier) (n int, err error) {
	if there, err := has(ctx, q, "undo"); err != nil || !there {
		return 0, err
	}
	err = q.QueryRow(ctx, `SELECT pg_catalog.count(*) FROM naap_dev.undo`).Scan(&n)
	return n, err
}

// NextUndo returns a number that neither an entry nor a schema that waits for an undo has.
func NextUndo(ctx context.Context, tx postgres.Tx) (id int, err error) {
	err = tx.QueryRow(ctx, `SELECT 1 + greatest((SELECT coalesce(max(id), 0) FROM naap_dev.undo),
	(SELECT coalesce(max(substring(nspname from '^naap_undo_([0-9]{1,9})')::int), 0) FROM pg_namespace))`).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("number the undo entry: %w", err)
	}
	return id, nil
}

// NoteUndo records an entry, and sets its time.
func NoteUndo(ctx context.Context, tx postgres.Tx, u *Undo) error {
	err := tx.QueryRow(ctx, `INSERT INTO naap_dev.undo (id, verb, at, places, rows, exact, bytes, kept, detail)
VALUES ($1, $2, now(), $3, $4, $5, $6, $7, $8) RETURNING at`, u.ID, u.Verb, u.Places, u.Rows, u.Exact, u.Bytes, u.Kept, u.Detail).Scan(&u.At)
	if err != nil {
		return fmt.Errorf("note the undo entry: %w", err)
	}
	return nil
}

// CanUndo reports whether an entry exists and is not being dropped.
func CanUndo(ctx context.Context, tx postgres.Tx, id int) (can bool, err error) {
	if err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM naap_dev.undo WHERE id = $1 AND NOT dropping)`, id).Scan(&can); err != nil {
		err = fmt.Errorf("look for the undo entry: %w", err)
	}
	return can, err
}

// DropsUndo records that the disk space of an entry is being given back.
func DropsUndo(ctx context.Context, tx postgres.Tx, id int) error {
	_, err := tx.Exec(ctx, `UPDATE naap_dev.undo SET dropping = true WHERE id = $1`, id)
	return err
}

// RemoveUndo removes an entry.
func RemoveUndo(ctx context.Context, tx postgres.Tx, id int) error {
	if _, err := tx.Exec(ctx, `DELETE FROM naap_dev.undo WHERE id = $1`, id); err != nil {
		return fmt.Errorf("remove the undo entry: %w", err)
	}
	return nil
}
