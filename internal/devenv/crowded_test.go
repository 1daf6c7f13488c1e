package devenv

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestAServerWithoutRoomForMoreLocksIsToldHowToGetIt runs out of it in a statement that was not counted beforehand, and asks
// for as much as a plan needs.
func TestAServerWithoutRoomForMoreLocksIsToldHowToGetIt(t *testing.T) {
	s := pgtest.Server(t, pgtest.Setting("max_locks_per_transaction", "10"), pgtest.Setting("max_connections", "10"),
		pgtest.Setting("autovacuum_max_workers", "1"), pgtest.Setting("max_worker_processes", "1"))
	e := testEnv(t, nil, "NAAP_DATABASE_URL="+s.NewDatabase(t))
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), "DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE 'CREATE TABLE t' || i || ' (id int PRIMARY KEY)'; END LOOP; END $$")
	for _, c := range []struct {
		err  error
		want string
	}{
		{err, "ALTER SYSTEM SET max_locks_per_transaction = 1024;"},
		{&postgres.CrowdedError{Locks: 13_000, Room: 130}, "ALTER SYSTEM SET max_locks_per_transaction = 2048;"},
	} {
		explained := e.Explained(t.Context(), "dev reset", c.err)
		text := remedy.Text(explained)
		if remedy.Code(explained) != "database.locks" || remedy.Exit(explained) != remedy.ExitFailed || !strings.Contains(text, c.want) ||
			!strings.Contains(text, "max_locks_per_transaction = 10\n") || !strings.Contains(text, "naap dev reset") {
			t.Errorf("got %s", text)
		}
	}
}
