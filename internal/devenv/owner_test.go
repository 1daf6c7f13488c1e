package devenv

import (
	"context"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// bodies are the fields of three workspaces' models, so different that a model is not taken for another one renamed.
var bodies = map[string]string{
	"Stall":   "id Int @id\n  note String?",
	"Order":   "id BigInt @id\n  placed DateTime?\n  total Decimal?\n  paid Boolean?\n  note String?",
	"Reading": "id Int @id\n  at Float?\n  raw Bytes?\n  more Json?\n  tags String[]\n  note String?",
}

// ofModel returns a workspace's files, with one model of that name and a seed.
func ofModel(model string) map[string]string {
	return map[string]string{
		"naap.toml":        "schema = \"schema.prisma\"\n",
		"schema.prisma":    "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n\nmodel " + model + " {\n  " + bodies[model] + "\n}\n",
		"seeds/public.sql": "INSERT INTO \"" + model + "\" (id, note) VALUES (1, 'seeded') ON CONFLICT DO NOTHING;\n",
	}
}

// at returns an environment of a folder, with a home of its own.
func at(t *testing.T, root string, env ...string) *Env {
	t.Helper()
	home := t.TempDir()
	env = append([]string{"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state"), "PATH=" + os.Getenv("PATH"), "NAAP_TRUST=all"}, env...)
	ws, err := workspace.Find(t.Context(), root, workspace.Options{Env: env})
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	e := New(ws, Options{})
	t.Cleanup(e.Close)
	return e
}

// folder is a new folder with files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// git runs git in a folder, with a neutral identity.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git on this machine")
	}
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "protocol.file.allow=always"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// writingVerbs returns the verbs that change a database, each as the user would run it.
func writingVerbs(t *testing.T) map[string]func(e *Env) error {
	ctx := t.Context()
	return map[string]func(e *Env) error{
		"up": func(e *Env) error { _, err := e.Up(ctx, UpOptions{Confirm: yes}, progress.Discard); return err },
		"push": func(e *Env) error {
			plan, err := e.Diff(ctx, PushOptions{})
			if err == nil {
				_, err = e.Push(ctx, plan, PushOptions{AllowExternal: true, AcceptDataLoss: true}, progress.Discard)
			}
			return err
		},
		"watch": func(e *Env) error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute) // else it would watch for ever
			defer cancel()
			return e.Watch(ctx, WatchOptions{AllowExternal: true}, func(Watched) {}, progress.Discard)
		},
		"seed": func(e *Env) error {
			_, err := e.Seed(ctx, SeedOptions{AllowExternal: true}, progress.Discard)
			return err
		},
		"fake": func(e *Env) error {
			opt := FakeOptions{AllowExternal: true}
			opt.Rows, opt.Append = 3, true
			_, _, err := e.Fake(ctx, opt, progress.Discard)
			return err
		},
		"reset": func(e *Env) error {
			plan, err := e.PlanReset(ctx, []string{"public"}, ResetOptions{AllowExternal: true})
			if err == nil {
				_, err = e.Reset(ctx, plan, ResetOptions{AllowExternal: true}, progress.Discard)
			}
			return err
		},
		"undo": func(e *Env) error {
			_, err := e.Undo(ctx, 0, UndoOptions{AllowExternal: true}, progress.Discard)
			return err
		},
		"undo --drop": func(e *Env) error { _, err := e.DropUndo(ctx, 1, true, progress.Discard); return err },
		"snapshot save": func(e *Env) error {
			_, err := e.SaveSnapshot(ctx, "theirs", CopyOptions{AllowExternal: true}, progress.Discard)
			return err
		},
		"snapshot restore": func(e *Env) error {
			return restoreSnapshot(ctx, e, "ours", CopyOptions{AllowExternal: true, TerminateSessions: true}, progress.Discard)
		},
		"snapshot delete": func(e *Env) error { return e.DeleteSnapshot(ctx, "ours", CopyOptions{AllowExternal: true}) },
		"sql --write": func(e *Env) error {
			out, err := e.SQL(ctx, `CREATE TABLE stray (id int)`, SQLOptions{Write: true})
			if err == nil {
				err = out.Err()
			}
			return err
		},
	}
}

func TestASecondWorkspaceIsRefusedByEachVerbThatWrites(t *testing.T) {
	url := pgtest.NewDatabase(t)
	first := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+url)
	if _, err := first.Up(t.Context(), UpOptions{Confirm: yes}, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	plan, err := first.PlanReset(t.Context(), []string{"public"}, ResetOptions{AllowExternal: true})
	if err == nil {
		_, err = first.Reset(t.Context(), plan, ResetOptions{AllowExternal: true}, progress.Discard) // something to undo
	}
	if err == nil {
		_, err = first.SaveSnapshot(t.Context(), "ours", CopyOptions{AllowExternal: true}, progress.Discard)
	}
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	root := folder(t, ofModel("Order"))
	for verb, do := range writingVerbs(t) {
		second := at(t, root, "NAAP_DATABASE_URL="+url) // from another home, as on another machine
		err := do(second)
		second.Close()
		if remedy.Code(err) != "workspace.other" || remedy.Exit(err) != remedy.ExitRefused {
			t.Errorf("%s: the error is %v", verb, err)
			continue
		}
		if text := remedy.Text(err); !strings.Contains(text, first.ws.Root) || !strings.Contains(text, "schema.prisma") {
			t.Errorf("%s: it does not say whose it is:\n%s", verb, text)
		}
	}
	first.Close()
	if n := countOf(t, url, `SELECT count(*) FROM pg_tables WHERE tablename IN ('Order', 'stray')`); n != 0 {
		t.Errorf("%d tables of another workspace got in", n)
	}
	if n := countOf(t, url, `SELECT count(*) FROM "Stall"`); n != 1 {
		t.Errorf("%d rows are left of 1", n)
	}
	if _, err := first.Snapshots(t.Context()); err != nil {
		t.Error(err)
	}
	if err := first.DeleteSnapshot(t.Context(), "ours", CopyOptions{AllowExternal: true}); err != nil {
		t.Error(err)
	}
}

// upAt brings a workspace up at a database.
func upAt(t *testing.T, e *Env, opt UpOptions) error {
	t.Helper()
	opt.Confirm = yes
	_, err := e.Up(t.Context(), opt, progress.Discard)
	e.Close()
	return err
}

func wantCode(t *testing.T, what, code string, err error) {
	t.Helper()
	if (code != "" || err != nil) && remedy.Code(err) != code {
		t.Errorf("%s: the error is %v, want %q", what, err, code)
	}
}

func TestAnAdoptedDatabaseIsTheAdoptersFromThenOn(t *testing.T) {
	for name, adopt := range map[string]func(e *Env) error{
		"up":   func(e *Env) error { return upAt(t, e, UpOptions{Adopt: true}) },
		"push": func(e *Env) error { return pushing(e, PushOptions{Adopt: true, AcceptDataLoss: true}) },
	} {
		url := "NAAP_DATABASE_URL=" + pgtest.NewDatabase(t)
		first, second := folder(t, ofModel("Stall")), folder(t, ofModel("Order"))
		wantCode(t, "the first", "", upAt(t, at(t, first, url), UpOptions{}))
		wantCode(t, "the second", "workspace.other", upAt(t, at(t, second, url), UpOptions{}))
		wantCode(t, name+" --adopt", "", adopt(at(t, second, url)))
		wantCode(t, "the second after "+name, "", upAt(t, at(t, second, url), UpOptions{}))
		wantCode(t, "the first after "+name, "workspace.other", upAt(t, at(t, first, url), UpOptions{}))
	}
}

func TestAdoptingSaysInItsPlanWhoseItWas(t *testing.T) {
	url := "NAAP_DATABASE_URL=" + pgtest.NewDatabase(t)
	first, second := folder(t, ofModel("Stall")), folder(t, ofModel("Order"))
	wantCode(t, "the first", "", upAt(t, at(t, first, url), UpOptions{}))
	plan, err := at(t, second, url).PlanUp(t.Context(), UpOptions{Adopt: true})
	if err != nil || !strings.Contains(strings.Join(plan.Lines(remedy.Target{}), "\n"), "it was that of "+first) {
		t.Errorf("the plan is %+v, %v", plan, err)
	}
	_, err = at(t, second, url).PlanUp(t.Context(), UpOptions{})
	wantCode(t, "after the plan", "workspace.other", err)
}

func TestTwoCheckoutsOfARepositoryShareADatabase(t *testing.T) {
	url := "NAAP_DATABASE_URL=" + pgtest.NewDatabase(t)
	one := folder(t, ofModel("Stall"))
	git(t, one, "init", "-q")
	git(t, one, "add", "-A")
	git(t, one, "commit", "-q", "-m", "first")
	two, app := filepath.Join(t.TempDir(), "two"), "apps/shop"
	git(t, one, "clone", "-q", one, two)
	wantCode(t, "the first checkout", "", upAt(t, at(t, one, url), UpOptions{}))
	wantCode(t, "the second checkout", "", upAt(t, at(t, two, url), UpOptions{}))
	wantCode(t, "the first again", "", upAt(t, at(t, one, url), UpOptions{}))
	// Another Prisma file of the same repository is another workspace.
	for name, text := range ofModel("Order") {
		path := filepath.Join(two, app, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, "another folder of it", "workspace.other", upAt(t, at(t, filepath.Join(two, app), url), UpOptions{}))
}

func TestADatabaseOfAnOlderNaapIsTakenOver(t *testing.T) {
	const older = `DROP TABLE naap_dev.workspace, naap_dev.version`
	url := pgtest.NewDatabase(t)
	first, second := folder(t, ofModel("Stall")), folder(t, ofModel("Order"))
	env := "NAAP_DATABASE_URL=" + url
	wantCode(t, "the first", "", upAt(t, at(t, first, env), UpOptions{}))
	run(t, url, older)
	wantCode(t, "a workspace with none of its tables", "workspace.other", upAt(t, at(t, second, env), UpOptions{}))
	wantCode(t, "the one whose tables they are", "", upAt(t, at(t, first, env), UpOptions{}))
	if n := countOf(t, url, `SELECT count(*) FROM naap_dev.workspace WHERE how = 'taken over' AND schema_file = 'schema.prisma'`); n != 1 {
		t.Errorf("it is noted %d times", n)
	}
	wantCode(t, "the other afterwards", "workspace.other", upAt(t, at(t, second, env), UpOptions{}))
}

func TestAFewNamesInCommonMakeNoDatabaseOurs(t *testing.T) {
	for _, c := range []struct {
		tables, shared, wanted int
		want                   bool
	}{{10, 3, 12, false}, {50, 50, 52, true}, {80, 20, 20, true}, {30, 0, 20, false}, {3, 2, 40, true}} {
		if got := (&standing{tables: c.tables, shared: c.shared, wanted: c.wanted}).fits(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestTheRecordOfThisHomeSaysWhoseAnOlderDatabaseIs(t *testing.T) {
	first, second := folder(t, ofModel("Stall")), folder(t, ofModel("Order"))
	e := at(t, second)
	for what, c := range map[string]struct {
		rec  record
		want recorded
	}{
		"made here":                  {record{Engine: "docker", Root: second}, recordedOurs},
		"made for another workspace": {record{Engine: "docker", Root: first}, recordedAnothers},
		"made for one that is gone":  {record{Engine: "docker", Root: first + "/gone"}, unrecorded},
		"only attached to":           {record{Engine: "docker", Root: second, Attached: true}, unrecorded},
		"nothing remembered":         {record{}, unrecorded},
		"the built-in workspace's":   {record{Engine: "docker"}, unrecorded}, // sameWorkspace refuses it
	} {
		if got, _ := e.remembered(t.Context(), e.here(t.Context()), c.rec); got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

func TestARestoredDatabaseStaysWhoseItWas(t *testing.T) {
	url := pgtest.NewDatabase(t)
	env := "NAAP_DATABASE_URL=" + url
	first, second := folder(t, ofModel("Stall")), folder(t, ofModel("Order"))
	e := at(t, first, env)
	wantCode(t, "up", "", upAt(t, e, UpOptions{}))
	run(t, url, `DROP TABLE naap_dev.workspace, naap_dev.version`) // as in a snapshot of an older naap
	_, err := e.SaveSnapshot(t.Context(), "old", CopyOptions{AllowExternal: true}, progress.Discard)
	wantCode(t, "save", "", err)
	t.Cleanup(func() {
		_ = e.DeleteSnapshot(context.Background(), "old", CopyOptions{AllowExternal: true, Adopt: true})
	})
	wantCode(t, "the second adopts it", "", upAt(t, at(t, second, env), UpOptions{Adopt: true}))
	e = at(t, second, env)
	var warned string
	err = restoreSnapshot(t.Context(), e, "old", CopyOptions{AllowExternal: true}, func(s progress.Step) {
		if s.Name == "owner" {
			warned += s.Detail
		}
	})
	wantCode(t, "restore", "", err)
	e.Close()
	wantCode(t, "the first afterwards", "workspace.other", upAt(t, at(t, first, env), UpOptions{}))
	_, err = e.SaveSnapshot(t.Context(), "of the second", CopyOptions{AllowExternal: true}, progress.Discard)
	wantCode(t, "save", "", err)
	t.Cleanup(func() {
		_ = e.DeleteSnapshot(context.Background(), "of the second", CopyOptions{AllowExternal: true, Adopt: true})
	})
	wantCode(t, "the first adopts it", "", upAt(t, at(t, first, env), UpOptions{Adopt: true}))
	e = at(t, first, env)
	err = restoreSnapshot(t.Context(), e, "of the second", CopyOptions{AllowExternal: true}, func(s progress.Step) {
		if s.Name == "owner" {
			warned += s.Detail
		}
	})
	wantCode(t, "restore of the other's", "", err)
	if !strings.Contains(warned, second) {
		t.Errorf("it does not say whose copy it is: %q", warned)
	}
	e.Close()
	wantCode(t, "the first goes on", "", upAt(t, at(t, first, env), UpOptions{}))
}

func TestReadingAnothersDatabaseGoesOnWithAWord(t *testing.T) {
	url := "NAAP_DATABASE_URL=" + pgtest.NewDatabase(t)
	first := folder(t, ofModel("Stall"))
	wantCode(t, "the first", "", upAt(t, at(t, first, url), UpOptions{}))
	second := at(t, folder(t, ofModel("Order")), url)
	st, err := second.Status(t.Context(), StatusOptions{})
	if err != nil || st.State != engine.Running || st.Owner == nil || st.Owner.Ours || st.Owner.Root != first ||
		!strings.Contains(strings.Join(st.Warnings, "\n"), first) {
		t.Errorf("status: %+v, %v", st, err)
	}
	out, err := second.SQL(t.Context(), `SELECT 1`, SQLOptions{})
	if err != nil || out.Err() != nil {
		t.Errorf("sql: %v, %v", err, out.Err())
	}
	if _, err := second.Diff(t.Context(), PushOptions{}); err != nil {
		t.Errorf("diff: %v", err)
	}
	if line, err := second.Stranger(t.Context()); err != nil || !strings.Contains(line, first) {
		t.Errorf("the word is %q, %v", line, err)
	}
	found := false
	for _, f := range second.Doctor(t.Context()) {
		found = found || f.Code == "owner" && f.Severity == remedy.Warning
	}
	if !found {
		t.Error("doctor says nothing")
	}
	own := at(t, first, url)
	if line, err := own.Stranger(t.Context()); err != nil || line != "" {
		t.Errorf("of its own database it says %q, %v", line, err)
	}
}

func TestARoleThatMayNotMakeASchemaStillPushes(t *testing.T) {
	url := pgtest.NewDatabase(t)
	u, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	role := "limited_" + strings.TrimPrefix(u.Path, "/")
	run(t, url, `CREATE ROLE "`+role+`" LOGIN PASSWORD 'x'; GRANT ALL ON SCHEMA public TO "`+role+`"`)
	defer run(t, url, `DROP OWNED BY "`+role+`"; DROP ROLE "`+role+`"`)
	u.User = neturl.UserPassword(role, "x")
	e := at(t, folder(t, ofModel("Stall")), "NAAP_DATABASE_URL="+u.String())
	err = pushing(e, PushOptions{AllowExternal: true})
	e.Close()
	if err != nil {
		t.Error(remedy.Text(err))
	}
}

// restoreSnapshot plans a restore and carries it out.
func restoreSnapshot(ctx context.Context, e *Env, name string, opt CopyOptions, report progress.Report) error {
	plan, err := e.PlanRestoreSnapshot(ctx, name)
	if err != nil {
		return err
	}
	return e.Restore(ctx, plan, opt, report)
}

// TestTheBuiltInSchemaTakesNoPlaceUnasked moves the Prisma file away, as when switching branches: the workspace's
// naap.toml exists, and its Prisma file does not.
func TestTheBuiltInSchemaTakesNoPlaceUnasked(t *testing.T) {
	files := ofModel("Stall")
	files["naap.toml"], files["prisma/schema.prisma"] = "", files["schema.prisma"]
	delete(files, "schema.prisma")
	root, db := folder(t, files), pgtest.NewDatabase(t)
	url := "NAAP_DATABASE_URL=" + db
	wantCode(t, "the first up", "", upAt(t, at(t, root, url), UpOptions{}))
	if err := os.Rename(filepath.Join(root, "prisma"), filepath.Join(root, "away")); err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func(e *Env) error{
		"up":       func(e *Env) error { return upAt(t, e, UpOptions{}) },
		"up, plan": func(e *Env) error { _, err := e.PlanUp(t.Context(), UpOptions{}); return err },
		"push":     func(e *Env) error { return pushing(e, PushOptions{AllowExternal: true, AcceptDataLoss: true}) },
	} {
		err := run(at(t, root, url))
		wantCode(t, name, "workspace.other", err)
		if text := remedy.Text(err); !strings.Contains(text, "put prisma/schema.prisma back") || strings.Contains(text, "another workspace's") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if line, err := at(t, root, url).Stranger(t.Context()); err != nil || !strings.Contains(line, "prisma/schema.prisma") || strings.Contains(line, "another workspace's") {
		t.Errorf("the word is %q, %v", line, err)
	}
	wantCode(t, "push --adopt", "", pushing(at(t, root, url), PushOptions{Adopt: true, AcceptDataLoss: true}))
	wantCode(t, "push after that", "", pushing(at(t, root, url), PushOptions{AllowExternal: true}))
	if err := os.Rename(filepath.Join(root, "away"), filepath.Join(root, "prisma")); err != nil {
		t.Fatal(err)
	}
	// It is the built-in tables that are in its way, and not another owner.
	if err := pushing(at(t, root, url), PushOptions{AllowExternal: true, AcceptDataLoss: true}); remedy.Code(err) == "workspace.other" {
		t.Errorf("push of the schema again: %v", err)
	}
}

func TestALedgerOfANewerNaapIsLeftAlone(t *testing.T) {
	url := pgtest.NewDatabase(t)
	root := folder(t, ofModel("Stall"))
	env := "NAAP_DATABASE_URL=" + url
	wantCode(t, "up", "", upAt(t, at(t, root, env), UpOptions{}))
	run(t, url, `INSERT INTO naap_dev.version (version) VALUES (1000)`)
	e := at(t, root, env)
	_, err := e.PlanUp(t.Context(), UpOptions{})
	wantCode(t, "the plan of an up", "ledger.newer", err)
	wantCode(t, "up", "ledger.newer", upAt(t, e, UpOptions{}))
	wantCode(t, "up --adopt", "ledger.newer", upAt(t, e, UpOptions{Adopt: true}))
	_, err = e.PlanReset(t.Context(), []string{"public"}, ResetOptions{AllowExternal: true})
	wantCode(t, "the plan of a reset", "ledger.newer", err)
	_, err = e.ListUndo(t.Context())
	wantCode(t, "undo --list", "ledger.newer", err)
	st, err := e.Status(t.Context(), StatusOptions{})
	if err != nil || st.State != engine.Running || st.Problem == nil || st.Problem.Code != "ledger.newer" || len(st.Schemas) != 1 {
		t.Errorf("the status is %+v, %v", st, err)
	}
}
