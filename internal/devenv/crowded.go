package devenv

import (
	"context"
	"errors"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// crowded returns the error of a transaction that takes more locks than the server has room for, with what gives that
// server more.
func (e *Env) crowded(ctx context.Context, err error, again remedy.Advice) *remedy.Error {
	r := remedy.New("database.locks", remedy.ExitFailed, "this takes more locks in one transaction than the server has room for")
	now := e.locksNow(ctx)
	if now > 0 {
		r.WithSeen(fmt.Sprintf("%s = %d", server.LocksSetting, now))
	}
	set := fmt.Sprintf("%s = %d", server.LocksSetting, enoughLocks(now, err))
	raise := remedy.Words("let the server have more: ALTER SYSTEM SET " + set + ";")
	rec := readRecord(e.StateDir())
	own := !e.IsExternal() && rec.Identity != ""
	restart := remedy.Naap("dev down").And(remedy.Naap("dev up"))
	switch {
	case own && now > 0 && now < server.MaxLocks: // it was started before naap's servers had more
		return r.WithHelp(remedy.Line(fmt.Sprintf("start it again, with room for %d: ", server.MaxLocks), restart), again)
	case own && !e.runsInside():
		return r.WithHelp(raise, remedy.Line("start it again: ", restart), again)
	case !e.IsExternal(): // the command line of a container wins over ALTER SYSTEM
		return r.WithHelp(remedy.Words("let the container's server have more, in the compose file: command: postgres -c "+server.LocksSetting+fmt.Sprintf("=%d", enoughLocks(now, err))),
			remedy.Line("and start it again: ", restart), again)
	}
	return r.WithHelp(raise, remedy.Words("restart that server"), again)
}

// locksNow returns the server's max_locks_per_transaction, or 0 where it cannot be asked.
func (e *Env) locksNow(ctx context.Context) int64 {
	db, err := e.Connect(ctx)
	if err != nil {
		return 0
	}
	var n int64
	if db.QueryRow(ctx, "SELECT pg_catalog.current_setting('"+server.LocksSetting+"')::bigint").Scan(&n) != nil {
		return 0
	}
	return n
}

// enoughLocks returns a setting that is enough, as a power of two: for what was counted, with as much again for other
// sessions, or else four times the present one.
func enoughLocks(now int64, err error) int64 {
	want := max(server.MaxLocks, 4*now)
	var counted *postgres.CrowdedError
	if errors.As(err, &counted) && now > 0 {
		want = 2 * counted.Locks * now / max(1, counted.Room)
	}
	n := int64(64)
	for n < want {
		n *= 2
	}
	return n
}
