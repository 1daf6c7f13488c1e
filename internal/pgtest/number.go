package pgtest

import (
	"flag"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Number returns the number that an environment variable sets for tests that can do more of something (CONTRIBUTING.md
// lists them), or usual where it is not set. A value that is not a number fails the test, so that a typo does not pass
// for a long run.
func Number(t testing.TB, variable string, usual int) int {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// Long skips a test that takes long and is one of several of its kind, unless NAAP_TEST_LONG is set, as CI does: what
// developers run after each change is over in three minutes.
func Long(t testing.TB) {
	t.Helper()
	if os.Getenv("NAAP_TEST_LONG") == "" {
		t.Skip("a long test: NAAP_TEST_LONG=1 runs it")
	}
}

// SideBySide lets four of a package's parallel tests run at once, however many processors there are: for tests that
// wait for servers and containers most of the time. TestMain calls it; the flag -parallel overrides it.
func SideBySide() {
	if !slices.ContainsFunc(os.Args, func(arg string) bool { return strings.Contains(arg, "test.parallel") }) {
		_ = flag.Set("test.parallel", "4")
	}
}

// Heed has programs that the tests start receive the signals that end a process, even where the tests themselves were
// started by something that ignores them for itself and for what it starts: nohup, or a shell's & without job control.
// TestMain calls it.
func Heed() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s) // what is caught here is not ignored by a child
		}
	}
}
