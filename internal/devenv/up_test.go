package devenv

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestWhatTheInitScriptSetsEndsWithIt(t *testing.T) {
	url := pgtest.NewDatabase(t)
	e := testEnv(t, map[string]string{
		"naap.toml":     "schema = \"schema.prisma\"\ninit-sql = \"init.sql\"\n",
		"init.sql":      "CREATE SCHEMA IF NOT EXISTS plugin_a;\nSET search_path = plugin_a;\nSET ROLE pg_monitor;\nSET default_transaction_read_only = on;\n",
		"schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n\nmodel Stall {\n  id Int @id\n}\n",
	}, "NAAP_DATABASE_URL="+url)
	if _, err := e.Up(t.Context(), UpOptions{Confirm: yes}, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	if n := countOf(t, url, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'Stall'`); n != 1 {
		t.Error("the table is not where the Prisma file has it")
	}
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var role, path string
	if err := db.QueryRow(t.Context(), "SELECT current_user::text, current_setting('search_path')").Scan(&role, &path); err != nil || role == "pg_monitor" || path == "plugin_a" {
		t.Errorf("later statements run as %s with the search_path %s, %v", role, path, err)
	}
}

func TestAnInitScriptIsLeftOutOnlyIfItMakesNothing(t *testing.T) {
	for script, want := range map[string]bool{
		"":                                    true,
		"-- none\n":                           true,
		"CREATE SCHEMA IF NOT EXISTS a;":      true,
		"create schema\n if not exists \"a\"": true,
		"/* a */ CREATE SCHEMA IF NOT EXISTS a; -- a\nCREATE SCHEMA IF NOT EXISTS public;": true,
		"CREATE SCHEMA IF NOT EXISTS b;":                                    false,
		"CREATE SCHEMA IF NOT EXISTS a; CREATE SCHEMA IF NOT EXISTS b;":     false,
		"CREATE SCHEMA a;":                                                  false,
		"CREATE SCHEMA IF NOT EXISTS a AUTHORIZATION postgres;":             false,
		"CREATE SCHEMA IF NOT EXISTS AUTHORIZATION a;":                      false,
		"CREATE SCHEMA IF NOT EXISTS a; GRANT USAGE ON SCHEMA a TO PUBLIC;": false,
		"CREATE SCHEMA IF NOT EXISTS a; \\echo done":                        false,
		"CREATE SCHEMA IF NOT EXISTS a CREATE TABLE a.t (id int);":          false,
		"SELECT 1; CREATE SCHEMA IF NOT EXISTS a;":                          false,
		"CREATE SCHEMA IF NOT EXISTS a; SELECT 'never closed":               false,
	} {
		if got := makesNothing(script, []string{"a"}); got != want {
			t.Errorf("%q makes nothing beside the schema a: %t, want %t", script, got, want)
		}
	}
}
