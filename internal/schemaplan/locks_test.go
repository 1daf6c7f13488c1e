package schemaplan

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schematest"
)

// cramped starts a server that has room for few locks: some 130, and what fits into the 100 kB that every server has in
// reserve.
func cramped(t *testing.T) *postgres.DB {
	t.Helper()
	s := pgtest.Server(t, pgtest.Setting("max_locks_per_transaction", "10"), pgtest.Setting("max_connections", "10"),
		pgtest.Setting("autovacuum_max_workers", "1"), pgtest.Setting("max_worker_processes", "1"))
	return connect(t, s.NewDatabase(t))
}

func TestAPlanThatOnlyAddsIsDividedWhereTheServerHasNoRoomForItsLocks(t *testing.T) {
	db := cramped(t)
	text := schematest.Prisma(250, 3)
	whole := plan(t, db, text)
	if len(whole.commits()) != 1 || len(whole.transactions()) < 10 {
		t.Errorf("%d commits, %d transactions", len(whole.commits()), len(whole.transactions()))
	}
	for _, part := range whole.transactions() {
		if n := locks(part); n > whole.lockRoom {
			t.Errorf("%d locks in one transaction, of %d", n, whole.lockRoom)
		}
	}
	if note := whole.SplitNote(); !strings.Contains(note, crowdedNote) || strings.Count(whole.SQL(), "COMMIT;") != len(whole.transactions()) {
		t.Errorf("note %q", note)
	}
	if summary := strings.Join(whole.Summary(remedy.Target{}), "\n"); strings.Count(summary, crowdedNote) != len(whole.transactions())-1 {
		t.Errorf("the summary does not show where it is divided")
	}
	result, err := Apply(ctx, db, whole, ApplyOptions{})
	if err != nil || result.Transactions != len(whole.transactions()) {
		t.Fatalf("%+v, %v", result, err)
	}
	if again := plan(t, db, text); !again.Empty() {
		t.Errorf("left: %q", again.Summary(remedy.Target{})[0])
	}

	t.Run("one that does not is refused before it runs", func(t *testing.T) {
		gone := plan(t, db, schematest.Prisma(3, 3))
		_, err := Apply(ctx, db, gone, ApplyOptions{AllowLoss: true})
		if remedy.Code(err) != "database.locks" || postgres.EndOf(err) != postgres.OutOfLocks || !strings.Contains(remedy.Text(err), "the server has room for 1") {
			t.Errorf("got %s", remedy.Text(err))
		}
		if n := number(t, db, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'record%'"); n != 250 {
			t.Errorf("%d tables are left", n)
		}
	})
	t.Run("what was not counted is named all the same", func(t *testing.T) {
		_, err := db.Exec(ctx, "DROP SCHEMA app_000, app_001, app_002 CASCADE")
		if postgres.EndOf(err) != postgres.OutOfLocks {
			t.Errorf("got %v", err)
		}
	})
}

// TestLocksAreCountedAsTheServerCountsThem compares with pg_locks at the end of a push, and of one that drops.
func TestLocksAreCountedAsTheServerCountsThem(t *testing.T) {
	_, db := database(t)
	for _, text := range []string{schematest.Prisma(40, 2), schematest.Prisma(10, 2)} {
		err := db.InTx(ctx, func(tx postgres.Tx) error {
			p := plan(t, tx, text)
			if _, err := ApplyIn(ctx, tx, p, ApplyOptions{AllowLoss: true}); err != nil {
				return err
			}
			var real int64
			err := tx.QueryRow(ctx, `SELECT count(DISTINCT relation) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation >= 16384`).Scan(&real)
			if counted := locks(p.Steps); counted < real || counted > real*12/10 {
				t.Errorf("%d locks were counted, and the server has %d", counted, real)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
