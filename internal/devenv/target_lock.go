package devenv

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// The lock of a target is an advisory lock in the database itself, so that everyone who reaches the database meets it,
// from whichever home, machine or URL; two databases have two locks. It belongs to a transaction that stays open while
// the verb works: the lock ends with the process, and a pooler that hands out a connection for each transaction keeps
// it too.
const (
	targetClass  = 0x6e616170 // "naap" in ASCII
	targetObject = 0x6c6f636b // "lock"
)

// askTarget takes the lock if it is free.
const askTarget = `SELECT pg_try_advisory_xact_lock($2, $3) FROM set_config('application_name', $1, true) a,
	set_config('tcp_keepalives_idle', '30', true) b`

// dropSnapshot is the last statement of the message that takes the lock. After a query, the server would keep that one's
// snapshot while the transaction is idle, and CREATE INDEX CONCURRENTLY in a migration would wait for it to go.
const dropSnapshot = `SET LOCAL tcp_keepalives_interval = 10`

// askCopies asks whether a snapshot or a restore is at work, which needs the database without sessions and so holds its
// lock in another one (backup.Server.exclusive). Each side takes its own lock first and then looks for the other's, so
// that at least one of them sees the other.
const askCopies = `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2
	AND classid::bigint = hashtext('naap backup')::bigint & 4294967295 AND objid::bigint = hashtext(current_database())::bigint & 4294967295)`

// retryTarget is how often a waiting naap asks again. It waits without a session, which would block a restore that it
// may be waiting for.
const retryTarget = 100 * time.Millisecond

// lockTarget takes the database's lock for a verb. If another naap holds it, lockTarget waits where wait is set, and
// otherwise fails with ExitBusy and names the holder. The returned function releases the lock.
func (e *Env) lockTarget(ctx context.Context, db *postgres.DB, verb string, wait bool) (release func(), err error) {
	for {
		release, err = tryTarget(ctx, db, verb)
		if err == nil || !wait || remedy.Exit(err) != remedy.ExitBusy {
			return release, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the other naap: %w", ctx.Err())
		case <-time.After(retryTarget):
		}
	}
}

func tryTarget(ctx context.Context, db *postgres.DB, verb string) (release func(), err error) {
	lent, err := db.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	tx, err := postgres.BeginLasting(ctx, lent)
	if err != nil {
		lent.Release()
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	release = func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second) // the server may be gone
		defer cancel()
		_ = tx.Rollback(ctx)
		lent.Release()
	}
	if err := takeTarget(ctx, tx, verb); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// takeTarget takes the lock in a transaction that postgres.BeginLasting began. The questions go in one message: the
// server answers the second after it has answered the first.
func takeTarget(ctx context.Context, tx postgres.Tx, verb string) error {
	var got, copied bool
	batch := &postgres.Batch{}
	batch.Queue(askTarget, holderName(verb), targetClass, targetObject).QueryRow(func(row postgres.Row) error { return row.Scan(&got) })
	batch.Queue(askCopies).QueryRow(func(row postgres.Row) error { return row.Scan(&copied) })
	batch.Queue(dropSnapshot)
	switch err := tx.SendBatch(ctx, batch).Close(); {
	case err != nil:
		return fmt.Errorf("lock the database: %w", err)
	case !got:
		return targetHeld(ctx, tx, verb)
	case copied:
		return busyTarget(verb, "another naap copies or replaces this database")
	}
	return nil
}

// holderName returns how the holder of the lock introduces itself to the server: application_name holds 63 bytes of
// ASCII.
func holderName(verb string) string {
	host, _ := os.Hostname()
	name := fmt.Sprintf("naap %s, pid %d on %s", verbLine(verb), os.Getpid(), host)
	return name[:min(len(name), 63)]
}

var heldBy = lazy.Regexp{Text: `^naap (?:dev )?(.+), pid (\d+) on (.*)$`}

// targetHeld returns the error for a lock that another naap has, with all that the server knows of it.
func targetHeld(ctx context.Context, tx postgres.Tx, verb string) error {
	const message = "another naap is working on this database"
	var pid int
	var name, address string
	var since time.Time
	err := tx.QueryRow(ctx, `SELECT l.pid, coalesce(a.application_name, ''), coalesce(host(a.client_addr), ''), coalesce(a.xact_start, now())
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`, targetClass, targetObject).Scan(&pid, &name, &address, &since)
	if err != nil { // it has released the lock by now, or may not be seen
		return busyTarget(verb, message)
	}
	m := heldBy.Get().FindStringSubmatch(name)
	if m == nil {
		return busyTarget(verb, message, fmt.Sprintf("the server's process %d holds its lock (%s)", pid, name))
	}
	where := "on " + m[3]
	if host, _ := os.Hostname(); m[3] != "" && strings.HasPrefix(host, m[3]) {
		where = "on this machine"
	} else if address != "" {
		where += " (" + address + ")"
	}
	return busyTarget(verb, fmt.Sprintf("another naap (pid %s %s) is working on this database", m[2], where),
		fmt.Sprintf("pid %s %s: its verb is %s, since %s", m[2], where, m[1], since.Local().Format("15:04:05")))
}

func busyTarget(verb, message string, seen ...string) error {
	return remedy.New("busy", remedy.ExitBusy, "%s", message).WithSeen(seen...).
		WithHelp(remedy.Again(verbLine(verb), "--wait").Note("waits until it has finished"))
}
