//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/livepeer/naap-dev/internal/pgtest"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// patience is long for a machine that has other work to do: these tests look at what comes, not at how soon.
const patience = 30 * time.Second

// sitting is naap in a pseudo-terminal: what it shows, and all that it wrote.
type sitting struct {
	t     *testing.T
	tty   *os.File
	cmd   *exec.Cmd
	ended chan struct{}

	mu    sync.Mutex
	term  vt10x.Terminal
	raw   bytes.Buffer
	whole string // what the terminal showed after the last complete frame
	upTo  int    // how much of raw whole was made from
}

// sit starts naap in a terminal of w by h cells.
func sit(t *testing.T, p *program, w, h int, args ...string) *sitting {
	t.Helper()
	c := exec.Command(p.path, args...)
	c.Dir = p.dir
	c.Env = append(slices.Clone(p.env), "TERM=xterm-256color", "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)})
	if err != nil {
		t.Fatal(err)
	}
	s := &sitting{t: t, tty: tty, cmd: c, ended: make(chan struct{}), term: vt10x.New(vt10x.WithSize(w, h))}
	go s.read()
	t.Cleanup(func() {
		_ = c.Process.Kill()
		<-s.ended
		_ = tty.Close()
	})
	return s
}

func (s *sitting) read() {
	defer close(s.ended)
	buf := make([]byte, 64<<10)
	var rest []byte // the first bytes of a character that the last read cut: vt10x would drop it
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		s.raw.Write(buf[:n])
		rest = append(rest, buf[:n]...)
		whole := len(rest)
		for cut := max(0, len(rest)-utf8.UTFMax+1); cut < len(rest); cut++ {
			if utf8.RuneStart(rest[cut]) && !utf8.FullRune(rest[cut:]) {
				whole = cut
				break
			}
		}
		_, _ = s.term.Write(rest[:whole])
		rest = append(rest[:0], rest[whole:]...)
		s.mu.Unlock()
		if err != nil {
			_ = s.cmd.Wait()
			return
		}
	}
}

// A frame begins in the upper left corner, and ends at the beginning of the last line.
var (
	frameBegins = []byte("\x1b[H")
	frameEnds   = regexp.MustCompile(`\x1b\[[0-9]+;H`)
)

// screen returns the text that the terminal shows. It never shows part of a frame: half of one mixed with half of the
// one before holds texts that are never seen together.
func (s *sitting) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.upTo == s.raw.Len() {
		return s.whole
	}
	if raw := s.raw.Bytes(); s.term.Mode()&vt10x.ModeAltScreen != 0 && !frameEnds.Match(raw[max(0, bytes.LastIndex(raw, frameBegins)):]) {
		return s.whole
	}
	w, h := s.term.Size()
	var b strings.Builder
	for y := range h {
		for x := range w {
			b.WriteRune(max(s.term.Cell(x, y).Char, ' '))
		}
		b.WriteByte('\n')
	}
	s.whole, s.upTo = b.String(), s.raw.Len()
	return s.whole
}

// sees waits until the screen holds all the texts.
func (s *sitting) sees(texts ...string) *sitting {
	s.t.Helper()
	s.until(fmt.Sprintf("%q to be seen", texts), func(screen string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
	return s
}

// loses waits until the screen holds none of the texts, and still holds none a moment later: while a frame is being
// painted, a text that stays can be missing.
func (s *sitting) loses(texts ...string) *sitting {
	s.t.Helper()
	gone := 0
	s.until(fmt.Sprintf("%q to be gone", texts), func(screen string) bool {
		gone++
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(screen, text) }) {
			gone = 0
		}
		return gone > 10
	})
	return s
}

func (s *sitting) until(what string, ok func(screen string) bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		screen := s.screen()
		if ok(screen) {
			return
		}
		if !s.runs() || time.Now().After(deadline) {
			s.t.Fatalf("waited for %s; running: %v\n%s", what, s.runs(), screen)
		}
	}
}

func (s *sitting) runs() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// types sends keys as a terminal does.
func (s *sitting) types(keys ...string) *sitting {
	s.t.Helper()
	for _, k := range keys {
		if _, err := s.tty.WriteString(k); err != nil {
			s.t.Fatalf("type %q: %v\n%s", k, err, s.screen())
		}
	}
	return s
}

// escapes types escape, and waits until it was read: a key right behind it would arrive as that key with alt.
func (s *sitting) escapes() *sitting {
	s.t.Helper()
	s.types(escape)
	s.until("escape to be read", func(string) bool { return !s.unread() })
	return s
}

// unread reports whether something was typed that the program has not read yet. Where the system does not say, it waits a
// while.
func (s *sitting) unread() bool {
	terminal, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", s.cmd.Process.Pid))
	if err == nil {
		var f *os.File
		if f, err = os.OpenFile(terminal, os.O_RDONLY|syscall.O_NOCTTY, 0); err == nil {
			defer f.Close()
			typed := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
			if _, err := unix.Poll(typed, 0); err == nil {
				return typed[0].Revents&unix.POLLIN != 0
			}
		}
	}
	time.Sleep(200 * time.Millisecond)
	return false
}

// resize gives the terminal another size.
func (s *sitting) resize(w, h int) {
	s.t.Helper()
	s.mu.Lock()
	s.term.Resize(w, h)
	s.upTo = 0
	s.mu.Unlock()
	if err := pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(w), Rows: uint16(h)}); err != nil {
		s.t.Fatal(err)
	}
}

// leaves types q and expects to find the terminal as it was.
func (s *sitting) leaves() {
	s.t.Helper()
	s.types("q").ends(0)
}

// ends expects the program to end with a status, and the terminal to be as it was.
func (s *sitting) ends(status int) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatalf("it does not end\n%s", s.screen())
	}
	if code := s.cmd.ProcessState.ExitCode(); code != status {
		s.t.Errorf("exit status %d, and not %d\n%s", code, status, s.screen())
	}
	if s.term.Mode()&vt10x.ModeAltScreen != 0 || !s.term.CursorVisible() {
		s.t.Error("the terminal was not given back")
	}
	s.onlyRenderers()
}

// renderers matches the sequences that the terminal app itself writes, and the plain line that naap may print after it.
var renderers = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\[[0-9]+G|\x1b\\]52;c;[A-Za-z0-9+/=]*\a|\x1b\\[[0-9;]*[HJK]|\x1b\\[\\?(25|1049|1004|2004|1002|1003|1006)[hl]|\x1b\\]11;\\?\x1b\\\\|[\r\n]")

// onlyRenderers makes sure that nothing but text, the renderer's own sequences and copies to the clipboard reached the
// terminal.
func (s *sitting) onlyRenderers() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := renderers.ReplaceAllString(s.raw.String(), "")
	for i, r := range rest {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) {
			s.t.Fatalf("%q reached the terminal: …%q", r, rest[max(0, i-40):min(len(rest), i+40)])
		}
	}
}

const (
	enter  = "\r"
	escape = "\x1b"
	right  = "\x1b[C"
	tabKey = "\t"
)

func TestTerminalWalksFromBootToARowThreeForeignKeysAwayAndBack(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "embedded")
	s := sit(t, p, 160, 45, "dev", "up")
	s.sees("1 Schemas", "plugin_community", "Σ", "healthy")
	// Texts that would take over the terminal, were they not made harmless.
	p.must(t, "dev", "sql", "--write", `UPDATE "User" SET handle = E'\x1b[2J\x1b]0;pwn\x07' || handle`)
	s.types(":", "CommunityComment")
	s.until("the table to be offered", func(screen string) bool { return strings.Count(screen, "CommunityComment") > 1 })
	s.types(enter)
	s.sees("5 CommunityComment").types(enter).sees("> CommunityComment").types("4").sees("keyset(id)")
	s.types(right, enter).sees("CommunityComment > CommunityPost", "where id = ")
	s.types(right, enter).sees("CommunityPost > CommunityProfile", "where id = ")
	s.types(right, enter).sees("CommunityProfile > User", "where id = ", "␛[2J")
	s.types("v").sees("> 10000000", "updated_at", "preferences").escapes().loses("> 10000000")
	s.types(escape).loses("> User").sees("CommunityPost > CommunityProfile")
	s.types(escape).loses("> CommunityProfile")
	s.types(escape).loses("> CommunityPost").sees("> CommunityComment")
	s.types(escape).loses("> CommunityComment").sees("1 Schemas")
	s.leaves()
}

func TestTerminalResetIsRefusedUntilTheNameIsTypedAndThenDone(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, builtin)
	p.must(t, "dev", "up")
	p.must(t, "dev", "sql", "--write", `INSERT INTO "plugin_community"."CommunityTag" (name) VALUES ('mine')`)
	before := p.tables(t)
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy").types("/").types("community").types(enter).sees("2 plugin_community")
	s.types("X").sees("Reset plugin_community?", "Type plugin_community to go on").types(enter).loses("Reset plugin_community?")
	s.types("X").sees("Reset plugin_community?").types("plugin_wallet", enter).loses("Reset plugin_community?")
	s.types("X").sees("Reset plugin_community?").types(tabKey, enter).sees("type plugin_community first").types(escape).loses("Reset plugin_community?")
	if now := p.tables(t); now != before {
		t.Fatalf("refused, and yet %s became %s", before, now)
	}
	s.types("X").sees("Reset plugin_community?").types("plugin_community").sees("Reset", "plugin_community").types(enter)
	s.sees("done in").types(escape)
	if out := p.must(t, "dev", "sql", `SELECT count(*) FROM "plugin_community"."CommunityTag" WHERE name = 'mine'`); !strings.Contains(out, "\n0\n") {
		t.Errorf("the row that the seeds don't have is still there:\n%s", out)
	}
	s.types("U").sees("> undo", "WHEN", "reset", "plugin_community").types(enter).sees("Undo the reset of").types(tabKey, enter)
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		out := p.must(t, "dev", "sql", `SELECT count(*) FROM "plugin_community"."CommunityTag" WHERE name = 'mine'`)
		if strings.Contains(out, "\n1\n") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the undo did not bring the row back:\n%s\n%s", out, s.screen())
		}
	}
	s.sees("undo plugin_community: done in", "esc closes").escapes().sees("d delete")
	s.until("the list of what is there now", regexp.MustCompile(`:\d\d +undo +plugin_community`).MatchString)
	s.types(escape).sees("1 Schemas")
	s.leaves()
}

// TestTerminalLeavesInterruptsToPsql presses ctrl+c in psql, which the kernel sends to every process of the terminal.
func TestTerminalLeavesInterruptsToPsql(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("psql"); err != nil {
		t.Skip("no psql on the PATH")
	}
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--no-push", "--no-seed")
	conn := p.connect(t)
	s := sit(t, p, 100, 30, "dev")
	s.sees("1 Schemas", "healthy").types("E").sees("naap=#")
	s.types("SELECT pg_sleep(60);", enter).sees("pg_sleep(60);")
	s.until("psql's statement to run", func(string) bool {
		var runs bool
		err := conn.QueryRow(context.Background(), "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'").Scan(&runs)
		return err == nil && runs
	})
	s.types("\x03").sees("canceling statement due to user request")
	s.types("\\q", enter).sees("1 Schemas", "healthy")
	s.leaves()
}

func TestTerminalShowsALostServerAndRecoversByItself(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, builtin)
	p.must(t, "dev", "up")
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "plugin_wallet", "healthy")
	where := strings.Fields(p.must(t, "dev", "url"))[0]
	if !strings.Contains(where, ":"+p.port) {
		t.Fatalf("the URL is %s", where)
	}
	for _, loss := range []struct {
		name        string
		remedy      string
		cause, mend func()
	}{
		{"stopped", "naap dev up", func() { p.must(t, "dev", "down") }, func() { p.must(t, "dev", "up", "--detach") }},
		{"paused", "kill -CONT ", func() { signalServer(t, p, syscall.SIGSTOP) }, func() { signalServer(t, p, syscall.SIGCONT) }},
		{"killed", "naap dev up", func() { signalServer(t, p, syscall.SIGKILL) }, func() { s.sees("B start").types("B").sees("done in", "esc closes").escapes() }},
	} {
		loss.cause()
		began := time.Now()
		s.sees("lost, data", "stale", "plugin_wallet")
		shown := time.Since(began)
		s.types("!").sees(loss.remedy).escapes()
		if out := p.must(t, "dev", "status"); !strings.Contains(out, loss.remedy) {
			t.Errorf("%s: the status does not say %q:\n%s", loss.name, loss.remedy, out)
		}
		if loss.name == "paused" {
			for _, verb := range []string{"up", "doctor"} {
				if out, err := p.command("dev", verb).CombinedOutput(); err == nil || !bytes.Contains(out, []byte(loss.remedy)) {
					t.Errorf("paused: %s does not say %q: %v\n%s", verb, loss.remedy, err, out)
				}
			}
		}
		loss.mend()
		began = time.Now()
		s.sees("healthy").loses("stale", "last error", "106751d")
		back := time.Since(began)
		t.Logf("%s: shown %s after it, healthy %s after its mending", loss.name, shown.Round(time.Millisecond), back.Round(time.Millisecond))
	}
	s.leaves()
}

// signalServer sends a signal to the instance's server and all its sessions: the kernel does the same for a paused or
// killed container.
func signalServer(t *testing.T, p *program, sig syscall.Signal) {
	t.Helper()
	for _, pid := range serverProcesses(t, p) {
		if err := syscall.Kill(pid, sig); err != nil && err != syscall.ESRCH {
			t.Fatal(err)
		}
	}
}

// serverProcesses returns the server's process and its children.
func serverProcesses(t *testing.T, p *program) []int {
	t.Helper()
	// The oldest: a session that was just forked does not have a title of its own yet.
	found, err := exec.Command("pgrep", "-o", "-f", "postgres -D .*"+p.instance).Output()
	if err != nil || len(strings.Fields(string(found))) != 1 {
		t.Fatalf("the servers of %s are %q: %v", p.instance, found, err)
	}
	server := strings.TrimSpace(string(found))
	children, err := exec.Command("pgrep", "-P", server).Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	for _, f := range append([]string{server}, strings.Fields(string(children))...) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, pid)
	}
	return all
}

// TestTerminalKeepsUpWithResizes resizes at random: NAAP_TEST_RESIZES times, or 200.
func TestTerminalKeepsUpWithResizes(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p := newPrepared(t, builtin)
	p.must(t, "dev", "up")
	s := sit(t, p, 80, 24, "dev")
	s.sees("1 Schemas", "healthy")
	rnd := rand.New(rand.NewSource(1))
	for range pgtest.Number(t, "NAAP_TEST_RESIZES", 200) {
		s.resize(20+rnd.Intn(231), 6+rnd.Intn(75))
		time.Sleep(time.Duration(rnd.Intn(12)) * time.Millisecond)
	}
	s.resize(100, 30)
	s.sees("1 Schemas", "plugin_wallet", "? help")
	s.until("the last size to be filled exactly", func(screen string) bool {
		lines := strings.Split(screen, "\n")
		return len(lines) > 29 && strings.HasSuffix(lines[27], "┘") && strings.Contains(lines[29], "? help")
	})
	s.leaves()
}

// keyboard returns the keys that random ones are taken from: all that terminals send, with more weight on those that
// open and close. Left out are leaving and suspending, psql, which would take the terminal itself, and m, which makes
// up rows without a word to be typed: it is there to add to the database.
func keyboard() []string {
	var keys []string
	for r := ' '; r <= '~'; r++ {
		if !strings.ContainsRune("qQEm", r) {
			keys = append(keys, string(r))
		}
	}
	for range 6 {
		keys = append(keys, escape, enter, tabKey, "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "j", "k", "\x7f")
	}
	return append(keys, "\x1b[Z", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x04", "\x15", "\x12", "\x18", "\x10", "\x0e", "\x17", "ü", "日", "\x1b[200~paste\x1b[201~", "\x1b[I", "\x1bx")
}

// TestTerminalSurvivesRandomKeysAndLeavesTheDatabaseAlone types NAAP_TEST_KEYS keys, or 3,000. What destroys is
// confirmed only by a word typed in full, and random keys do not spell one.
func TestTerminalSurvivesRandomKeysAndLeavesTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p := newPrepared(t, builtin)
	p.must(t, "dev", "up")
	before := p.checksum(t)
	s := sit(t, p, 120, 35, "dev")
	s.sees("1 Schemas", "healthy")
	rnd := rand.New(rand.NewSource(int64(pgtest.Number(t, "NAAP_TEST_SEED", 4))))
	keys := keyboard()
	var typed []string
	for i := range pgtest.Number(t, "NAAP_TEST_KEYS", 3000) {
		k := keys[rnd.Intn(len(keys))]
		typed = append(typed, k)
		if !s.runs() {
			t.Fatalf("it ended after %d keys, the last of them %q\n%s", i, typed[max(0, len(typed)-40):], s.screen())
		}
		s.types(k)
		if i%20 == 0 {
			time.Sleep(20 * time.Millisecond)
		}
	}
	s.noCrash(p)
	if now := p.checksum(t); now != before {
		t.Errorf("the keys %q changed the database:\n%s\nto\n%s", typed, before, now)
	}
	s.onlyRenderers()
}

// noCrash expects no crash file in the instance's state.
func (s *sitting) noCrash(p *program) {
	s.t.Helper()
	_ = filepath.WalkDir(p.home, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), "crash-") {
			text, _ := os.ReadFile(path)
			s.t.Errorf("%s:\n%s", d.Name(), text)
		}
		return nil
	})
}
