// Package ledger records, in the database itself, which workspace and Prisma file its tables come from, since when, and
// which naap recorded it. Anyone who reaches the database can read it, also from another home or machine.
package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// How is how a workspace came to own a database.
type How string

const (
	Made      How = "made"       // there were no tables
	TakenOver How = "taken over" // its tables were there before the ledger was
	Adopted   How = "adopted"    // the user said so
	Restored  How = "restored"   // a restore brought a database of another workspace, or one without a ledger
)

// Entry records which workspace owns the database from then on.
type Entry struct {
	Workspace
	At      time.Time
	How     How
	Version string // of the naap that recorded it

	id int64
}

// ErrChanged is the error for an entry that was decided on before another naap recorded one.
var ErrChanged = errors.New("another naap has recorded the database's owner in the meantime")

// Read returns the newest entry, or nil if there is none.
func Read(ctx context.Context, q postgres.Querier) (*Entry, error) {
	if there, err := has(ctx, q, "workspace"); err != nil || !there {
		return nil, err
	}
	var e Entry
	var how string
	err := q.QueryRow(ctx, `SELECT id, at, how, naap, builtin, schema_file, remotes, first_commit, root, machine, host
FROM naap_dev.workspace ORDER BY id DESC LIMIT 1`).Scan(&e.id, &e.At, &how, &e.Version,
		&e.Builtin, &e.Schema, &e.Remotes, &e.Commit, &e.Root, &e.Machine, &e.Host)
	if errors.Is(err, postgres.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find out whose the database is: %w", err)
	}
	e.How = How(how)
	return &e, nil
}

// Note records an entry within a transaction, and creates the ledger where it is missing; was is the newest entry at
// the time of the decision. Former entries stay, as the database's history.
func Note(ctx context.Context, tx postgres.Tx, was *Entry, e Entry) error {
	if err := Prepare(ctx, tx); err != nil {
		return err
	}
	id := int64(0)
	if was != nil {
		id = was.id
	}
	done, err := tx.Exec(ctx, `INSERT INTO naap_dev.workspace
	(how, naap, builtin, schema_file, remotes, first_commit, root, machine, host)
SELECT $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE (SELECT coalesce(max(id), 0) FROM naap_dev.workspace) = $1`,
		id, string(e.How), e.Version, e.Builtin, e.Schema, list(e.Remotes), e.Commit, e.Root, e.Machine, e.Host)
	if err != nil {
		return fmt.Errorf("note whose the database is: %w", err)
	}
	if done.RowsAffected() == 0 {
		return ErrChanged
	}
	return nil
}

// Refresh updates an entry: the same workspace may have moved, or have got a remote.
func Refresh(ctx context.Context, q postgres.Querier, was *Entry, now Workspace) error {
	_, err := q.Exec(ctx, `UPDATE naap_dev.workspace SET schema_file = $2, remotes = $3, first_commit = $4, root = $5, machine = $6, host = $7 WHERE id = $1`,
		was.id, now.Schema, list(now.Remotes), now.Commit, now.Root, now.Machine, now.Host)
	if err != nil {
		return fmt.Errorf("note where the workspace is: %w", err)
	}
	return nil
}

// left returns what HandOver kept of the present workspace the last time that it lost the database, or nil.
func left(ctx context.Context, tx postgres.Tx, here Here) (json.RawMessage, error) {
	type former struct {
		Workspace
		left string
	}
	list, err := postgres.Collect(ctx, tx, func(w *former) []any {
		return []any{&w.Builtin, &w.Schema, &w.Remotes, &w.Commit, &w.Root, &w.Machine, &w.left}
	}, `SELECT builtin, schema_file, remotes, first_commit, root, machine, left_behind::text
FROM naap_dev.workspace WHERE left_behind IS NOT NULL ORDER BY id DESC`)
	if err != nil {
		return nil, fmt.Errorf("read what is known of the workspace: %w", err)
	}
	for _, w := range list {
		if here.Is(w.Workspace) {
			return json.RawMessage(w.left), nil
		}
	}
	return nil, nil
}

// list returns l, or an empty list for nil, which PostgreSQL would read as NULL.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}
