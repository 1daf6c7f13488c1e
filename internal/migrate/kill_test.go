package migrate

import (
	"context"
	"fmt"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestASessionThatEndsAtAnyQuestionLeavesTheTruth ends the session of a deploy, and in the long run the server, before
// and after each of its questions. Afterwards a migration's tables are there exactly if it is recorded as applied, and
// what the next command says works.
func TestASessionThatEndsAtAnyQuestionLeavesTheTruth(t *testing.T) {
	scripts := []string{"CREATE TABLE a ();", "CREATE TABLE b (); CREATE TABLE b2 ();", "DO $$ BEGIN CREATE TABLE c (); END $$;", "CREATE TABLE d ();"}
	asked, step := 1, 3
	if pgtest.Number(t, "NAAP_TEST_KILLS", 0) > 0 {
		step = 1
	}
	for at := 1; at <= asked; at += step {
		for _, answered := range []bool{false, true} {
			t.Run(fmt.Sprint(at, " ", answered), func(t *testing.T) {
				b := newBench(t, scripts...)
				relay := pgtest.NewRelay(t, b.url)
				through := benchAt(t, relay.URL())
				plan, err := b.look().PlanDeploy(b.target())
				b.must(err)
				relay.At(at, answered, func() bool {
					asked = at + step
					_, _ = b.db.Exec(context.Background(), `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
					return true
				})
				_, err = Deploy(t.Context(), through.db, plan, quietly)
				b.isTrue(err)
			})
		}
	}
	if asked < 14 { // three for each migration, and what comes before them
		t.Errorf("only %d questions were asked", asked)
	}
}

// isTrue compares what the table says with what is there, and follows the remedies.
func (b *bench) isTrue(when error) {
	b.t.Helper()
	tables := map[string]string{"1_m": "a", "2_m": "b2", "3_m": "c", "4_m": "d"}
	for _, e := range b.look().Entries {
		alone := e.Name == "3_m" && e.State == Failed // a DO may commit: there it is not known, and said so
		if there := b.has(tables[e.Name]); there != (e.State == Applied) && !alone {
			b.t.Errorf("%v: %s is %s, and its table is there: %v", when, e.Name, e.State, there)
		}
	}
	for _, e := range b.look().With(Failed) {
		if err := b.deploy(); remedy.Code(err) != "migrate.failed" {
			b.t.Errorf("%v: %s failed, and a deploy says %v", when, e.Name, err)
		}
		b.must(b.resolve(e.Name, b.has(tables[e.Name])))
	}
	b.must(b.deploy())
	if got := b.states(); got != "1_m applied, 2_m applied, 3_m applied, 4_m applied" {
		b.t.Errorf("%v: in the end %s", when, got)
	}
	if n := b.value("SELECT count(*)::text FROM pg_class WHERE relname IN ('a', 'b', 'b2', 'c', 'd')"); n != "5" {
		b.t.Errorf("%v: in the end there are %s tables", when, n)
	}
}

func TestAKilledServerLeavesTheTruth(t *testing.T) {
	pgtest.Long(t) // the plain run ends sessions
	server := pgtest.Server(t, pgtest.Setting("fsync", "on"))
	for i := range 2 * pgtest.Number(t, "NAAP_TEST_KILLS", 3) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			b := benchAt(t, server.NewDatabase(t), "CREATE TABLE a ();", "CREATE TABLE b (); CREATE TABLE b2 ();", "CREATE TABLE c ();", "CREATE TABLE d ();")
			relay := pgtest.NewRelay(t, b.url)
			through := benchAt(t, relay.URL())
			plan, err := b.look().PlanDeploy(b.target())
			b.must(err)
			killed := make(chan struct{})
			relay.At(4+i, i%2 == 0, func() bool {
				defer close(killed)
				server.Kill(t)
				return false
			})
			_, err = Deploy(t.Context(), through.db, plan, quietly)
			if err == nil {
				t.Fatal("it was never killed")
			}
			<-killed // the session is lost before the server is gone
			server.Start(t)
			b.db.Reset()
			b.isTrue(err)
		})
	}
}
