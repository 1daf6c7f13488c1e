package reset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// tables returns everything that a swap locks, quoted: the tables within, and those elsewhere that a link ties to them.
func (l *links) tables() []string {
	list := slices.Concat(l.Tables, say.Each(l.In, func(k Key) string { return k.From.Quoted() }),
		say.Each(l.Out, func(k Key) string { return k.To.Quoted() }), say.Each(l.Columns, func(c Column) string { return c.Table.Quoted() }))
	for _, d := range l.Dependents {
		if d.Table != "" {
			list = append(list, d.Table)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// lock takes every lock that the swap needs, at once and in a fixed order, and waits for changes that cannot be locked
// out.
func (s *swap) lock(ctx context.Context, tables []string) error {
	if err := schemaplan.LockOut(ctx, s.tx); err != nil {
		return err
	}
	if len(tables) > 0 {
		if err := s.exec(ctx, "LOCK TABLE "+strings.Join(tables, ", ")+" IN ACCESS EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	return s.quiet(ctx, s.schemas)
}

// quiet waits until no other session is about to create something in the schemas, or something of their types: what is
// not committed cannot be seen, and would be moved aside with the rest. Creating a table locks its schema; for what
// uses a type there is only the lock on a relation that is not visible to others yet.
func (s *swap) quiet(ctx context.Context, schemas []string) error {
	const pause = 20 * time.Millisecond
	for began := time.Now(); ; {
		list, err := readBlockers(ctx, s.tx, `
WITH own AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1)), b AS (
	SELECT DISTINCT coalesce(l.pid, 0) AS pid FROM pg_locks l
	WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND (
		l.locktype = 'object' AND l.classid = 'pg_namespace'::regclass AND l.objid IN (SELECT oid FROM own)
		OR l.locktype = 'object' AND l.classid = 'pg_type'::regclass AND l.objid IN (SELECT oid FROM pg_type WHERE typnamespace IN (SELECT oid FROM own))
		OR l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = l.relation)))
SELECT `+blockerColumns, schemas)
		switch {
		case err != nil || len(list) == 0:
			return err
		case time.Since(began) > s.opt.lockTimeout():
			return &heldUp{list}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (s *swap) undisturbed(ctx context.Context) error {
	if err := s.quiet(ctx, s.asides); err != nil {
		return err
	}
	var now string
	if err := s.tx.QueryRow(ctx, census, s.asides).Scan(&now); err != nil {
		return fmt.Errorf("look at the old schemas again: %w", err)
	}
	if now != s.inhabitants {
		return stale("another session has made something in " + strings.Join(s.schemas, ", ") + " meanwhile")
	}
	return nil
}

// blocker is a session that holds up the swap.
type blocker struct {
	PID         int // 0 for prepared transactions
	Application string
	State       string
	Query       string
	Age         time.Duration // of its transaction
}

func (b blocker) String() string {
	if b.PID == 0 {
		return "held by a prepared transaction: " + b.Query
	}
	name := cmp.Or(b.Application, "no application name")
	return fmt.Sprintf("held by pid %d (%s, %s, for %s): %s", b.PID, name, b.State, say.Age(b.Age), b.Query)
}

// heldUp is the error of a wait that was too long.
type heldUp struct{ by []blocker }

func (h *heldUp) Error() string { return "waited too long for other sessions" }

// blockerColumns are the columns of a blocker, for sessions b.pid.
const blockerColumns = `b.pid, coalesce(a.application_name, ''), coalesce(a.state, a.backend_type, ''), coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8,
	left(CASE b.pid WHEN 0 THEN (SELECT coalesce(string_agg(gid, ', '), '') FROM pg_prepared_xacts WHERE database = current_database()) ELSE coalesce(a.query, '') END, 200)
FROM b LEFT JOIN pg_stat_activity a ON a.pid = b.pid ORDER BY b.pid`

func readBlockers(ctx context.Context, q postgres.Querier, sql string, args ...any) (list []blocker, err error) {
	err = postgres.Each(ctx, q, func(row postgres.Rows) error {
		var b blocker
		var seconds float64
		err := row.Scan(&b.PID, &b.Application, &b.State, &seconds, &b.Query)
		b.Age = time.Duration(seconds * float64(time.Second))
		list = append(list, b)
		return err
	}, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("ask who holds the locks: %w", err)
	}
	return list, nil
}

// inTx runs f in a transaction. Where that waits too long for a lock, the error is a heldUp with the sessions that held
// it: they are queried from a second connection during the wait, since the server knows them whatever the lock is on.
func inTx(ctx context.Context, db *postgres.DB, patience time.Duration, f func(postgres.Tx) error) error {
	var seen []blocker
	err := db.InTx(ctx, func(tx postgres.Tx) error {
		watching, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			seen = watch(watching, db, patience, postgres.BackendPID(postgres.TxConn(tx)))
		}()
		defer func() { stop(); <-done }()
		return f(tx)
	})
	if postgres.HasCode(err, lockNotAvailable) {
		return fmt.Errorf("%w: %w", &heldUp{seen}, err)
	}
	return err
}

// watch asks which sessions hold up a session until the context ends, and returns the last ones that it saw. It begins
// late, since only what lasts for all of the patience is told, and most often there is nothing to see for the session
// that it needs.
func watch(ctx context.Context, db *postgres.DB, patience time.Duration, pid int) (seen []blocker) {
	const every = 75 * time.Millisecond
	for next := max(every, patience/4); ; next = every {
		select {
		case <-ctx.Done():
			return seen
		case <-time.After(next):
		}
		list, err := readBlockers(ctx, db, `WITH b AS (SELECT DISTINCT pid FROM unnest(pg_blocking_pids($1)) pid) SELECT `+blockerColumns, pid)
		if err == nil && len(list) > 0 {
			seen = list
		}
	}
}

// endedPatience is how long to wait for a lock where the sessions that hold it are going to be ended.
const endedPatience = time.Second

// withLocks runs f in a transaction. Where a lock is not available within the timeout, the sessions that hold it are
// ended and f is run again, if that was asked for; otherwise they are named.
func withLocks(ctx context.Context, db *postgres.DB, opt Options, verb string, schemas []string, f func(postgres.Tx, Options) error) error {
	if opt.TerminateBlockers {
		opt.LockTimeout = min(opt.lockTimeout(), endedPatience)
	}
	const attempts = 10 // after the holders of one lock are ended, the next lock may wait for others
	for attempt := 1; ; attempt++ {
		began := time.Now()
		err := inTx(ctx, db, opt.lockTimeout(), func(tx postgres.Tx) error { return f(tx, opt) })
		var held *heldUp
		if !errors.As(err, &held) {
			return err
		}
		if !opt.TerminateBlockers || attempt == attempts {
			return locked(err, verb, schemas, held.by, time.Since(began))
		}
		if err := end(ctx, db, held.by); err != nil {
			return err
		}
	}
}

// end ends sessions; a prepared transaction has none.
func end(ctx context.Context, db *postgres.DB, list []blocker) error {
	for _, b := range list {
		if b.PID == 0 {
			continue
		}
		if _, err := db.TerminateBackend(ctx, b.PID); err != nil {
			return err
		}
	}
	return nil
}

func locked(err error, verb string, schemas []string, list []blocker, waited time.Duration) error {
	e := remedy.New(verb+".locked", remedy.ExitBusy, "waited %s for what another session holds; nothing was changed",
		waited.Round(100*time.Millisecond)).Wrap(err)
	var words []string
	if verb == "reset" {
		words = schemas
	}
	again := remedy.Again("dev "+verb, words...)
	for _, b := range list {
		e.WithSeen(b.String())
	}
	switch {
	case len(list) == 0:
		return e.WithSeen("the session that held it has let it go since").WithHelp(again)
	case slices.ContainsFunc(list, func(b blocker) bool { return b.PID == 0 }):
		return e.WithFix("COMMIT PREPARED or ROLLBACK PREPARED the prepared transaction").WithHelp(again)
	}
	return e.WithFix("let it finish, or end it:").WithHelp(remedy.Again("dev "+verb, with(words, "--terminate-blockers")...))
}

// with returns words and more words in a new list.
func with(words []string, more ...string) []string { return append(slices.Clone(words), more...) }

func stale(why string) error {
	return remedy.New("reset.stale", remedy.ExitFailed, "the database is not what the plan was made for; nothing was changed").
		WithSeen(why).WithHelp(remedy.Line("plan it again: ", remedy.Again("dev reset", "--dry-run")))
}
