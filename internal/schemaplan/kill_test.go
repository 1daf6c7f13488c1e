//go:build unix

package schemaplan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// TestAPushThatIsKilledLeavesBeforeOrAfter ends the push's session, or its server, at questions of the push to the
// server, before the server has one or once it has answered. A plan that commits in the middle may end there too.
func TestAPushThatIsKilledLeavesBeforeOrAfter(t *testing.T) {
	t.Parallel()
	shop, err := os.ReadFile(filepath.Join("testdata", "shop.prisma"))
	if err != nil {
		t.Fatal(err)
	}
	small := strings.Split(string(shop), "enum Status")[0] + "model A {\n  id Int @id\n  @@schema(\"sales\")\n}\n"
	const levels = "enum Level {\n  LOW\n}\nmodel Person {\n  id Int @id\n  name String?\n  level Level @default(LOW)\n}\n"
	split := strings.NewReplacer("  LOW\n", "  LOW\n  TOP\n", "@default(LOW)", "@default(TOP)", "  name String?\n", "  score Int @default(0)\n").Replace(levels)
	for i := range 30 {
		split += fmt.Sprintf("model M%d {\n  id Int @id\n  a String @unique\n}\n", i)
	}
	for name, c := range map[string]struct {
		from, to string
		server   bool // the server is killed, and not only the session
	}{
		"its session":                  {string(shop), small, false},
		"its session, of a split plan": {levels, split, false},
		"the server":                   {string(shop), small, true},
		"the server, of a split plan":  {levels, split, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var server *pgtest.Instance
			if c.server {
				server = pgtest.Server(t)
			}
			k := newKilling(t, c.from, c.to, server)
			ends := map[string]int{}
			points := k.points(t)
			for _, at := range points {
				ends[k.kill(t, at)]++
			}
			for range pgtest.Number(t, "NAAP_TEST_KILLS", 0) {
				ends[k.kill(t, moment{after: rand.N(k.whole + k.whole/4)})]++
			}
			t.Logf("of pushes killed at %d points: %v", len(points), ends)
			for _, name := range k.known {
				if ends[name] == 0 {
					t.Errorf("no push ended %s: %v", name, ends)
				}
			}
		})
	}
}

// moment is when a push is ended: at one of its questions, from 1 on, or at random.
type moment struct {
	question int
	answered bool
	after    time.Duration
}

// points returns all the questions of a push, before and after the server's answer. Where the server is killed, which
// takes longer, it returns only the commits; whatever a transaction has done by then is lost at any other point.
func (k *killing) points(t *testing.T) []moment {
	t.Helper()
	var points []moment
	for i, text := range k.questions(t) {
		if k.server == nil || strings.EqualFold(text, "commit") {
			points = append(points, moment{question: i + 1}, moment{question: i + 1, answered: true})
		}
	}
	return points
}

// killing is one push, and what may be left of it.
type killing struct {
	server   *pgtest.Instance
	template string
	to       string
	whole    time.Duration     // how long the whole of it takes
	known    map[string]string // the states that may be left, by catalogue
}

func newKilling(t *testing.T, from, to string, server *pgtest.Instance) *killing {
	k := &killing{server: server, to: to, known: map[string]string{}}
	start := k.database(t)
	db := connect(t, start)
	push(t, db, from)
	fill(t, db, desired(t, from), 1)
	k.template = databaseName(start)
	k.known[catalogue(t, start)] = "before"
	db.Close()

	reference := k.database(t)
	db = connect(t, reference)
	defer db.Close()
	p := plan(t, db, to)
	if parts := p.transactions(); len(parts) > 1 {
		half := k.database(t)
		other := connect(t, half)
		for _, s := range parts[0] {
			run(t, other, strings.Join(s.Statements, ";\n"))
		}
		k.known[catalogue(t, half)] = "between its transactions"
		other.Close()
	}
	begun := time.Now()
	if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); err != nil {
		t.Fatal(err)
	}
	k.whole = time.Since(begun)
	k.known[catalogue(t, reference)] = "after"
	return k
}

// database returns a new one on the server that is to be killed: a copy of the template, once that exists.
func (k *killing) database(t *testing.T) string {
	var opts []pgtest.Option
	if k.template != "" {
		opts = append(opts, pgtest.Template(k.template))
	}
	if k.server == nil {
		return pgtest.NewDatabase(t, opts...)
	}
	return k.server.NewDatabase(t, opts...)
}

// questions returns what a push asks when nothing ends it.
func (k *killing) questions(t *testing.T) []string {
	t.Helper()
	relay := pgtest.NewRelay(t, k.database(t))
	conn, p := k.ready(t, relay)
	defer conn.Close(ctx)
	relay.At(0, false, nil)
	if _, err := Apply(ctx, conn, p, ApplyOptions{AllowLoss: true}); err != nil {
		t.Fatal(err)
	}
	return relay.Questions()
}

// ready returns a session through the relay, and the plan of the push.
func (k *killing) ready(t *testing.T, relay *pgtest.Relay) (*postgres.Conn, *Plan) {
	t.Helper()
	conn, err := postgres.Connect(ctx, relay.URL(), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return conn, plan(t, conn, k.to)
}

// kill starts a push, ends it at a moment, and names the state that is left.
func (k *killing) kill(t *testing.T, at moment) string {
	t.Helper()
	victim := k.database(t)
	relay := pgtest.NewRelay(t, victim)
	conn, p := k.ready(t, relay)
	defer conn.Close(ctx)
	killer := connect(t, victim)
	defer killer.Close()
	if err := killer.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	pids := processes(t, killer)
	done := make(chan struct{})
	end := func() {
		defer close(done)
		if k.server != nil {
			k.server.Kill(t)
			allGone(pids)
			return
		}
		killer.TerminateBackend(ctx, postgres.BackendPID(conn))
		gone(t, killer)
	}
	if at.question == 0 {
		go func() {
			time.Sleep(at.after)
			end()
		}()
	}
	relay.At(at.question, at.answered, func() bool {
		if at.answered && k.server != nil {
			run(t, killer, "CHECKPOINT") // the tests' server does not wait for its log to be written
		}
		end()
		return true
	})
	Apply(ctx, conn, p, ApplyOptions{AllowLoss: true}) // its error is the kill, if that came in time
	if asked := relay.Questions(); len(asked) < at.question {
		t.Fatalf("the push has no question %d: %q", at.question, asked)
	}
	<-done
	if k.server != nil {
		k.server.Start(t)
	}
	got := catalogue(t, victim)
	left, known := k.known[got]
	if !known {
		for text, name := range k.known {
			t.Errorf("something else than %s:\n%s", name, differences(text, got))
		}
	}
	return left
}

// allGone waits for processes: a session lives on for a while after its server is killed.
func allGone(pids []int) {
	for _, pid := range pids {
		for syscall.Kill(pid, 0) != syscall.ESRCH {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// processes returns all of the server's processes except its first.
func processes(t *testing.T, db *postgres.DB) []int {
	t.Helper()
	texts, err := postgres.CollectStrings(db.Query(ctx, "SELECT pid::text FROM pg_stat_activity"))
	if err != nil {
		t.Fatal(err)
	}
	pids := make([]int, len(texts))
	for i, text := range texts {
		if pids[i], err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	return pids
}

// gone waits until there is no other session on the database.
func gone(t *testing.T, db *postgres.DB) {
	t.Helper()
	for i := 0; number(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'") > 0; i++ {
		if i > 200 {
			t.Fatal("the killed session does not end")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
