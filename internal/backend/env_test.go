package backend_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

const watchedHead = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n"

// onServer returns an environment on a database of the tests' server, with a Prisma file.
func onServer(t *testing.T, models string) (env *devenv.Env, url, file string) {
	t.Helper()
	const name = "packages/database/prisma/schema.prisma"
	url = pgtest.NewDatabase(t)
	env = envOf(t, url, map[string]string{name: watchedHead + models})
	return env, url, filepath.Join(env.Workspace().Dir, filepath.FromSlash(name))
}

// envOf returns an environment on a database, of a folder with files.
func envOf(t *testing.T, url string, files map[string]string) *devenv.Env {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, []byte(text), 0o644))
	}
	w, err := workspace.Find(t.Context(), dir, workspace.Options{Env: []string{"HOME=" + t.TempDir(), "NAAP_DATABASE_URL=" + url, "PATH=" + os.Getenv("PATH"), "NAAP_TRUST=all"}})
	check(t, err)
	env := devenv.New(w, devenv.Options{})
	t.Cleanup(env.Close)
	return env
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
}
