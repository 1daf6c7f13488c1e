//go:build unix

package main

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

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
