// Package ledger keeps, in a database itself, whose it is: the workspace and the Prisma file that its tables come from,
// since when, and which naap wrote it down. Whoever reaches the database can read it, from another home or machine too.
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
	TakenOver How = "taken over" // its tables were there before there was a ledger
	Adopted   How = "adopted"    // a person said so
	Restored  How = "restored"   // what a restore put in its place was another's, or had no ledger
)

// Entry is one note: whose the database is from then on.
type Entry struct {
	Workspace
	At      time.Time
	How     How
	Version string // of the naap that noted it

	id int64
}

// ErrChanged is the error of a note that was decided on before somebody else made another.
var ErrChanged = errors.New("another naap has noted whose the database is meanwhile")

// Read is the newest entry, nil where there is none.
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
		return nil, fmt.Errorf("look whose the database is: %w", err)
	}
	e.How = How(how)
	return &e, nil
}

// Note writes an entry that was decided on when was was the newest, within a transaction, and makes the bookkeeping where
// it is missing. The former entries stay, as the database's history.
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

// Refresh keeps an entry true: the same workspace may have moved, or have got a remote.
func Refresh(ctx context.Context, q postgres.Querier, was *Entry, now Workspace) error {
	_, err := q.Exec(ctx, `UPDATE naap_dev.workspace SET schema_file = $2, remotes = $3, first_commit = $4, root = $5, machine = $6, host = $7 WHERE id = $1`,
		was.id, now.Schema, list(now.Remotes), now.Commit, now.Root, now.Machine, now.Host)
	if err != nil {
		return fmt.Errorf("note where the workspace is: %w", err)
	}
	return nil
}

// left is what HandOver kept of the workspace at hand the last time that it lost the database, or nil.
func left(ctx context.Context, tx postgres.Tx, here Here) (json.RawMessage, error) {
	rows, err := tx.Query(ctx, `SELECT builtin, schema_file, remotes, first_commit, root, machine, left_behind::text
FROM naap_dev.workspace WHERE left_behind IS NOT NULL ORDER BY id DESC`)
	if err != nil {
		return nil, fmt.Errorf("read what is known of the workspace: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w Workspace
		var text string
		if err := rows.Scan(&w.Builtin, &w.Schema, &w.Remotes, &w.Commit, &w.Root, &w.Machine, &text); err != nil {
			return nil, fmt.Errorf("read what is known of the workspace: %w", err)
		}
		if here.Is(w) {
			return json.RawMessage(text), nil
		}
	}
	return nil, rows.Err()
}

// list is a list that PostgreSQL gets as an empty array where it is nil.
func list(l []string) []string {
	if l == nil {
		return []string{}
	}
	return l
}
