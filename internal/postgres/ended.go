package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/say"
)

// End says how a connection or a statement was ended from outside, rather than by an error of its own.
type End int

const (
	NotEnded       End = iota
	LostConnection     // it broke without a message: the process behind it, its server, or the network
	NoConnection       // there was none to begin with
	NoAnswer           // one of naap's time limits passed before the server answered
	Terminated         // the session was ended by an administrator, or the server was shut down
	Crashed            // another process of the server died, and with it all sessions
	NotReady           // the server is starting, recovering or shutting down
	Dropped            // the session's database was dropped
	Cancelled          // the statement was cancelled by somebody
	StatementTime      // statement_timeout
	LockTime           // lock_timeout, or NOWAIT
	IdleTime           // idle_in_transaction_session_timeout, idle_session_timeout, transaction_timeout
	Deadlock           // two transactions waited for each other
	OutOfSpace         // the server's disk or memory is full
	OutOfLocks         // a transaction took more locks than the server has room for
)

// locksSetting is what PostgreSQL names in its hint when there is no room for another lock.
const locksSetting = "max_locks_per_transaction"

// CrowdedError reports a transaction that would lock more objects than the server has room for.
type CrowdedError struct{ Locks, Room int64 }

func (e *CrowdedError) Error() string {
	return fmt.Sprintf("it takes %s at once, and the server has room for %s", say.Count(e.Locks, "lock"), say.Number(e.Room))
}

// AskLockRoom asks how many objects can be locked at once: PostgreSQL makes room for so many for each of its processes
// and for each prepared transaction.
const AskLockRoom = `SELECT current_setting('max_locks_per_transaction')::bigint * (current_setting('max_connections')::bigint
	+ current_setting('autovacuum_max_workers')::bigint + 1 + current_setting('max_worker_processes')::bigint
	+ current_setting('max_wal_senders')::bigint + current_setting('max_prepared_transactions')::bigint)`

// ends are the SQLSTATEs for each.
var ends = map[string]End{
	"57P01": Terminated, "57P02": Crashed, "57P03": NotReady, "57P04": Dropped, "57014": Cancelled, "55P03": LockTime,
	"25P03": IdleTime, "25P04": IdleTime, "57P05": IdleTime, "40P01": Deadlock,
	"53100": OutOfSpace, "53200": OutOfSpace,
	"08000": LostConnection, "08003": LostConnection, "08006": LostConnection, "58000": LostConnection,
}

// EndOf returns how err's connection or statement was ended, even if err is wrapped in remedies.
func EndOf(err error) End {
	if err == nil {
		return NotEnded
	}
	var crowded *CrowdedError
	if errors.As(err, &crowded) {
		return OutOfLocks
	}
	if said, ok := AsServerError(err); ok {
		end := ends[said.Code]
		if said.Code == "53200" && strings.Contains(said.Hint, locksSetting) { // the name is the same in every language
			return OutOfLocks
		}
		// The two causes of 57014 differ only in the server's message, which is in the server's language. If that is not
		// English, the error is reported as cancelled, and the timeout is named among the possible causes.
		if end == Cancelled && strings.Contains(said.Message, "statement timeout") {
			return StatementTime
		}
		if end != NotEnded || said.Severity != "FATAL" {
			return end
		}
	}
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &connecting):
		return NoConnection
	case errors.Is(err, context.DeadlineExceeded):
		return NoAnswer
	case lostConnection(err):
		return LostConnection
	}
	return toldEnd(err.Error())
}

// toldEnd finds the end in the output of one of PostgreSQL's own programs, which report it in no other way.
func toldEnd(text string) End {
	for _, told := range []struct {
		words string
		end   End
	}{
		{"terminating connection because of crash", Crashed},
		{"terminating connection due to administrator command", Terminated},
		{"canceling statement due to statement timeout", StatementTime},
		{"canceling statement due to lock timeout", LockTime},
		{"canceling statement due to user request", Cancelled},
		{"the database system is", NotReady},
		{"server closed the connection unexpectedly", LostConnection},
		{"SSL connection has been closed unexpectedly", LostConnection},
		{"could not receive data from server", LostConnection},
		{"could not send data to server", LostConnection},
		{"connection to server", NoConnection},
		{"No space left on device", OutOfSpace},
		{locksSetting, OutOfLocks},
	} {
		if strings.Contains(text, told.words) {
			return told.end
		}
	}
	return NotEnded
}

// IsTimeout reports whether an attempt to connect was given up because there was no answer.
func IsTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
