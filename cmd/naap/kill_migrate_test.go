//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// doomed is a migration that a deploy may die in, and what it makes, in that order.
type doomed struct {
	name, script string
	whole        bool // all of it is one transaction
	makes        []string
}

var doomedScripts = []doomed{
	{"1_plain", "CREATE TABLE m1a (id int); SELECT pg_sleep(0.02); INSERT INTO m1a SELECT generate_series(1, 20000); CREATE TABLE m1b ();", true, []string{"m1a", "m1b"}},
	{"2_own", "BEGIN; CREATE TABLE m2a (); SELECT pg_sleep(0.02); CREATE TABLE m2b (); COMMIT;", false, []string{"m2a", "m2b"}},
	{"3_two", "BEGIN; CREATE TABLE m3a (); COMMIT; SELECT pg_sleep(0.03); BEGIN; CREATE TABLE m3b (); COMMIT; SELECT pg_sleep(0.01);", false, []string{"m3a", "m3b"}},
	{"4_concurrently", "CREATE INDEX CONCURRENTLY m4a ON m1a (id);", false, []string{"m4a"}},
	{"5_do", "DO $$ BEGIN CREATE TABLE m5a (); PERFORM pg_sleep(0.02); END $$", false, []string{"m5a"}},
	{"6_do_commits", "DO $$ BEGIN CREATE TABLE m6a (); COMMIT; PERFORM pg_sleep(0.02); CREATE TABLE m6b (); END $$;", false, []string{"m6a", "m6b"}},
	{"7_rows", "CREATE TABLE m7a AS SELECT g FROM generate_series(1, 30000) g; UPDATE m7a SET g = g + 1;\nALTER TABLE m7a ADD PRIMARY KEY (g);", true, []string{"m7a", "m7a_pkey"}},
	{"8_commit_alone", "CREATE TABLE m8a (); COMMIT; SELECT pg_sleep(0.02); CREATE TABLE m8b ();", false, []string{"m8a", "m8b"}},
}

// doom is a world in which deploys die.
type doom struct {
	*ruin
	seen map[string]int
}

func newDoom(t *testing.T, seed uint64) *doom {
	w := &doom{&ruin{t: t, dice: rand.New(rand.NewPCG(seed, 0)), took: map[string]time.Duration{}}, map[string]int{}}
	w.p = newPrepared(t, empty)
	write := func(name, text string) {
		path := filepath.Join(w.p.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("package.json", `{"name": "shop"}`)
	write("prisma/schema.prisma", watchedHead)
	for _, d := range doomedScripts {
		write("prisma/migrations/"+d.name+"/migration.sql", d.script)
	}
	w.p.must(t, "dev", "up", "--no-push", "--no-seed")
	target, err := dburl.ParseTarget(strings.TrimSpace(w.p.must(t, "dev", "url")))
	if err != nil {
		t.Fatal(err)
	}
	target.Database = "postgres"
	w.admin = target.URL()
	if w.data, err = w.p.data(); err != nil {
		t.Fatal(err)
	}
	return w
}

// deaths are the ends of a deploy, the most of them its own.
var deaths = []fault{
	sends("naap KILL", syscall.SIGKILL, 1),
	sessions[0],
	sends("naap KILL", syscall.SIGKILL, 1),
	embeddedServer[2], // backend KILL
	sends("naap KILL", syscall.SIGKILL, 1),
	embeddedServer[0], // postmaster KILL
	sends("INT", syscall.SIGINT, 1),
}

// TestADeployThatDiesAtAnyMomentLeavesTheTruth kills naap, its backend and the server at random moments of a deploy.
// Afterwards what is recorded is what is there, the next deploy runs what is pending or says which commands help, and
// these work.
func TestADeployThatDiesAtAnyMomentLeavesTheTruth(t *testing.T) {
	t.Parallel()
	seed := uint64(pgtest.Number(t, "NAAP_TEST_SEED", 1))
	w := newDoom(t, seed)
	w.took["deploy"] = w.undisturbed()
	rounds := kills(t, 2)
	for w.round = 1; w.round <= rounds && !t.Failed(); w.round++ {
		f := deaths[w.round%len(deaths)]
		r := w.start("deploy", []string{"migrate", "deploy"})
		f.strike(w.ruin, r)
		select {
		case <-r.ended:
		case <-time.After(hangs):
			_ = r.c.Process.Signal(syscall.SIGQUIT)
			<-r.ended
			t.Fatalf("%s: it hangs\n%s", f.name, r.err.Bytes())
		}
		what := fmt.Sprintf("seed %d, round %d, %s after %s", seed, w.round, f.name, r.took.Round(time.Millisecond))
		if f.mend != nil {
			w.p.must(t, "--wait", "dev", "up", "--no-push", "--no-seed") // with a push, it would deploy, too
		}
		if w.dice.IntN(3) > 0 { // otherwise the next command meets what the server still does for the dead
			w.p.settle(t)
			w.isTrue(what)
		}
		w.seen[f.name]++
		w.goOn(what)
		w.empty()
	}
	t.Logf("%d deaths, seed %d: %v", rounds, seed, w.seen)
	if w.seen["met"] == 0 && rounds > 10 {
		t.Error("no death met a deploy")
	}
}

// undisturbed returns how long a deploy usually takes.
func (w *doom) undisturbed() time.Duration {
	began := time.Now()
	w.p.must(w.t, "migrate", "deploy")
	took := time.Since(began)
	w.isTrue("undisturbed")
	w.empty()
	return took
}

// empty makes the database be as before the first deploy.
func (w *doom) empty() {
	conn := w.p.connect(w.t)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		w.t.Fatal(err)
	}
}

// there returns which of the things that a migration makes are in the database. An index that is not valid is not.
func (w *doom) there(conn *postgres.Conn, d doomed) (list []string) {
	w.t.Helper()
	list, err := postgres.CollectStrings(conn.Query(context.Background(), `SELECT relname::text FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE relname = ANY ($1) AND relnamespace = 'public'::regnamespace AND coalesce(indisvalid, true) ORDER BY array_position($1, relname::text)`, d.makes))
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// states asks naap how the migrations stand.
func (w *doom) states() map[string]string {
	w.t.Helper()
	c := w.p.command("--json", "migrate", "status")
	out, _ := c.Output()
	var doc struct {
		Migrations []struct{ Name, State string }
	}
	if err := json.Unmarshal(out, &doc); err != nil || len(doc.Migrations) != len(doomedScripts) {
		w.t.Fatalf("status: %v\n%s", err, out)
	}
	states := map[string]string{}
	for _, m := range doc.Migrations {
		states[m.Name] = m.State
	}
	return states
}

// isTrue compares what is recorded with what is there.
func (w *doom) isTrue(what string) {
	w.t.Helper()
	states := w.states()
	conn := w.p.connect(w.t)
	defer conn.Close(context.Background())
	for _, d := range doomedScripts {
		got, state := w.there(conn, d), states[d.name]
		switch {
		case state == "applied" && len(got) < len(d.makes), state == "pending" && len(got) > 0, state == "failed" && d.whole && len(got) > 0:
			w.t.Errorf("%s: %s is %s, and there are %v", what, d.name, state, got)
		case !slices.Equal(got, d.makes[:len(got)]):
			w.t.Errorf("%s: %s is %s, and there are only %v", what, d.name, state, got)
		case state == "failed":
			w.seen["met"]++
			w.seen[fmt.Sprintf("%s failed with %d of %d", d.name, len(got), len(d.makes))]++
		case state == "pending" && d.name == doomedScripts[len(doomedScripts)-1].name:
			w.seen["met"]++
		}
	}
}

// goOn runs deploy until all is applied, and follows what it says helps.
func (w *doom) goOn(what string) {
	w.t.Helper()
	for range len(doomedScripts) + 1 {
		exit, doc := w.p.document(w.t, "migrate", "deploy")
		switch code := code(doc); {
		case exit == 0:
			if states := w.states(); slices.ContainsFunc(doomedScripts, func(d doomed) bool { return states[d.name] != "applied" }) {
				w.t.Errorf("%s: in the end %v", what, states)
			}
			w.isTrue(what + ", in the end")
			return
		case code == "migrate.failed":
			w.resolve(what, fmt.Sprint(doc["error"]))
		case code == "busy" || code == "migrate.locked" || code == "database.busy": // the server still works for the dead
			w.seen["the next one met "+code]++
			w.p.settle(w.t)
		default:
			w.t.Fatalf("%s: the next deploy says %v", what, doc["error"])
		}
	}
	w.t.Errorf("%s: it does not come to an end", what)
}

// resolve follows the remedies of a failed migration: it counts as applied if all of it is there; otherwise what is
// there is undone by hand, if anything can be, and it counts as rolled back.
func (w *doom) resolve(what, said string) {
	w.t.Helper()
	w.p.settle(w.t)
	i := slices.IndexFunc(doomedScripts, func(d doomed) bool { return strings.Contains(said, "the migration "+d.name+" failed") })
	if i < 0 {
		w.t.Fatalf("%s: it does not say which failed: %s", what, said)
	}
	d := doomedScripts[i]
	for _, flag := range []string{"--rolled-back ", "--applied "} {
		if !strings.Contains(said, "migrate resolve "+flag+d.name) {
			w.t.Errorf("%s: it does not say %s%s: %s", what, flag, d.name, said)
		}
	}
	conn := w.p.connect(w.t)
	defer conn.Close(context.Background())
	got := w.there(conn, d)
	if len(got) == len(d.makes) {
		w.p.must(w.t, "migrate", "resolve", "--applied", d.name)
		return
	}
	if d.whole && len(got) > 0 {
		w.t.Errorf("%s: %s is one transaction, and left %v", what, d.name, got)
	}
	for _, name := range d.makes {
		kind := "TABLE"
		if d.name == "4_concurrently" {
			kind = "INDEX"
		}
		if !d.whole {
			if _, err := conn.Exec(context.Background(), "DROP "+kind+" IF EXISTS "+name); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	w.p.must(w.t, "migrate", "resolve", "--rolled-back", d.name)
}
