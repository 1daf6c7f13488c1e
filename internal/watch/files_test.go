package watch

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/workspace"
)

// The system keeps only so many changes for who does not ask for them meanwhile, and then says that some are lost.
func TestFilesAreStillWatchedAfterMoreChangesThanTheSystemKeeps(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/fs/inotify/max_queued_events")
	if err != nil {
		t.Skip("the system does not say how many changes it keeps: ", err)
	}
	kept, err := strconv.Atoi(strings.TrimSpace(string(text)))
	check(t, err)
	dir := t.TempDir()
	file := filepath.Join(dir, "prisma", "schema.prisma")
	check(t, os.Mkdir(filepath.Dir(file), 0o755))
	write := func(model string) {
		check(t, os.WriteFile(file, []byte("datasource db {\n  provider = \"postgresql\"\n}\nmodel "+model+" {\n  id Int @id\n}\n"), 0o644))
	}
	write("A")
	for _, name := range []string{"naap.toml", "a", "b"} {
		check(t, os.WriteFile(filepath.Join(dir, name), nil, 0o644))
	}
	ws, err := workspace.Find(t.Context(), dir, workspace.Options{Env: []string{"HOME=" + t.TempDir()}})
	check(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seen, done, asks := make(chan Change), make(chan error, 1), make(chan bool)
	go func() {
		done <- Files(ctx, ws, func(c Change) bool {
			seen <- c
			return <-asks
		})
	}()
	next := func(model string) {
		t.Helper()
		for { // the files may not be watched yet
			write(model)
			select {
			case c := <-seen:
				if strings.Join(c.Names, " ") != "prisma/schema.prisma" {
					t.Fatalf("changed: %v", c.Names)
				}
				return
			case err := <-done:
				t.Fatalf("it ended with %v", err)
			case <-time.After(time.Second):
				model += "x"
			}
		}
	}
	next("B")
	for i := range 2 * kept { // while nobody asks; two files in turn, since the system keeps what repeats once
		check(t, os.Chmod(filepath.Join(dir, []string{"a", "b"}[i%2]), 0o600))
	}
	asks <- true
	next("C")
	asks <- false
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
