package migrate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestMain(m *testing.M) {
	pgtest.SideBySide()
	os.Exit(m.Run())
}

// bench is a folder of migrations and a database.
type bench struct {
	t   *testing.T
	dir string
	url string
	db  *postgres.DB
}

func newBench(t *testing.T, scripts ...string) *bench {
	t.Helper()
	return benchAt(t, pgtest.NewDatabase(t), scripts...)
}

// benchAt puts each of the scripts in a folder 1_m, 2_m ….
func benchAt(t *testing.T, url string, scripts ...string) *bench {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	b := &bench{t: t, dir: t.TempDir(), url: url, db: db}
	for i, text := range scripts {
		b.write(fmt.Sprintf("%d_m", i+1), text)
	}
	return b
}

func (b *bench) write(name, script string) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Join(b.dir, name), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, name, scriptName), []byte(script), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) remove(name string) {
	b.t.Helper()
	if err := os.RemoveAll(filepath.Join(b.dir, name)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) folder() *Folder {
	b.t.Helper()
	f, err := ReadFolder(b.t.Context(), b.dir, "prisma/migrations")
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

func (b *bench) look() *History {
	b.t.Helper()
	h, err := Look(b.t.Context(), b.db, b.folder(), "public")
	if err != nil {
		b.t.Fatal(err)
	}
	return h
}

// target is the database as devenv would describe it.
func (b *bench) target() Target {
	b.t.Helper()
	to := Target{Schema: "public"}
	var err error
	to.Tables, err = postgres.CollectStrings(b.db.Query(b.t.Context(),
		`SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> '_prisma_migrations'`))
	if err != nil {
		b.t.Fatal(err)
	}
	return to
}

var quietly = Options{Report: progress.Discard}

func (b *bench) deploy() error {
	b.t.Helper()
	plan, err := b.look().PlanDeploy(b.target())
	if err != nil {
		return err
	}
	_, err = Deploy(b.t.Context(), b.db, plan, quietly)
	return err
}

func (b *bench) resolve(name string, applied bool) error {
	b.t.Helper()
	plan := b.look().PlanRolledBack
	if applied {
		plan = b.look().PlanApplied
	}
	r, err := plan(name, b.target())
	if err != nil {
		return err
	}
	return Resolve(b.t.Context(), b.db, r, quietly)
}

// must fails the test where a step that is only a preparation fails.
func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(remedy.Text(err))
	}
}

// states are the history in words: "1_m applied, 2_m failed".
func (b *bench) states() string {
	b.t.Helper()
	var list []string
	for _, e := range b.look().Entries {
		list = append(list, e.Name+" "+string(e.State))
	}
	return strings.Join(list, ", ")
}

// value returns the answer to a question as text.
func (b *bench) value(sql string) (answer string) {
	b.t.Helper()
	if err := b.db.QueryRow(b.t.Context(), sql).Scan(&answer); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func (b *bench) has(table string) bool {
	b.t.Helper()
	return b.value(fmt.Sprintf("SELECT (to_regclass(%s) IS NOT NULL)::text", postgres.Literal(table))) == "true"
}
