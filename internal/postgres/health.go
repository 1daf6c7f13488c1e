package postgres

import "time"

// Health is the state of a server at one moment. Counters count from StatsReset on; RatesSince compares two of them.
type Health struct {
	TakenAt time.Time
	Latency time.Duration // from sending the first, trivial, query to its answer

	Sessions       []SessionGroup // client sessions of all databases, largest group first
	Used, Max      int            // connections in use, and max_connections
	Reserved       int            // of Max, kept for superusers
	Active         int            // sessions running a query, without our own
	Idle           int
	IdleInTx       int           // idle in a transaction, including aborted ones
	LongestQuery   time.Duration // of any other active session
	LongestTx      time.Duration
	LongRunning    []Activity // transactions older than longTx, oldest first
	Waiting        []LockWait // sessions waiting for a lock, longest first, and which sessions block them
	InvalidIndexes []TableRef // left by a failed CREATE INDEX CONCURRENTLY or REINDEX

	CacheHit      float64 // share of block reads served from shared buffers, 0 to 1; −1 before any read
	Commits       int64
	Rollbacks     int64
	Inserted      int64
	Updated       int64
	Deleted       int64
	Fetched       int64
	Deadlocks     int64
	Conflicts     int64
	TempBytes     int64
	StatsReset    time.Time // zero if never
	DatabaseBytes int64
	WALBytes      int64  // of the files in pg_wal; −1 if the user may not know
	WALPosition   uint64 // bytes of WAL ever written
}

// longTx is how old a transaction of another session must be to appear in Health.LongRunning.
const longTx = 5 * time.Second

// SessionGroup counts the sessions of one application in one state.
type SessionGroup struct {
	Application string // "" where the client gave none
	State       string // active, idle, idle in transaction, …
	Sessions    int
	Ours        bool // whether it is this program
}

// Activity is one session of the server.
type Activity struct {
	PID         int
	Application string
	User        string
	Database    string
	Client      string // address, "" over a Unix socket
	State       string
	WaitEvent   string        // "Lock: relation", or "" if it does not wait
	InTx        time.Duration // age of its transaction
	InQuery     time.Duration // since its query began or, if it is idle, ended
	Query       string        // what it runs, or ran last; at most 1,000 characters
}

// LockWait is a session that waits for a lock.
type LockWait struct {
	Blocked  Activity
	Blockers []Activity // those it waits for, directly; prepared transactions appear with PID 0
	Mode     string     // AccessExclusiveLock …
	Target   string     // the table, or the kind of lock
	Waits    time.Duration
}

// rates are the changes between two Healths, per second.
type rates struct{ Transactions, Rollbacks, Inserted, Updated, Deleted, WALBytes float64 }

// RatesSince compares h with an earlier Health. ok is false if they cannot be compared: there is no time between them,
// or counters went back because the server was restarted or its statistics were reset.
func (h Health) RatesSince(earlier Health) (r rates, ok bool) {
	seconds := h.TakenAt.Sub(earlier.TakenAt).Seconds()
	if seconds <= 0 || earlier.TakenAt.IsZero() || h.Commits < earlier.Commits || h.WALPosition < earlier.WALPosition {
		return rates{}, false
	}
	per := func(now, then int64) float64 { return float64(now-then) / seconds }
	return rates{
		Transactions: per(h.Commits+h.Rollbacks, earlier.Commits+earlier.Rollbacks),
		Rollbacks:    per(h.Rollbacks, earlier.Rollbacks),
		Inserted:     per(h.Inserted, earlier.Inserted),
		Updated:      per(h.Updated, earlier.Updated),
		Deleted:      per(h.Deleted, earlier.Deleted),
		WALBytes:     float64(h.WALPosition-earlier.WALPosition) / seconds,
	}, true
}
