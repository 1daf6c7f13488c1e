package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// stepTables is how many tables one transaction drops: each takes a lock on itself, its indexes and its TOAST table.
const stepTables = 20

// Evict frees the disk space of entries, a few tables per transaction: of those with the given ids, which the plan of a
// reset named, and of those whose dropping was interrupted. It returns the entries that are gone. One that something
// elsewhere depends on stays, and one that is gone already is skipped.
func Evict(ctx context.Context, db *postgres.DB, ids []int) ([]Entry, error) {
	entries, err := list(ctx, db, len(ids) > 0)
	if err != nil {
		return nil, err
	}
	var gone []Entry
	for _, e := range slices.Backward(entries) {
		if !e.Dropping && !slices.Contains(ids, e.ID) {
			continue
		}
		ok, err := drop(ctx, db, e)
		if err != nil {
			return gone, fmt.Errorf("give back the space of undo entry %d: %w", e.ID, err)
		}
		if ok {
			gone = append(gone, e)
		}
	}
	return gone, nil
}

// Drop gives up one entry: what it would bring back is lost for good. The error is "undo.unknown" where there is none
// with that number, "undo.refused" where something elsewhere depends on it.
func Drop(ctx context.Context, db *postgres.DB, id int) (*Entry, error) {
	e, err := find(ctx, db, id)
	if err != nil {
		return nil, err
	}
	switch ok, err := drop(ctx, db, *e); {
	case err != nil:
		return nil, fmt.Errorf("give back the space of undo entry %d: %w", e.ID, err)
	case !ok:
		return nil, remedy.New("undo.refused", remedy.ExitRefused, "something elsewhere depends on what undo entry %d keeps", e.ID).
			WithSeen("schemas: " + strings.Join(e.asides(), ", "))
	}
	return e, nil
}

// drop removes an entry and its schemas; it returns false where something elsewhere depends on them.
func drop(ctx context.Context, db *postgres.DB, e Entry) (bool, error) {
	schemas := e.asides()
	if e.Kept != "" {
		schemas = append(schemas, e.Kept)
	}
	free := false
	err := db.InTx(ctx, func(tx postgres.Tx) error {
		if err := patient(ctx, tx); err != nil {
			return err
		}
		if err := ledger.Prepare(ctx, tx); err != nil {
			return err
		}
		l, err := look(ctx, tx, schemas)
		if err != nil {
			return err
		}
		free = len(l.In)+len(l.Columns)+len(l.Dependents)+len(l.Unknown)+len(l.Crossing) == 0
		if free {
			err = ledger.DropsUndo(ctx, tx, e.ID)
		}
		return err
	})
	if err != nil || !free {
		return false, err
	}
	for more := true; more; {
		err := db.InTx(ctx, func(tx postgres.Tx) (err error) {
			if err := patient(ctx, tx); err != nil {
				return err
			}
			more, err = dropSome(ctx, tx, schemas)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return true, db.InTx(ctx, func(tx postgres.Tx) error {
		if err := patient(ctx, tx); err != nil {
			return err
		}
		for _, name := range schemas {
			if _, err := tx.Exec(ctx, "DROP SCHEMA IF EXISTS "+postgres.Ident(name)+" CASCADE"); err != nil {
				return err
			}
		}
		return ledger.RemoveUndo(ctx, tx, e.ID)
	})
}

// patient limits how long a step of pruning waits for a lock: someone may be reading what was moved aside, and the next
// call continues.
func patient(ctx context.Context, tx postgres.Tx) error {
	_, err := tx.Exec(ctx, `SET LOCAL lock_timeout = '2s'`)
	return err
}

// dropSome drops a few tables, partitions before their parents, and reports whether there may be more.
func dropSome(ctx context.Context, tx postgres.Tx, schemas []string) (more bool, err error) {
	tables, err := postgres.CollectStrings(tx.Query(ctx, `
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'm') ORDER BY c.relispartition DESC, c.relkind = 'p', c.oid LIMIT $2`, schemas, stepTables))
	if err != nil {
		return false, err
	}
	for _, t := range tables {
		var kind string
		err := tx.QueryRow(ctx, `SELECT CASE relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END FROM pg_catalog.pg_class WHERE oid = to_regclass($1)`, t).Scan(&kind)
		if err != nil {
			continue // dropped with another
		}
		if _, err := tx.Exec(ctx, "DROP "+kind+" IF EXISTS "+t+" CASCADE"); err != nil {
			return false, err
		}
	}
	return len(tables) == stepTables, nil
}
