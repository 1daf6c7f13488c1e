package bench

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// prismaVersion is the one that the platform uses.
const prismaVersion = "6.19.0"

// oracle returns the folder of real Prisma's schema engine in node, without its command line: PRISMA_ORACLE, or a
// folder in the cache.
func oracle(b *testing.B) string {
	b.Helper()
	dir := os.Getenv("PRISMA_ORACLE")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			b.Fatal(err)
		}
		dir = filepath.Join(cache, "prisma-oracle")
	}
	if _, err := os.Stat(filepath.Join(dir, "oracle.mjs")); err != nil {
		b.Skip("real Prisma's engine isn't here; PRISMA_ORACLE names its folder: ", err)
	}
	return dir
}

// enginePush does what `prisma db push` does, without starting the command line.
func enginePush(b *testing.B, schema, url string) *exec.Cmd {
	b.Helper()
	dir := oracle(b)
	needProgram(b, "node")
	return exec.Command("node", "--no-warnings", filepath.Join(dir, "oracle.mjs"), "push", schema, url)
}

// cli is the real command line, installed once with npm into the user's cache.
type cli struct {
	dir, oracle string
}

func newCLI(b *testing.B) *cli {
	b.Helper()
	c := &cli{oracle: oracle(b)}
	npm := needProgram(b, "npm")
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Fatal(err)
	}
	c.dir = filepath.Join(cache, "naap-bench", "prisma-"+prismaVersion)
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		b.Fatal(err)
	}
	config, err := os.ReadFile("testdata/prisma.config.ts")
	if err == nil {
		err = os.WriteFile(filepath.Join(c.dir, "prisma.config.ts"), config, 0o644)
	}
	if err == nil {
		// This replaces the native engines, which this configuration never loads; without it, the command would
		// download them.
		err = os.WriteFile(c.unused(), nil, 0o755)
	}
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(c.script()); err == nil {
		return c
	}
	install := exec.Command(npm, "install", "--prefix", c.dir, "--ignore-scripts", "--no-audit", "--no-fund",
		"prisma@"+prismaVersion, "@prisma/adapter-pg@"+prismaVersion)
	if out, err := install.CombinedOutput(); err != nil {
		b.Skipf("npm can't install prisma %s: %v\n%s", prismaVersion, err, out)
	}
	return c
}

func (c *cli) script() string {
	return filepath.Join(c.dir, "node_modules", "prisma", "build", "index.js")
}

func (c *cli) unused() string { return filepath.Join(c.dir, "no-native-engine") }

// push measures `prisma db push` until it says that the database is in sync.
func (c *cli) push(b *testing.B, schema, url string) effort {
	b.Helper()
	return c.until(b, "in sync with", schema, url, nil, "db", "push", "--skip-generate")
}

// until measures a verb, started as npx would start it once it had found it, until it prints a line with the words. Where
// something was changed, its driver then keeps the process for up to a minute, which is not counted.
func (c *cli) until(b *testing.B, words, schema, url string, env []string, verb ...string) effort {
	b.Helper()
	cmd := exec.Command("node", append([]string{c.script()}, verb...)...)
	cmd.Dir = c.dir
	cmd.Env = append(append(os.Environ(), "SCHEMA_FILE="+schema, "DATABASE_URL="+url, "DATABASE_URL_UNPOOLED="+url, "PRISMA_ORACLE="+c.oracle,
		"PRISMA_QUERY_ENGINE_LIBRARY="+c.unused(), "PRISMA_SCHEMA_ENGINE_BINARY="+c.unused(),
		"CHECKPOINT_DISABLE=1", "PRISMA_HIDE_UPDATE_MESSAGE=1"), env...)
	var failure bytes.Buffer
	cmd.Stderr = &failure
	out, err := cmd.StdoutPipe()
	began := time.Now()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	var said bytes.Buffer
	for lines := bufio.NewScanner(io.TeeReader(out, &said)); lines.Scan(); {
		if strings.Contains(lines.Text(), words) {
			took := time.Since(began)
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return effort{wall: took}
		}
	}
	b.Fatalf("prisma %s: %v\n%s%s", strings.Join(verb, " "), cmd.Wait(), said.Bytes(), failure.Bytes())
	return effort{}
}
