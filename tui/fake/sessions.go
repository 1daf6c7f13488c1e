package fake

import (
	"context"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Sessions are one that holds up two others, some at rest, and naap's own.
func (b *Backend) Sessions(ctx context.Context) ([]postgres.ServerSession, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	client := func(pid int, application, state string, tx, in time.Duration, query string) postgres.ServerSession {
		return postgres.ServerSession{
			Activity: postgres.Activity{
				PID: pid, Application: b.poisoned(application), User: b.str("postgres"), Database: b.str("naap"), Client: "127.0.0.1", State: state,
				InTx: tx, InQuery: in, Query: b.str(query),
			},
			Kind: "client backend", ID: postgres.SessionID{PID: pid, Began: "1"}, Began: Now.Add(-time.Hour), QueryAge: in + time.Second,
		}
	}
	holder := client(812, "gateway", "idle in transaction", 7*time.Minute, 5*time.Minute, "UPDATE plugin_wallet.\"Wallet\"\nSET amount = 0")
	waiter := client(845, "wallet", "active", 90*time.Second, 80*time.Second, `DELETE FROM plugin_wallet."Wallet" WHERE name = '`+Hostile+`'`)
	waiter.WaitEvent, waiter.Blockers, waiter.Mode, waiter.Target, waiter.Waits = "Lock: transactionid", []int{812}, "ShareLock", b.str(`plugin_wallet."Wallet"`), 80*time.Second
	behind := client(901, "community", "active", 20*time.Second, 20*time.Second, `ALTER TABLE plugin_wallet."Wallet" ADD COLUMN note text`)
	behind.WaitEvent, behind.Blockers, behind.Mode, behind.Target, behind.Waits = "Lock: relation", []int{845}, "AccessExclusiveLock", b.str(`plugin_wallet."Wallet"`), 20*time.Second
	own, console := client(64, "naap", "active", 0, 0, "SELECT 1"), client(65, "naap sql", "idle", 0, 9*time.Second, "SELECT * FROM \"User\"")
	own.Own, own.Self, console.Own = true, true, true
	vacuum := client(55, "", "active", 3*time.Second, 3*time.Second, "autovacuum: VACUUM plugin_community.\"Post\"")
	vacuum.Kind, vacuum.User, vacuum.Client = "autovacuum worker", "", ""
	all := []postgres.ServerSession{vacuum, own, console, client(77, "psql", "idle", 0, 40*time.Minute, "SELECT now()"), client(300, "", "idle", 0, 2*time.Hour, ""), holder, waiter, behind}
	b.mu.Lock()
	defer b.mu.Unlock()
	all = slices.DeleteFunc(all, func(s postgres.ServerSession) bool { return slices.Contains(b.Ended, s.PID) })
	for i := range all {
		all[i].Blockers = slices.DeleteFunc(all[i].Blockers, func(pid int) bool { return slices.Contains(b.Ended, pid) })
	}
	return all, nil
}

// StopSession lets a session go, however it is to be stopped.
func (b *Backend) StopSession(ctx context.Context, id postgres.SessionID, how postgres.SessionEnd) error {
	all, err := b.Sessions(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s postgres.ServerSession) bool { return s.ID.PID == id.PID })
	switch {
	case i < 0:
		return remedy.New("session.gone", remedy.ExitFailed, "session %d has ended meanwhile; nothing was done", id.PID)
	case all[i].ID != id:
		return remedy.New("session.other", remedy.ExitFailed, "session %d has ended meanwhile, and another one has its number; nothing was done", id.PID)
	case how == postgres.CancelQuery && !all[i].Active():
		return remedy.New("session.query", remedy.ExitFailed, "session %d does not run that query any more; nothing was done", id.PID)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Ended = append(b.Ended, id.PID)
	return nil
}
