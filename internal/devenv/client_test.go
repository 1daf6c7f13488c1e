package devenv_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

const clientHead = "generator client {\n  provider = \"prisma-client-js\"\n  output   = \"../generated\"\n}\n"

// withClient returns an environment whose generated client was made for other models than its Prisma file has, and the
// package's folder, in which a stand-in for Prisma copies the file.
func withClient(t *testing.T, old, now string) (env *devenv.Env, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for Prisma is a shell script")
	}
	env, _, file := onServer(t, clientHead+now)
	dir = filepath.Join(filepath.Dir(file), "..")
	check(t, os.MkdirAll(filepath.Join(dir, "generated"), 0o755))
	check(t, os.MkdirAll(filepath.Join(dir, "node_modules", ".bin"), 0o755))
	check(t, os.WriteFile(filepath.Join(dir, "package.json"), []byte("{}"), 0o644))
	check(t, os.WriteFile(filepath.Join(dir, "generated", "schema.prisma"), []byte(watchedHead+clientHead+old), 0o644))
	scripttest.Write(t, filepath.Join(dir, "node_modules", ".bin", "prisma"), "test ! -f fail || { echo 'no generator today'; exit 3; }\ncp prisma/schema.prisma generated/schema.prisma\n")
	return env, dir
}

func TestTheModelsOfAStaleClientAreKnownBySchema(t *testing.T) {
	env, dir := withClient(t, "model A {\n  id Int @id\n}\nmodel Gone {\n  id Int @id\n}\n", "model A {\n  id Int @id\n  n Int\n}\nmodel B {\n  id Int @id\n}\n")
	got, generate := env.StaleModels(t.Context())
	if !maps.EqualFunc(got, map[string][]string{"public": {"A", "B", "Gone"}}, slices.Equal[[]string]) || !strings.HasSuffix(generate, " && npx prisma generate") {
		t.Errorf("%v: %s", got, generate)
	}
	text, err := os.ReadFile(filepath.Join(dir, "prisma", "schema.prisma"))
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "generated", "schema.prisma"), text, 0o644)) // what is known of it goes with the file
	if got, generate := env.StaleModels(t.Context()); len(got) > 0 || generate != "" {
		t.Errorf("generated since: %v, %s", got, generate)
	}
}

func TestWatchGeneratesTheClientThatASaveMakesStale(t *testing.T) {
	const first = "model A {\n  id Int @id\n}\n"
	env, dir := withClient(t, first, first)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	file := filepath.Join(dir, "prisma", "schema.prisma")
	save := func(models string) { check(t, os.WriteFile(file, []byte(watchedHead+clientHead+models), 0o644)) }
	var told []string
	check(t, env.Watch(ctx, devenv.WatchOptions{AllowExternal: true, Generate: true}, func(w devenv.Watched) {
		line := devenv.StaleLine(w.Clients)
		if w.Generated != "" {
			line = "generated"
		}
		if w.GenerateErr != nil {
			line = remedy.Code(w.GenerateErr) + ": " + line
		}
		told = append(told, line)
		switch len(told) {
		case 1:
			save(first + "model B {\n  id Int @id\n}\n")
		case 2:
			check(t, os.WriteFile(filepath.Join(dir, "fail"), nil, 0o644))
			save(first + "model B {\n  id Int @id\n  n Int?\n}\n")
		default:
			cancel()
		}
	}, progress.Discard))
	if len(told) != 3 || told[0] != "" || told[1] != "generated" || !strings.HasPrefix(told[2], "generate.failed: the generated client is older than the Prisma file: public.B (cd ") {
		t.Errorf("%q", told)
	}
}

func TestAWorkspaceWithoutPrismaGeneratesNothing(t *testing.T) {
	const models = "model A {\n  id Int @id\n}\n"
	env, dir := withClient(t, models, models)
	check(t, os.Remove(filepath.Join(dir, "node_modules", ".bin", "prisma")))
	if _, err := env.Generator(t.Context()); remedy.Code(err) != "generate.missing" {
		t.Error(err)
	}
	err := env.Watch(t.Context(), devenv.WatchOptions{AllowExternal: true, Generate: true}, func(devenv.Watched) { t.Error("it watches") }, progress.Discard)
	if remedy.Code(err) != "generate.missing" {
		t.Error(err)
	}
}
