package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// startsAtOnce is how many processes are started in a turn: one takes a few milliseconds, in which the machine may have
// something else to do.
const startsAtOnce = 20

// BenchmarkProcessStart starts naap, which prints its version, beside a Go program that does nothing.
func BenchmarkProcessStart(b *testing.B) {
	dir := b.TempDir()
	source, idle := filepath.Join(dir, "main.go"), filepath.Join(dir, "idle")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	if err := buildAsReleased(idle, source); err != nil {
		b.Fatal(err)
	}
	naap := naapBinary(b)
	version := contender{"naap version", func(b *testing.B) effort { return starts(b, naap, "version") }}
	nothing := contender{"a Go program that does nothing", func(b *testing.B) effort { return starts(b, idle) }}
	compare(b, "process start", 0, version, peer{nothing, 2.5})
}

// starts returns the mean of some starts of a program.
func starts(b *testing.B, path string, args ...string) effort {
	b.Helper()
	var all effort
	for range startsAtOnce {
		one := run(b, exec.Command(path, args...))
		all.wall += one.wall
		all.cpu += one.cpu
	}
	return effort{all.wall / startsAtOnce, all.cpu / startsAtOnce}
}
