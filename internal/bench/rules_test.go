package bench

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/say"
)

// mostCheckMemory is the limit in MB for a check, however large the tree is.
const mostCheckMemory = 60

// BenchmarkCheck checks the rules on trees of 5,000 and 20,000 files, beside ripgrep, which counts one word in them. It
// also reports the peak memory.
func BenchmarkCheck(b *testing.B) {
	rg, err := exec.LookPath("rg")
	if err != nil {
		b.Skip("ripgrep is not on the PATH: nothing to compare with")
	}
	for _, n := range []int{5_000, 20_000} {
		dir, naap, most := b.TempDir(), naapBinary(b), int64(0)
		bigTree(b, dir, n)
		check := contender{"naap check", func(b *testing.B) effort {
			took, peak := watched(b, exec.Command(naap, "-C", dir, "check", "--offline"))
			most = max(most, peak)
			return took
		}}
		grep := contender{"rg -c", func(b *testing.B) effort { return run(b, exec.Command(rg, "-c", "prisma", dir)) }}
		name := "check, " + say.Count(n, "file")
		compare(b, name, 0, check, peer{grep, 4})
		noteMemory(name, most, mostCheckMemory)
	}
}

// bigTree creates a monorepo of n files below dir in which every rule holds: TypeScript of a few kilobytes, some of it
// using the database, and a little of everything else.
func bigTree(b *testing.B, dir string, n int) {
	b.Helper()
	put := func(name, text string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	put(".gitignore", "node_modules\ndist\n*.log\n/out/\n")
	put("docker/init-schemas.sql", "CREATE SCHEMA IF NOT EXISTS plugin_wallet;\n")
	put(schemaFile, "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n  schemas  = [\"public\", \"plugin_wallet\"]\n}\n")
	var body strings.Builder
	for i := range 60 {
		fmt.Fprintf(&body, "export function handler%d(request: Request): Promise<Response> {\n"+
			"  // what comes in is checked before it is used\n  const value = `item ${request.url} ${%d}`;\n"+
			"  return respond(value.replace(/\\/+$/, ''), { status: %d });\n}\n\n", i, i, 200+i)
	}
	plain := "import { respond } from '../lib/respond';\nimport type { Config } from './config';\n\n" + body.String()
	withDatabase := "import { prisma } from '../db/client';\n" + plain
	component := "import React from 'react';\nexport const View = () => (\n  <div className=\"x\">\n    <p>don't</p>{1 / 2}\n  </div>\n);\n" + body.String()
	for i := range n {
		plugin := fmt.Sprintf("plugins/plugin-%02d", i%50)
		switch {
		case i%100 == 99:
			put(fmt.Sprintf("%s/docs/%d.md", plugin, i), strings.Repeat("Some words about it.\n", 100))
		case i%100 == 98:
			put(fmt.Sprintf("%s/config/%d.json", plugin, i), strings.Repeat("{\"a\": 1}\n", 50))
		case i%10 == 0:
			put(fmt.Sprintf("%s/backend/src/routes/r%d.ts", plugin, i), withDatabase)
		case i%10 < 4:
			put(fmt.Sprintf("%s/frontend/src/pages/p%d.tsx", plugin, i), component)
		default:
			put(fmt.Sprintf("%s/backend/src/lib/l%d.ts", plugin, i), plain)
		}
	}
}
