//go:build unix

package main

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// document runs naap with --json, and returns its exit status and its one document.
func (p *program) document(t *testing.T, args ...string) (exit int, doc map[string]any) {
	t.Helper()
	c := p.command(append([]string{"--json"}, args...)...)
	out, _ := c.Output()
	in := json.NewDecoder(strings.NewReader(string(out)))
	if err := in.Decode(&doc); err != nil {
		t.Fatalf("naap %s: exit status %d, no document: %v\n%s", strings.Join(args, " "), c.ProcessState.ExitCode(), err, out)
	}
	return c.ProcessState.ExitCode(), doc
}

// on returns the program working on a server that it did not start.
func (p *program) on(url string) *program {
	other := *p
	other.env = append(slices.Clone(p.env), "NAAP_DATABASE_URL="+url)
	return &other
}

// code returns the code in a failure's document, or "".
func code(doc map[string]any) string {
	e, _ := doc["error"].(map[string]any)
	text, _ := e["code"].(string)
	return text
}

func TestVerbsWorkThroughAPoolerOrNameTheServerBehindIt(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	direct := pgtest.NewDatabase(t)
	pooler := pgtest.Pooler(t, direct)
	behind, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	p := newProgram(t, "embedded").on(direct)
	p.must(t, "dev", "up", "--allow-external")
	for _, given := range []string{pooler, pooler + "&pgbouncer=true", pooler + "&pgbouncer=true&schema=public&connection_limit=1"} {
		p := p.on(given)
		for range 3 { // by then, each of the pooler's sessions has seen the query
			for _, args := range [][]string{
				{"dev", "sql", "SELECT count(*), 'x'::text FROM \"User\""}, {"dev", "status"}, {"dev", "diff"}, {"dev", "url"}, {"dev", "undo", "--list"},
				{"dev", "seed", "--list"}, {"dev", "seed", "--dry-run"}, {"dev", "schema", "list"}, {"dev", "reset", "public", "--dry-run"},
			} {
				exit, doc := p.document(t, args...)
				if exit != 0 && args[1] != "reset" || args[1] == "status" && (doc["state"] != "running" || doc["problem"] != nil) {
					t.Errorf("%s: naap %s: exit status %d, %v", given, strings.Join(args, " "), exit, doc)
				}
			}
		}
		if exit, doc := p.document(t, "dev", "sql", "--write", `UPDATE "User" SET handle = handle`); exit != 0 {
			t.Errorf("a write: %d, %v", exit, doc)
		}
		for _, args := range [][]string{
			{"dev", "reset", "public", "--yes=public", "--allow-external"}, {"dev", "undo", "--allow-external"}, {"dev", "seed", "--force", "--allow-external"},
			{"dev", "seed", "--fake", "3", "--append", "--allow-external"}, {"dev", "snapshot", "save", "x", "--allow-external"},
			{"dev", "up", "--allow-external"}, {"dev", "backup", p.dir + "/x.dump"},
		} {
			exit, doc := p.document(t, args...)
			e, _ := doc["error"].(map[string]any)
			if help, _ := e["remedy"].(string); exit != 3 || code(doc) != "database.pooler" || !strings.Contains(help, ":"+behind.Port()+"/") {
				t.Errorf("%s: naap %s: exit status %d, %v", given, strings.Join(args, " "), exit, doc)
			}
		}
	}
	p = p.on(pooler + "&pgbouncer=true&schema=public")
	if text := p.must(t, "dev", "url", "--format", "psql"); strings.Contains(text, "pgbouncer") || strings.Contains(text, "schema=") {
		t.Errorf("psql would refuse %s", text)
	}
	if text := p.must(t, "dev", "url", "--format", "jdbc"); !strings.Contains(text, "prepareThreshold=0") {
		t.Errorf("Java would prepare statements: %s", text)
	}
	if out, err := p.command("dev", "psql", "--", "-c", "SELECT 1").CombinedOutput(); err != nil && !strings.Contains(string(out), "there is no psql") {
		t.Errorf("psql: %v\n%s", err, out)
	}
}

// TestSeveralHostsWhereOneWritesServeEveryVerb has a read-only host before the one that writes.
func TestSeveralHostsWhereOneWritesServeEveryVerb(t *testing.T) {
	reads, err1 := url.Parse(pgtest.Server(t, pgtest.Setting("default_transaction_read_only", "on")).URL())
	writes, err2 := url.Parse(pgtest.URL(t))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	writes.Host = reads.Host + "," + writes.Host
	p := newProgram(t, "embedded").on(writes.String() + "&target_session_attrs=read-write")
	if exit, doc := p.document(t, "dev", "sql", "--write", "SELECT 1; CREATE TEMP TABLE x ()"); exit != 0 {
		t.Errorf("%d, %v", exit, doc)
	}
	if exit, doc := p.document(t, "dev", "status"); exit != 0 || doc["state"] != "running" {
		t.Errorf("%d, %v", exit, doc)
	}
	for format, want := range map[string]string{
		"url": "target_session_attrs=read-write", "psql": "target_session_attrs=read-write", "jdbc": "targetServerType=primary", "env": "PGTARGETSESSIONATTRS=read-write",
	} {
		if text := p.must(t, "dev", "url", "--format", format); !strings.Contains(text, want) || strings.Count(text, ",") == 0 {
			t.Errorf("%s: %s", format, text)
		}
	}
}
