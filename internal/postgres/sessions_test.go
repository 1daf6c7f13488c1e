package postgres

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// as opens a session under an application's name, and runs something in it.
func as(t *testing.T, url, application, sql string) *Conn {
	t.Helper()
	c, err := Connect(t.Context(), url, Options{Application: application})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { Close(c) })
	if _, err := ExecScript(t.Context(), c, sql); err != nil {
		t.Fatal(err)
	}
	return c
}

// sessionOf returns the session of a connection, once it fulfils a condition.
func sessionOf(t *testing.T, db *DB, c *Conn, is func(ServerSession) bool) (s ServerSession) {
	t.Helper()
	eventually(t, "the session is so", func() bool {
		all, err := db.Sessions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(s ServerSession) bool { return s.PID == int(c.PgConn().PID()) })
		if i >= 0 {
			s = all[i]
		}
		return i >= 0 && is(s)
	})
	return s
}

func TestOnlyTheSessionThatWasMeantIsStopped(t *testing.T) {
	db, url := openURL(t, shop)
	holder := as(t, url, "gateway", `BEGIN; UPDATE shop."Order" SET total = 0`)
	waiter := as(t, url, "wallet", `SELECT 1`)
	finished := make(chan error, 1)
	run := func(c *Conn, sql string) {
		go func() { _, err := c.Exec(context.Background(), sql); finished <- err }()
	}
	run(waiter, `DELETE FROM shop."Order"`)
	waits := sessionOf(t, db, waiter, func(s ServerSession) bool { return len(s.Blockers) > 0 })
	holds := sessionOf(t, db, holder, func(ServerSession) bool { return true })
	if !slices.Equal(waits.Blockers, []int{holds.PID}) || !waits.Active() || waits.Target == "" || waits.Own || waits.Self || waits.Began.IsZero() || waits.Application != "wallet" {
		t.Errorf("the one that waits is %+v", waits)
	}
	if holds.State != "idle in transaction" || holds.Active() || !strings.Contains(holds.Query, "UPDATE") || holds.InTx <= 0 || len(holds.Blockers) > 0 {
		t.Errorf("the one that is waited for is %+v", holds)
	}

	for code, meant := range map[string]struct {
		id  SessionID
		how SessionEnd
	}{
		"session.other":  {SessionID{PID: holds.PID, Began: "12.5"}, EndSession},
		"session.query":  {holds.ID, CancelQuery}, // it runs nothing
		"session.gone":   {SessionID{PID: 1<<22 + 7, Began: "12.5"}, EndSession},
		"session.denied": {SessionID{PID: holds.PID, Began: ""}, EndSession},
	} {
		if err := db.StopSession(t.Context(), meant.id, meant.how); remedy.Code(err) != code {
			t.Errorf("the error is %v, want %s", err, code)
		}
	}
	later := waits.ID
	later.Query = "12.5"
	if err := db.StopSession(t.Context(), later, CancelQuery); remedy.Code(err) != "session.query" {
		t.Errorf("cancelling another query: %v", err)
	}
	sessionOf(t, db, waiter, func(s ServerSession) bool { return len(s.Blockers) > 0 })
	sessionOf(t, db, holder, func(s ServerSession) bool { return s.State == "idle in transaction" })

	if err := db.StopSession(t.Context(), waits.ID, CancelQuery); err != nil {
		t.Error(err)
	}
	if err := <-finished; !HasCode(err, "57014") {
		t.Errorf("the cancelled statement says %v", err)
	}
	run(waiter, `DELETE FROM shop."Order"`)
	sessionOf(t, db, waiter, func(s ServerSession) bool { return len(s.Blockers) > 0 })
	if err := db.StopSession(t.Context(), holds.ID, EndSession); err != nil {
		t.Error(err)
	}
	if err := <-finished; err != nil {
		t.Errorf("with nobody in the way: %v", err)
	}
	if err := db.StopSession(t.Context(), holds.ID, EndSession); remedy.Code(err) != "session.gone" {
		t.Errorf("ending it again: %v", err)
	}
}

func TestARoleWithoutTheRightIsToldWhy(t *testing.T) {
	admin, url := openURL(t, `DROP ROLE IF EXISTS sessions_guest, sessions_viewer; CREATE ROLE sessions_guest LOGIN PASSWORD 'guest'; CREATE ROLE sessions_viewer LOGIN PASSWORD 'guest' IN ROLE pg_read_all_stats`)
	t.Cleanup(func() { _, _ = admin.Exec(context.Background(), `DROP ROLE sessions_guest, sessions_viewer`) })
	other := as(t, url, "naap sql", `BEGIN`)
	for name, sees := range map[string]bool{"sessions_guest": false, "sessions_viewer": true} {
		db, err := Open(t.Context(), withUser(t, url, name, "guest"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		s := sessionOf(t, db, other, func(ServerSession) bool { return true })
		if s.Unseen == sees || !s.Own || (s.Query != "") != sees {
			t.Errorf("%s sees %+v", name, s)
		}
		err = db.StopSession(t.Context(), s.ID, EndSession)
		e, ok := remedy.Of(err)
		if !ok || e.Code != "session.denied" || len(e.Seen) == 0 || len(e.Fix) == 0 {
			t.Errorf("%s: %v", name, remedy.Text(err))
		}
	}
	if _, err := other.Exec(t.Context(), "SELECT 1"); err != nil {
		t.Errorf("the session was stopped: %v", err)
	}
}
