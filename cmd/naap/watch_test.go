//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const watchedHead = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}
`

// watcher is a running `naap dev watch`, and the saves that it reported.
type watcher struct {
	t      *testing.T
	file   string
	events chan watchEvent
}

func startWatch(t *testing.T, p *program, file string) *watcher {
	t.Helper()
	c := p.command("--json", "dev", "watch")
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{t: t, file: file, events: make(chan watchEvent, 100)}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var ev watchEvent
			if json.Unmarshal(lines.Bytes(), &ev) == nil {
				w.events <- ev
			}
		}
		close(w.events)
	}()
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGINT)
		if err := c.Wait(); err != nil {
			t.Errorf("ctrl+c is how watching ends, not an error: %v", err)
		}
	})
	return w
}

func (w *watcher) next() watchEvent {
	w.t.Helper()
	select {
	case ev, ok := <-w.events:
		if !ok {
			w.t.Fatal("watch ended by itself")
		}
		return ev
	case <-time.After(30 * time.Second):
		w.t.Fatal("nothing came of the save")
	}
	panic("unreachable")
}

// save writes the file as many editors do: a new file, renamed over the old one.
func (w *watcher) save(models string) {
	w.t.Helper()
	tmp := w.file + ".swp"
	if err := os.WriteFile(tmp, []byte(watchedHead+models), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(tmp, w.file); err != nil {
		w.t.Fatal(err)
	}
}

func TestWatchPushesWhatEachSaveAdds(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	folder := filepath.Join(p.dir, "packages", "database", "prisma")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "schema.prisma")
	if err := os.WriteFile(file, []byte(watchedHead+"model A {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.must(t, "dev", "up")
	p.must(t, "dev", "sql", "--write", `INSERT INTO "A" VALUES (1)`)
	w := startWatch(t, p, file)
	if ev := w.next(); ev.Error != nil || ev.Applied != 0 {
		t.Fatalf("the first look finds nothing to do: %+v", ev)
	}

	w.save("model A {\n  id Int @id\n  name String?\n}\n")
	if ev := w.next(); ev.Error != nil || ev.Applied != 1 {
		t.Errorf("a saved column is added: %+v", ev)
	}

	// Half a file, as an editor leaves it between truncating and writing, is reported as a mistake, and changes
	// nothing.
	if err := os.WriteFile(file, []byte(watchedHead+"model A {\n  id Int @id\n  na"), 0o644); err != nil {
		t.Fatal(err)
	}
	if ev := w.next(); ev.Error == nil || ev.Error.Code != "schema.invalid" {
		t.Errorf("half a file: %+v", ev)
	}

	w.save("model B {\n  id Int @id\n}\n")
	ev := w.next()
	if ev.Error != nil || len(ev.Steps) != 1 || len(ev.HeldBack) != 1 || ev.HeldBack[0].Summary != "drop table public.A" ||
		ev.HeldBack[0].Why != "loses 1 row of public.A" || !strings.Contains(strings.Join(ev.HeldBack[0].Ways, ""), "naap dev push --accept-data-loss") {
		t.Errorf("a new table is made, and the one that is gone is held back: %+v", ev)
	}

	// A burst of saves leads to few pushes, and the last content wins.
	for range 20 {
		w.save("model A {\n  id Int @id\n  name String?\n}\nmodel B {\n  id Int @id\n}\n")
		w.save("model A {\n  id Int @id\n  name String?\n}\nmodel B {\n  id Int @id\n  note String?\n}\n")
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		if out := p.must(t, "dev", "diff"); strings.Contains(out, "Nothing to do") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the last save was never pushed")
		}
		time.Sleep(100 * time.Millisecond)
	}
	if out := p.must(t, "dev", "sql", `SELECT count(*) FROM "A"`); !strings.Contains(out, "\n1\n") {
		t.Errorf("the rows of A are gone:\n%s", out)
	}
}

func TestWatchFollowsLinksAndTriesAgainWhatFailed(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	folder := filepath.Join(p.dir, "packages", "database", "prisma")
	elsewhere := filepath.Join(p.dir, "shared")
	for _, dir := range []string{folder, elsewhere} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(elsewhere, "the-schema.txt")
	if err := os.WriteFile(file, []byte(watchedHead+"model A {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("..", "..", "..", "shared", "the-schema.txt"), filepath.Join(folder, "schema.prisma")); err != nil {
		t.Fatal(err)
	}
	p.must(t, "dev", "up")
	w := startWatch(t, p, file)
	w.next()
	const failing = "model A {\n  id Int @id\n}\nmodel B {\n  id Int @id @default(dbgenerated(\"two()\"))\n}\n"
	w.save(failing)
	if ev := w.next(); ev.Error != nil || len(ev.HeldBack) != 1 || !strings.Contains(ev.HeldBack[0].Why, "function two() does not exist") || ev.Applied != 0 {
		t.Errorf("what the server would refuse is held back: %+v", ev)
	}
	p.must(t, "dev", "sql", "--write", `CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'`)
	w.save(failing)
	if ev := w.next(); ev.Error != nil || len(ev.Steps) != 1 {
		t.Errorf("the same content, saved again: %+v", ev)
	}
}

func TestWatchSeesFoldersThatAreMadeAtOnce(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	folder := filepath.Join(p.dir, "packages", "database", "prisma", "schema")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "naap.toml"), []byte("schema = \"packages/database/prisma/schema\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "a.prisma"), []byte(watchedHead+"model A {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p.must(t, "dev", "up")
	w := startWatch(t, p, "")
	w.next()
	deep := filepath.Join(folder, "m", "x", "y")
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond) // the folders' own events are over by then
	if err := os.WriteFile(filepath.Join(deep, "b.prisma"), []byte("model B {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if ev := w.next(); ev.Error != nil || len(ev.Steps) != 1 {
		t.Errorf("a file in a new folder of new folders: %+v", ev)
	}
}
