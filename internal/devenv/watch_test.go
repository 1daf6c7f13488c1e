package devenv_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/workspace"
)

const watchedHead = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n"

// onServer returns an environment on a database of the tests' server, with a Prisma file.
func onServer(t *testing.T, models string) (env *devenv.Env, url, file string) {
	t.Helper()
	url = pgtest.NewDatabase(t)
	dir := t.TempDir()
	file = filepath.Join(dir, "packages", "database", "prisma", "schema.prisma")
	check(t, os.MkdirAll(filepath.Dir(file), 0o755))
	check(t, os.WriteFile(file, []byte(watchedHead+models), 0o644))
	w, err := workspace.Find(t.Context(), dir, workspace.Options{Env: []string{"HOME=" + t.TempDir(), "NAAP_DATABASE_URL=" + url}})
	check(t, err)
	env = devenv.New(w, devenv.Options{})
	t.Cleanup(env.Close)
	return env, url, file
}

func TestWatchBeginsWithTheFileAsItIsThen(t *testing.T) {
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	check(t, os.WriteFile(file, []byte(watchedHead+"model B {\n  id Int @id\n}\n"), 0o644)) // after it was read
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var first []devenv.Watched
	check(t, env.Watch(ctx, devenv.WatchOptions{AllowExternal: true}, func(w devenv.Watched) {
		first = append(first, w)
		cancel()
	}, progress.Discard))
	if len(first) == 0 || first[0].Err != nil || len(first[0].Plan.Steps) != 1 || first[0].Plan.Steps[0].Object != "public.B" {
		t.Errorf("it pushed %+v", first)
	}
}

func TestStatusDoesNotWaitForALock(t *testing.T) {
	env, url, _ := onServer(t, "model A {\n  id Int @id\n  n  Int?\n}\n")
	pgtest.Exec(t, url, `CREATE TABLE "A" (id int PRIMARY KEY, n int); CREATE INDEX i ON "A" (n) WHERE n > 1`)
	db, err := env.Connect(t.Context())
	check(t, err)
	tx, err := db.Begin(t.Context())
	check(t, err)
	defer tx.Rollback(context.Background())
	_, err = tx.Exec(t.Context(), `LOCK TABLE "A"`)
	check(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	st, err := env.Status(ctx, devenv.StatusOptions{})
	check(t, err)
	if st.Drift == nil || st.Drift.Problem == "" {
		t.Errorf("the drift is %+v", st.Drift)
	}
}

func TestWatchFollowsTheSettingsToAnotherFile(t *testing.T) {
	env, url, file := onServer(t, "model A {\n  id Int @id\n}\n")
	root := filepath.Join(filepath.Dir(file), "..", "..", "..")
	check(t, os.WriteFile(filepath.Join(root, "naap.toml"), nil, 0o644))
	env, err := env.Again(t.Context())
	check(t, err)
	check(t, os.WriteFile(filepath.Join(root, "other.prisma"), []byte(watchedHead+"model Other {\n  id Int @id\n}\n"), 0o644))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var told []devenv.Watched
	check(t, env.Watch(ctx, devenv.WatchOptions{AllowExternal: true}, func(w devenv.Watched) {
		told = append(told, w)
		switch len(told) {
		case 1:
			check(t, os.WriteFile(filepath.Join(root, "naap.toml"), []byte("schema = "), 0o644))
		case 2:
			check(t, os.WriteFile(filepath.Join(root, "naap.toml"), []byte("schema = \"other.prisma\"\n"), 0o644))
		default:
			cancel()
		}
	}, progress.Discard))
	if len(told) != 3 || told[1].Err == nil || told[2].Err != nil || told[2].Applied != 1 {
		t.Fatalf("it told %+v", told)
	}
	columns := `SELECT string_agg(table_name || '.' || column_name, ' ' ORDER BY table_name, ordinal_position) FROM information_schema.columns WHERE table_schema = 'public'`
	if now := (&layout{T: t, url: url}).ask(columns); now != "A.id Other.id" {
		t.Errorf("the database has %v", now)
	}
}
