package backup

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// world is what a database contains: the rows of each table by "schema.table", each row a unique number, and views and
// functions, which have none, by "view schema.name".
type world map[string][]int

func (w world) copy() world {
	out := world{}
	for k, ids := range w {
		out[k] = slices.Clone(ids)
	}
	return out
}

// of returns the part of a world that is in a schema, or the part that is not.
func (w world) of(schema string, in bool) world {
	out := world{}
	for k, ids := range w {
		if strings.Contains(" "+k, " "+schema+".") == in {
			out[k] = slices.Clone(ids)
		}
	}
	return out
}

func (w world) rows() (n int64) {
	for _, ids := range w {
		n += int64(len(ids))
	}
	return n
}

// lookAt reads a world from a database.
func lookAt(t *testing.T, url string) world {
	t.Helper()
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, url, postgres.Options{Application: "naap test"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	names, err := postgres.CollectStrings(conn.Query(ctx, `SELECT CASE relkind WHEN 'v' THEN 'view ' ELSE '' END || n.nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE relkind IN ('r', 'v') AND n.nspname !~ '^(pg_|information)' UNION ALL SELECT 'function ' || n.nspname || '.' || proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE n.nspname !~ '^(pg_|information)'`))
	if err != nil {
		t.Fatal(err)
	}
	w := world{}
	for _, name := range names {
		w[name] = nil
		if strings.Contains(name, " ") {
			continue
		}
		var ids []int
		if err := conn.QueryRow(ctx, `SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM `+name).Scan(&ids); err != nil {
			t.Fatal(err)
		}
		w[name] = ids
	}
	return w
}

func (w world) equals(other world) bool {
	return maps.EqualFunc(w, other, func(a, b []int) bool { return slices.Equal(a, b) })
}

// saved is a backup file or a copy of the database.
type saved struct {
	world world
	mine  string // of a user's own file: its contents
}

// walker is the user and naap in turn. The model says what is where; after each step it is compared with reality.
type walker struct {
	t      *testing.T
	rand   *rand.Rand
	url    string
	s      *Server
	dir    string
	now    world
	files  map[string]saved // by path
	copies map[string]saved // by the names of snapshots
	next   int
	log    []string
	did    map[string]int
}

func (w *walker) pick(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[w.rand.IntN(len(names))]
}

func (w *walker) tables() (names []string) {
	for _, k := range slices.Sorted(maps.Keys(w.now)) {
		if !strings.Contains(k, " ") {
			names = append(names, k)
		}
	}
	return names
}

func (w *walker) fatal(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf(format+"\nthe last steps:\n%s", append(args, strings.Join(w.log[max(0, len(w.log)-25):], "\n"))...)
}

func (w *walker) sql(sql string) {
	w.t.Helper()
	pgtest.Exec(w.t, w.url, sql)
}

var walkSchemas = []string{"public", "s1", "s2"}

// person writes and removes rows, tables, views and functions, as the user.
func (w *walker) person() {
	schema := w.pick(walkSchemas)
	name := fmt.Sprintf("%s.t%d", schema, w.rand.IntN(3))
	ids, there := w.now[name]
	switch n := w.rand.IntN(10); {
	case !there:
		w.sql(`CREATE TABLE ` + name + ` (id int)`)
		w.now[name] = []int{}
	case n < 6:
		w.next++
		w.sql(fmt.Sprintf(`INSERT INTO %s VALUES (%d)`, name, w.next))
		w.now[name] = append(ids, w.next)
	case n == 6 && len(ids) > 0:
		i := w.rand.IntN(len(ids))
		w.sql(fmt.Sprintf(`DELETE FROM %s WHERE id = %d`, name, ids[i]))
		w.now[name] = slices.Delete(slices.Clone(ids), i, i+1)
	case n == 7:
		w.sql(`DROP TABLE ` + name)
		delete(w.now, name)
	default:
		view := fmt.Sprintf("%s.v%d", schema, w.rand.IntN(3))
		w.sql(`CREATE OR REPLACE VIEW ` + view + ` AS SELECT 1 AS x; CREATE OR REPLACE FUNCTION ` + view + `() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
		w.now["view "+view], w.now["function "+view] = nil, nil
	}
}

// file returns one of a few names, so that they are sometimes taken.
func (w *walker) file() string { return filepath.Join(w.dir, fmt.Sprintf("f%d", w.rand.IntN(6))) }

// ownFile creates a user's file under one of the names, or a link to one.
func (w *walker) ownFile() string {
	path := w.file()
	if _, taken := w.files[path]; taken {
		return "a file is there"
	}
	text := fmt.Sprintf("file %d", w.rand.IntN(1e9))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.fatal("%v", err)
	}
	w.files[path] = saved{mine: text}
	return path
}

// backup writes a file as naap does, or as a user does with pg_dump.
func (w *walker) backup() string {
	path, force := w.file(), w.rand.IntN(3) == 0
	schema := w.pick([]string{"", "", "public", "s1", "s2"})
	_, taken := w.files[path]
	_, err := w.s.Write(context.Background(), container{w.url}, path, schema, Options{Force: force})
	what := fmt.Sprintf("backup %s schema %q force %v", path, schema, force)
	if taken && !force {
		if remedy.Code(err) != "backup.exists" {
			w.fatal("%s: %v: a file was there", what, err)
		}
		return what + ": refused"
	}
	if err != nil {
		w.fatal("%s: %s", what, said(err))
	}
	kept := w.now.copy()
	if schema != "" {
		kept = kept.of(schema, true)
	}
	w.files[path] = saved{world: kept}
	return what
}

func (w *walker) pgDump() string {
	path := w.file()
	if _, taken := w.files[path]; taken {
		return "a file is there"
	}
	kept := w.now.copy()
	args := [][]string{{"-Fp"}, {"-Fc", "-s"}, {"-Ft"}, {"-Fp", "--inserts"}}[w.rand.IntN(4)]
	if table := w.pick(w.tables()); table != "" && w.rand.IntN(3) == 0 {
		args, kept = []string{"-Fc", "-t", table}, world{table: w.now[table]}
	}
	if slices.Contains(args, "-s") {
		for k := range kept {
			if !strings.Contains(k, " ") {
				kept[k] = []int{}
			}
		}
	}
	dumpTo(w.t, w.url, path, args...)
	w.files[path] = saved{world: kept}
	return "pg_dump " + strings.Join(args, " ") + " " + path
}

func (w *walker) restoreFile() string {
	path := w.pick(slices.Sorted(maps.Keys(w.files)))
	if path == "" {
		return "no file"
	}
	p, err := w.s.PlanFile(context.Background(), container{w.url}, path, Limits{Keep: 3})
	if w.files[path].mine != "" {
		if remedy.Code(err) != "backup.check" {
			w.fatal("restore %s, which is no backup: %v", path, err)
		}
		return "no backup: " + path
	}
	if err != nil {
		w.fatal("plan to restore %s: %s", path, said(err))
	}
	then := w.files[path].world.copy()
	if p.Schema != "" {
		then = then.of(p.Schema, true)
		maps.Copy(then, w.now.of(p.Schema, false))
	}
	return "restore " + path + ": " + w.carryOut(p, then)
}

func (w *walker) restoreSnapshot() string {
	name := w.pick(slices.Sorted(maps.Keys(w.copies)))
	if name == "" {
		return "no snapshot"
	}
	p, err := w.s.PlanSnapshot(context.Background(), name, Limits{Keep: 3})
	if err != nil {
		w.fatal("plan to restore %s: %s", name, said(err))
	}
	return "restore snapshot " + name + ": " + w.carryOut(p, w.copies[name].world.copy())
}

// carryOut carries a plan out, sometimes after something was written in between, and checks that nothing is lost that
// the plan did not name.
func (w *walker) carryOut(p *Plan, then world) string {
	stale := w.rand.IntN(8) == 0 && p.Schema == ""
	if stale {
		w.person()
	}
	opt := Options{AcceptDataLoss: w.rand.IntN(2) == 0, DropReplaced: w.rand.IntN(3) > 0}
	err := w.s.Restore(context.Background(), container{w.url}, p, opt)
	switch code := remedy.Code(err); {
	case err == nil:
	case code == "backup.partial" && p.Loses() && !opt.AcceptDataLoss, code == "restore.replaced" && len(p.Drops) > 0 && !opt.DropReplaced,
		code == "restore.changed" && stale && !opt.AcceptDataLoss:
		return "refused: " + code
	default:
		w.fatal("restore: %s", said(err))
	}
	w.did["restores"]++
	losses := strings.Join(p.losses(), "\n")
	for name, ids := range w.now {
		left, there := then[name]
		gone := !there || len(ids) > 0 && len(left) == 0 && !strings.Contains(name, " ")
		if p.Snapshot == nil && gone && !opt.AcceptDataLoss {
			w.fatal("%s went, and nobody was asked", name)
		}
		if p.Snapshot == nil && gone && !stale && !strings.Contains(losses, strings.TrimPrefix(strings.TrimPrefix(name, "view "), "function ")) {
			w.fatal("%s went, and the plan does not name it:\n%s", name, losses)
		}
	}
	for _, x := range p.Drops {
		had, there := w.copies[x.Name]
		if !there || had.world.rows() != x.Rows || !opt.DropReplaced {
			w.fatal("the plan drops %+v, which holds %d rows (there: %v)", x, had.world.rows(), there)
		}
		delete(w.copies, x.Name)
		w.did["drops"]++
	}
	if _, taken := w.copies[p.Keeps]; taken {
		w.fatal("the name %s is taken", p.Keeps)
	}
	w.copies[p.Keeps] = saved{world: w.now}
	w.now = then
	return "done, kept as " + p.Keeps
}

func (w *walker) snapshot() string {
	name := fmt.Sprintf("snap %d", w.rand.IntN(3))
	if _, taken := w.copies[name]; taken || w.rand.IntN(6) == 0 {
		name = w.pick(slices.Sorted(maps.Keys(w.copies)))
		if name == "" {
			return "no snapshot"
		}
		if err := w.s.Delete(context.Background(), name); err != nil {
			w.fatal("delete %s: %v", name, err)
		}
		delete(w.copies, name) // the user removed it
		return "delete snapshot " + name
	}
	if _, err := w.s.Save(context.Background(), name, Options{}); err != nil {
		w.fatal("save %s: %v", name, err)
	}
	w.copies[name] = saved{world: w.now.copy()}
	return "save snapshot " + name
}

// check compares the model with reality.
func (w *walker) check() {
	if got := lookAt(w.t, w.url); !got.equals(w.now) {
		w.fatal("the database holds\n%v\nwant\n%v", got, w.now)
	}
	list, err := w.s.List(context.Background())
	if err != nil {
		w.fatal("%v", err)
	}
	var names []string
	for _, x := range list {
		names = append(names, x.Name)
	}
	slices.Sort(names)
	if want := slices.Sorted(maps.Keys(w.copies)); !slices.Equal(names, want) {
		w.fatal("the copies are %q, want %q", names, want)
	}
	for path, f := range w.files {
		if f.mine == "" {
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != f.mine {
			w.fatal("a person's file %s has changed: %q, %v", path, got, err)
		}
	}
}

// open looks into every copy.
func (w *walker) open() {
	list, err := w.s.List(context.Background())
	if err != nil {
		w.fatal("%v", err)
	}
	target, err := dburl.ParseTarget(w.url)
	if err != nil {
		w.fatal("%v", err)
	}
	for _, x := range list {
		target.Database = "backup_walk_look"
		if err := w.s.clone(context.Background(), target.Database, x.database); err != nil {
			w.fatal("%v", err)
		}
		w.s.run(w.t, "ALTER DATABASE backup_walk_look ALLOW_CONNECTIONS true")
		if got := lookAt(w.t, target.URL()); !got.equals(w.copies[x.Name].world) {
			w.fatal("%s holds\n%v\nwant\n%v", x.Name, got, w.copies[x.Name].world)
		}
		if err := w.s.drop(context.Background(), target.Database); err != nil {
			w.fatal("%v", err)
		}
	}
}

// TestNothingIsLostThatNoPlanNamed walks at random through what the user and naap do with rows, files and copies.
// Whatever the user wrote and did not remove is in the database, in a copy of it, or was in a plan that was confirmed.
func TestNothingIsLostThatNoPlanNamed(t *testing.T) {
	needImage(t)
	steps, seed := pgtest.Number(t, "NAAP_TEST_STEPS", 30), pgtest.Number(t, "NAAP_TEST_SEED", 1)
	url, s := server(t, "backup_walk")
	pgtest.Exec(t, url, "CREATE SCHEMA s1; CREATE SCHEMA s2")
	w := &walker{t: t, rand: rand.New(rand.NewPCG(uint64(seed), 0)), url: url, s: s, dir: t.TempDir(), now: world{}, files: map[string]saved{}, copies: map[string]saved{}, did: map[string]int{}}
	defer func() {
		if t.Failed() {
			t.Logf("NAAP_TEST_SEED=%d NAAP_TEST_STEPS=%d", seed, steps)
		}
	}()
	for i := range steps {
		what := "a person"
		switch n := w.rand.IntN(20); {
		case n < 7:
			for range 1 + w.rand.IntN(6) {
				w.person()
			}
		case n < 9:
			what = w.backup()
		case n < 11:
			what = w.pgDump()
		case n < 15:
			what = w.restoreFile()
		case n < 17:
			what = w.restoreSnapshot()
		case n < 18:
			what = w.snapshot()
		case n < 19:
			what = w.ownFile()
		default:
			if path := w.pick(slices.Sorted(maps.Keys(w.files))); path != "" {
				what = "rm " + path
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				delete(w.files, path)
			}
		}
		w.log = append(w.log, fmt.Sprintf("%d: %s", i, what))
		w.check()
		if i%100 == 99 || i == steps-1 {
			w.open()
		}
	}
	t.Logf("%d steps: %d restores, %d kept databases dropped by plans, %d rows written", steps, w.did["restores"], w.did["drops"], w.next)
}
