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

// TestAPushThatIsKilledLeavesBeforeOrAfter ends the push's session, or its server, at random moments. A plan that commits
// in the middle may end there too.
func TestAPushThatIsKilledLeavesBeforeOrAfter(t *testing.T) {
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
	own := pgtest.Server(t)
	for name, c := range map[string]struct {
		from, to string
		moments  int
		server   *pgtest.Instance // to be killed whole; nil where the session ends alone
	}{
		"its session":                  {string(shop), small, 50, nil},
		"its session, of a split plan": {levels, split, 15, nil},
		"the server":                   {string(shop), small, 5, own},
		"the server, of a split plan":  {levels, split, 8, own},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKilling(t, c.from, c.to, c.server)
			r := rand.New(rand.NewPCG(7, 7))
			ends := map[string]int{}
			for i := range c.moments {
				after := time.Duration(r.Int64N(int64(k.whole + k.whole/4)))
				switch i { // both ends are seen, however slow the machine is just then
				case 0:
					after = atOnce
				case 1:
					after = whenDone
				}
				ends[k.kill(t, after)]++
			}
			if ends["before"] == 0 || ends["after"] == 0 {
				t.Errorf("not both ends were seen: %v", ends)
			}
			t.Logf("of %d pushes killed within %s: %v", c.moments, k.whole, ends)
		})
	}
}

// Moments that are not a matter of luck.
const (
	atOnce   time.Duration = -1 // before the push begins
	whenDone time.Duration = -2 // once it has ended
)

// killing is one push, and what may be left of it.
type killing struct {
	server   *pgtest.Instance
	template string
	to       string
	whole    time.Duration     // how long it takes
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

// database is a new one on the server that is to be killed: a copy of the template, once that is made.
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

// kill starts a push, ends it after a while, and names what is left.
func (k *killing) kill(t *testing.T, after time.Duration) string {
	t.Helper()
	victim := k.database(t)
	conn, err := postgres.Connect(ctx, victim, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	p := plan(t, conn, k.to)
	killer := connect(t, victim)
	defer killer.Close()
	if err := killer.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	pids := processes(t, killer)
	end := func() {
		if k.server != nil {
			k.server.Kill(t)
			return
		}
		killer.TerminateBackend(ctx, postgres.BackendPID(conn))
	}
	ended := func() { // a session goes on for a while whose server is killed
		if k.server == nil {
			gone(t, killer)
			return
		}
		for _, pid := range pids {
			for syscall.Kill(pid, 0) != syscall.ESRCH {
				time.Sleep(5 * time.Millisecond)
			}
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if after >= 0 {
			time.Sleep(after)
			end()
		}
	}()
	if after == atOnce {
		end()
		ended()
	}
	Apply(ctx, conn, p, ApplyOptions{AllowLoss: true}) // its error is the kill, if that came in time
	if after == whenDone {
		run(t, killer, "CHECKPOINT") // the tests' server does not wait for its log to be written
		end()
	}
	<-done
	ended()
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

// processes are all of the server's, but for its first.
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
