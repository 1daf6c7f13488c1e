package fakedata

import (
	"context"
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Tables that refer to each other in a circle are filled in one transaction whose end checks their foreign keys, and so
// is a table that refers to itself and comes in several batches. Foreign keys that cannot be deferred are made
// deferrable for that transaction. This requires the tables' owner, not a superuser, and the server itself checks every
// row. If the transaction ends in any other way, no trace of this stays.

// waiting returns the foreign keys that are checked at the end.
func (j *job) waiting() []*foreignKey {
	var list []*foreignKey
	for _, t := range j.tables {
		for _, f := range t.out {
			if !f.virtual && j.has(f.to) && (f.to != t || t.staged) {
				list = append(list, f)
			}
		}
	}
	return list
}

// suspend defers the circle's foreign keys.
func (j *job) suspend(ctx context.Context, tx postgres.Tx) error {
	return j.alter(ctx, tx, "DEFERRABLE INITIALLY DEFERRED", "SET CONSTRAINTS ALL DEFERRED")
}

// check has the server check them, and makes them as deferrable as they were.
func (j *job) check(ctx context.Context, tx postgres.Tx) error {
	if len(j.waiting()) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return err
	}
	return j.alter(ctx, tx, "NOT DEFERRABLE", "")
}

func (j *job) alter(ctx context.Context, tx postgres.Tx, how, then string) error {
	waiting := j.waiting()
	for _, f := range waiting {
		if f.deferrable {
			continue
		}
		sql := fmt.Sprintf("ALTER TABLE %s ALTER CONSTRAINT %s %s", f.from.ref.Quoted(), postgres.Ident(f.name), how)
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("let the foreign key %s wait: %w", f.name, err)
		}
	}
	if then == "" || len(waiting) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, then)
	return err
}

func (j *job) has(t *table) bool { return slices.Contains(j.tables, t) }
