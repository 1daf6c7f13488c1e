package reset

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// both are the two states between which a reset and its undo alternate; no other may ever be seen.
type both struct{ before, reset snapshotOf }

// tryKilled runs a verb, which something ends at a random moment, and returns which state is there afterwards.
func (b both) tryKilled(t *testing.T, h *house, verb string) (isReset bool) {
	t.Helper()
	now := h.snapshot(t)
	switch {
	case now.equal(b.before):
		return false
	case now.equal(b.reset):
		return true
	}
	t.Errorf("after a killed %s it is neither as before nor as after:\nto before: %s\n%s\nto after: %s\n%s", verb,
		differences(b.before.catalogue, now.catalogue), differences(b.before.rights, now.rights),
		differences(b.reset.catalogue, now.catalogue), differences(b.reset.rights, now.rights))
	sameContents(t, "to before", b.before.contents, now.contents)
	t.FailNow()
	return false
}

// states resets once and undoes it, to know both states.
func states(t *testing.T, h *house, opt Options) both {
	t.Helper()
	var b both
	b.before = h.snapshot(t)
	h.reset(t, opt, "public", plugin)
	b.reset = h.snapshot(t)
	h.undo(t, opt)
	b.before.same(t, "after the first undo", h.snapshot(t))
	return b
}

// newVictim returns a house with rows on a server that is to be killed, and some elsewhere that a reset also removes. A
// reset makes there what migrations made.
func newVictim(t *testing.T, server *pgtest.Instance) (*house, Options) {
	t.Helper()
	h := newHouse(t, server.NewDatabase(t), shop)
	h.run(t, `INSERT INTO "User" (email) VALUES ('a'), ('b'), ('c'); INSERT INTO "Plugin ""x""; --"."Order" ("userId") VALUES (1), (2), (NULL);
		CREATE SCHEMA other; CREATE TABLE other.t (u int REFERENCES "User" ON DELETE CASCADE); INSERT INTO other.t VALUES (1), (2), (3)`)
	opt := h.options()
	opt.Cascade = true
	end := newHouse(t, server.NewDatabase(t), shop)
	end.run(t, `INSERT INTO "User" (email) VALUES ('made'); INSERT INTO "Plugin ""x""; --"."Order" ("userId") VALUES (1);
		CREATE FUNCTION made() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; ALTER TABLE "User" ADD CONSTRAINT made CHECK (email <> '');
		CREATE TRIGGER made BEFORE INSERT ON "Plugin ""x""; --"."Order" FOR EACH ROW EXECUTE FUNCTION made(); CREATE INDEX made_new ON "User" (email) WHERE status = 'NEW'`)
	var err error
	if opt.Made, err = ReadMade(context.Background(), end.db, []string{"public", plugin}, opt.Desired); err != nil || len(opt.Made.Rows) != 2 || len(opt.Made.Extras) != 4 {
		t.Fatalf("%+v, %v", opt.Made, err)
	}
	end.db.Close()
	return h, opt
}

// TestAKilledBackendLeavesBeforeOrAfter kills the backend itself, which makes the server end all the others and recover.
func TestAKilledBackendLeavesBeforeOrAfter(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t, pgtest.Setting("restart_after_crash", "on"))
	killedAt(t, server, func(h *house) (kill, recover func()) {
		witness := h.inTheWay(t, "COMMIT")
		kill = func() {
			if killVictim(t, witness) {
				for witness.Ping(context.Background()) == nil { // until the server has noticed
					time.Sleep(5 * time.Millisecond)
				}
			}
		}
		return kill, func() { h.db.Reset(); h.recovers(t) }
	})
}

func TestAKilledServerLeavesBeforeOrAfter(t *testing.T) {
	pgtest.Long(t) // the plain run kills a backend
	t.Parallel()
	server := pgtest.Server(t, pgtest.Setting("fsync", "on"))
	killedAt(t, server, func(h *house) (kill, recover func()) {
		return func() { server.Kill(t) }, func() { server.Start(t); h.db.Reset() }
	})
}

// killedAt kills something while a reset or an undo makes changes: at its commit, before the server has that and once
// it has answered, and at other points spread over its run.
func killedAt(t *testing.T, server *pgtest.Instance, killer func(*house) (kill, recover func())) {
	h, opt := newVictim(t, server)
	b := states(t, h, opt)
	relay := pgtest.NewRelay(t, h.url)
	relay.Only(`(?i)^\s*(alter|comment|commit|copy|create|delete|drop|grant|insert|revoke|truncate|update|the end of)\b`)
	ends := map[bool]int{}
	for _, isReset := range []bool{false, true} {
		others, now := pgtest.Number(t, "NAAP_TEST_KILLS", 1), isReset
		for i := range 2 + others {
			h.be(t, opt, now, isReset)
			asked := h.questions(t, opt, relay, isReset)
			h.be(t, opt, !isReset, isReset)
			commit := len(asked)
			for commit > 1 && !strings.EqualFold(asked[commit-1], "commit") {
				commit--
			}
			at, answered := commit, i == 1
			if i > 1 {
				at = 1 + (2*i-3)*len(asked)/(2*others)
			}
			h.run(t, "CHECKPOINT") // after a crash a sequence may continue up to 32 numbers later, unless there was a checkpoint in between
			kill, recover := killer(h)
			struck := make(chan struct{})
			relay.At(min(at, len(asked)), answered, func() bool {
				defer close(struck)
				if answered {
					h.run(t, "CHECKPOINT") // the tests' server does not wait for its log to be written
				}
				kill()
				return false
			})
			verb, done := h.start(t, opt, isReset, relay.URL())
			<-struck
			<-done
			recover()
			now = b.tryKilled(t, h, verb)
			ends[now != isReset]++
		}
		h.be(t, opt, now, !isReset)
	}
	h.goesOn(t, opt, false, b)
	if t.Logf("%d were done, %d were not", ends[true], ends[false]); ends[true] == 0 || ends[false] == 0 {
		t.Error("not both ends were seen")
	}
}

// questions returns what the verb that leads to the other state asks where nothing ends it.
func (h *house) questions(t *testing.T, opt Options, relay *pgtest.Relay, isReset bool) []string {
	t.Helper()
	relay.At(0, false, nil)
	verb, done := h.start(t, opt, isReset, relay.URL())
	if err := <-done; err != nil {
		t.Fatalf("%s: %v", verb, err)
	}
	return relay.Questions()
}

// killVictim kills the backend that runs the verb; it returns false where that is gone already.
func killVictim(t *testing.T, witness *postgres.Conn) bool {
	t.Helper()
	var pid int
	err := witness.QueryRow(context.Background(), `SELECT coalesce((SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' ORDER BY xact_start NULLS LAST LIMIT 1), 0)`).Scan(&pid)
	if err != nil {
		t.Fatal(err)
	}
	victim, err := os.FindProcess(pid)
	return pid != 0 && err == nil && victim.Kill() == nil
}

// recovers waits until the server takes connections again.
func (h *house) recovers(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := postgres.Connect(context.Background(), h.url, postgres.Options{})
		if err == nil {
			_, err = conn.Exec(context.Background(), "SELECT 1")
			conn.Close(context.Background())
		}
		switch {
		case err == nil:
			return
		case time.Now().After(deadline):
			t.Fatal(err)
		}
	}
}

// be goes to the other state unless the requested one is there.
func (h *house) be(t *testing.T, opt Options, isReset, want bool) {
	t.Helper()
	switch {
	case want && !isReset:
		h.reset(t, opt, "public", plugin)
	case !want && isReset:
		h.undo(t, opt)
	}
}

// start runs the verb that leads to the other state, in sessions named victim on the database that the URL names.
func (h *house) start(t *testing.T, opt Options, isReset bool, url string) (verb string, done <-chan error) {
	t.Helper()
	db, err := postgres.Open(context.Background(), url, postgres.Options{Application: "victim"})
	if err != nil {
		t.Fatal(err)
	}
	var plan *Plan
	if !isReset {
		plan = h.plan(t, opt, "public", plugin)
	}
	ended := make(chan error, 1)
	verb = map[bool]string{true: "undo", false: "reset"}[isReset]
	go func() {
		defer db.Close()
		var err error
		if isReset {
			_, err = Undo(context.Background(), db, 0, opt)
		} else {
			_, err = Apply(context.Background(), db, plan, opt)
		}
		ended <- err
	}()
	return verb, ended
}

// goesOn makes sure that the next command works.
func (h *house) goesOn(t *testing.T, opt Options, isReset bool, b both) {
	t.Helper()
	if isReset {
		h.undo(t, opt)
	} else {
		h.reset(t, opt, "public", plugin)
		h.undo(t, opt)
	}
	b.before.same(t, "in the end", h.snapshot(t))
	list, err := List(context.Background(), h.db)
	if err != nil {
		t.Fatal(err)
	}
	var old []int
	for _, e := range list[1:] {
		old = append(old, e.ID)
	}
	if dropped, err := Evict(context.Background(), h.db, old); err != nil || strings.TrimSpace(h.rights(t)) == "" {
		t.Errorf("%v, %v", dropped, err)
	}
}
