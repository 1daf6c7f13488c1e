//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// TestTheRealMonorepoGetsRealPrismasTables starts the real monorepo's database with each engine, and compares its
// catalogue with what real Prisma made of the same schema: names, types, defaults, keys, indexes, column order.
func TestTheRealMonorepoGetsRealPrismasTables(t *testing.T) {
	t.Parallel()
	shared := sharedtest.Dir(t)
	golden := withoutLines(string(sharedtest.Read(t, "prisma/golden/naap.catalog.txt")), "extension ")
	for _, engine := range []string{"embedded", "docker"} {
		t.Run(engine, func(t *testing.T) {
			if engine == "docker" {
				needDocker(t)
			}
			p := newUsed(t, engine)
			if engine == "docker" {
				// The repository asks for the alpine build. Where that is missing and can't be pulled, the image that
				// is here will do.
				if exec.Command("docker", "image", "inspect", "postgres:16-alpine").Run() != nil {
					p.env = append(p.env, "NAAP_IMAGE=postgres:16")
				}
			}
			p.must(t, "-C", shared+"/naap-repo", "dev", "up", "--detach")
			url := strings.TrimSpace(p.must(t, "dev", "url"))
			got := withoutLines(catalogue(t, shared, url), "extension ", "naap_dev")
			if got != golden {
				t.Errorf("the catalogue differs:\n%s", firstDifference(got, golden))
			}
			status := p.must(t, "-C", shared+"/naap-repo", "dev", "status")
			if !strings.Contains(status, "10 schemas") || !strings.Contains(status, " 112 ") {
				t.Errorf("want 10 schemas and 112 tables:\n%s", status)
			}
		})
	}
}

// TestTheRealMonorepoSeedsInItsOrder adds a second application's seed and three commands to a copy of the real monorepo, and
// a foreign database to the shell, under the name that the monorepo's Prisma file uses.
func TestTheRealMonorepoSeedsInItsOrder(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	shared := sharedtest.Dir(t)
	p := newUsed(t, "embedded")
	if err := os.CopyFS(p.dir, os.DirFS(shared+"/naap-repo")); err != nil {
		t.Fatal(err)
	}
	const say = "test \"$DATABASE_URL\" = \"$DATABASE_URL_UNPOOLED\" || exit 8\nenv | grep -q prod.example && exit 9\necho $1 >>ran\n"
	for name, text := range map[string]string{
		"apps/second/package.json": `{"prisma": {"seed": "cd ../.. && sh say.sh second"}}`,
		"say.sh":                   say,
		"ready":                    "",
		"naap.toml": "[[seed.command]]\nrun = \"npx prisma db seed\"\ndir = \"apps/second\"\nneeds = \"ready\"\n" +
			"[[seed.command]]\nname = \"accounts\"\nrun = \"sh say.sh accounts\"\nwhen = \"empty:public.User\"\n" +
			"[[seed.command]]\nname = \"plans\"\nrun = \"sh say.sh plans\"\nwhen = \"changed\"\nwatch = [\"say.sh\"]\n" +
			"[[seed.command]]\nname = \"each\"\nrun = \"sh say.sh each\"\nwhen = \"always\"\n",
	} {
		file := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(p.env, "DATABASE_URL_UNPOOLED=postgres://u:p@prod.example/x", "NAAP_TRUST=all")
	for i, want := range []string{"second accounts plans each", "second accounts plans each accounts each"} {
		p.must(t, "dev", "up", "--detach")
		ran, err := os.ReadFile(filepath.Join(p.dir, "ran"))
		if got := strings.Join(strings.Fields(string(ran)), " "); err != nil || got != want {
			t.Errorf("after %d ups these ran: %s, want %s (%v)", i+1, got, want, err)
		}
	}
}

// catalogue returns a database's canonical text.
func catalogue(t *testing.T, shared, url string) string {
	t.Helper()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not on the PATH: ", err)
	}
	var stderr bytes.Buffer
	c := exec.Command(psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", shared+"/prisma/oracle/catalog.sql", url)
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("psql: %v\n%s", err, stderr.Bytes())
	}
	return string(out)
}

func withoutLines(text string, marks ...string) string {
	var b strings.Builder
lines:
	for line := range strings.Lines(text) {
		for _, m := range marks {
			if strings.HasPrefix(line, m) || m == "naap_dev" && strings.Contains(line, "| naap_dev") {
				continue lines
			}
		}
		b.WriteString(line)
	}
	return b.String()
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return "got  " + g[i] + "\nwant " + w[i]
		}
	}
	return "one is longer than the other"
}
