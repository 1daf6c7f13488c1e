package devenv_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
)

// Each save that pushes something is followed by naap.toml's commands; one that fails is told beside what was pushed.
func TestWatchRunsWhatComesAfterAPush(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are a shell's")
	}
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	root := filepath.Join(filepath.Dir(file), "..", "..", "..")
	check(t, os.WriteFile(filepath.Join(root, "naap.toml"), []byte("[push]\nafter = [\"echo $DATABASE_URL >after; test ! -f fail || { echo no luck; exit 3; }\", \"touch held\"]\n"), 0o644))
	env, err := env.Again(t.Context())
	check(t, err)
	check(t, env.Allow(t.Context(), []trust.Item{env.HookStandings()[0].Item}))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var told []devenv.Watched
	check(t, env.Watch(ctx, devenv.WatchOptions{AllowExternal: true}, func(w devenv.Watched) {
		if told = append(told, w); len(told) > 1 {
			cancel()
			return
		}
		check(t, os.WriteFile(filepath.Join(root, "fail"), nil, 0o644))
		check(t, os.WriteFile(file, []byte(watchedHead+"model A {\n  id Int @id\n  n  Int?\n}\n"), 0o644))
	}, progress.Discard))
	if len(told) != 2 || told[0].Err != nil || told[0].After != nil || told[0].Applied == 0 {
		t.Fatalf("it told %+v", told)
	}
	if len(told[0].LeftOut) != 1 || !strings.HasPrefix(told[0].LeftOut[0], "touch held is not run: it was not allowed by you") {
		t.Errorf("left out: %q", told[0].LeftOut)
	}
	if w := told[1]; w.Err != nil || w.Applied == 0 || remedy.Code(w.After) != devenv.HookFailed || !strings.Contains(remedy.Text(w.After), "no luck") {
		t.Errorf("it told %+v: %s", w, remedy.Text(w.After))
	}
	if text, err := os.ReadFile(filepath.Join(root, "after")); err != nil || !strings.HasPrefix(string(text), "postgres") {
		t.Errorf("the command saw %q, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(root, "held")); err == nil {
		t.Error("a command that was not allowed ran")
	}
}

// Clients are generated before the commands after a push, which may need them, and these wait where that fails.
func TestWatchGeneratesBeforeWhatComesAfterAPush(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the commands are a shell's")
	}
	env, _, file := onServer(t, "model A {\n  id Int @id\n}\n")
	root := filepath.Join(filepath.Dir(file), "..", "..", "..")
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		check(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		check(t, os.WriteFile(filepath.Join(root, name), []byte(text), mode))
	}
	const generator = "generator client {\n  provider = \"prisma-client\"\n  output = \"../client\"\n}\n"
	write("naap.toml", "[push]\nafter = [\"echo hook >>ran\"]\n", 0o644)
	write("node_modules/.bin/prisma", "#!/bin/sh\ncd "+root+"\necho prisma >>ran\ntest ! -f fail\n", 0o755)
	check(t, os.WriteFile(file, []byte(watchedHead+generator+"model A {\n  id Int @id\n}\n"), 0o644))
	env, err := env.Again(t.Context())
	check(t, err)
	check(t, env.Allow(t.Context(), []trust.Item{env.HookStandings()[0].Item}))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var told []devenv.Watched
	check(t, env.Watch(ctx, devenv.WatchOptions{AllowExternal: true, Generate: true}, func(w devenv.Watched) {
		if told = append(told, w); len(told) > 1 {
			cancel()
			return
		}
		write("fail", "", 0o644)
		check(t, os.WriteFile(file, []byte(watchedHead+generator+"model A {\n  id Int @id\n  n  Int?\n}\n"), 0o644))
	}, progress.Discard))
	if ran, _ := os.ReadFile(filepath.Join(root, "ran")); string(ran) != "prisma\nhook\nprisma\n" {
		t.Errorf("it ran %q", ran)
	}
	if len(told) != 2 || told[0].GenerateErr != nil || told[0].Generated == "" {
		t.Fatalf("it told %+v", told)
	}
	if w := told[1]; w.Applied == 0 || w.Generated != "" || !strings.Contains(remedy.Text(w.GenerateErr), "not run because of it: echo hook") {
		t.Errorf("it told %+v: %s", w, remedy.Text(w.GenerateErr))
	}
}
