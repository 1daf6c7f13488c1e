//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/livepeer/naap-dev/internal/scripttest"
)

// TestTerminalLosesNothingToAnEditor gives the console's text to editors that fail in each way, and then to one that works.
func TestTerminalLosesNothingToAnEditor(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	dir := filepath.Join(p.home, "my editors")
	act := filepath.Join(dir, "act")
	editor := scripttest.Write(t, filepath.Join(dir, "ed it"), `[ "$1" = --wait ] || exit 9; shift; . '`+act+`'`)
	tmp := filepath.Join(p.home, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, `VISUAL="`+editor+`" --wait`, "EDITOR=false", "TMPDIR="+tmp)
	kept := func() (files []string) {
		files, err := filepath.Glob(filepath.Join(tmp, "naap-edit-*", "value.sql"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy").types("i").sees("nothing was run yet").types("SELECT 'mine'")
	for _, c := range []struct {
		act, seen string
		kept      string // what the file that is kept begins with; "" for none
	}{
		{`exit 3`, "the text is as it was: ed it: exit status 3", ""},
		{`echo 'much work' >"$1"; exit 4`, "the text is as it was: ed it: exit status 4", "much work"},
		{`printf 'a\377' >"$1"`, "the editor left what is not UTF-8 text", "a\xff"},
		{`head -c 3000000 /dev/zero | tr '\0' x >"$1"`, "the editor left more than 1024 kB", "xxx"},
		{`rm "$1"`, "the editor left no file", ""},
		{`:`, "the editor left the text as it was", ""},
		{`echo typed >"$1"; printf '\033[?1049l\033[31mwaiting\n'; exec sleep 60`, "signal: interrupt", "typed"},
	} {
		scripttest.Write(t, act, c.act)
		if s.types("\x1be"); strings.Contains(c.act, "waiting") {
			s.sees("waiting").types("\x03")
		}
		s.sees(c.seen, "SELECT 'mine'")
		files := kept()
		if c.kept == "" {
			if files != nil {
				t.Errorf("%s: %s is kept", c.act, files)
			}
			continue
		}
		if len(files) != 1 {
			t.Fatalf("%s: %s are kept", c.act, files)
		}
		if body, err := os.ReadFile(files[0]); err != nil || !strings.HasPrefix(string(body), c.kept) {
			t.Errorf("%s: kept is %.20q, %v", c.act, body, err)
		}
		s.escapes().types("!").sees("what the editor left is kept in", filepath.Base(filepath.Dir(files[0]))).escapes()
		s.types("i").sees("tab", "completes")
		if err := os.RemoveAll(filepath.Dir(files[0])); err != nil {
			t.Fatal(err)
		}
	}
	scripttest.Write(t, act, `[ "$(cat "$1")" = "SELECT 'mine'" ] && printf "SELECT\n\t'a\tb' = E'a\\\\\\\\tb' AS same" >"$1"`)
	s.types("\x1be").sees("the text is the editor's", "'a␉b'").types("\x12").sees("SELECT 1", "same", "t ")
	s.escapes().leaves()
	for sig, status := range map[syscall.Signal]int{syscall.SIGINT: 0, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		s := sit(t, p, 80, 24, "dev")
		s.sees("1 Schemas", "healthy")
		if err := s.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		s.ends(status)
	}
}
