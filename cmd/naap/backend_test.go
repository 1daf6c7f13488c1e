//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/watch"
	"github.com/livepeer/naap-dev/internal/workspace"
	"github.com/livepeer/naap-dev/tui/fake"
)

var _ backend.Backend = (*fake.Backend)(nil)

// subject is a Backend with what the contract needs to know about it.
type subject struct {
	backend.Backend
	parent postgres.TableRef            // a table of 1000 rows at most
	child  postgres.TableRef            // in another schema, with a foreign key to parent
	idle   func(t *testing.T) (pid int) // a session in a transaction that is idle
	edit   func(t *testing.T)
	add    func(t *testing.T, migration, script string)
	settle func() // puts the files back, or makes sure that nothing asks for a plan of them
	block  func(t *testing.T) (release func())
}

// contract is what every Backend does, in this order, starting before its server runs. The tests of the screens see
// only the fake, so it must answer as the real one does.
var contract = []struct {
	methods string
	holds   func(t *testing.T, b subject)
}{
	{"Boot Identity", func(t *testing.T, b subject) {
		goes(t, "boot", func(r progress.Report) error { return b.Boot(t.Context(), r) })
		id := b.Identity()
		if id.Instance == "" || id.Engine == "" || id.Address == "" || id.Workspace == "" || id.Lacks != (engine.Lacks{}) {
			t.Errorf("%+v", id)
		}
	}},
	{"Instances", instancesHold},
	{"Probe", func(t *testing.T, b subject) { ok(t, b.Probe(t.Context())) }},
	{"Snapshot", snapshotHolds},
	{"Facts", factsHold},
	{"EngineStats", func(t *testing.T, b subject) {
		s, err := b.EngineStats(t.Context())
		if ok(t, err); s.Name == "" || s.Image == "" || s.Status != "running" || s.Memory <= 0 || s.HostFree <= 0 || s.Started.IsZero() {
			t.Errorf("%+v", s)
		}
	}},
	{"Logs", func(t *testing.T, b subject) {
		var lines []string
		err := b.Logs(t.Context(), 10, func(l string) bool { lines = append(lines, l); return len(lines) < 2 })
		if err != nil || len(lines) != 2 {
			t.Errorf("two lines were asked for: %q, %v", lines, err)
		}
	}},
	{"Events", func(t *testing.T, b subject) {
		follows(t, func(ctx context.Context) error {
			return b.Events(ctx, func(server.Event) bool { return true })
		})
	}},
	{"WatchFiles", func(t *testing.T, b subject) {
		follows(t, func(ctx context.Context) error {
			return b.WatchFiles(ctx, func(watch.Change) bool { return true })
		})
	}},
	{"Detail", detailHolds},
	{"Page Record Count CountLinks RowNames", rowsHold},
	{"Export", exportHolds},
	{"EditTable EditRow CheckValue KeyChoices TryRows ChangeRows RowsFate", editHolds},
	{"Find", findHolds},
	{"OpenSession Completion", sqlHolds},
	{"Queries SaveQuery", queriesHold},
	{"Sessions StopSession", sessionsHold},
	{"Psql", func(t *testing.T, b subject) {
		if c, err := b.Psql(t.Context()); err != nil || c.Path == "" {
			t.Errorf("%v, %v", c, err)
		}
	}},
	{"Seeds PlanSeeds AllowSeeds ApplySeeds", seedsHold},
	{"FakeData", func(t *testing.T, b subject) {
		var opt devenv.FakeOptions
		opt.Tables, opt.Rows, opt.Append, opt.Seed = []postgres.TableRef{b.parent}, 3, true, 1
		goes(t, "make up rows", func(r progress.Report) error { return b.FakeData(t.Context(), opt, r) })
	}},
	{"PlanPush CheckPush AllowHooks Push", pushHolds},
	{"PlanReset Reset", resetHolds},
	{"ListUndo PlanUndo Undo DropUndo", undoHolds},
	{"Snapshots SaveSnapshot PlanRestoreSnapshot DeleteSnapshot", copiesHold},
	{"Backup PlanRestoreFile Restore", backupHolds},
	{"Migrations PlanDeploy CheckDeploy Deploy Rehearse PlanResolve Resolve PlanScripts AllowScripts PlanMigration MakeMigration CheckMigrations", migrationsHold},
	{"Doctor Check", func(t *testing.T, b subject) {
		for what, look := range map[string]func(context.Context) ([]remedy.Finding, error){"doctor": b.Doctor, "check": b.Check} {
			all, err := look(t.Context())
			ok(t, err)
			for _, f := range all {
				known := []remedy.Severity{remedy.Fine, remedy.Notable, remedy.Warning, remedy.Broken}
				if f.Code == "" || f.Title == "" || !slices.Contains(known, f.Severity) {
					t.Errorf("%s: %+v", what, f)
				}
			}
		}
	}},
	{"Stop", func(t *testing.T, b subject) {
		goes(t, "stop", func(r progress.Report) error {
			return b.Stop(t.Context(), r)
		})
		refused(t, b.Probe(t.Context()), "server.stopped")
	}},
}

func TestEveryMethodOfABackendIsInTheContract(t *testing.T) {
	var there, held []string
	for m := range reflect.TypeFor[backend.Backend]().Methods() {
		there = append(there, m.Name)
	}
	for _, c := range contract {
		held = append(held, strings.Fields(c.methods)...)
	}
	slices.Sort(held)
	if !slices.Equal(there, held) {
		t.Errorf("a Backend has the methods\n%s\nand the contract is about\n%s", there, held)
	}
}

func TestTheTestsBackendAnswersAsTheRealOnesDo(t *testing.T) {
	f := fake.New()
	f.Drifted = true // its tables are there, and no migration makes them
	fakes := subject{
		Backend: f, parent: postgres.TableRef{Schema: "public", Name: "User"}, child: postgres.TableRef{Schema: "plugin_wallet", Name: "Wallet"},
		idle: func(*testing.T) int { return 812 },
		edit: func(*testing.T) { f.Stale = true }, settle: func() { f.Stale = false },
		add:   func(_ *testing.T, migration, script string) { f.AddMigration(migration, script) },
		block: func(*testing.T) func() { f.Blocked = true; return func() { f.Blocked = false } },
	}
	for name, make := range map[string]func(*testing.T) subject{
		"fake":     func(*testing.T) subject { return fakes },
		"embedded": func(t *testing.T) subject { return realSubject(t, "embedded") },
		"docker": func(t *testing.T) subject {
			needDocker(t)
			return realSubject(t, "docker")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := make(t)
			for _, c := range contract {
				if !t.Run(c.methods, func(t *testing.T) { c.holds(t, b) }) && c.methods == "Boot Identity" {
					return
				}
			}
		})
	}
}

const contractSchema = `datasource db {
  provider = "postgresql"
  url = ""
  schemas = ["public", "plugin_shop"]
}

generator client {
  provider = "prisma-client-js"
  previewFeatures = ["multiSchema"]
}

model User {
  id String @id
  name String?
  note String?
  wallets Wallet[]
  @@schema("public")
}

model Wallet {
  id String @id
  owner User? @relation(fields: [ownerId], references: [id])
  ownerId String?
  @@schema("plugin_shop")
}
`

// writeShop makes a workspace of two schemas with a table and a seed each, and returns its Prisma file.
func writeShop(t *testing.T, dir string) (schema string) {
	t.Helper()
	schema = filepath.Join(dir, "packages", "database", "prisma", "schema.prisma")
	seeds := filepath.Join(dir, "seeds")
	for _, dir := range []string{filepath.Dir(schema), seeds} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	save(t, schema, contractSchema)
	save(t, filepath.Join(dir, "naap.toml"), "")
	save(t, filepath.Join(seeds, "public.sql"), `INSERT INTO "User" (id, name, note) SELECT 'u' || n, 'name ' || n, 'note' FROM generate_series(1, 12) n;`+"\n")
	save(t, filepath.Join(seeds, "plugin_shop.sql"), `INSERT INTO plugin_shop."Wallet" (id, "ownerId") SELECT 'w' || n, 'u' || n FROM generate_series(1, 7) n;`+"\n")
	return schema
}

// realSubject returns an environment of its own, in a workspace with two tables, a seed for each, and files that can be
// edited so that a push drops a column and adds a table.
func realSubject(t *testing.T, engine string) subject {
	p := newUsed(t, engine)
	schema := writeShop(t, p.dir)
	ws, err := workspace.Find(t.Context(), p.dir, workspace.Options{Env: append(p.env, "NAAP_LOCK_TIMEOUT=1s")})
	ok(t, err)
	env := devenv.New(ws, devenv.Options{})
	t.Cleanup(env.Close)
	edits := 0
	return subject{
		Backend: backend.New(env, devenv.UpOptions{}), parent: postgres.TableRef{Schema: "public", Name: "User"}, child: postgres.TableRef{Schema: "plugin_shop", Name: "Wallet"},
		settle: func() {},
		idle: func(t *testing.T) int {
			url, err := env.FormatURL(t.Context(), "url")
			ok(t, err)
			conn, err := postgres.Connect(t.Context(), url, postgres.Options{Application: "gateway"})
			ok(t, err)
			t.Cleanup(func() { postgres.Close(conn) })
			_, err = postgres.ExecScript(t.Context(), conn, "BEGIN")
			ok(t, err)
			return int(conn.PgConn().PID())
		},
		add: func(t *testing.T, migration, script string) {
			dir := filepath.Join(filepath.Dir(schema), "migrations", migration)
			ok(t, os.MkdirAll(dir, 0o755))
			save(t, filepath.Join(dir, "migration.sql"), script)
		},
		edit: func(t *testing.T) {
			edits++
			text := strings.Replace(contractSchema, "  note String?\n", "", 1)
			save(t, schema, text+"model M"+strings.Repeat("x", edits)+" {\n  id Int @id\n  @@schema(\"public\")\n}\n")
		},
		block: func(t *testing.T) func() {
			url, err := env.FormatURL(t.Context(), "url")
			ok(t, err)
			conn, err := postgres.Connect(t.Context(), url, postgres.Options{})
			ok(t, err)
			_, err = postgres.ExecScript(t.Context(), conn, `BEGIN; SELECT FROM plugin_shop."Wallet"`)
			ok(t, err)
			release := sync.OnceFunc(func() { postgres.Close(conn) })
			t.Cleanup(release)
			return release
		},
	}
}

// ok stops at an error, which a backend has no reason to return.
func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
}

// refused expects an error with a code.
func refused(t *testing.T, err error, code string) {
	t.Helper()
	if remedy.Code(err) != code {
		t.Errorf("the error is %v with the code %q, want %q", err, remedy.Code(err), code)
	}
}

// goes carries a verb out and expects that it reports steps and leaves none running.
func goes(t *testing.T, verb string, do func(progress.Report) error) {
	t.Helper()
	last := map[string]progress.Step{}
	ok(t, do(func(s progress.Step) {
		if s.Title == "" {
			t.Errorf("%s: a step without a title: %+v", verb, s)
		}
		last[s.Name] = s
	}))
	if len(last) == 0 {
		t.Errorf("%s reported no step", verb)
	}
	for _, s := range last {
		if s.Status == progress.Running || s.Status == progress.Failed {
			t.Errorf("%s went well, and its last word is %+v", verb, s)
		}
	}
}

// follows expects of a stream that it ends with its context, and reports nothing else.
func follows(t *testing.T, stream func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- stream(ctx) }()
	cancel()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func tableIn(t *testing.T, s *postgres.Snapshot, ref postgres.TableRef) postgres.TableInfo {
	t.Helper()
	for _, schema := range s.Schemas {
		for _, table := range schema.Tables {
			if table.Ref() == ref {
				return table
			}
		}
	}
	t.Fatalf("there is no table %s", ref)
	return postgres.TableInfo{}
}

func snapshotHolds(t *testing.T, b subject) {
	first, err := b.Snapshot(t.Context(), true)
	ok(t, err)
	again, err := b.Snapshot(t.Context(), false)
	if ok(t, err); first.Reused || !again.Reused {
		t.Errorf("fresh: reused %v; again: reused %v", first.Reused, again.Reused)
	}
	if first.Server.Version/10000 != 16 || first.Health.Max == 0 || first.TakenAt.IsZero() || first.Health.DatabaseBytes == 0 {
		t.Errorf("%+v, %+v", first.Server, first.Health)
	}
	for _, schema := range first.Schemas {
		sum := int64(0)
		for _, table := range schema.Tables {
			sum += table.Rows.N
		}
		if sum != schema.Rows.N {
			t.Errorf("%s has %d rows, and its tables have %d", schema.Name, schema.Rows.N, sum)
		}
	}
	if rows := tableIn(t, first, b.parent).Rows; !rows.Exact || rows.N == 0 {
		t.Errorf("%s has %+v rows", b.parent, rows)
	}
	if !slices.ContainsFunc(first.ForeignKeys, func(k postgres.ForeignKeyEdge) bool { return k.From == b.child && k.To == b.parent }) {
		t.Errorf("no foreign key from %s to %s: %+v", b.child, b.parent, first.ForeignKeys)
	}
	relationsHold(t, b, again)
}

func factsHold(t *testing.T, b subject) {
	f, err := b.Facts(t.Context())
	ok(t, err)
	seeds, err := b.Seeds(t.Context())
	ok(t, err)
	plan, err := b.PlanPush(t.Context())
	if ok(t, err); f.DriftErr != nil || f.Pending != len(plan.Steps) || f.Destroys != len(plan.Losses()) {
		t.Errorf("%+v beside a plan of %d steps, %d of which destroy", f, len(plan.Steps), len(plan.Losses()))
	}
	if _, known := f.Owners[b.child.Schema]; !known || f.File.Name == "" || f.File.ID != plan.File.ID || len(f.Seeds) != len(seeds) {
		t.Errorf("%+v", f)
	}
	if _, known := f.Baseline[b.parent]; !known {
		t.Errorf("no rows to compare those of %s with: %v", b.parent, f.Baseline)
	}
}

func detailHolds(t *testing.T, b subject) {
	child, err := b.Detail(t.Context(), b.child)
	ok(t, err)
	parent, err := b.Detail(t.Context(), b.parent)
	ok(t, err)
	points := func(k postgres.ForeignKey) bool { return k.From == b.child && k.To == b.parent }
	if !slices.ContainsFunc(child.Out, points) || !slices.ContainsFunc(parent.In, points) {
		t.Errorf("the key between them: %+v, %+v", child.Out, parent.In)
	}
	if parent.Ref() != b.parent || len(parent.Columns) == 0 || parent.Columns[0].PrimaryKey != 1 || parent.Key[0] != parent.Columns[0].Name || !strings.Contains(parent.DDL, "CREATE TABLE") {
		t.Errorf("%+v", parent)
	}
	if !slices.ContainsFunc(parent.Indexes, func(i postgres.Index) bool { return i.Primary && i.Unique && i.Valid }) {
		t.Errorf("%+v", parent.Indexes)
	}
	if _, err := b.Detail(t.Context(), postgres.TableRef{Schema: "public", Name: "Nowhere"}); err == nil {
		t.Error("a table that is not there has a detail")
	}
}

func rowsHold(t *testing.T, b subject) {
	page := func(req postgres.PageRequest) *postgres.Page {
		t.Helper()
		p, err := b.Page(t.Context(), req)
		ok(t, err)
		return p
	}
	first := page(postgres.PageRequest{Table: b.child, Limit: 2, CountTo: 1 << 40})
	count, err := b.Count(t.Context(), b.child, nil)
	if ok(t, err); len(first.Rows) != 2 || first.HasPrev || !first.HasNext || !first.Counted || first.Total != count || !count.Exact {
		t.Fatalf("%+v, %+v", first, count)
	}
	next := page(postgres.PageRequest{Table: b.child, Limit: 2, Page: postgres.NextPage, Cursor: first.Cursors[1]})
	back := page(postgres.PageRequest{Table: b.child, Limit: 2, Page: postgres.PrevPage, Cursor: next.Cursors[0]})
	if !next.HasPrev || reflect.DeepEqual(next.Rows, first.Rows) || !reflect.DeepEqual(back.Rows, first.Rows) {
		t.Errorf("%v, then %v, and back %v", first.Rows, next.Rows, back.Rows)
	}
	if last := page(postgres.PageRequest{Table: b.child, Limit: 2, Page: postgres.LastPage}); last.HasNext || len(last.Rows) != 2 {
		t.Errorf("%+v", last)
	}
	key := postgres.Condition{Column: first.Key[0], Op: postgres.Equal, Value: first.Rows[0][0].Text}
	if one, err := b.Count(t.Context(), b.child, []postgres.Condition{key}); err != nil || one.N != 1 {
		t.Errorf("%+v rows have one key, %v", one, err)
	}
	if _, err := b.Page(t.Context(), postgres.PageRequest{Table: b.child, Raw: "a syntax error"}); err == nil || !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("a condition that is none: %v", err)
	}
	record, err := b.Record(t.Context(), postgres.PageRequest{Table: b.child, Cursor: first.Cursors[0]})
	if ok(t, err); record.Values[0].Text != first.Rows[0][0].Text || len(record.Values) != len(record.Columns) || len(record.Out) == 0 || record.Out[0].Table != b.parent {
		t.Fatalf("%+v", record)
	}
	owner := page(postgres.PageRequest{Table: record.Out[0].Table, Where: record.Out[0].Where})
	if len(owner.Rows) != 1 {
		t.Errorf("%+v leads to %d rows", record.Out[0], len(owner.Rows))
	}
	whole, err := b.Record(t.Context(), postgres.PageRequest{Table: b.parent, Cursor: owner.Cursors[0]})
	ok(t, err)
	in := slices.IndexFunc(whole.In, func(l postgres.RecordLink) bool { return l.Table == b.child && len(l.Where) == 1 })
	if in < 0 {
		t.Fatalf("%+v", whole.In)
	}
	counts, err := b.CountLinks(t.Context(), whole.In)
	if ok(t, err); len(counts) != len(whole.In) || counts[in].Problem != "" {
		t.Fatalf("%+v", counts)
	}
	if there := page(postgres.PageRequest{Table: b.child, Where: whole.In[in].Where, CountTo: 1 << 40}); counts[in].Rows != there.Total || there.Total.N < 1 {
		t.Errorf("%+v are counted, %+v are there", counts[in].Rows, there.Total)
	}
	namesHold(t, b, first, owner)
}

// namesHold asks what the parent of a child's row is called, by the child's key.
func namesHold(t *testing.T, b subject, child, owner *postgres.Page) {
	at := func(columns []postgres.PageColumn, name string) int {
		return slices.IndexFunc(columns, func(c postgres.PageColumn) bool { return c.Name == name })
	}
	ref := child.Columns[at(child.Columns, "ownerId")].References
	key := child.Rows[0][at(child.Columns, "ownerId")].Text
	names, err := b.RowNames(t.Context(), []postgres.NameRequest{{Table: ref.Table, Key: ref.Key, Values: [][]string{{"no such key"}, {key}}}})
	if ok(t, err); len(names) != 1 || len(names[0]) != 2 || names[0][0] != "" || names[0][1] != owner.Rows[0][at(owner.Columns, "name")].Text {
		t.Errorf("%q, and the row is %v", names, owner.Rows[0])
	}
}

func exportHolds(t *testing.T, b subject) {
	var text bytes.Buffer
	var result postgres.ExportResult
	goesOn := func(req postgres.ExportRequest) {
		t.Helper()
		text.Reset()
		var err error
		result, err = b.Export(t.Context(), &text, req, progress.Discard)
		if ok(t, err); result.Bytes != int64(text.Len()) {
			t.Errorf("it wrote %d bytes, and says %d", text.Len(), result.Bytes)
		}
	}
	count, err := b.Count(t.Context(), b.parent, nil)
	ok(t, err)
	goesOn(postgres.ExportRequest{Table: b.parent, Format: postgres.ExportCSV})
	header, _, _ := strings.Cut(text.String(), "\n")
	if result.Rows != count.N || !strings.HasPrefix(header, "id,") {
		t.Errorf("%d rows of %d: %s", result.Rows, count.N, header)
	}
	if goesOn(postgres.ExportRequest{Query: "SELECT 1 AS one", Format: postgres.ExportCSV}); result.Rows != 1 {
		t.Errorf("%+v", result)
	}
	page, err := b.Page(t.Context(), postgres.PageRequest{Table: b.parent, Limit: 2})
	ok(t, err)
	for format, begins := range map[postgres.ExportFormat]string{postgres.ExportInsert: "insert", postgres.ExportJSONLines: ""} {
		goesOn(postgres.ExportRequest{Table: b.parent, At: page.Cursors, Format: format})
		if result.Rows != 2 || strings.Count(text.String(), "\n") != 2 || !strings.HasPrefix(strings.ToLower(text.String()), begins) || !strings.Contains(text.String(), page.Rows[1][0].Text) {
			t.Errorf("%+v: %s", result, text.String())
		}
	}
	given := &postgres.Given{Columns: page.Columns[:1], Rows: [][]postgres.Cell{page.Rows[0][:1]}}
	if goesOn(postgres.ExportRequest{Given: given, Format: postgres.ExportTSV}); result.Rows != 1 || !strings.Contains(text.String(), page.Rows[0][0].Text) {
		t.Errorf("%+v: %s", result, text.String())
	}
}

func relationsHold(t *testing.T, b subject, snap *postgres.Snapshot) {
	r := snap.Relations()
	between := func(e postgres.SchemaEdge) bool {
		return e.From == b.child.Schema && e.To == b.parent.Schema && e.ForeignKeys > 0
	}
	if !slices.Contains(r.Schemas, b.child.Schema) || r.Counts[b.parent.Schema] == 0 || !slices.ContainsFunc(r.Edges, between) {
		t.Errorf("%+v", r)
	}
	if n := snap.Neighbours(b.child); n.Table != b.child || !slices.ContainsFunc(n.Out, func(k postgres.ForeignKeyEdge) bool { return k.To == b.parent }) {
		t.Errorf("%+v", n)
	}
}

func sqlHolds(t *testing.T, b subject) {
	ctx := t.Context()
	words, err := b.Completion(ctx)
	ok(t, err)
	i := slices.IndexFunc(words.Tables, func(c postgres.CompletionTable) bool { return c.TableRef == b.parent })
	if i < 0 || len(words.Tables[i].Columns) == 0 || len(words.Keywords) == 0 || len(words.Functions) == 0 || !slices.Contains(words.Schemas, b.child.Schema) {
		t.Errorf("%d tables, %d keywords", len(words.Tables), len(words.Keywords))
	}
	session := func(write bool) backend.Session {
		s, err := b.OpenSession(ctx, write)
		ok(t, err)
		t.Cleanup(func() { _ = s.Close(context.Background()) })
		return s
	}
	run := func(s backend.Session, text string) postgres.Outcome {
		out, err := s.Run(ctx, text, postgres.RunOptions{})
		ok(t, err)
		return out
	}
	const change = `UPDATE public."User" SET name = name`
	reads := session(false)
	if out := run(reads, `SELECT id FROM public."User"; SELECT 2`); len(out.Results) != 2 || len(out.Results[0].Rows) == 0 || out.Err() != nil || out.Pending || reads.Powers() != "" {
		t.Errorf("%+v with %q", out, reads.Powers())
	}
	if out := run(reads, change); out.Err() == nil || !strings.Contains(out.Err().Error(), "25006") {
		t.Errorf("in a session that only reads: %+v", out)
	}
	if out := run(reads, "SELECT 1;\n foo bar"); len(out.Results) != 2 || out.Results[1].At == nil || out.Results[1].At.Line != 2 || out.Results[1].At.Column != 2 {
		t.Errorf("%+v", out)
	}
	if plan, err := reads.Explain(ctx, `SELECT id FROM public."User"`, 0, false, nil); err != nil || len(plan.Lines) == 0 || plan.Analyzed {
		t.Errorf("%+v, %v", plan, err)
	}
	if plan, err := reads.Explain(ctx, "SELECT\n* FROM nowhere", 0, false, nil); err == nil || plan.At == nil || plan.At.Line != 2 {
		t.Errorf("%+v, %v", plan, err)
	}
	const asks = `SELECT id FROM public."User" WHERE name = :name OR name > :name`
	if list, at, err := reads.Parameters(ctx, asks); err != nil || at != nil || len(list) != 1 || list[0] != (postgres.Parameter{Name: "name", Type: "text", Kind: postgres.TextKind}) {
		t.Errorf("%+v %v %v", list, at, err)
	}
	if _, at, err := reads.Parameters(ctx, "SELECT :a FROM nowhere"); err == nil || at == nil || at.Offset != 15 {
		t.Errorf("%v at %v", err, at)
	}
	value := "it's"
	if out, err := reads.Run(ctx, asks, postgres.RunOptions{Args: postgres.Arguments{"name": &value}}); err != nil || out.Err() != nil || out.Results[0].Columns == nil {
		t.Errorf("%+v, %v", out, err)
	}
	writes := session(true)
	for _, end := range []func(context.Context) error{writes.Rollback, writes.Commit} {
		if out := run(writes, change); out.Err() != nil || !out.Pending || out.Affected == 0 {
			t.Errorf("%+v", out)
		}
		ok(t, end(ctx))
	}
	ok(t, writes.Close(ctx))
}
