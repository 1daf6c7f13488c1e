package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Journal records the commits attempted under a context. If a verb is interrupted, the journal says what is done, and
// about which COMMITs that were sent and never answered to ask the server.
type Journal struct {
	mu        sync.Mutex
	committed int
	doubtful  []string
}

type journalKey struct{}

// WithJournal returns a context whose commits are recorded in the returned journal.
func WithJournal(ctx context.Context) (context.Context, *Journal) {
	j := &Journal{}
	return context.WithValue(ctx, journalKey{}, j), j
}

// JournalOf returns the context's journal, or an empty one.
func JournalOf(ctx context.Context) *Journal {
	if j, ok := ctx.Value(journalKey{}).(*Journal); ok {
		return j
	}
	return &Journal{}
}

// Committed returns how many transactions that wrote something were committed.
func (j *Journal) Committed() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.committed
}

// Doubtful returns the ids of the transactions whose COMMIT was sent and not answered.
func (j *Journal) Doubtful() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.doubtful)
}

// Settle records what became of a doubtful transaction.
func (j *Journal) Settle(xid string, committed bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.doubtful = slices.DeleteFunc(j.doubtful, func(x string) bool { return x == xid })
	if committed {
		j.committed++
	}
}

func (j *Journal) sends(xid string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.doubtful = append(j.doubtful, xid)
}

// answered records the answer to a COMMIT. An error that the server itself reported, and survived, leaves no doubt.
func (j *Journal) answered(xid string, err error) {
	said, ok := AsServerError(err)
	switch {
	case err == nil:
		j.Settle(xid, true)
	case ok && said.Severity != "FATAL" && said.Severity != "PANIC", errors.Is(err, pgx.ErrTxCommitRollback):
		j.Settle(xid, false)
	}
}

// assignedXID yields the id of the transaction, or "" for one that has written nothing.
const assignedXID = "SELECT coalesce(pg_current_xact_id_if_assigned()::text, '')"

// Commit commits a transaction and records that in the context's journal, if there is one.
func Commit(ctx context.Context, tx Tx) error {
	j, ok := ctx.Value(journalKey{}).(*Journal)
	if !ok {
		return tx.Commit(ctx)
	}
	var xid string
	if err := tx.QueryRow(ctx, assignedXID).Scan(&xid); err != nil {
		return fmt.Errorf("ask for the transaction's id: %w", err)
	}
	if xid == "" {
		return tx.Commit(ctx)
	}
	j.sends(xid)
	err := tx.Commit(ctx)
	j.answered(xid, err)
	return err
}

// Fate is what became of a transaction.
type Fate string

// The fates, in the server's own words.
const (
	FateUnknown   Fate = ""
	FateCommitted Fate = "committed"
	fateAborted   Fate = "aborted"
	fateRunning   Fate = "in progress"
)

// FateOf asks the server what became of a transaction. It waits for one that is still in progress until ctx ends.
func FateOf(ctx context.Context, url, xid string) (Fate, error) {
	conn, err := Connect(ctx, url, Options{})
	if err != nil {
		return FateUnknown, err
	}
	defer Close(conn)
	for {
		var fate Fate
		err := conn.QueryRow(ctx, "SELECT coalesce(pg_xact_status($1::text::xid8), '')", xid).Scan(&fate)
		switch {
		case HasCode(err, "22023"): // it is in the future: a crash lost even its beginning
			return fateAborted, nil
		case err != nil:
			return FateUnknown, err
		case fate != fateRunning:
			return fate, nil
		}
		select {
		case <-ctx.Done():
			return FateUnknown, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// UpFor returns for how long a server has been up; asking needs a connection.
func UpFor(ctx context.Context, url string) (time.Duration, error) {
	conn, err := Connect(ctx, url, Options{})
	if err != nil {
		return 0, err
	}
	defer Close(conn)
	var seconds float64
	err = conn.QueryRow(ctx, "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8").Scan(&seconds)
	return time.Duration(seconds * float64(time.Second)), err
}
