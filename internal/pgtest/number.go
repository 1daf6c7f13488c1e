package pgtest

import (
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
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

// SideBySide lets eight of a package's parallel tests run at once, however many processors there are: for tests that
// wait for servers and containers most of the time. TestMain calls it; the flag -parallel overrides it.
func SideBySide() {
	if !slices.ContainsFunc(os.Args, func(arg string) bool { return strings.Contains(arg, "test.parallel") }) {
		_ = flag.Set("test.parallel", "8")
	}
}
