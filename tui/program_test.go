package tui

import (
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hinshun/vt10x"

	"github.com/livepeer/naap-dev/tui/fake"
)

// terminal is what the program writes to: an emulator, and the bytes as they came.
type terminal struct {
	mu   sync.Mutex
	term vt10x.Terminal
	raw  bytes.Buffer
}

func (s *terminal) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raw.Write(p)
	return s.term.Write(p)
}

func (s *terminal) bytes() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.raw.String()
}

// until waits for a text on the screen.
func (s *terminal) until(t *testing.T, text string) {
	t.Helper()
	for range 1000 {
		if strings.Contains(s.bytes(), text) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%q never came; the terminal was sent %q", text, s.bytes())
}

// start runs the real program on pipes.
func start(t *testing.T, f *fake.Backend, change func(*Options)) (screen *terminal, keys io.Writer, ended chan error) {
	t.Helper()
	screen = &terminal{term: vt10x.New(vt10x.WithSize(100, 30))}
	in, keys := io.Pipe()
	ended = make(chan error, 1)
	opt := Options{In: in, Out: screen, StateDir: t.TempDir(), Env: func(string) string { return "" }}
	change(&opt)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() { _, err := Run(ctx, f, opt); ended <- err }()
	return screen, keys, ended
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func finished(t *testing.T, ended chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err != nil {
			t.Fatalf("the program ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the program did not end")
	}
}

// Without a terminal there is no size; the first message of the test is one.
func TestTheProgramRunsAndGivesTheTerminalBack(t *testing.T) {
	screen, keys, ended := start(t, fake.New(), func(o *Options) { o.Boot = true })
	screen.until(t, "\x1b[?1049h")
	send(t, keys, "q")
	finished(t, ended)
	for _, s := range []string{"\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l"} {
		if !strings.Contains(screen.bytes(), s) {
			t.Errorf("the terminal was not given back: %q is missing", s)
		}
	}
}

func TestTheProgramEndsWithItsContext(t *testing.T) {
	in, _ := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	screen := &terminal{term: vt10x.New(vt10x.WithSize(100, 30))}
	ended := make(chan error, 1)
	go func() {
		_, err := Run(ctx, fake.New(), Options{In: in, Out: screen, StateDir: t.TempDir(), Env: func(string) string { return "" }})
		ended <- err
	}()
	screen.until(t, "\x1b[?1049h")
	cancel()
	finished(t, ended)
}

// renderers are the sequences that bubbletea and the canvas write, and none that a value could smuggle in.
var renderers = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\[[0-9]+G|\x1b\\[[0-9;]*[HJK]|\x1b\\[\\?(25|1049|1004|2004|1002|1003|1006)[hl]|\x1b\\]11;\\?\x1b\\\\|[\r\n\u200e\u200c\u200d]|\x1b\\]2;\x07")

func TestOnlyTheRenderersSequencesReachTheTerminal(t *testing.T) {
	f := fake.New()
	f.Poison = func(s string) string { return s + fake.Hostile + "\x1b[?1049l\x1b[6n" }
	screen, keys, ended := start(t, f, func(o *Options) { o.Size = [2]int{100, 30} })
	screen.until(t, "evil␛]0;pwn␇")
	for _, k := range []string{"2", "3", "4", "5", "]", "]", "]", "]", "D", "\x1b", "o", "\x1b", "i", "\x1b", "\x1b", "P"} {
		send(t, keys, k)
		time.Sleep(30 * time.Millisecond)
	}
	send(t, keys, "q")
	finished(t, ended)
	for _, r := range renderers.ReplaceAllString(screen.bytes(), "") {
		if r < 0x20 || (r >= 0x7f && r < 0xa0) {
			t.Fatalf("%q reached the terminal", r)
		}
	}
}
