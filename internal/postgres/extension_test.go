package postgres

import (
	"context"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestWhatAServerLacksIsTracedToItsExtension asks a real server for things that it does not have.
func TestWhatAServerLacksIsTracedToItsExtension(t *testing.T) {
	ctx := context.Background()
	db, err := Open(ctx, pgtest.NewDatabase(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const have, lack = "this server has it", "this server does not have the extension"
	for sql, want := range map[string][2]string{
		`CREATE TABLE t (v vector(3))`:                                          {"vector", lack},
		`CREATE TABLE t (v public.halfvec(3)[])`:                                {"vector", lack},
		`SELECT 'POINT(1 1)'::geography`:                                        {"postgis", lack},
		`CREATE EXTENSION vector`:                                               {"vector", lack},
		`CREATE TABLE t (v citext)`:                                             {"citext", have},
		`SELECT uuid_generate_v4()`:                                             {"uuid-ossp", have},
		`SELECT public.gen_salt('bf')`:                                          {"pgcrypto", have},
		`CREATE TABLE t (v text); CREATE INDEX ON t USING gin (v gin_trgm_ops)`: {"pg_trgm", have},
		`CREATE TABLE t (v int); CREATE INDEX ON t USING gin (v)`:               {"btree_gin", have},
		`CREATE TABLE t (v "VECTOR"); SELECT 1`:                                 {"vector", lack},
		`SELECT nobody_makes_this(1)`:                                           {"", ""},
		`SELECT 1/0`:                                                            {"", ""},
		`CREATE TABLE t (v text DEFAULT (SELECT 'a'))`:                          {"", ""},
	} {
		_, err := db.Exec(ctx, sql)
		server, ok := AsServerError(err)
		if !ok {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		_, extension := Lacks(server)
		ways := strings.Join(remedy.Target{}.Lines(LackingWays(ctx, db, server, nil)), "\n")
		if extension != want[0] || !strings.Contains(ways, want[1]) || (want[0] == "") != (ways == "") {
			t.Errorf("%s: %q is traced to %q:\n%s", sql, server.Message, extension, ways)
		}
	}
}
