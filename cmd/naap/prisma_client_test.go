//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// installedPrisma puts what npm has installed for these tests into a folder, and returns Prisma's major version.
func installedPrisma(t *testing.T, dir string) (major string) {
	t.Helper()
	from := os.Getenv("PRISMA_PACKAGES")
	if from == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skip(err)
		}
		from = filepath.Join(cache, "prisma-packages")
	}
	text, err := os.ReadFile(filepath.Join(from, "node_modules", "prisma", "package.json"))
	if err == nil {
		_, err = exec.LookPath("node")
	}
	if err != nil {
		if os.Getenv("NAAP_TEST_PRISMA") == "required" {
			t.Fatal(err)
		}
		t.Skip("real Prisma is not installed: ", err)
	}
	var p struct{ Version string }
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	// Links instead of copies where the file system has them. What an earlier test generated is not copied.
	script := `mkdir node_modules && cd "$1/node_modules" && for f in .bin *; do cp -al "$f" "$OLDPWD/node_modules/$f" 2>/dev/null || cp -a "$f" "$OLDPWD/node_modules/"; done`
	c := exec.Command("sh", "-ec", script, "sh", from)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	major, _, _ = strings.Cut(p.Version, ".")
	return major
}

// realSchema returns a schema with every generator of clients that a version of Prisma has.
func realSchema(major, models string) string {
	engine, url := "", "  url = env(\"DATABASE_URL\")\n"
	switch major {
	case "6":
		engine = "  engineType = \"client\"\n"
	case "7":
		url = ""
	}
	text := "generator usual {\n  provider = \"prisma-client-js\"\n" + engine + "}\n" +
		"generator placed {\n  provider = \"prisma-client-js\"\n  output = \"../generated/js\"\n" + engine + "}\n"
	if major != "5" {
		text += "generator typescript {\n  provider = \"prisma-client\"\n  output = \"../generated/ts\"\n" + engine + "}\n"
	}
	return text + "datasource db {\n  provider = \"postgresql\"\n" + url + "}\n" + models
}

// The clients are those that real Prisma writes.
func TestRealPrismasClientsAreStaleUntilTheyAreGenerated(t *testing.T) {
	pgtest.Long(t)
	p := newPrepared(t, empty)
	major := installedPrisma(t, p.dir)
	p.env = append(p.env, "PRISMA_SCHEMA_ENGINE_BINARY=/bin/true", "PRISMA_QUERY_ENGINE_LIBRARY=/bin/true", "CHECKPOINT_DISABLE=1") // nothing is downloaded
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("naap.toml", "schema = \"prisma/schema.prisma\"\n")
	write("package.json", `{"name": "real", "private": true}`)
	if major == "7" {
		write("prisma.config.ts", `export default { schema: "prisma/schema.prisma", datasource: { url: process.env.DATABASE_URL } }`+"\n")
	}
	const models = "model User {\n  id Int @id\n  role Role\n  secret Unsupported(\"circle\")?\n  posts Post[]\n}\nenum Role {\n  A\n  B @map(\"b\")\n}\n" +
		"/// says \"it's\" `so`\nmodel Post {\n  id Int @id @default(autoincrement())\n  text String @default(\"a \\\"b\\\"\\\\\") @map(\"body\") @db.VarChar(20)\n" +
		"  userId Int\n  user User @relation(fields: [userId], references: [id])\n  @@map(\"posts\")\n  @@unique([userId, text])\n}\nmodel Hidden {\n  id Int @id\n  @@ignore\n}\n"
	write("prisma/schema.prisma", realSchema(major, models))
	p.must(t, "dev", "up", "--detach")
	if out := p.must(t, "dev", "push", "--generate"); strings.Contains(out, "older") {
		t.Errorf("right after it was generated:\n%s", out)
	}
	p.clientsAre(t, "fresh", "")

	write("prisma/schema.prisma", realSchema(major, strings.Replace(models, "  role Role\n", "  role Role\n  nick String?\n", 1)))
	if out := p.must(t, "dev", "push"); !strings.Contains(out, "older than the Prisma file: public.User (") {
		t.Errorf("after the push:\n%s", out)
	}
	p.clientsAre(t, "stale", "public.User: nick String? is new")

	p.must(t, "dev", "push", "--generate")
	p.clientsAre(t, "fresh", "")
}

// clientsAre checks that status, the doctor and the app agree about all of the clients.
func (p *program) clientsAre(t *testing.T, state, difference string) {
	t.Helper()
	var st devenv.Status
	if err := json.Unmarshal([]byte(p.must(t, "dev", "status", "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if len(st.Clients) < 2 {
		t.Errorf("there are %d clients", len(st.Clients))
	}
	for _, c := range st.Clients {
		if string(c.State) != state {
			t.Errorf("%s in %s is %s %s %v, not %s", c.Generator, c.Folder, c.State, c.Why, c.Models, state)
		}
	}
	if out := p.must(t, "dev", "doctor"); strings.Contains(out, "generated client") != (difference != "") || strings.Count(out, difference) < len(st.Clients) {
		t.Errorf("the doctor says:\n%s", out)
	}
	ws, err := workspace.Find(t.Context(), p.dir, workspace.Options{Env: p.env})
	if err != nil {
		t.Fatal(err)
	}
	env := devenv.New(ws, devenv.Options{})
	defer env.Close()
	models, _ := env.StaleModels(t.Context()) // which is what the app shows
	if named := len(models["public"]) == 1 && models["public"][0] == "User"; named != (difference != "") || !named && len(models) > 0 {
		t.Errorf("the app names %v", models)
	}
}
