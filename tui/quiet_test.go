package tui

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// The test's own program is started on a terminal that never answers.
func TestLoadingAsksTheTerminalNothing(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestTheTerminalKeepsItsName$", "-test.v")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "NAAP_TEST_TERM=xterm-256color")
	began := time.Now()
	tty, err := pty.Start(cmd)
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	defer tty.Close()
	out, err := io.ReadAll(tty)
	if err != nil && !errors.Is(err, syscall.EIO) {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if strings.Contains(string(out), "\x1b") || !strings.Contains(string(out), "PASS: TestTheTerminalKeepsItsName") {
		t.Errorf("the terminal was sent %q", out)
	}
	if spent := time.Since(began); spent > 4*time.Second {
		t.Errorf("it waited %s for an answer", spent)
	}
}

func TestTheTerminalKeepsItsName(t *testing.T) {
	want, asked := os.LookupEnv("NAAP_TEST_TERM")
	if !asked {
		want = os.Getenv("TERM")
	}
	if got := os.Getenv("TERM"); got != want || (got == "dumb" && asked) {
		t.Errorf("TERM is %q, want %q", got, want)
	}
}
