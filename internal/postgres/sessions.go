package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// ServerSession is one session of a server, or a process of the server's own that works in a database.
type ServerSession struct {
	Activity
	ID       SessionID
	Kind     string        // "client backend", "autovacuum worker" …
	Began    time.Time     // zero where the role may not know it
	QueryAge time.Duration // since its query began, or its last one
	Own      bool          // one of naap's, of this program or of another
	Self     bool          // the one that asked
	Unseen   bool          // the role may not see what it does

	Blockers []int // the PIDs of those that it waits for, directly; a prepared transaction is 0
	Mode     string
	Target   string // the table that it waits for, or the kind of lock
	Waits    time.Duration
}

// Active reports whether the session runs a statement.
func (s *ServerSession) Active() bool {
	return s.State == "active" || s.State == "fastpath function call"
}

// SessionID says which session is meant, after it may have ended: PIDs are used again.
type SessionID struct {
	PID   int
	Began string // backend_start in seconds since 1970, as the server writes it; "" where the role may not know it
	Query string // query_start, likewise
}

// SessionEnd is how a session is stopped.
type SessionEnd int

const (
	CancelQuery SessionEnd = iota // the statement that it runs fails; the session and its transaction stay
	EndSession                    // it is disconnected, and its transaction rolled back
)

// What the role may not see is NULL, but for the query, which says so.
const allSessionsSQL = `
SELECT ` + activityColumns + `, a.backend_type, extract(epoch from a.backend_start), extract(epoch from a.query_start),
	extract(epoch from clock_timestamp() - a.query_start), a.application_name = 'naap' OR a.application_name LIKE 'naap %',
	a.pid = pg_backend_pid(), a.backend_start IS NULL,
	` + waitColumns + `
FROM ` + waitTables + `
WHERE a.leader_pid IS NULL AND (a.backend_type = 'client backend' OR a.datid IS NOT NULL OR a.backend_type IS NULL AND a.usesysid IS NOT NULL)
ORDER BY a.pid`

// Sessions reads the sessions of the whole server, in the order of their PIDs: one round trip.
func (db *DB) Sessions(ctx context.Context) ([]ServerSession, error) {
	var out []ServerSession
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		out = nil
		return readOnlyExchange(ctx, pc, newAsk(fixedPath, nil), keptAsk(allSessionsSQL, func(r textRow) { out = append(out, readSession(r)) }))
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the server's sessions: %w", err)
	}
	return out, nil
}

func readSession(r textRow) ServerSession {
	const w = activityWidth
	s := ServerSession{
		Activity: readActivity(r), Kind: r.str(w), Began: r.epoch(w + 1), QueryAge: max(0, r.seconds(w+3)), Own: r.bool(w + 4), Self: r.bool(w + 5), Unseen: r.bool(w + 6),
		Mode: r.str(w + 8), Target: r.str(w + 9), Waits: max(0, r.seconds(w+10)),
	}
	s.ID = SessionID{PID: s.PID, Began: r.str(w + 1), Query: r.str(w + 2)}
	if s.Unseen {
		s.Query = ""
	}
	seen := map[int]bool{}
	for _, pid := range r.numbers(w + 7) { // repeated for each of a blocker's parallel workers
		if !seen[pid] {
			seen[pid] = true
			s.Blockers = append(s.Blockers, pid)
		}
	}
	return s
}

// Whether the session is still the one that was meant is decided in the statement that ends it: CASE evaluates the call
// only where it is. $4 is the query that is to be cancelled; none for an end.
const signalSQL = `
SELECT a.pid IS NOT NULL, a.began = $2::numeric, a.active AND a.query = $3::numeric, CASE
	WHEN a.began IS DISTINCT FROM $2::numeric THEN NULL
	WHEN $4::bool THEN pg_terminate_backend(a.pid, 2000)
	WHEN a.active AND a.query = $3::numeric THEN pg_cancel_backend(a.pid) END
FROM (SELECT) one LEFT JOIN (
	SELECT pid, extract(epoch from backend_start) AS began, extract(epoch from query_start) AS query, state IN ('active', 'fastpath function call') AS active
	FROM pg_stat_activity) a ON a.pid = $1::int`

// StopSession cancels what a session runs, or ends it. A session that is gone, whose PID is another's by now, or that runs
// another query than the one to cancel, is left alone, and the error says so: session.gone, session.other,
// session.query. Its code is session.denied where the role may not do it.
func (db *DB) StopSession(ctx context.Context, id SessionID, how SessionEnd) error {
	if id.Began == "" {
		return remedy.New("session.denied", remedy.ExitRefused, "session %d cannot be told from a later one", id.PID).
			WithSeen("the role may not see when it began").WithFix("as a superuser: GRANT pg_read_all_stats TO the role")
	}
	var there, same, runs, done bool
	err := db.WithConn(ctx, func(c *Conn) error {
		if int(c.PgConn().PID()) == id.PID {
			return remedy.New("session.own", remedy.ExitRefused, "session %d is the one that would have to stop it", id.PID)
		}
		a := newAsk(signalSQL, func(r textRow) { there, same, runs, done = r.bool(0), r.bool(1), r.bool(2), r.bool(3) },
			strconv.Itoa(id.PID), id.Began, id.Query, strconv.FormatBool(how == EndSession))
		if id.Query == "" {
			a.args[2] = nil
		}
		if err := exchange(ctx, c.PgConn(), newAsk("BEGIN", nil), newAsk(fixedPath, nil), a, newAsk("COMMIT", nil)); err != nil {
			return err
		}
		return a.err
	})
	switch {
	case HasCode(err, Forbidden):
		return deniedSignal(err, id.PID)
	case err != nil:
		return fmt.Errorf("stop session %d: %w", id.PID, err)
	}
	return stopped(id.PID, how, there, same, runs, done)
}

// stopped is the error for what the server answered, where that is not that it was done.
func stopped(pid int, how SessionEnd, there, same, runs, done bool) error {
	switch {
	case !there:
		return remedy.New("session.gone", remedy.ExitFailed, "session %d has ended meanwhile; nothing was done", pid)
	case !same:
		return remedy.New("session.other", remedy.ExitFailed, "session %d has ended meanwhile, and another one has its number; nothing was done", pid)
	case how == CancelQuery && !runs:
		return remedy.New("session.query", remedy.ExitFailed, "session %d does not run that query any more; nothing was done", pid)
	case !done && how == EndSession:
		return remedy.New("session.slow", remedy.ExitFailed, "session %d was told to end, and has not ended yet", pid).
			WithFix("look again: it may have to take back what it wrote first")
	case !done:
		return remedy.New("session.gone", remedy.ExitFailed, "session %d could not be signalled: it has ended meanwhile", pid)
	}
	return nil
}

// deniedSignal is the error of a role that may not signal a session, with the server's own reason.
func deniedSignal(err error, pid int) error {
	said, _ := AsServerError(err)
	e := remedy.New("session.denied", remedy.ExitRefused, "the role may not stop session %d", pid).Behind(err)
	for _, line := range []string{said.Message, said.Detail} {
		if line = strings.TrimSpace(line); line != "" {
			e.WithSeen(line)
		}
	}
	return e.WithFix("as a superuser: GRANT pg_signal_backend TO the role; only a superuser stops another superuser's")
}
