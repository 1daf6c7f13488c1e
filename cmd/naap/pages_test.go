//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// walkthrough follows a page from its first block to its last: each goes on in the folder, and with the variables, in which
// the one before it ended. It begins in a folder that has the project's examples, with a home of its own.
type walkthrough struct {
	*program
	page page
	bin  string
	ran  int // commands
}

// naapOfPages runs naap with the port that is free here in the place of the one that the page has: each of the two
// workspaces that a page may use at once has one.
const naapOfPages = `#!/bin/sh
export NAAP_PORT=%s
case "$PWD $*" in *bookshop*) NAAP_PORT=%s ;; esac
exec %s "$@"
`

// goOfPages runs the program as the page says where the tests may take long, and otherwise the one that is built
// already: it is the same.
const goOfPages = `#!/bin/sh
case "$1 $2" in
"run ./cmd/naap") shift 2; exec naap "$@" ;;
esac
echo "the pages' go does not know: $*" >&2; exit 1
`

func newWalkthrough(t *testing.T, p page) *walkthrough {
	t.Helper()
	r := &walkthrough{program: newPrepared(t, empty), page: p, bin: t.TempDir()}
	for _, name := range []string{"naap", "bookshop", "notes"} { // the instances of the pages
		if name != "naap" && !p.mentions(name) {
			continue
		}
		other := *r.program
		other.rename(t, name)
		other.fill(t, empty)
		t.Cleanup(func() { other.clear(t, "embedded") })
	}
	home := filepath.Join(r.home, "reader")
	scripttest.Write(t, filepath.Join(r.bin, "naap"), fmt.Sprintf(naapOfPages, r.port, strconv.Itoa(porttest.Free()), r.path))
	scripttest.Write(t, filepath.Join(r.bin, "go"), goOfPages)
	if err := errors.Join(os.Mkdir(home, 0o755), os.CopyFS(filepath.Join(r.dir, "examples"), os.DirFS("../../examples"))); err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + home, "PATH=" + r.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "NO_COLOR=1"}
	for _, kv := range r.env {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "NAAP_INSTANCE", "NAAP_PORT", "NAAP_TRUST", "HOME", "PATH", "DATABASE_URL":
		default:
			env = append(env, kv)
		}
	}
	r.env = env
	return r
}

// mentions reports whether a block of the page has a word.
func (p page) mentions(word string) bool {
	return slices.ContainsFunc(p.blocks, func(b block) bool { return strings.Contains(b.text, word) })
}

// script runs text in bash, and keeps the folder and the variables for the next one.
func (r *walkthrough) script(t *testing.T, text string) (out string, status int, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	kept := filepath.Join(r.bin, "kept")
	c := exec.CommandContext(ctx, "bash", "-c", `kept=`+kept+`; [ ! -f "$kept" ] || . "$kept"; trap '{ export -p; printf "cd %q\n" "$PWD"; } >"$kept"' EXIT; set -eo pipefail
`+text)
	c.Dir, c.Env = r.dir, r.env
	b, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(b), exit.ExitCode(), nil
	}
	return string(b), 0, err
}

// must runs a script that the page does not show.
func (r *walkthrough) must(t *testing.T, b block, text string) {
	t.Helper()
	if out, status, err := r.script(t, text); status != 0 || err != nil {
		t.Fatalf("%s: %s: exit status %d, %v\n%s", place(r.page.name, b.line), text, status, err, out)
	}
}

// follow does what a block says.
func (r *walkthrough) follow(t *testing.T, b block) {
	t.Helper()
	for _, mark := range []struct{ key, redirect string }{{"file", ">"}, {"added to", ">>"}} {
		if name := b.marks[mark.key]; name != "" {
			r.must(t, b, "mkdir -p \"$(dirname "+name+")\"; cat "+mark.redirect+name+" <<'END OF BLOCK'\n"+b.text+"END OF BLOCK\n")
		}
	}
	if first := b.marks["first"]; first != "" {
		r.must(t, b, first)
	}
	steps := stepsOf(b)
	for i, s := range steps {
		if each := b.marks["each"]; each != "" {
			r.must(t, b, each)
		}
		want := 0
		if i == len(steps)-1 && b.marks["fails"] != "" {
			want, _ = strconv.Atoi(b.marks["fails"])
		}
		out, status, err := r.script(t, s.script)
		r.ran += s.commands
		if status != want || err != nil {
			t.Fatalf("%s: exit status %d, %v, of\n%s\n%s", place(r.page.name, b.line), status, err, s.script, out)
		}
		if missing := s.unlike(out); missing != "" {
			t.Errorf("%s: the page shows\n%s\nand it is\n%s", place(r.page.name, b.line), missing, out)
		}
	}
}

// step is a part of a block that is run at once: all of a script, or a command of a terminal with the output that the
// page shows.
type step struct {
	script   string
	commands int
	shown    []string
}

// stepsOf returns the steps of a block; a block in another language has none.
func stepsOf(b block) (all []step) {
	switch {
	case b.marks["not run"] != "" || b.lang != "sh" && b.lang != "console":
		return nil
	case b.lang == "sh":
		s := step{script: b.text}
		for line := range strings.Lines(b.text) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				s.commands++
				all = append(all, step{script: line, commands: 1})
			}
		}
		if b.marks["each"] != "" {
			return all
		}
		return []step{s}
	}
	for line := range strings.Lines(b.text) {
		line = strings.TrimRight(line, "\n")
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			all = append(all, step{script: command + "\n", commands: 1})
		} else if more, ok := strings.CutPrefix(line, "> "); ok && len(all) > 0 && all[len(all)-1].shown == nil {
			all[len(all)-1].script += more + "\n"
		} else if len(all) > 0 {
			all[len(all)-1].shown = append(all[len(all)-1].shown, line)
		}
	}
	return all
}

// varying matches what differs from one run to the next: times, ports, days.
var varying = regexp.MustCompile(`\d+(\.\d+)? ?(ms|s)\b|\blocalhost:\d+|127\.0\.0\.1:\d+|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?|\d\d:\d\d:\d\d`)

// unlike returns what the page shows and the output lacks, or "". An ellipsis stands for any text, alone on its line for
// any lines; what varies, and blanks at the ends of lines, are not compared.
func (s step) unlike(out string) string {
	if s.shown == nil {
		return ""
	}
	var want strings.Builder
	want.WriteString(`(?s)^`)
	for _, line := range s.shown {
		line = varying.ReplaceAllString(strings.TrimRight(line, " "), "\x00")
		if line == "…" {
			want.WriteString("(?:[^\n]*\n)*?")
			continue
		}
		parts := strings.Split(line, "…")
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		want.WriteString(strings.Join(parts, `[^\n]*`) + ` *\n`)
	}
	want.WriteString(`$`)
	if regexp.MustCompile(want.String()).MatchString(varying.ReplaceAllString(out, "\x00")) {
		return ""
	}
	return strings.Join(s.shown, "\n")
}

func TestAnOutputIsComparedWithWhatThePageShows(t *testing.T) {
	for _, c := range []struct {
		block, out string
		like       bool
	}{
		{"$ naap x\na\nb\n", "a\nb\n", true},
		{"$ naap x\na\nb\n", "a\nc\n", false},
		{"$ naap x\na\nb\n", "a\nb\nc\n", false},
		{"$ naap x\na\n…\n", "a\nb\nc\n", true},
		{"$ naap x\n…\nb\n", "a\nb\nc\n", false},
		{"$ naap x\ndone in 3 ms on localhost:5432 with …\n", "done in 41.2 s on localhost:1 with care\n", true},
		{"$ naap x\ndone in 3 rows\n", "done in 4 rows\n", false},
		{"$ naap x\n", "anything\n", true},
	} {
		steps := stepsOf(block{lang: "console", text: c.block})
		if len(steps) != 1 || (steps[0].unlike(c.out) == "") != c.like {
			t.Errorf("%q of %v: %q", c.out, steps, steps[0].unlike(c.out))
		}
	}
}

// Every command in the blocks of README.md and docs is run, in order, on a server of its page's own.
func TestEveryCommandOfThePagesRuns(t *testing.T) {
	t.Parallel()
	var ran, blocks, left atomic.Int32
	t.Run("pages", func(t *testing.T) {
		for _, p := range pages(t) {
			runs := 0
			for _, b := range p.blocks {
				if b.marks["not run"] != "" {
					left.Add(1)
				} else if stepsOf(b) != nil {
					runs++
				}
			}
			if runs == 0 {
				continue
			}
			blocks.Add(int32(runs))
			t.Run(strings.TrimSuffix(filepath.Base(p.name), ".md"), func(t *testing.T) {
				t.Parallel()
				r := newWalkthrough(t, p)
				for _, b := range p.blocks {
					r.follow(t, b)
				}
				ran.Add(int32(r.ran))
			})
		}
	})
	t.Logf("%d commands in %d blocks were run, %d blocks are not run for the reasons they give", ran.Load(), blocks.Load(), left.Load())
}

// TestTheFirstCommandOfTheReadmeRunsWithGo runs it as it stands there, from the project's folder.
func TestTheFirstCommandOfTheReadmeRunsWithGo(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p := newPrepared(t, empty)
	c := exec.CommandContext(t.Context(), "go", "run", "./cmd/naap", "dev", "up")
	c.Dir, c.Env = "../..", p.env
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "Ready in") {
		t.Errorf("%v\n%s", err, out)
	}
}
