//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// newReader returns somebody at a terminal who needs no database.
func newReader(t *testing.T, files map[string]string) person {
	return atTerminal(t, files, "NAAP_ENGINE=embedded")
}

const oneModel = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\nmodel A {\n  id Int @id\n}\n"

func TestOneOfSeveralSchemasIsAskedForOnATerminal(t *testing.T) {
	t.Parallel()
	p := newReader(t, map[string]string{".git/HEAD": "", "apps/api/prisma/schema.prisma": oneModel, "apps/web/prisma/schema.prisma": oneModel})
	said := p.at(t, []string{"2"}, "dev", "env")
	for _, want := range []string{"1  apps/api/prisma/schema.prisma", "2  apps/web/prisma/schema.prisma", `schema = "apps/web/prisma/schema.prisma"`, "this instance:"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
	for _, answer := range []string{"", "3", "0", "api"} {
		if said := p.at(t, []string{answer}, "dev", "env"); !strings.Contains(said, "nothing says which one is the database's") || strings.Contains(said, "this instance:") {
			t.Errorf("after the answer %q:\n%s", answer, said)
		}
	}
}

func TestEnvFilesAreMendedOnATerminalAfterAYes(t *testing.T) {
	t.Parallel()
	const wrong = "DATABASE_URL=postgresql://postgres:postgres@localhost:1/naap\n"
	p := newReader(t, map[string]string{"prisma/schema.prisma": oneModel, ".env": wrong})
	file := filepath.Join(p.dir, ".env")
	for _, c := range []struct{ answer, want string }{{"n", ":1/naap"}, {"", ":1/naap"}, {"y", ":5432/naap"}} {
		said := p.at(t, []string{c.answer}, "dev", "env", "--write")
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), c.want) || strings.Index(said, "@@ line 1") > strings.Index(said, "Write it?") || !strings.Contains(said, "@@ line 1") {
			t.Errorf("after %q the file is %q (%v), and naap said\n%s", c.answer, text, err, said)
		}
	}
}
