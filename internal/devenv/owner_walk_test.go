package devenv

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// world is three workspaces, each in two checkouts with homes of their own, and two databases.
type world struct {
	t      *testing.T
	rand   *rand.Rand
	models []string
	roots  map[string]string // model → folder
	urls   []string
	owner  []string // of each database: the model of the workspace that it should belong to, or ""
	// written are the rows that the user wrote and no plan has named since, by database and table.
	written []map[string][]string
	next    int
	log     []string
	refused int
	looked  int // for rows that the user wrote
}

// TestWorkspacesInTwoDatabasesKeepApart walks at random through what users do with three workspaces from two homes each
// and two databases. Only the verbs of a database's owner change its tables and rows; what the user wrote stays, unless
// a plan named it.
func TestWorkspacesInTwoDatabasesKeepApart(t *testing.T) {
	steps, seed := pgtest.Number(t, "NAAP_TEST_STEPS", 15), pgtest.Number(t, "NAAP_TEST_SEED", 1)
	w := &world{t: t, rand: rand.New(rand.NewPCG(uint64(seed), 6)), models: []string{"Stall", "Order", "Reading"}, roots: map[string]string{},
		urls: []string{pgtest.NewDatabase(t), pgtest.NewDatabase(t)}, owner: make([]string, 2), written: []map[string][]string{{}, {}}}
	for _, model := range w.models {
		w.roots[model] = folder(t, ofModel(model))
	}
	defer w.dropSnapshots()
	for i := range steps {
		if w.step(); t.Failed() {
			t.Fatalf("step %d of NAAP_TEST_STEPS=%d NAAP_TEST_SEED=%d failed, after:\n%s", i+1, steps, seed, strings.Join(w.log, "\n"))
		}
	}
	t.Logf("%d steps, seed %d: %d refused; of %d rows that a person wrote plans named %d, %d are there, and were looked for %d times",
		steps, seed, w.refused, w.next, w.next-w.rows(), w.rows(), w.looked)
}

func (w *world) rows() (n int) {
	for _, tables := range w.written {
		for _, rows := range tables {
			n += len(rows)
		}
	}
	return n
}

// move is something done with a workspace on a database. Moves that read change nothing.
type move struct {
	name   string
	adopts bool
	reads  bool
	names  bool // its plan names the rows that it removes: see gone
	do     func(e *Env, d int) (gone []string, err error)
}

// nothing returns a move that does not remove rows.
func nothing(f func(e *Env) error) func(*Env, int) ([]string, error) {
	return func(e *Env, _ int) ([]string, error) { return nil, f(e) }
}

func (w *world) moves() []move {
	ctx := w.t.Context()
	up := func(opt UpOptions) func(e *Env) error {
		opt.Confirm = yes
		return func(e *Env) error { _, err := e.Up(ctx, opt, progress.Discard); return err }
	}
	return []move{
		{name: "up", do: nothing(up(UpOptions{}))},
		{name: "up", do: nothing(up(UpOptions{}))},
		{name: "up --adopt", adopts: true, do: nothing(up(UpOptions{Adopt: true}))},
		{name: "push", do: nothing(func(e *Env) error { return pushing(e, PushOptions{AllowExternal: true}) })},
		{name: "push --schema public", do: nothing(func(e *Env) error { return pushing(e, PushOptions{AllowExternal: true, Schemas: []string{"public"}}) })},
		{name: "seed", do: nothing(func(e *Env) error {
			_, err := e.Seed(ctx, SeedOptions{AllowExternal: true}, progress.Discard)
			return err
		})},
		{name: "seed --force", do: nothing(func(e *Env) error {
			_, err := e.Seed(ctx, SeedOptions{AllowExternal: true, Force: true}, progress.Discard)
			return err
		})},
		{name: "seed --fake", do: nothing(func(e *Env) error {
			opt := FakeOptions{AllowExternal: true}
			opt.Rows, opt.Append = 2, true
			_, _, err := e.Fake(ctx, opt, progress.Discard)
			return err
		})},
		{name: "seed --fake --clean", do: nothing(func(e *Env) error {
			opt := FakeOptions{AllowExternal: true, Clean: true}
			opt.Rows = 1
			_, _, err := e.Fake(ctx, opt, progress.Discard)
			return err
		})},
		{name: "reset public", names: true, do: func(e *Env, d int) ([]string, error) {
			plan, err := e.PlanReset(ctx, []string{"public"}, ResetOptions{AllowExternal: true})
			if err != nil {
				return nil, err
			}
			var gone []string
			for _, table := range plan.Tables {
				gone = append(gone, table.Ref().Name)
			}
			_, err = e.Reset(ctx, plan, ResetOptions{AllowExternal: true}, progress.Discard)
			return gone, err
		}},
		{name: "schema add", reads: true, do: nothing(func(e *Env) error { _, err := e.CreateSchema(ctx, "plugin_x"); return err })},
		{name: "sql --write", do: nothing(func(e *Env) error {
			out, err := e.SQL(ctx, `CREATE TABLE IF NOT EXISTS by_hand (id int)`, SQLOptions{Write: true})
			if err == nil {
				err = out.Err()
			}
			return err
		})},
		{name: "snapshot save", do: func(e *Env, d int) ([]string, error) {
			_ = e.DeleteSnapshot(ctx, "kept", CopyOptions{AllowExternal: true})
			_, err := e.SaveSnapshot(ctx, "kept", CopyOptions{AllowExternal: true}, progress.Discard)
			return nil, err
		}},
		{name: "snapshot restore", names: true, do: func(e *Env, d int) ([]string, error) {
			plan, err := e.PlanRestoreSnapshot(ctx, "kept")
			if err == nil {
				err = e.Restore(ctx, plan, CopyOptions{AllowExternal: true, AcceptDataLoss: true, DropReplaced: true}, progress.Discard)
			}
			return []string{"*"}, err // the whole database, whose name the verb asks for
		}},
		{name: "undo", names: true, do: func(e *Env, d int) ([]string, error) {
			_, err := e.Undo(ctx, 0, UndoOptions{AllowExternal: true}, progress.Discard)
			return []string{"*"}, err // its dry run lists what is moved aside
		}},
		{name: "status", reads: true, do: nothing(func(e *Env) error { _, err := e.Status(ctx, StatusOptions{}); return err })},
		{name: "diff", reads: true, do: nothing(func(e *Env) error { _, err := e.Diff(ctx, PushOptions{}); return err })},
	}
}

// step makes one move, or one of the user's own changes to rows or files.
func (w *world) step() {
	d := w.rand.IntN(len(w.urls))
	if w.rand.IntN(4) == 0 {
		w.write(d)
		return
	}
	model := w.models[w.rand.IntN(len(w.models))]
	if w.owner[d] != "" && w.rand.IntN(2) == 0 {
		model = w.owner[d] // otherwise most moves would be another workspace's
	}
	if w.rand.IntN(8) == 0 {
		w.edit(model)
	}
	moves := w.moves()
	m := moves[w.rand.IntN(len(moves))]
	if (m.adopts || m.names) && w.rand.IntN(2) == 0 {
		m = moves[0] // moves that remove rows would leave little to look for
	}
	w.make(m, model, d)
}

// make makes a move and checks its outcome.
func (w *world) make(m move, model string, d int) {
	before := []map[string][]string{w.content(0), w.content(1)}
	e := at(w.t, w.roots[model], "NAAP_DATABASE_URL="+w.urls[d])
	gone, err := m.do(e, d)
	e.Close()
	w.log = append(w.log, fmt.Sprintf("%s of %s at database %d, which is %q's: %v", m.name, model, d, w.owner[d], err))
	after := []map[string][]string{w.content(0), w.content(1)}
	if !same(before[1-d], after[1-d]) {
		w.t.Errorf("%s at database %d changed the other from %v to %v", m.name, d, before[1-d], after[1-d])
	}
	stranger := w.owner[d] != "" && w.owner[d] != model && !m.adopts
	if (stranger || m.reads) && !same(before[d], after[d]) {
		w.t.Errorf("%s of %s changed a database of %s from %v to %v", m.name, model, w.owner[d], before[d], after[d])
	}
	if stranger && !m.reads {
		w.refused++
		// Where a snapshot does not exist, that is said first.
		empty := m.name == "push" && err == nil || m.name == "snapshot restore" && remedy.Code(err) == "snapshot.unknown"
		if !empty && remedy.Code(err) != "workspace.other" {
			w.t.Errorf("%s of %s at a database of %s is answered by %v", m.name, model, w.owner[d], err)
		}
		return
	}
	if m.names && err == nil {
		w.forget(d, gone, after[d])
	}
	if !m.reads && (err == nil || m.adopts || remedy.Code(err) != "workspace.other") && w.noted(d) != "" {
		w.owner[d] = w.noted(d)
		if w.owner[d] != model {
			w.t.Errorf("after %s of %s database %d is noted to be %s's", m.name, model, d, w.owner[d])
		}
	}
	w.there(d, after[d])
}

// there checks that the rows that the user wrote exist.
func (w *world) there(d int, content map[string][]string) {
	for table, rows := range w.written[d] {
		for _, row := range rows {
			w.looked++
			if !slices.Contains(content[table], row) {
				w.t.Errorf("row %s of table %s in database %d is gone, and no plan named it", row, table, d)
			}
		}
	}
}

// forget removes, from the rows that must exist, those of tables that a plan named; for all tables, those that are
// gone.
func (w *world) forget(d int, tables []string, content map[string][]string) {
	for table := range w.written[d] {
		if slices.Contains(tables, table) || slices.Contains(tables, "*") {
			w.written[d][table] = slices.DeleteFunc(w.written[d][table], func(row string) bool { return !slices.Contains(content[table], row) })
		}
	}
}

// write writes one of the user's own rows, into one of the existing tables.
func (w *world) write(d int) {
	content := w.content(d)
	var tables []string
	for _, model := range w.models {
		if _, there := content[model]; there {
			tables = append(tables, model)
		}
	}
	if len(tables) == 0 {
		return
	}
	table := tables[w.rand.IntN(len(tables))]
	w.next++
	note := fmt.Sprintf("mine %d", w.next)
	run(w.t, w.urls[d], fmt.Sprintf(`INSERT INTO %s (id, note) SELECT coalesce(max(id), 0) + 1, '%s' FROM %[1]s`, postgres.Ident(table), note))
	w.written[d][table] = append(w.written[d][table], note)
	w.log = append(w.log, fmt.Sprintf("a person writes %q to %s of database %d", note, table, d))
}

// edit adds a column to a workspace's Prisma file, or removes the added ones.
func (w *world) edit(model string) {
	path := filepath.Join(w.roots[model], "schema.prisma")
	text := ofModel(model)["schema.prisma"]
	if w.rand.IntN(2) == 0 {
		text = strings.Replace(text, "note String?", fmt.Sprintf("note String?\n  more%d Int?", w.rand.IntN(3)), 1)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.log = append(w.log, "the Prisma file of "+model+" is edited")
}

// content returns the notes of all rows of the tables in all of the user's schemas, and those schemas.
func (w *world) content(d int) map[string][]string {
	w.t.Helper()
	conn, err := postgres.Connect(w.t.Context(), w.urls[d], postgres.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	list := func(sql string) []string {
		all, err := postgres.CollectStrings(conn.Query(w.t.Context(), sql))
		if err != nil {
			w.t.Fatal(err)
		}
		return all
	}
	out := map[string][]string{"schemas": list(`SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^(pg_|naap_)' AND nspname <> 'information_schema' ORDER BY 1`)}
	for _, table := range list(`SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|naap_)' AND n.nspname <> 'information_schema'`) {
		out[strings.Trim(strings.TrimPrefix(table, "public."), `"`)] = list(`SELECT coalesce(to_jsonb(t)->>'note', '') FROM ` + table + ` t ORDER BY 1, t::text`)
	}
	return out
}

func same(a, b map[string][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for table, rows := range a {
		if there, ok := b[table]; !ok || !slices.Equal(rows, there) {
			return false
		}
	}
	return true
}

// noted returns the model of the workspace that the database's ledger names, or "".
func (w *world) noted(d int) string {
	w.t.Helper()
	e := at(w.t, w.roots[w.models[0]], "NAAP_DATABASE_URL="+w.urls[d])
	defer e.Close()
	st, err := e.Status(w.t.Context(), StatusOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	if st.Owner == nil {
		return ""
	}
	for model, root := range w.roots {
		if resolved(root) == st.Owner.Root {
			return model
		}
	}
	return st.Owner.Root
}

func (w *world) dropSnapshots() {
	for d := range w.urls {
		e := at(w.t, w.roots[w.models[0]], "NAAP_DATABASE_URL="+w.urls[d])
		server, err := e.backupServer(context.Background())
		if err != nil {
			continue
		}
		list, _ := server.List(context.Background())
		for _, x := range list {
			_ = server.Delete(context.Background(), x.Name)
		}
		server.Close()
	}
}
