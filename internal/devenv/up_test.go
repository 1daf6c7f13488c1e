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
