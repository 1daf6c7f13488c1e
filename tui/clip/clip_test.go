package clip

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestTheDesktopsClipboardIsUsedAtHomeOnly(t *testing.T) {
	var own string
	var out bytes.Buffer
	c := &Clipboard{Env: env(), Out: &out, Own: func(_ context.Context, s string) error { own = s; return nil }}
	if way, err := c.Copy(t.Context(), "x"); way != "clipboard" || err != nil || own != "x" || out.Len() != 0 {
		t.Errorf("got %q %v %q %q", way, err, own, out.String())
	}
	own, c.Env = "", env("SSH_TTY", "/dev/pts/1")
	if way, _ := c.Copy(t.Context(), "x"); way != "terminal" || own != "" {
		t.Errorf("over SSH: %q, own %q", way, own)
	}
	if want := base64.StdEncoding.EncodeToString([]byte("x")); !strings.Contains(out.String(), want) {
		t.Errorf("got %q", out.String())
	}
}

func TestTmuxIsToldDirectlyAndElseThroughItsPassage(t *testing.T) {
	var got string
	var out bytes.Buffer
	c := &Clipboard{Env: env("TMUX", "/tmp/tmux,1,0"), Out: &out, Tmux: func(_ context.Context, s string) error { got = s; return nil }}
	if way, err := c.Copy(t.Context(), "x"); way != "tmux" || err != nil || got != "x" {
		t.Errorf("got %q %v %q", way, err, got)
	}
	// A shell's pasted text ends at this sequence, and what follows would be typed.
	if way, _ := c.Copy(t.Context(), "x\x1b[201~\n"); !strings.HasPrefix(way, "tmux; its control characters are shown") || got != "x␛[201~" {
		t.Errorf("got %q %q", way, got)
	}
	c.Tmux = func(context.Context, string) error { return errors.New("no server") }
	if way, _ := c.Copy(t.Context(), "x"); way != "terminal" || !strings.HasPrefix(out.String(), "\x1bPtmux;") {
		t.Errorf("got %q %q", way, out.String())
	}
}

func TestWhatTheTerminalWouldDropIsRefused(t *testing.T) {
	c := &Clipboard{Env: env(), Out: &bytes.Buffer{}}
	if _, err := c.Copy(t.Context(), strings.Repeat("x", longest+1)); !errors.Is(err, errTooLong) {
		t.Errorf("got %v", err)
	}
}
