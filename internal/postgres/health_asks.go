package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Health reads the state of the server alone, not of its tables: one round trip.
func (db *DB) Health(ctx context.Context) (*Health, error) {
	h := &Health{}
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		*h = Health{}
		asks := newHealthAsks(h, &ServerInfo{}, time.Now())
		if err := exchange(ctx, pc, asks.asks()...); err != nil {
			return err
		}
		asks.finish()
		return firstError(asks.required()...)
	})
	if err != nil {
		return nil, fmt.Errorf("ask for the server's health: %w", err)
	}
	return h, nil
}

// ServerInfo reads what the server says about itself.
func (db *DB) ServerInfo(ctx context.Context) (ServerInfo, error) {
	var s ServerInfo
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		return readOnlyExchange(ctx, pc, newAsk(fixedPath, nil), keptAsk(serverSQL, s.read))
	})
	if err != nil {
		return ServerInfo{}, fmt.Errorf("ask the server what it is: %w", err)
	}
	return s, nil
}

// data_directory is visible to some users only; for others, asking for it is an error.
const serverSQL = `
SELECT current_setting('server_version_num'), extract(epoch from pg_postmaster_start_time()), extract(epoch from clock_timestamp()),
	current_setting('cluster_name'), current_database(), current_user, current_setting('is_superuser') = 'on',
	pg_encoding_to_char(d.encoding), d.datcollate, current_setting('TimeZone'),
	CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END,
	coalesce(host(inet_server_addr()), ''), current_setting('port'), pg_is_in_recovery(),
	current_setting('default_transaction_read_only') = 'on'
FROM pg_database d WHERE d.datname = current_database()`

func (s *ServerInfo) read(r textRow) {
	*s = ServerInfo{
		Version: Version(r.int(0)), Started: r.epoch(1), Clock: r.epoch(2), ClusterName: r.str(3), Database: r.str(4),
		User: r.str(5), Superuser: r.bool(6), Encoding: r.str(7), Collation: r.str(8), TimeZone: r.str(9),
		DataFolder: r.str(10), Address: r.str(11), Port: int(r.int(12)), InRecovery: r.bool(13), ReadOnly: r.bool(14),
	}
}

const activityColumns = `a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''), coalesce(a.datname, ''),
	coalesce(host(a.client_addr), ''), coalesce(a.state, ''), coalesce(a.wait_event_type || ': ' || a.wait_event, ''),
	extract(epoch from now() - a.xact_start),
	extract(epoch from now() - CASE WHEN a.state = 'active' THEN a.query_start ELSE a.state_change END),
	left(a.query, 1000)`

// activityWidth is the number of columns in activityColumns.
const activityWidth = 10

// waitColumns are the last columns of a session: who blocks it, and what it waits for. waitTables is where they are read.
// pg_blocking_pids and pg_locks are called only for sessions that wait: they stop the lock manager for a moment.
const (
	waitColumns = `CASE WHEN a.wait_event_type = 'Lock' THEN array_to_json(pg_blocking_pids(a.pid)) END,
	l.mode, l.target, extract(epoch from now() - l.waitstart)`
	waitTables = `pg_stat_activity a
LEFT JOIN LATERAL (
	SELECT w.mode, coalesce(CASE WHEN w.database = (SELECT oid FROM pg_database WHERE datname = current_database())
			THEN w.relation::regclass::text END, w.locktype) AS target, w.waitstart
	FROM pg_locks w WHERE a.wait_event_type = 'Lock' AND w.pid = a.pid AND NOT w.granted LIMIT 1) l ON true`
)

const sessionsSQL = `
SELECT ` + activityColumns + `, a.pid = pg_backend_pid(), a.application_name = current_setting('application_name'),
	` + waitColumns + `
FROM ` + waitTables + `
WHERE a.backend_type = 'client backend'`

const countersSQL = `
SELECT coalesce(blks_hit, 0), coalesce(blks_read, 0), xact_commit, xact_rollback, tup_inserted, tup_updated, tup_deleted, tup_fetched,
	deadlocks, conflicts, temp_bytes, extract(epoch from stats_reset),
	current_setting('max_connections'), current_setting('superuser_reserved_connections'),
	(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END - '0/0')::numeric(20,0)
FROM pg_stat_database WHERE datname = current_database()`

// healthAsks ask for a server's health.
type healthAsks struct {
	h        *Health
	began    time.Time
	sessions []session
	ping     *ask
	server   *ask
	activity *ask
	counters *ask
	wal      *ask
}

type session struct {
	Activity
	self, ours bool
	blockers   []int
	mode       string
	target     string
	waits      time.Duration
}

// walSQL yields the size of the write-ahead log, or NULL for users who may not know it. Calling a function without the
// privilege is an error even before anything is evaluated, so the call is in a text.
const walSQL = `SELECT CASE WHEN has_function_privilege('pg_catalog.pg_ls_waldir()', 'EXECUTE') THEN
	substring(query_to_xml('SELECT sum(size) AS size FROM pg_catalog.pg_ls_waldir()', false, true, '')::text from '<size>(\d+)</size>') END`

func newHealthAsks(h *Health, server *ServerInfo, began time.Time) *healthAsks {
	h.TakenAt, h.CacheHit, h.WALBytes = began, -1, -1
	a := &healthAsks{h: h, began: began}
	a.ping = keptAsk("SELECT 1", func(textRow) { h.Latency = time.Since(began) })
	a.server = keptAsk(serverSQL, server.read)
	a.activity = keptAsk(sessionsSQL, a.session)
	a.counters = keptAsk(countersSQL, a.count)
	a.wal = keptAsk(walSQL, func(r textRow) {
		if !r.null(0) {
			h.WALBytes = r.int(0)
		}
	})
	return a
}

func (a *healthAsks) asks() []*ask {
	return []*ask{a.ping, newAsk("BEGIN READ ONLY", nil), newAsk(fixedPath, nil), a.server, a.activity, a.counters, a.wal, newAsk("ROLLBACK", nil)}
}

// required returns the asks without which there is no health.
func (a *healthAsks) required() []*ask {
	return []*ask{a.ping, a.server, a.activity, a.counters}
}

func readActivity(r textRow) Activity {
	return Activity{
		PID: int(r.int(0)), Application: r.str(1), User: r.str(2), Database: r.str(3), Client: r.str(4), State: r.str(5),
		WaitEvent: r.str(6), InTx: max(0, r.seconds(7)), InQuery: max(0, r.seconds(8)), Query: strings.TrimSpace(r.str(9)),
	}
}

func (a *healthAsks) session(r textRow) {
	const w = activityWidth
	a.sessions = append(a.sessions, session{
		Activity: readActivity(r), self: r.bool(w), ours: r.bool(w + 1), blockers: r.numbers(w + 2),
		mode: r.str(w + 3), target: r.str(w + 4), waits: max(0, r.seconds(w+5)),
	})
}

func (a *healthAsks) count(r textRow) {
	h := a.h
	hit, read := r.float(0), r.float(1)
	if hit+read > 0 {
		h.CacheHit = hit / (hit + read)
	}
	h.Commits, h.Rollbacks, h.Inserted, h.Updated, h.Deleted, h.Fetched = r.int(2), r.int(3), r.int(4), r.int(5), r.int(6), r.int(7)
	h.Deadlocks, h.Conflicts, h.TempBytes, h.StatsReset = r.int(8), r.int(9), r.int(10), r.epoch(11)
	h.Max, h.Reserved, h.WALPosition = int(r.int(12)), int(r.int(13)), r.uint(14)
}

// finish groups the sessions and finds who waits for whom.
func (a *healthAsks) finish() {
	type group struct {
		application, state string
		ours               bool
	}
	groups := map[group]int{}
	byPID := map[int]Activity{}
	for _, s := range a.sessions {
		byPID[s.PID] = s.Activity
		groups[group{s.Application, s.State, s.ours}]++
		if !s.self {
			a.h.add(s)
		}
	}
	a.h.Used = len(a.sessions)
	for g, n := range groups {
		a.h.Sessions = append(a.h.Sessions, SessionGroup{Application: g.application, State: g.state, Sessions: n, Ours: g.ours})
	}
	sortGroups(a.h.Sessions)
	slices.SortFunc(a.h.LongRunning, func(x, y Activity) int { return cmp.Compare(y.InTx, x.InTx) })
	for _, s := range a.sessions {
		if len(s.blockers) > 0 {
			a.h.Waiting = append(a.h.Waiting, s.lockWait(byPID))
		}
	}
	slices.SortFunc(a.h.Waiting, func(x, y LockWait) int { return cmp.Compare(y.Waits, x.Waits) })
}

func (h *Health) add(s session) {
	switch {
	case s.State == "active":
		h.Active++
		h.LongestQuery = max(h.LongestQuery, s.InQuery)
	case s.State == "idle":
		h.Idle++
	case strings.HasPrefix(s.State, "idle in transaction"):
		h.IdleInTx++
	}
	h.LongestTx = max(h.LongestTx, s.InTx)
	// A verb of naap's holds its lock of the database in a transaction that does nothing else, for as long as it works.
	if s.InTx >= longTx && !strings.HasPrefix(s.Application, "naap dev ") {
		h.LongRunning = append(h.LongRunning, s.Activity)
	}
}

func (s session) lockWait(byPID map[int]Activity) LockWait {
	w := LockWait{Blocked: s.Activity, Mode: s.mode, Target: s.target, Waits: s.waits}
	seen := map[int]bool{}
	for _, pid := range s.blockers { // a PID is repeated for each of the blocker's parallel workers
		if seen[pid] {
			continue
		}
		seen[pid] = true
		blocker, ok := byPID[pid]
		if !ok {
			blocker = Activity{PID: pid}
		}
		w.Blockers = append(w.Blockers, blocker)
	}
	return w
}
