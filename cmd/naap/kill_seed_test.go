//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// TestSeedsAfterAKillAtAnyQuestion kills `naap dev seed` over the built-in seeds with a signal that nothing can catch,
// or interrupts it, at questions to the server spread over the run. After each, and a last run to the end, the rows are
// those of one clean run.
func TestSeedsAfterAKillAtAnyQuestion(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p, relay := relayedProgram(t)
	p.must(t, "dev", "up", "--no-seed", external)
	p.must(t, "dev", "seed", external)
	want := p.checksum(t)
	whole := questions(t, relay, p, "dev", "seed", "--force", external)
	rounds := kills(t, 2)
	for i := range rounds {
		at := 1 + whole*(i*2+1)/(rounds*2)
		p.endAt(t, relay, at, false, i%2 == 1, "dev", "seed", "--force", external)
		p.must(t, "--wait", "dev", "seed", external)
		if got := p.checksum(t); got != want {
			t.Errorf("ended at question %d of %d:\n%swant\n%s", at, whole, got, want)
		}
	}
}

// TestMadeUpRowsAfterAKillAtAnyQuestion does the same with made-up rows: each table is complete or empty, and going on
// gives the rows of an undisturbed run.
func TestMadeUpRowsAfterAKillAtAnyQuestion(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	rows := "100"
	if kills(t, 0) > 0 {
		rows = "300"
	}
	p, relay := relayedProgram(t)
	p.must(t, "dev", "up", "--no-seed", external)
	whole := questions(t, relay, p, "dev", "seed", "--fake", rows, external)
	want := p.checksum(t)
	rounds := kills(t, 2)
	for i := range rounds {
		p.emptyTables(t)
		at := 1 + whole*(i*2+1)/(rounds*2)
		p.endAt(t, relay, at, false, i%2 == 1, "dev", "seed", "--fake", rows, external)
		p.wholeOrEmpty(t)
		if out, err := p.command("--wait", "dev", "seed", "--continue", external).CombinedOutput(); err != nil {
			if !strings.Contains(string(out), "no run of made-up rows was broken off") {
				t.Fatalf("--continue: %v\n%s", err, out)
			}
			// It was already over, or nothing had begun.
			_ = p.command("--wait", "dev", "seed", "--fake", rows, external).Run()
		}
		if got := p.checksum(t); got != want {
			t.Errorf("ended at question %d of %d:\n%swant\n%s", at, whole, got, want)
		}
	}
	p.emptyTables(t)
	p.endAt(t, relay, whole/2, false, false, "dev", "seed", "--fake", rows, external)
	p.must(t, "--wait", "dev", "seed", "--fake", rows, "--clean", external)
	if got := p.checksum(t); got != want {
		t.Errorf("after --clean:\n%swant\n%s", got, want)
	}
}

// external lets a verb change a server that naap did not start.
const external = "--allow-external"

// relayedProgram returns naap with a database of the tests' server, which it reaches through a relay that counts what
// changes something.
func relayedProgram(t *testing.T) (*program, *pgtest.Relay) {
	t.Helper()
	p := newProgram(t, "auto")
	p.external = true
	relay := pgtest.NewRelay(t, pgtest.NewDatabase(t))
	relay.Only(`(?i)^\s*(alter|comment|commit|copy|create|delete|drop|grant|insert|revoke|truncate|update|the end of)\b`)
	p.env = append(p.env, "NAAP_DATABASE_URL="+relay.URL())
	return p, relay
}

// questions runs a verb, and returns how many questions it asks the server.
func questions(t *testing.T, relay *pgtest.Relay, p *program, args ...string) int {
	t.Helper()
	relay.At(0, false, nil)
	p.must(t, args...)
	return len(relay.Questions())
}

// endAt starts naap and ends it at a question to the server: by an interrupt, like ctrl+c, or by a kill.
func (p *program) endAt(t *testing.T, relay *pgtest.Relay, question int, answered, interrupt bool, args ...string) {
	t.Helper()
	c := p.command(args...)
	started := make(chan struct{})
	relay.At(question, answered, func() bool {
		<-started
		if interrupt {
			_ = c.Process.Signal(syscall.SIGINT)
		} else {
			_ = c.Process.Kill()
		}
		return interrupt
	})
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	err := c.Wait()
	if asked := len(relay.Questions()); asked < question {
		t.Errorf("naap %s ended (%v) with question %d, before it was to be ended", strings.Join(args, " "), err, asked)
	}
	relay.At(0, false, nil)
	p.settle(t)
}

func (p *program) connect(t *testing.T) *postgres.Conn {
	t.Helper()
	conn, err := postgres.Connect(context.Background(), strings.TrimSpace(p.must(t, "dev", "url")), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// settle waits until the server has noticed that its client is gone.
func (p *program) settle(t *testing.T) {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(context.Background())
	for range 500 {
		var n int
		err := conn.QueryRow(context.Background(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the server still works for a client that is gone")
}

func (p *program) userTables(t *testing.T, conn *postgres.Conn) []string {
	t.Helper()
	tables, err := postgres.CollectStrings(conn.Query(context.Background(), `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'naap_dev') ORDER BY 1`))
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// checksum returns a line for each table: its number of rows, and a hash of their contents. Times that the server's
// clock set are left out.
func (p *program) checksum(t *testing.T) string {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(context.Background())
	var b strings.Builder
	for _, table := range p.userTables(t, conn) {
		var n int
		var hash *string
		err := conn.QueryRow(context.Background(), fmt.Sprintf(`SELECT count(*), sum(hashtextextended((SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(r))
WHERE value #>> '{}' !~ ('^' || to_char(now(), 'YYYY-MM-')))::text, 0))::text FROM %s AS r`, table)).Scan(&n, &hash)
		if err != nil {
			t.Fatal(err)
		}
		text := "nothing"
		if hash != nil {
			text = *hash
		}
		fmt.Fprintln(&b, table, n, text)
	}
	return b.String()
}

// emptyTables empties the tables, and forgets the made-up rows.
func (p *program) emptyTables(t *testing.T) {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(context.Background())
	if _, err := conn.Exec(context.Background(), "TRUNCATE naap_dev.fake, "+strings.Join(p.userTables(t, conn), ", ")+" RESTART IDENTITY"); err != nil {
		t.Fatal(err)
	}
}

// wholeOrEmpty compares each table with what the ledger notes of it.
func (p *program) wholeOrEmpty(t *testing.T) {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(context.Background())
	noted := map[string]int{}
	var there bool
	if err := conn.QueryRow(context.Background(), `SELECT to_regclass('naap_dev.fake') IS NOT NULL`).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		var text []byte
		err := conn.QueryRow(context.Background(), `SELECT coalesce(jsonb_object_agg(quote_ident(schema_name) || '.' || quote_ident(table_name), rows), '{}')
FROM naap_dev.fake WHERE done IS NOT NULL`).Scan(&text)
		if err == nil {
			err = json.Unmarshal(text, &noted)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range p.userTables(t, conn) {
		var n int
		if err := conn.QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != noted[table] {
			t.Errorf("%s has %d rows, and %d are noted", table, n, noted[table])
		}
	}
}

// TestTheWorkspacesOwnSeedCommandIsRun has a workspace with a seed command: it gets DATABASE_URL, its output is shown
// as it runs, and its failure is a failure.
func TestTheWorkspacesOwnSeedCommandIsRun(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	for name, text := range map[string]string{
		"package.json":                           `{"name": "w", "private": true, "prisma": {"seed": "sh seed.sh"}}`,
		"packages/database/package.json":         `{"name": "database", "private": true}`,
		"packages/database/prisma/schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n\nmodel Note {\n  id   Int    @id\n  text String\n}\n",
		"node_modules/.package-lock.json":        "{}",
		"seed.sh":                                "echo \"seeding into $DATABASE_URL\"\n",
	} {
		file := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.must(t, "dev", "up", "--no-seed")
	out, err := p.command("dev", "seed").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Run the workspace's seed command") || strings.Contains(string(out), "postgres:postgres@") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := p.command("dev", "seed").CombinedOutput(); err != nil || !strings.Contains(string(out), "it ran already") {
		t.Errorf("a second time: %v\n%s", err, out)
	}
	script := "test -n \"$DATABASE_URL\" || exit 9\necho first line\necho 'second line: the cause' >&2\nexit 3\n"
	if err := os.WriteFile(filepath.Join(p.dir, "seed.sh"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	c := p.command("dev", "seed")
	out, err = c.CombinedOutput()
	if err == nil || c.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "exit status 3") || !strings.Contains(string(out), "second line: the cause") {
		t.Errorf("a command that fails: %v\n%s", err, out)
	}

	script = "sh -c 'echo $$ > child.pid; exec sleep 300'\n"
	if err := os.WriteFile(filepath.Join(p.dir, "seed.sh"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	c = p.command("dev", "seed")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	child := p.pidFrom(t, "child.pid")
	_ = c.Process.Signal(syscall.SIGINT)
	_ = c.Wait()
	for range 100 {
		if syscall.Kill(child, 0) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = syscall.Kill(child, syscall.SIGKILL)
	t.Error("what the command started goes on after ctrl+c")
}

// pidFrom waits for a file with the number of a process.
func (p *program) pidFrom(t *testing.T, name string) int {
	t.Helper()
	for range 500 {
		text, _ := os.ReadFile(filepath.Join(p.dir, name))
		if pid, err := strconv.Atoi(strings.TrimSpace(string(text))); err == nil {
			return pid
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s does not come", name)
	return 0
}
