package pgtest

import (
	"os"
	"strconv"
	"testing"
)

// Number is the number that an environment variable sets for tests that can do more of something (CONTRIBUTING.md lists
// them), or usual where it is not set. A value that is not a number fails the test: a typo would pass for a long run.
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
