package migrate

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// shadowBench is a bench with a shadow.
type shadowBench struct {
	*bench
	*Shadow
}

func newShadowBench(t *testing.T, scripts ...string) shadowBench {
	t.Helper()
	b := newBench(t, scripts...)
	return shadowBench{b, b.shadow()}
}

// shadow opens a shadow of the bench's database, whose end states go with the test.
func (b *bench) shadow() *Shadow {
	b.t.Helper()
	s, err := OpenShadow(b.t.Context(), b.url, "public", postgres.Options{})
	b.must(err)
	b.t.Cleanup(func() {
		known, _ := s.known(context.Background())
		for name := range known {
			_ = s.drop(context.Background(), name)
		}
		s.Close()
	})
	return s
}

// ask returns a value from the end state of the folder.
func (b shadowBench) ask(sql string) string {
	b.t.Helper()
	db, err := b.End(b.t.Context(), b.folder().Migrations)
	b.must(err)
	defer db.Close()
	var answer string
	b.must(db.QueryRow(b.t.Context(), sql).Scan(&answer))
	return answer
}

// kept returns the last migrations of the end states that are there, and fails the test where there is anything else.
func (b shadowBench) kept() []string {
	b.t.Helper()
	known, err := b.known(b.t.Context())
	b.must(err)
	var scratch bool
	b.must(b.db.QueryRow(b.t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", b.database("")).Scan(&scratch))
	if scratch {
		b.t.Error("the database in which scripts ran is still there")
	}
	list := []string{}
	for _, l := range known {
		list = append(list, l.Last)
	}
	slices.Sort(list)
	return list
}

// counted is a script that notes when it ran, which tells two runs apart.
func counted(n int) string {
	return fmt.Sprintf("CREATE TABLE m%d AS SELECT clock_timestamp()::text AS ran;", n)
}

func TestAnEndStateIsMadeOnceAndOnlyWhatIsNewIsRun(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, counted(1), counted(2))
	first := b.ask("SELECT ran FROM m1")
	if again := b.ask("SELECT ran FROM m1"); again != first {
		t.Errorf("the first migration ran at %s and again at %s", first, again)
	}
	b.write("3_m", counted(3))
	if again := b.ask("SELECT m1.ran FROM m1, m3"); again != first {
		t.Errorf("with a third migration, the first one ran again at %s", again)
	}
	b.write("2_m", counted(2)+"SELECT 1;") // edited: the first one is not, but its end state was never asked for
	if again := b.ask("SELECT ran FROM m1"); again == first {
		t.Error("the second migration was edited, and its old end state was taken")
	}
	if has := b.has("m1"); has {
		t.Error("the database itself has a table of the migrations")
	}
}

func TestFewEndStatesAreKeptAndTheOldestGoes(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t)
	oids := map[string]bool{}
	for n := 1; n <= shadowsKept+2; n++ {
		b.write(fmt.Sprintf("%d_m", n), counted(n))
		oids[b.ask("SELECT oid::text FROM pg_database WHERE datname = current_database()")] = true
		if got := b.ask("SELECT count(*)::text FROM pg_class WHERE relname ~ '^m[0-9]$'"); got != fmt.Sprint(n) {
			t.Errorf("%s tables after %d migrations", got, n)
		}
	}
	if got := strings.Join(b.kept(), " "); got != "3_m 4_m 5_m" {
		t.Errorf("kept: %s", got)
	}
	if len(oids) != shadowsKept {
		t.Errorf("%d databases were made for end states that each go on from one that goes", len(oids))
	}
}

func TestAScriptThatFailsOnTheShadowSaysWhereAndLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, counted(1), "SELECT 1;\nALTER TABLE m1\n  ADD COLUMN ran text;")
	_, err := b.End(t.Context(), b.folder().Migrations)
	if text := remedy.Text(err); remedy.Code(err) != "migrate.shadow" || !strings.Contains(text, "prisma/migrations/2_m/migration.sql:2:1") || !strings.Contains(text, "P3006") ||
		!strings.Contains(text, "already exists") {
		t.Errorf("%s", text)
	}
	if kept := b.kept(); len(kept) > 0 {
		t.Errorf("kept: %v", kept)
	}
	b.write("2_m", "BEGIN; CREATE TABLE open ();")
	if _, err := b.End(t.Context(), b.folder().Migrations); remedy.Code(err) != "migrate.shadow" {
		t.Errorf("a script that leaves its transaction open: %v", err)
	}
}

func TestAScriptThatDependsOnTheSessionOfOneBeforeRunsInIt(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE SCHEMA side; SET search_path = side;")
	b.ask("SELECT ''")
	b.write("2_m", "CREATE TABLE t ();")
	if got := b.ask("SELECT to_regclass('side.t')::text"); got != "side.t" {
		t.Errorf("the second script's table is %s", got)
	}
}

// What a naap that died left behind is cleaned up by the next one, and two at once wait for each other.
func TestALeftOverShadowIsReplacedAndTwoAtOnceWait(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, counted(1), "SELECT pg_sleep(0.2);")
	_, err := b.admin.Exec(t.Context(), "CREATE DATABASE "+postgres.Ident(b.database("")))
	b.must(err)
	var all sync.WaitGroup
	other, err := OpenShadow(t.Context(), b.url, "public", postgres.Options{})
	b.must(err)
	defer other.Close()
	for _, s := range []*Shadow{b.Shadow, b.Shadow, b.Shadow, other} {
		all.Go(func() {
			db, err := s.End(t.Context(), b.folder().Migrations)
			if err != nil {
				t.Error(err)
				return
			}
			db.Close()
		})
	}
	all.Wait()
	if got := strings.Join(b.kept(), " "); got != "2_m" {
		t.Errorf("kept: %s", got)
	}
}

func TestAnInterruptedShadowLeavesNothing(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, counted(1), "SELECT pg_sleep(20);")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := b.End(ctx, b.folder().Migrations); err == nil {
		t.Fatal("it was not interrupted")
	}
	if kept := b.kept(); len(kept) > 0 {
		t.Errorf("kept: %v", kept)
	}
}

func TestARoleThatMayNotMakeDatabasesIsToldHow(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, counted(1))
	role := fmt.Sprintf("no_shadow_%d", os.Getpid())
	_, err := b.admin.Exec(t.Context(), "CREATE ROLE "+role+" LOGIN PASSWORD 'x'")
	b.must(err)
	t.Cleanup(func() { _, _ = b.db.Exec(context.Background(), "DROP ROLE "+role) })
	as := b.Shadow.target
	as.User, as.Password = role, "x"
	s, err := OpenShadow(t.Context(), as.URL(), "public", postgres.Options{})
	b.must(err)
	defer s.Close()
	_, err = s.End(t.Context(), b.folder().Migrations)
	if text := remedy.Text(err); remedy.Code(err) != "migrate.shadow-denied" || !strings.Contains(text, "CREATEDB") {
		t.Errorf("%s", text)
	}
}
