package postgres

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"
)

func withUser(t testing.TB, raw, user, password string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

func TestHealthNamesWhoBlocksWhom(t *testing.T) {
	db, raw := openURL(t, shop)
	ctx := t.Context()
	holder, err := Connect(ctx, raw, Options{Application: "holder"})
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close(context.Background())
	if _, err := holder.Exec(ctx, `BEGIN; UPDATE shop."Order" SET total = 0`); err != nil {
		t.Fatal(err)
	}
	waiter, err := Connect(ctx, raw, Options{Application: "waiter"})
	if err != nil {
		t.Fatal(err)
	}
	defer waiter.Close(context.Background())
	finished := make(chan error, 1)
	go func() {
		_, err := waiter.Exec(context.Background(), `ALTER TABLE shop."Order" ADD COLUMN note text`)
		finished <- err
	}()

	var h *Health
	eventually(t, "a session waits for a lock", func() bool {
		if h, err = db.Health(ctx); err != nil {
			t.Fatal(err)
		}
		return len(h.Waiting) == 1
	})
	w := h.Waiting[0]
	if w.Blocked.Application != "waiter" || w.Target != `shop."Order"` || w.Mode != "AccessExclusiveLock" ||
		len(w.Blockers) != 1 || w.Blockers[0].Application != "holder" || w.Blockers[0].State != "idle in transaction" {
		t.Errorf("waiting: %+v", w)
	}
	if h.IdleInTx != 1 || h.Active != 1 || h.Used < 3 || h.Max == 0 || h.LongestTx <= 0 {
		t.Errorf("sessions: %+v", h)
	}
	if !slices.ContainsFunc(h.Sessions, func(g SessionGroup) bool { return g.Application == "naap" && g.Ours }) {
		t.Errorf("our own session is not ours: %+v", h.Sessions)
	}

	blockers, err := db.Blockers(ctx, w.Blocked.PID)
	if err != nil || len(blockers) != 1 || blockers[0].Application != "holder" {
		t.Errorf("Blockers: %+v, %v", blockers, err)
	}
	if _, err := db.Exec(ctx, "SELECT pg_cancel_backend($1)", w.Blocked.PID); err != nil {
		t.Error(err)
	}
	if err := <-finished; !HasCode(err, "57014") {
		t.Errorf("the cancelled statement says %v, want 57014", err)
	}
	if ok, err := db.TerminateBackend(ctx, int(holder.PgConn().PID())); !ok || err != nil {
		t.Errorf("TerminateBackend: %v, %v", ok, err)
	}
	eventually(t, "the terminated session is gone", func() bool {
		h, err := db.Health(ctx)
		return err == nil && !slices.ContainsFunc(h.Sessions, func(g SessionGroup) bool { return g.Application == "holder" })
	})
	if ok, err := db.TerminateBackend(ctx, int(holder.PgConn().PID())); ok || err != nil {
		t.Errorf("ending a session that is gone: %v, %v", ok, err)
	}
}

func TestHealthCountsWhatHappened(t *testing.T) {
	db := open(t, shop)
	before, err := db.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if before.Latency <= 0 || before.CacheHit < 0 || before.CacheHit > 1 || before.WALBytes <= 0 || before.WALPosition == 0 {
		t.Errorf("health: %+v", before)
	}
	mustExec(t, db, `INSERT INTO shop.empty SELECT generate_series(1, 500)`)
	eventually(t, "the statistics know of the rows", func() bool {
		mustExec(t, db, "SELECT pg_stat_force_next_flush()")
		now, err := db.Health(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r, ok := now.RatesSince(*before)
		return ok && now.Inserted >= before.Inserted+500 && r.Inserted > 0 && r.WALBytes > 0
	})
	if _, ok := before.RatesSince(*before); ok {
		t.Error("rates without time between")
	}
	later := *before
	later.TakenAt = later.TakenAt.Add(time.Second)
	later.Commits--
	if _, ok := later.RatesSince(*before); ok {
		t.Error("rates of counters that went back")
	}
}

func TestSnapshotNamesInvalidIndexes(t *testing.T) {
	db := open(t, `CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)`)
	if _, err := db.Exec(t.Context(), `CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)`); !HasCode(err, "23505") {
		t.Fatalf("the index was made: %v", err)
	}
	s := snapshot(t, db, SnapshotOptions{})
	if want := []TableRef{{"public", "broken"}}; !slices.Equal(s.Health.InvalidIndexes, want) {
		t.Errorf("invalid indexes %v, want %v", s.Health.InvalidIndexes, want)
	}
}
