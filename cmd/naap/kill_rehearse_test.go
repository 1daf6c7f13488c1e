//go:build unix

package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestARehearsalThatIsKilledLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(p.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const schema = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n"
	write("package.json", `{"name": "shop"}`)
	write("prisma/schema.prisma", schema)
	write("prisma/migrations/1_init/migration.sql", "CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);")
	p.must(t, "dev", "up", "--no-push", "--no-seed")
	p.must(t, "migrate", "deploy")
	write("prisma/migrations/2_slow/migration.sql", "DROP TABLE t;\nSELECT pg_sleep(60);")

	c := p.command("migrate", "deploy", "--rehearse")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	db := p.beside(t)
	copies := func() string {
		return askText(t, db, "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'naap\\_temp\\_%'")
	}
	sleeps := "SELECT count(*)::text FROM pg_stat_activity WHERE datname LIKE 'naap\\_temp\\_%' AND wait_event = 'PgSleep'"
	for deadline := time.Now().Add(30 * time.Second); askText(t, db, sleeps) == "0"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the rehearsal never came to its second statement")
		}
	}
	if err := syscall.Kill(-c.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if copies() != "1" {
		t.Errorf("%s copies after the kill; the test would show nothing", copies())
	}
	if out := p.must(t, "dev", "sql", "SELECT a FROM t"); !strings.Contains(out, "1") {
		t.Errorf("the table of the database: %s", out)
	}
	write("prisma/migrations/2_slow/migration.sql", "DROP TABLE t;")
	if out := p.must(t, "migrate", "deploy", "--rehearse"); !strings.Contains(out, "destroys the table public.t with 1 row") {
		t.Errorf("the next one says %s", out)
	}
	if copies() != "0" {
		t.Errorf("%s copies stay", copies())
	}
}

// beside returns a connection to another database of the program's server.
func (p *program) beside(t *testing.T) *postgres.Conn {
	t.Helper()
	u, err := url.Parse(strings.TrimSpace(p.must(t, "dev", "url")))
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/template1"
	conn, err := postgres.Connect(t.Context(), u.String(), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func askText(t *testing.T, conn *postgres.Conn, sql string) (answer string) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
