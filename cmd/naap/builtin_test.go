//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// TestTheBuiltinSchemaGetsRealPrismasTables has real Prisma's engine push the built-in schema into a second database of
// the same server, and compares the two catalogues.
func TestTheBuiltinSchemaGetsRealPrismasTables(t *testing.T) {
	t.Parallel()
	shared := sharedtest.Dir(t)
	push := prismaPush(t)
	schema, err := filepath.Abs("../../seeds/schema.prisma")
	if err != nil {
		t.Fatal(err)
	}
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--no-seed")
	url := strings.TrimSpace(p.must(t, "dev", "url"))
	theirs := strings.TrimSuffix(url, "/naap") + "/prisma"
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on the PATH: ", err)
	}
	if out, err := exec.Command(psql, "-X", "-c", "CREATE DATABASE prisma", url).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command("bash", push, schema, theirs).CombinedOutput(); err != nil {
		t.Fatalf("real Prisma: %v\n%s", err, out)
	}
	got := withoutLines(catalogue(t, shared, url), "extension ", "naap_dev", "schema | naap_dev")
	want := withoutLines(catalogue(t, shared, theirs), "extension ")
	if got != want {
		t.Errorf("the catalogue differs:\n%s", firstDifference(got, want))
	}
}

// prismaPush returns the script that has real Prisma's engine push a schema.
func prismaPush(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PRISMA_ORACLE")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		dir = filepath.Join(home, ".cache", "prisma-oracle")
	}
	push := filepath.Join(dir, "push.sh")
	if _, err := os.Stat(push); err != nil {
		if os.Getenv("NAAP_TEST_SHARED") == "required" {
			t.Fatal("real Prisma's engine is not set up: ", err)
		}
		t.Skip("real Prisma's engine is not set up: ", err)
	}
	return push
}
