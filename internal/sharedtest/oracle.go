package sharedtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/program"
)

// Oracle returns the folder of real Prisma's schema engine in node: $PRISMA_ORACLE, or ~/.cache/prisma-oracle. Where it
// is not set up the test is skipped, or fails if NAAP_TEST_SHARED is "required": whoever has the collection sets it up.
func Oracle(t testing.TB) string {
	t.Helper()
	dir, err := findOracle()
	if err != nil && os.Getenv("NAAP_TEST_SHARED") == "required" {
		t.Fatalf("real Prisma is required: %v", err)
	}
	if err != nil {
		t.Skipf("real Prisma is not set up: %v; PRISMA_ORACLE names its folder", err)
	}
	return dir
}

func findOracle() (dir string, err error) {
	if dir = os.Getenv("PRISMA_ORACLE"); dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, ".cache", "prisma-oracle")
	}
	if _, err := os.Stat(filepath.Join(dir, "oracle.mjs")); err != nil {
		return "", err
	}
	if _, err := program.Along(os.Getenv("PATH"), "", "node"); err != nil {
		return "", fmt.Errorf("its engine needs node: %w", err)
	}
	return dir, nil
}
