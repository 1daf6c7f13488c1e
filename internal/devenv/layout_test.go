package devenv_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

const inPackage = "packages/database/prisma/"

// layout is a workspace whose files come and go, and a database that they are pushed to.
type layout struct {
	*testing.T
	root, url string
}

func newLayout(t *testing.T, files map[string]string) *layout {
	l := &layout{T: t, root: t.TempDir(), url: pgtest.NewDatabase(t)}
	for name, text := range files {
		l.write(name, text)
	}
	return l
}

func (l *layout) path(name string) string { return filepath.Join(l.root, filepath.FromSlash(name)) }

func (l *layout) write(name, text string) {
	l.Helper()
	check(l.T, os.MkdirAll(filepath.Dir(l.path(name)), 0o755))
	check(l.T, os.WriteFile(l.path(name), []byte(text), 0o644))
}

// env returns the environment that a new run of the program has, or nil and the error.
func (l *layout) env() (*devenv.Env, error) {
	w, err := workspace.Find(l.Context(), l.root, workspace.Options{Env: []string{"HOME=" + l.TempDir(), "NAAP_DATABASE_URL=" + l.url}})
	if err != nil {
		return nil, err
	}
	env := devenv.New(w, devenv.Options{})
	l.Cleanup(env.Close)
	return env, nil
}

// push does what a plain `naap dev push` does.
func (l *layout) push(accept bool) (summary string, err error) {
	env, err := l.env()
	if err != nil {
		return "", err
	}
	defer env.Close()
	plan, err := env.Diff(l.Context(), devenv.PushOptions{})
	if err != nil {
		return "", err
	}
	_, err = env.Push(l.Context(), plan, devenv.PushOptions{AllowExternal: true, AcceptDataLoss: accept}, progress.Discard)
	return strings.Join(plan.Summary(remedy.Target{}), "\n"), err
}

func (l *layout) tables() string {
	l.Helper()
	return l.ask(`SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
}

// ask returns the single text that a query returns.
func (l *layout) ask(query string) string {
	l.Helper()
	c, err := postgres.Connect(context.Background(), l.url, postgres.Options{})
	check(l.T, err)
	defer c.Close(context.Background())
	var text string
	check(l.T, c.QueryRow(context.Background(), query).Scan(&text))
	return text
}

func modelText(name string) string { return "model " + name + " {\n  id Int @id\n}\n" }

func TestSplittingTheSchemaKeepsItsTables(t *testing.T) {
	all := ""
	names := []string{"A", "B", "C", "D"}
	for _, n := range names {
		all += modelText(n)
	}
	l := newLayout(t, map[string]string{inPackage + "schema.prisma": watchedHead + all})
	_, err := l.push(false)
	check(t, err)
	l.write(inPackage+"schema.prisma", watchedHead)
	for _, n := range names {
		l.write(inPackage+"models/"+strings.ToLower(n)+".prisma", modelText(n))
	}
	if summary, err := l.push(false); err != nil || summary != "" {
		t.Errorf("the split schema is pushed as\n%s\n%v", summary, err)
	}
	if got := l.tables(); got != "A B C D" {
		t.Errorf("the tables are %q", got)
	}
}

func TestAFileThatIsNamedAndHasNoModelEmptiesNothingUnasked(t *testing.T) {
	l := newLayout(t, map[string]string{inPackage + "schema.prisma": watchedHead + modelText("A") + modelText("B")})
	_, err := l.push(false)
	check(t, err)
	l.write(inPackage+"schema.prisma", watchedHead)
	l.write(inPackage+"models/all.prisma", modelText("A")+modelText("B"))
	l.write("packages/database/package.json", `{"prisma": {"schema": "prisma/schema.prisma"}}`)
	_, err = l.push(false)
	text := ""
	if err != nil {
		text = remedy.Text(err)
	}
	if remedy.Code(err) != "push.empties" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(text, "all 2 tables of schema public") ||
		!strings.Contains(text, "models/all.prisma beside it, with models, is not read") {
		t.Errorf("got %v: %s", err, text)
	}
	if got := l.tables(); got != "A B" {
		t.Errorf("the tables are %q", got)
	}
	_, err = l.push(true)
	check(t, err)
	if got := l.tables(); got != "" {
		t.Errorf("with the permission the tables are %q", got)
	}
}

func TestUpSaysThatASchemaHasNoModel(t *testing.T) {
	l := newLayout(t, map[string]string{inPackage + "schema.prisma": watchedHead})
	env, err := l.env()
	check(t, err)
	var seen []string
	up, err := env.Up(t.Context(), devenv.UpOptions{Confirm: func(string) bool { return true }}, func(s progress.Step) {
		if s.Status == progress.Warned {
			seen = append(seen, s.Name+": "+s.Detail)
		}
	})
	check(t, err)
	if want := inPackage + "schema.prisma has no model"; !strings.HasPrefix(up.Tables.NoModel, want) ||
		!strings.Contains(strings.Join(seen, "\n"), "tables: "+want) || !strings.Contains(strings.Join(up.Warnings, "\n"), want) {
		t.Errorf("it says %q, %q, %q", up.Tables.NoModel, seen, up.Warnings)
	}
}

func TestExternalTablesOfAPrismaConfigAreNobodys(t *testing.T) {
	l := newLayout(t, map[string]string{
		inPackage + "schema.prisma": watchedHead + modelText("A"),
		"packages/database/prisma.config.ts": `import { defineConfig } from "prisma/config"
export default defineConfig({ schema: "prisma", experimental: { externalTables: true }, tables: { external: ["public.theirs"] } })`,
	})
	pgtest.Exec(t, l.url, `CREATE TABLE theirs (id int)`)
	summary, err := l.push(true)
	check(t, err)
	if got := l.tables(); got != "A theirs" {
		t.Errorf("after\n%s\nthe tables are %q", summary, got)
	}
	env, err := l.env()
	check(t, err)
	if _, err := env.PlanReset(t.Context(), []string{"public"}, devenv.ResetOptions{}); remedy.Code(err) != "reset.external" {
		t.Errorf("a reset of its schema: %v", err)
	}
}

func TestWatchSeesAModelThatMovesToAFolderBesideTheFile(t *testing.T) {
	l := newLayout(t, map[string]string{inPackage + "schema.prisma": watchedHead + modelText("A")})
	env, err := l.env()
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var last devenv.Watched
	moves := []func(){
		func() { l.write(inPackage+"schema.prisma", watchedHead) },
		func() { l.write(inPackage+"models/deep/a.prisma", modelText("A")+modelText("B")) },
	}
	check(t, env.Watch(ctx, devenv.WatchOptions{AllowExternal: true}, func(w devenv.Watched) {
		last = w
		if len(moves) == 0 {
			if w.Err == nil && len(w.Plan.Steps) == 1 {
				cancel()
			}
			return
		}
		moves[0]()
		moves = moves[1:]
	}, progress.Discard))
	if last.Err != nil || last.Plan == nil || len(last.Plan.Steps) != 1 || last.Plan.Steps[0].Object != "public.B" || len(last.Plan.HeldBack) > 0 {
		t.Errorf("it ended with %+v", last)
	}
	if got := l.tables(); got != "A B" {
		t.Errorf("the tables are %q", got)
	}
}
