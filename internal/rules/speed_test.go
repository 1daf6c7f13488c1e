package rules

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// bigTree makes a monorepo of n files below dir, as a platform of plugins has them: TypeScript of a few kilobytes, some
// of it with the database in it, and a little of everything else.
func bigTree(tb testing.TB, dir string, n int) {
	tb.Helper()
	put := func(name, text string) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	var body strings.Builder
	for i := range 60 {
		fmt.Fprintf(&body, "export function handler%d(request: Request): Promise<Response> {\n"+
			"  // what comes in is checked before it is used\n  const value = `item ${request.url} ${%d}`;\n"+
			"  return respond(value.replace(/\\/+$/, ''), { status: %d });\n}\n\n", i, i, 200+i)
	}
	plain := "import { respond } from '../lib/respond';\nimport type { Config } from './config';\n\n" + body.String()
	withDatabase := "import { prisma } from '../db/client';\n" + plain
	component := "import React from 'react';\nexport const View = () => (\n  <div className=\"x\">\n    <p>don't</p>{1 / 2}\n  </div>\n);\n" + body.String()
	put(".gitignore", "node_modules\ndist\n*.log\n/out/\n")
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

// BenchmarkFiveThousandFiles checks a tree of 5,000 files, and counts one pattern in it with ripgrep for comparison.
func BenchmarkFiveThousandFiles(b *testing.B) {
	dir := b.TempDir()
	bigTree(b, dir, 5000)
	b.Run("check", func(b *testing.B) {
		for b.Loop() {
			if _, err := Check(context.Background(), Options{Root: dir}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("rg -c", func(b *testing.B) {
		rg, err := exec.LookPath("rg")
		if err != nil {
			b.Skip("ripgrep is not installed")
		}
		for b.Loop() {
			cmd := exec.Command(rg, "-c", "PrismaClient", dir)
			if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
				b.Fatal(err)
			}
		}
	})
}
