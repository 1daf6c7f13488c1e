package devenv_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// builtinSchemas are the schemas of the built-in workspace; one with foreign keys to others comes after them.
var builtinSchemas = []string{
	"public", "plugin_capacity", "plugin_community", "plugin_dashboard", "plugin_daydream", "plugin_developer_api",
	"plugin_gateway", "plugin_wallet",
}

// builtinDatabase returns a fresh database with the built-in workspace's schemas and tables.
func builtinDatabase(t *testing.T) (*postgres.DB, *workspace.Workspace) {
	t.Helper()
	ctx := t.Context()
	w, err := workspace.Find(ctx, t.TempDir(), workspace.Options{Env: []string{"HOME=" + t.TempDir()}})
	check(t, err)
	db, err := postgres.Open(ctx, pgtest.NewDatabase(t), postgres.Options{})
	check(t, err)
	t.Cleanup(db.Close)
	for range 2 { // it is run on every start
		_, err = db.Exec(ctx, w.Init.Text)
		check(t, err)
	}
	schema, err := prisma.Parse(prisma.Source{Name: w.SchemaFiles[0].Name, Text: w.SchemaFiles[0].Text})
	check(t, err)
	desired, err := schemaplan.Desired(schema, schemaplan.External{})
	check(t, err)
	plan, err := schemaplan.Compute(ctx, db, desired, schemaplan.ComputeOptions{})
	check(t, err)
	_, err = schemaplan.Apply(ctx, db, plan, schemaplan.ApplyOptions{})
	check(t, err)
	return db, w
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
}

// runSeeds runs each of the built-in seed files in a transaction of its own.
func runSeeds(t *testing.T, db *postgres.DB, w *workspace.Workspace) {
	t.Helper()
	files, err := seedfile.Discover(w.Seeds.Files(t.Context()), w.Seeds.Path)
	check(t, err)
	for _, schema := range builtinSchemas {
		for _, f := range files {
			if f.Schema == schema {
				runSeed(t, db, f)
			}
		}
	}
}

func runSeed(t *testing.T, db *postgres.DB, f *seedfile.File) {
	t.Helper()
	statements, err := f.Statements()
	check(t, err)
	check(t, db.InTx(t.Context(), func(tx postgres.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(context.Background(), s.Text); err != nil {
				return fmt.Errorf("%s:%d: %w", f.Path, s.Line, err)
			}
		}
		return nil
	}))
}

// contents returns, for each table, the number of its rows and a checksum of them.
func contents(t *testing.T, db *postgres.DB) map[string]string {
	t.Helper()
	rows, err := db.Query(t.Context(), `
		SELECT format('%I.%I', schemaname, tablename), query_to_xml(format(
			'SELECT count(*) AS n, md5(string_agg(t::text, chr(10) ORDER BY t::text)) AS sum FROM %I.%I t', schemaname, tablename),
			false, true, '')::text
		FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`)
	check(t, err)
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var table, sum string
		check(t, rows.Scan(&table, &sum))
		out[table] = sum
	}
	check(t, rows.Err())
	return out
}

func TestBuiltinWorkspaceHasTheEightSchemasWithTables(t *testing.T) {
	db, w := builtinDatabase(t)
	found := map[string]int{}
	for table := range contents(t, db) {
		schema, _, _ := strings.Cut(table, ".")
		found[schema]++
	}
	if len(found) != len(builtinSchemas) {
		t.Errorf("schemas with tables: %v", found)
	}
	for _, schema := range builtinSchemas {
		if found[schema] == 0 {
			t.Errorf("schema %s has no table", schema)
		}
		if w.OwnerOf(schema) == "" {
			t.Errorf("schema %s has no owner", schema)
		}
	}
}

func TestBuiltinSeedsFillEveryTableAndChangeNothingTheSecondTime(t *testing.T) {
	db, w := builtinDatabase(t)
	runSeeds(t, db, w)
	first := contents(t, db)
	for table, sum := range first {
		if strings.Contains(sum, "<n>0</n>") {
			t.Errorf("%s is empty", table)
		}
	}
	runSeeds(t, db, w)
	for table, sum := range contents(t, db) {
		if sum != first[table] {
			t.Errorf("%s differs after the second run:\n%s\n%s", table, first[table], sum)
		}
	}
}

func TestSequencesOfTheBuiltinSeedsGoOnAfterTheirRows(t *testing.T) {
	db, w := builtinDatabase(t)
	runSeeds(t, db, w)
	rows, err := db.Query(t.Context(), `
		SELECT format('%I.%I', n.nspname, c.relname), a.attname::text,
			query_to_xml(format('SELECT coalesce((SELECT last_value >= (SELECT max(%I) FROM %I.%I) FROM %s), false) AS ok',
				a.attname, n.nspname, c.relname, pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname)), false, true, '')::text
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND a.attnum > 0 AND n.nspname NOT LIKE 'pg\_%'
			AND pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) IS NOT NULL`)
	check(t, err)
	defer rows.Close()
	count := 0
	for rows.Next() {
		var table, column, ok string
		check(t, rows.Scan(&table, &column, &ok))
		if !strings.Contains(ok, "true") {
			t.Errorf("the sequence of %s.%s is behind its column", table, column)
		}
		count++
	}
	check(t, rows.Err())
	if count == 0 {
		t.Error("no sequence was looked at")
	}
}

func TestBuiltinForeignKeysCrossToPublicOnly(t *testing.T) {
	db, _ := builtinDatabase(t)
	rows, err := db.Query(t.Context(), `
		SELECT c.conname::text, fn.nspname::text, tn.nspname::text FROM pg_constraint c
		JOIN pg_class f ON f.oid = c.conrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
		JOIN pg_class t ON t.oid = c.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
		WHERE c.contype = 'f' AND fn.oid <> tn.oid`)
	check(t, err)
	defer rows.Close()
	crossing := 0
	for rows.Next() {
		var name, from, to string
		check(t, rows.Scan(&name, &from, &to))
		if to != "public" {
			t.Errorf("%s refers from %s to %s", name, from, to)
		}
		crossing++
	}
	check(t, rows.Err())
	if crossing < 7 {
		t.Errorf("%d foreign keys cross schemas; every plugin's should reach public", crossing)
	}
}
