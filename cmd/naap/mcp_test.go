//go:build unix

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
)

const shopSchema = `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "plugin_shop"]
}

enum ShopState {
  OPEN
  PAID
  @@schema("plugin_shop")
}

model User {
  id     Int         @id
  name   String?     @db.VarChar(20)
  orders ShopOrder[]
  @@schema("public")
}

/// What was bought.
model ShopOrder {
  id     Int       @id @default(autoincrement())
  note   String?
  state  ShopState @default(OPEN)
  userId Int
  user   User      @relation(fields: [userId], references: [id], onDelete: Cascade)
  @@index([userId])
  @@map("orders")
  @@schema("plugin_shop")
}
`

const shopRows = `INSERT INTO public."User" VALUES (1, 'ann'), (2, NULL);
INSERT INTO plugin_shop.orders (note, "userId") VALUES ('first', 1), (E'es\x1b]0;x\x07cape', 2), (NULL, 1)`

// agentsShop is a workspace with an instance of the embedded engine whose server runs, for an agent.
type agentsShop struct {
	*program
	file string // its Prisma file
	url  string
}

func newShop(t *testing.T) *agentsShop {
	t.Helper()
	s := &agentsShop{program: newPrepared(t, empty)}
	s.file = filepath.Join(s.dir, "packages/database/prisma/schema.prisma")
	s.env = append(slices.DeleteFunc(s.env, func(v string) bool { return strings.HasPrefix(v, "NAAP_TRUST=") }), "HOME="+t.TempDir())
	for name, text := range map[string]string{
		s.file: shopSchema,
		filepath.Join(s.dir, "plugins/shop/backend/src/db.ts"): "import { PrismaClient } from '@prisma/client'\nexport const db = new PrismaClient()\n",
	} {
		s.write(t, name, text)
	}
	s.must(t, "dev", "up", "--detach", "--no-seed")
	s.url = strings.TrimSpace(s.must(t, "dev", "url"))
	pgtest.Exec(t, s.url, shopRows)
	return s
}

func (s *agentsShop) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// agent is a client of the program's own server.
type agent struct{ *mcp.ClientSession }

func (s *agentsShop) agent(t *testing.T, flags ...string) agent {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: s.command(append([]string{"mcp"}, flags...)...)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return agent{session}
}

// answers calls a tool that must succeed, and returns its text and its document.
func (a agent) answers(t *testing.T, name string, args map[string]any) (string, map[string]any) {
	t.Helper()
	text, doc, failed := a.calls(t, name, args)
	if failed {
		t.Fatalf("%s %v: %s", name, args, text)
	}
	return text, doc
}

// refuses calls a tool that must fail with a code.
func (a agent) refuses(t *testing.T, code, name string, args map[string]any) string {
	t.Helper()
	text, _, failed := a.calls(t, name, args)
	if !failed || !strings.HasPrefix(text, code+": ") {
		t.Errorf("%s %v, which is to fail with %s: %v %s", name, args, code, failed, text)
	}
	return text
}

func (a agent) calls(t *testing.T, name string, args map[string]any) (string, map[string]any, bool) {
	t.Helper()
	res, err := a.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	doc, _ := res.StructuredContent.(map[string]any)
	text := res.Content[0].(*mcp.TextContent).Text
	whole, err := json.Marshal(doc)
	if err != nil || len(text) > 32<<10 || len(whole) > 32<<10 {
		t.Errorf("%s %.200v answers with %d and %d bytes, %v", name, args, len(text), len(whole), err)
	}
	if strings.ContainsAny(text, "\x1b\x07") || strings.Contains(string(whole), `\u001b`) {
		t.Errorf("%s %v answers with control characters:\n%q", name, args, text)
	}
	if !res.IsError && doc == nil || res.IsError && doc != nil {
		t.Errorf("%s %v: the document is %v", name, args, doc)
	}
	return text, doc, res.IsError
}

func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
}

// TestAnAgentUsesTheProgramOverStdio has one server for all that an agent does, in the order of a day's work.
func TestAnAgentUsesTheProgramOverStdio(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	a := s.agent(t)
	t.Run("looks", func(t *testing.T) { s.looks(t, a) })
	t.Run("wrong arguments", func(t *testing.T) { s.misspells(t, a) })
	t.Run("reads only", func(t *testing.T) { s.onlyReads(t, a) })
	t.Run("a lot", func(t *testing.T) { s.asksForTooMuch(t, a) })
	t.Run("gives up", func(t *testing.T) { s.givesUp(t, a) })
	t.Run("pushes", func(t *testing.T) { s.pushes(t, a) })
	t.Run("destroys", func(t *testing.T) { s.destroys(t, s.agent(t, "--allow-destructive")) })
	t.Run("survives", func(t *testing.T) { s.survives(t, a) })
	t.Run("ends", s.ends)
}

func (s *agentsShop) looks(t *testing.T, a agent) {
	text, doc := a.answers(t, "status", nil)
	has(t, text, "running (embedded)", "2 schemas, 2 tables, 5 rows", "0 steps")
	if doc["state"] != "running" || doc["tables"] != 2.0 {
		t.Errorf("%v", doc)
	}
	text, _ = a.answers(t, "schema_map", nil)
	has(t, text, "plugin_shop (shop): 1 table, 3 rows", "orders (model ShopOrder) 3", "public", "User 2")
	text, _ = a.answers(t, "schema_map", map[string]any{"schema": "plugin_shop"})
	if strings.Contains(text, "User") {
		t.Errorf("another schema is in\n%s", text)
	}
	for _, name := range []string{"plugin_shop.orders", "orders", "ShopOrder", `"plugin_shop"."orders"`, "shoporder"} {
		text, doc = a.answers(t, "describe_table", map[string]any{"table": name})
		if doc["table"] != "plugin_shop.orders" {
			t.Errorf("%s is %v", name, doc["table"])
		}
	}
	has(t, text, "model ShopOrder", "userId integer not null → public.User.id", "one of OPEN, PAID", `CREATE INDEX "orders_userId_idx"`, "ON DELETE CASCADE")
	text, _ = a.answers(t, "describe_table", map[string]any{"table": "User"})
	has(t, text, "name character varying(20)", "used by:\n  plugin_shop.orders(userId) ON DELETE CASCADE")
	text, doc = a.answers(t, "sample_rows", map[string]any{"table": "orders", "where": map[string]any{"userId": 1}, "columns": []string{"id", "note"}})
	if has(t, text, "id | note\n1 | first\n3 | NULL\n"); fmt.Sprint(doc["rows"]) != "[[1 first] [3 <nil>]]" {
		t.Errorf("%v", doc)
	}
	text, _ = a.answers(t, "sample_rows", map[string]any{"table": "orders", "limit": 1})
	has(t, text, "the first 1 row; there are more")
	text, _ = a.answers(t, "sample_rows", map[string]any{"table": "User", "where": map[string]any{"name": nil}})
	has(t, text, "2 | NULL")
	text, _ = a.answers(t, "query", map[string]any{"sql": `SELECT note FROM plugin_shop.orders WHERE id = 2; SELECT 1 AS one`})
	has(t, text, "es␛]0;x␇cape", "one\n1\n")
	text, _ = a.answers(t, "explain", map[string]any{"sql": `SELECT * FROM "User"`, "analyze": true})
	has(t, text, "Seq Scan", "actual")
	text, doc = a.answers(t, "diff", nil)
	if has(t, text, "is what the Prisma file says"); doc["empty"] != true {
		t.Errorf("%v", doc)
	}
	text, _ = a.answers(t, "check", map[string]any{"paths": []string{"plugins/shop/backend"}})
	has(t, text, "plugins/shop/backend/src/db.ts:1:", "2-own-client")
	text, _ = a.answers(t, "check", map[string]any{"paths": []string{"packages"}})
	if strings.Contains(text, "plugins/shop/backend/src/db.ts") {
		t.Errorf("what was not asked for is in\n%s", text)
	}
	var all sync.WaitGroup // a client asks for several things at once
	for i := range 8 {
		all.Go(func() {
			text, _, failed := a.calls(t, "query", map[string]any{"sql": fmt.Sprintf("SELECT %d * 1000 AS x", i+1)})
			if failed || text != fmt.Sprintf("x\n%d\n", (i+1)*1000) {
				t.Errorf("question %d is answered with %s", i, text)
			}
		})
	}
	all.Wait()
	wrong := s.agent(t, "-C", filepath.Join(s.dir, "nowhere"))
	has(t, wrong.refuses(t, "workspace.dir", "status", nil), "nowhere")
}

func (s *agentsShop) misspells(t *testing.T, a agent) {
	for _, c := range []struct {
		code, tool string
		args       map[string]any
		says       string
	}{
		{"usage", "describe_table", nil, `describe_table needs the argument "table": schema.table`},
		{"usage", "describe_table", map[string]any{"tabel": "User"}, "did you mean: table"},
		{"usage", "describe_table", map[string]any{"table": 5}, `the argument "table" of describe_table is of the wrong type: it is a JSON number`},
		{"usage", "sample_rows", map[string]any{"table": "User", "limit": 1000}, "from 1 to 200, not 1000"},
		{"usage", "query", map[string]any{"sql": " -- nothing\n"}, "there is no statement"},
		{"usage", "query", map[string]any{"sql": "SELECT 1", "timeout_seconds": 301}, "from 1 to 300"},
		{"usage", "status", map[string]any{"x": 1}, "it takes none"},
		{"table.unknown", "describe_table", map[string]any{"table": "Usr"}, "did you mean: public.User"},
		{"table.unknown", "sample_rows", map[string]any{"table": "plugin_shop.order"}, "did you mean: plugin_shop.orders"},
		{"column.unknown", "sample_rows", map[string]any{"table": "User", "where": map[string]any{"nam": "x"}}, "did you mean: name"},
		{"column.unknown", "sample_rows", map[string]any{"table": "User", "columns": []string{"ids"}}, "did you mean: id"},
		{"sql.failed", "sample_rows", map[string]any{"table": "User", "where": map[string]any{"id": "x"}}, "invalid input syntax"},
		{"schema.unknown", "schema_map", map[string]any{"schema": "plugin_sop"}, "did you mean: plugin_shop"},
		{"push.schema", "diff", map[string]any{"schemas": []string{"plugin_sop"}}, "plugin_shop"},
		{"sql.failed", "query", map[string]any{"sql": "SELECT nam FROM \"User\""}, `Perhaps you meant to reference the column "User.name"`},
		{"sql.failed", "explain", map[string]any{"sql": "SELEC 1"}, "syntax error"},
		{"check.missing", "check", map[string]any{"paths": []string{"plugins/shop/backend/src/dbs.ts"}}, "did you mean: plugins/shop/backend/src/db.ts"},
		{"check.outside", "check", map[string]any{"paths": []string{"../x"}}, "not in the workspace"},
		{"check.outside", "check", map[string]any{"paths": []string{"/etc/passwd"}}, "not in the workspace"},
		{"tool.unknown", "describe", nil, "there is no tool"},
		{"tool.unknown", "qurey", nil, "did you mean: query"},
		{"tool.withheld", "reset_schema", map[string]any{"schema": "plugin_shop"}, "only a person can allow it"},
	} {
		text := a.refuses(t, c.code, c.tool, c.args)
		if has(t, text, c.says); strings.Contains(text, "--") {
			t.Errorf("%s %v is answered with a flag:\n%s", c.tool, c.args, text)
		}
	}
}

// onlyReads tries what may write by statements of many kinds, and compares the whole database.
func (s *agentsShop) onlyReads(t *testing.T, a agent) {
	pgtest.Exec(t, s.url, `CREATE FUNCTION public.wipe() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM plugin_shop.orders; RETURN 1; END $$;
CREATE FUNCTION public.wipes() RETURNS int LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DELETE FROM plugin_shop.orders; RETURN 1; END $$;
CREATE PROCEDURE public.wiped() LANGUAGE plpgsql AS $$ BEGIN COMMIT; DELETE FROM plugin_shop.orders; END $$;
CREATE VIEW public.v AS SELECT public.wipes() AS x`)
	before, made := everything(t, s.url), filepath.Join(t.TempDir(), "made")
	for i, sql := range []string{
		`DELETE FROM "User"`, `UPDATE "User" SET name = 'x'`, `INSERT INTO "User" VALUES (9)`, `TRUNCATE "User"`, `MERGE INTO "User" u USING (SELECT 1) s ON false WHEN NOT MATCHED THEN INSERT VALUES (9)`,
		`WITH x AS (INSERT INTO "User" VALUES (9) RETURNING 1) SELECT * FROM x`, `SELECT wipe()`, `SELECT wipes()`, `SELECT * FROM v`, `CALL wiped()`,
		`DO $$ BEGIN DELETE FROM "User"; END $$`, `DO $$ BEGIN COMMIT; DELETE FROM "User"; END $$`,
		`COPY (SELECT 1) TO PROGRAM 'cat > ` + made + `'`, `COPY "User" FROM PROGRAM 'echo 9'`, `DO $$ BEGIN COPY (SELECT 1) TO '` + made + `'; END $$`,
		`DO $$ BEGIN COPY (SELECT 1) TO PROGRAM 'cat > ` + made + `'; END $$`,
		`SET transaction_read_only = off; DELETE FROM "User"`, `SET default_transaction_read_only = off; SELECT wipes()`, `RESET ALL; SELECT wipes()`,
		`COMMIT; DELETE FROM "User"`, `ROLLBACK; DELETE FROM "User"`, `BEGIN READ WRITE; DELETE FROM "User"`, `SET ROLE postgres; DELETE FROM "User"`,
		`SET SESSION AUTHORIZATION postgres`, `SELECT nextval('plugin_shop.orders_id_seq')`, `SELECT setval('plugin_shop.orders_id_seq', 99)`,
		`EXPLAIN ANALYZE INSERT INTO "User" VALUES (9)`, `PREPARE p AS DELETE FROM "User"; EXECUTE p`, `SELECT * FROM "User" FOR UPDATE`,
		`CREATE TABLE x ()`, `CREATE TEMP TABLE x ()`, `DROP TABLE "User"`, `ALTER TABLE "User" ADD x int`, `CREATE ROLE evil SUPERUSER`, `CREATE DATABASE evil`,
		`ALTER SYSTEM SET work_mem = '1MB'`, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'`, `SELECT lo_create(0)`,
		`LOCK TABLE "User"`, `GRANT ALL ON "User" TO PUBLIC`, `COMMENT ON TABLE "User" IS 'x'`, `VACUUM "User"; SELECT wipes()`, `SELECT lo_export(1, '` + made + `')`,
	} {
		text, _, failed := a.calls(t, "query", map[string]any{"sql": sql})
		if !failed || strings.Contains(text, "--write") {
			t.Errorf("%s is answered with %s", sql, text)
		}
		if i%4 == 0 {
			a.calls(t, "explain", map[string]any{"sql": sql, "analyze": true})
		}
	}
	a.answers(t, "query", map[string]any{"sql": "SELECT pg_advisory_lock(42)"})
	pgtest.Exec(t, s.url, "SET statement_timeout = '10s'; SELECT pg_advisory_lock(42); SELECT pg_advisory_unlock(42)") // let go with its session
	if now := everything(t, s.url); !maps.Equal(now, before) {
		t.Errorf("it changed the database:\n%s", firstDifference(fmt.Sprint(now), fmt.Sprint(before)))
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("it ran a program, or wrote a file")
	}
	pgtest.Exec(t, s.url, `DROP VIEW v; DROP FUNCTION wipe(); DROP FUNCTION wipes(); DROP PROCEDURE wiped()`)
}

func (s *agentsShop) asksForTooMuch(t *testing.T, a agent) {
	text, _ := a.answers(t, "query", map[string]any{"sql": "SELECT repeat('x', 10 * 1024 * 1024) AS long"})
	has(t, text, "(the whole value has 10 MB)", "select a part of them")
	text, doc := a.answers(t, "query", map[string]any{"sql": "SELECT i, repeat('y', 1000) FROM generate_series(1, 10000) i", "limit": 1000})
	has(t, text, "there are more: narrow it with WHERE")
	if rows := doc["results"].([]any)[0].(map[string]any)["rows"].([]any); len(rows) < 10 || len(rows) > 40 {
		t.Errorf("%d rows are shown", len(rows))
	}
	text, _ = a.answers(t, "query", map[string]any{"sql": "SELECT i FROM generate_series(1, 10000000) i"})
	has(t, text, "the first 100 rows; there are more")
	text, _ = a.answers(t, "query", map[string]any{"sql": strings.Repeat("SELECT 1;", 800)})
	has(t, text, "results more: give fewer statements")
	many := "CREATE SCHEMA big"
	for i := range 320 {
		many += fmt.Sprintf("; CREATE TABLE big.a_table_whose_name_is_as_long_as_names_are_allowed_to_be_%d ()", i)
	}
	pgtest.Exec(t, s.url, many)
	text, _ = a.answers(t, "schema_map", map[string]any{"schema": "big"})
	has(t, text, "big (big): 320 tables", "tables more: give a schema, or query information_schema.tables")
	pgtest.Exec(t, s.url, "SET client_min_messages = error; DROP SCHEMA big CASCADE")
}

// sleeps waits until a query sleeps on the server, or until none does any more.
func (s *agentsShop) sleeps(t *testing.T, want bool, otherwise string) {
	t.Helper()
	for range 1000 {
		n := queryText(t, s.url, "SELECT count(*)::text FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600%' AND pid <> pg_backend_pid()")
		if (n != "0") == want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error(otherwise)
}

// givesUp cancels a call, and lets another one take too long: neither goes on on the server.
func (s *agentsShop) givesUp(t *testing.T, a agent) {
	ctx, cancel := context.WithCancel(t.Context())
	go func() { s.sleeps(t, true, "the query does not begin"); cancel() }()
	if _, err := a.CallTool(ctx, &mcp.CallToolParams{Name: "query", Arguments: map[string]any{"sql": "SELECT pg_sleep(600)"}}); err == nil {
		t.Error("a cancelled call is answered")
	}
	s.sleeps(t, false, "a cancelled call goes on on the server")
	text := a.refuses(t, "tool.timeout", "query", map[string]any{"sql": "SELECT pg_sleep(600)", "timeout_seconds": 1})
	has(t, text, "query was given up after 1s", "timeout_seconds")
	s.sleeps(t, false, "a query that took too long goes on on the server")
}

func (s *agentsShop) pushes(t *testing.T, a agent) {
	s.write(t, s.file, strings.Replace(shopSchema, "  note   String?\n", "  more   String?\n", 1)) // seen by the next call
	text, doc := a.answers(t, "diff", nil)
	has(t, text, "1 destroy", "loses", "more")
	if doc["empty"] != false || len(fmt.Sprint(doc["plan"])) != 12 {
		t.Errorf("%v", doc)
	}
	text, _ = a.answers(t, "push", nil)
	if has(t, text, "held back:", "loses", "a person must confirm this", "in a terminal (naap dev push)"); strings.Contains(text, "--accept") {
		t.Errorf("it hands over the flag:\n%s", text)
	}
	s.write(t, s.file, strings.Replace(shopSchema, "  note   String?\n", "  note   String?\n  extra  Int?\n", 1))
	text, doc = a.answers(t, "push", map[string]any{"schemas": []string{"plugin_shop"}})
	if has(t, text, "pushed, 1 statement", "extra"); len(doc["held_back"].([]any)) != 0 {
		t.Errorf("%v", doc)
	}
	text, _ = a.answers(t, "push", nil)
	has(t, text, "nothing was pushed")
	s.write(t, s.file, "model {")
	a.refuses(t, "schema.invalid", "push", nil)
	a.answers(t, "schema_map", nil) // what the database knows by itself is still an answer
	s.write(t, s.file, strings.Replace(shopSchema, "  note   String?\n", "  note   String?\n  extra  Int?\n", 1))
}

func (s *agentsShop) destroys(t *testing.T, a agent) {
	s.write(t, s.file, strings.Replace(shopSchema, "  note   String?\n", "", 1))
	a.refuses(t, "plan.stale", "push_destructive", map[string]any{"plan": "else"})
	_, doc := a.answers(t, "diff", nil)
	pgtest.Exec(t, s.url, `INSERT INTO plugin_shop.orders (note, "userId") VALUES ('more to lose', 1)`)
	a.refuses(t, "plan.stale", "push_destructive", map[string]any{"plan": doc["plan"]})
	_, doc = a.answers(t, "diff", nil)
	text, doc := a.answers(t, "push_destructive", map[string]any{"plan": doc["plan"]})
	name := fmt.Sprint(doc["snapshot"])
	has(t, text, "naap dev snapshot restore '"+name+"'")
	if strings.Contains(text, "--yes") || !strings.Contains(s.must(t, "dev", "snapshot", "list"), name) {
		t.Errorf("%s", text)
	}
	const rows = `SELECT string_agg(o::text, ' ' ORDER BY id) FROM plugin_shop.orders o`
	before := queryText(t, s.url, rows)
	text, _ = a.answers(t, "reset_schema", map[string]any{"schema": "plugin_shop", "dry_run": true})
	has(t, text, "plugin_shop")
	text, doc = a.answers(t, "reset_schema", map[string]any{"schema": "plugin_shop"})
	has(t, text, fmt.Sprintf("the tool undo takes it back with id %v, and so does: naap dev undo %v", doc["undo_id"], doc["undo_id"]))
	if got := queryText(t, s.url, `SELECT count(*)::text FROM plugin_shop.orders`); got != "0" {
		t.Errorf("%s rows are left", got)
	}
	a.answers(t, "undo", map[string]any{"id": doc["undo_id"], "dry_run": true})
	a.answers(t, "undo", map[string]any{"id": doc["undo_id"]})
	if after := queryText(t, s.url, rows); after != before {
		t.Errorf("undo brings back %s, and not %s", after, before)
	}
	text = a.refuses(t, "reset.refused", "reset_schema", map[string]any{"schema": "public"})
	if has(t, text, "a person must confirm this, and an agent is not one: ask yours to run it in a terminal (naap dev reset public)"); strings.Contains(text, "--cascade") {
		t.Errorf("it hands over the flag:\n%s", text)
	}
	text = a.refuses(t, "undo.unknown", "undo", map[string]any{"id": 99})
	has(t, text, "99")
}

// survives stops the server under an agent, and starts it again: the next call works.
func (s *agentsShop) survives(t *testing.T, a agent) {
	s.must(t, "dev", "down")
	for _, call := range []struct {
		tool string
		args map[string]any
	}{{"query", map[string]any{"sql": "SELECT 1"}}, {"schema_map", nil}, {"describe_table", map[string]any{"table": "User"}}, {"diff", nil}, {"push", nil}} {
		text := a.refuses(t, "server.stopped", call.tool, call.args)
		has(t, text, "naap dev up")
	}
	text, _ := a.answers(t, "status", nil)
	has(t, text, ": stopped", "start it with: naap dev up")
	a.answers(t, "check", nil) // needs no server
	s.must(t, "dev", "up", "--detach", "--no-seed", "--no-push")
	text, _ = a.answers(t, "query", map[string]any{"sql": "SELECT 41 + 1 AS x"})
	has(t, text, "42")
}

// ends is how the program itself ends: by the end of its input, which cancels what runs, and by a signal.
func (s *agentsShop) ends(t *testing.T) {
	const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`
	const sleep = `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"query","arguments":{"sql":"SELECT pg_sleep(600)","timeout_seconds":300}}}` + "\n"
	const one = `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"query","arguments":{"sql":"SELECT 41 + 1"}}}` + "\n"
	out, err := s.piped(t, strings.NewReader(hello+one))
	if err != nil || !strings.Contains(out, `\n42\n`) {
		t.Errorf("what was piped in is answered with %v %s", err, out)
	}
	if out, err = s.piped(t, strings.NewReader(hello+sleep)); err != nil {
		t.Errorf("the end of its input: %v %s", err, out)
	}
	for line := range strings.Lines(out) {
		if !json.Valid([]byte(line)) {
			t.Errorf("standard output has %q", line)
		}
	}
	c := s.command("mcp")
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err == nil {
		_, err = io.WriteString(in, hello+sleep)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.sleeps(t, true, "the query does not begin")
	_ = c.Process.Signal(syscall.SIGTERM)
	if _ = c.Wait(); c.ProcessState.ExitCode() != 143 {
		t.Errorf("SIGTERM ends it with %v", c.ProcessState)
	}
	s.sleeps(t, false, "its query goes on")
}

func (s *agentsShop) piped(t *testing.T, in io.Reader) (string, error) {
	t.Helper()
	c := s.command("mcp")
	c.Stdin = in
	out, err := c.Output()
	return string(out), err
}

func TestTheProtocolsServerIsNotForATerminal(t *testing.T) {
	dir := t.TempDir()
	out := onTerminal(t, dir, "mcp")
	has(t, out, "a coding agent starts this", "naap agents")
	c := exec.Command("naap", "mcp", "--json")
	c.Dir = dir
	if text, _ := c.Output(); !strings.Contains(string(text), `"code":"usage"`) {
		t.Errorf("%s", text)
	}
}

// queryText returns the one text that a query returns.
func queryText(t *testing.T, url, query string) (text string) {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), query).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}
