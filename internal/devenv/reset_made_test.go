package devenv

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
)

// richly are files whose migrations make in two schemas what a Prisma file cannot say, with rows.
func richly() map[string]string {
	files := migrated()
	files["prisma/migrations/3_rich/migration.sql"] = `
CREATE SEQUENCE plugin_a.numbers;
CREATE FUNCTION plugin_a.stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.total := NEW.total + 1; RETURN NEW; END $$;
CREATE TRIGGER stamp BEFORE INSERT ON plugin_a."Order" FOR EACH ROW EXECUTE FUNCTION plugin_a.stamp();
CREATE INDEX large ON plugin_a."Order" (total) WHERE total > 100;
CREATE VIEW plugin_a.totals AS SELECT sum(total) AS total FROM plugin_a."Order";
INSERT INTO plugin_a."Order" VALUES (1, nextval('plugin_a.numbers') + 9), (2, 20);
CREATE FUNCTION public.named() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$;
CREATE TRIGGER named BEFORE INSERT ON public."Stall" FOR EACH ROW EXECUTE FUNCTION public.named();
ALTER TABLE public."Stall" ADD CONSTRAINT filled CHECK (name <> '');
CREATE VIEW public.seen AS SELECT * FROM plugin_a.totals;
CREATE TRIGGER far BEFORE UPDATE ON public."Stall" FOR EACH ROW EXECUTE FUNCTION plugin_a.stamp();
`
	return files
}

// made describes what there is besides tables, and the rows, of both schemas.
func madeThere(t *testing.T, e *Env) string {
	t.Helper()
	db, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines, err := postgres.CollectStrings(db.Query(t.Context(), `
SELECT 'function ' || p.oid::regprocedure || ' ' || md5(p.prosrc) FROM pg_proc p WHERE pronamespace IN ('public'::regnamespace, to_regnamespace('plugin_a'))
UNION ALL SELECT 'trigger ' || tgname || ' ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text !~ 'naap_'
UNION ALL SELECT 'check ' || conname FROM pg_constraint WHERE contype = 'c' AND connamespace IN ('public'::regnamespace, to_regnamespace('plugin_a'))
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname IN ('public', 'plugin_a') AND indexdef LIKE '%WHERE%'
UNION ALL SELECT 'view ' || viewname || definition FROM pg_views WHERE schemaname IN ('public', 'plugin_a')
UNION ALL SELECT 'row ' || o::text FROM plugin_a."Order" o UNION ALL SELECT 'row ' || s::text FROM public."Stall" s
UNION ALL SELECT 'sequence ' || sequencename || coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'plugin_a'
UNION ALL SELECT 'migration ' || migration_name FROM public._prisma_migrations ORDER BY 1`))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// onMigrations runs an up that must run the migrations.
func onMigrations(t *testing.T, e *Env) {
	t.Helper()
	if up := upOn(t, e, UpOptions{}); up.Tables.Migrated == 0 {
		t.Fatal(up.plan.tables.way.line())
	}
}

func planned(plan *reset.Plan) string { return strings.Join(plan.Lines(), "\n") }

// TestAResetMakesAgainWhatMigrationsMade resets one schema, and both, after all of it was broken by hand.
func TestAResetMakesAgainWhatMigrationsMade(t *testing.T) {
	url := shadowed(t)
	e := at(t, folder(t, richly()), "NAAP_DATABASE_URL="+url)
	onMigrations(t, e)
	fresh := madeThere(t, e)
	run(t, url, `DROP INDEX plugin_a.large; ALTER TABLE plugin_a."Order" DROP CONSTRAINT positive; DROP TRIGGER stamp ON plugin_a."Order";
CREATE OR REPLACE FUNCTION plugin_a.double(int) RETURNS int LANGUAGE sql AS 'SELECT 0'; DELETE FROM plugin_a."Order" WHERE id = 1;
INSERT INTO plugin_a."Order" VALUES (3, -5); CREATE FUNCTION plugin_a.own() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
	broken := madeThere(t, e)
	opt := ResetOptions{AllowExternal: true}

	plan, err := e.PlanReset(t.Context(), []string{"plugin_a"}, opt)
	if err != nil || plan.Err() != nil {
		t.Fatal(remedy.Text(err), plan.Err())
	}
	for _, want := range []string{`~ 2 rows of plugin_a.Order, from migrations, come back`, "~ trigger stamp of plugin_a.Order is made again", "~ index plugin_a.large is made again",
		"~ function plugin_a.own() is made again", "~ trigger far of public.\"Stall\" is made again", "~ view public.seen is made again"} {
		if !strings.Contains(strings.ReplaceAll(planned(plan), "public.Stall", `public."Stall"`), want) {
			t.Errorf("the plan does not say %q:\n%s", want, planned(plan))
		}
	}
	if _, err := e.Reset(t.Context(), plan, opt, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	own := "function plugin_a.own() "
	without := func(text string) string {
		lines := strings.Split(text, "\n")
		kept := lines[:0]
		for _, l := range lines {
			if !strings.HasPrefix(l, own) {
				kept = append(kept, l)
			}
		}
		return strings.Join(kept, "\n")
	}
	if got := madeThere(t, e); without(got) != fresh || got == fresh {
		t.Errorf("after the reset:\n%s\nwant, besides a function that is kept:\n%s", got, fresh)
	}
	undo := func() {
		t.Helper()
		if _, err := e.Undo(t.Context(), 0, UndoOptions{AllowExternal: true}, progress.Discard); err != nil {
			t.Fatal(remedy.Text(err))
		}
		if got := madeThere(t, e); got != broken {
			t.Errorf("after the undo:\n%s\nwant:\n%s", got, broken)
		}
	}
	undo()
	shown := ""
	if _, _, err := e.ResetAtOnce(t.Context(), []string{"plugin_a", "public"}, opt, func(p *reset.Plan) { shown = planned(p) }, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	if got := madeThere(t, e); without(got) != fresh || !strings.Contains(shown, "1 row of public.Stall, from migrations, comes back") {
		t.Errorf("after both were reset:\n%s\nwant:\n%s\nthe plan:\n%s", got, fresh, shown)
	}
	undo()
}

// TestAResetSaysWhatMigrationsMadeAndCannotBeMadeAgain edits scripts, lets rows lose what they refer to, and takes the
// folder's word for the tables.
func TestAResetSaysWhatCannotBeMadeAgain(t *testing.T) {
	files, url := richly(), shadowed(t)
	files["prisma/schema.prisma"] = strings.Replace(files["prisma/schema.prisma"], "  total Int\n", "  total Int\n  stall Int\n  at    Stall @relation(fields: [stall], references: [id])\n", 1)
	files["prisma/schema.prisma"] = strings.Replace(files["prisma/schema.prisma"], "  note String?\n", "  note String?\n  all  Order[]\n", 1)
	files["prisma/migrations/4_stall/migration.sql"] = `ALTER TABLE plugin_a."Order" ADD COLUMN stall INTEGER;
UPDATE plugin_a."Order" SET stall = 1;
ALTER TABLE plugin_a."Order" ALTER COLUMN stall SET NOT NULL, ADD CONSTRAINT "Order_stall_fkey" FOREIGN KEY (stall) REFERENCES "Stall"(id) ON DELETE RESTRICT ON UPDATE CASCADE;
`
	root := folder(t, files)
	e := at(t, root, "NAAP_DATABASE_URL="+url)
	onMigrations(t, e)
	run(t, url, `DELETE FROM plugin_a."Order"; DELETE FROM "Stall"`)
	look := func(want ...string) {
		t.Helper()
		now, err := e.Again(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := now.PlanReset(t.Context(), []string{"plugin_a"}, ResetOptions{AllowExternal: true})
		if err != nil || plan.Err() != nil {
			t.Fatal(remedy.Text(err), plan.Err())
		}
		for _, w := range want {
			if !strings.Contains(planned(plan), w) {
				t.Errorf("the plan does not say %q:\n%s", w, planned(plan))
			}
		}
	}
	look(`- 2 rows of plugin_a.Order, from migrations, go: insert or update on table "Order" violates foreign key constraint "Order_stall_fkey"`)
	script := filepath.Join(root, "prisma/migrations/2_more/migration.sql")
	if err := os.WriteFile(script, []byte(files["prisma/migrations/2_more/migration.sql"]+"CREATE FUNCTION plugin_a.late() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	look("! the migration 2_more was edited after it was applied", "~ function plugin_a.late() is made again")
	if err := os.WriteFile(script, []byte("SELECT nothing;"), 0o600); err != nil {
		t.Fatal(err)
	}
	look("! what only the migrations know is made again as it is now, and without their rows: prisma/migrations/2_more/migration.sql:1:8", "~ function plugin_a.double(integer) is made again")
	if err := os.RemoveAll(filepath.Dir(script)); err != nil {
		t.Fatal(err)
	}
	look("! the migration 2_more is not in the folder")
}

// TestAPushedDatabaseIsResetAsBefore has migrations in the folder, and none in the database.
func TestAPushedDatabaseIsResetAsBefore(t *testing.T) {
	url := pgtest.NewDatabase(t)
	e := at(t, folder(t, richly()), "NAAP_DATABASE_URL="+url, "NAAP_MIGRATE_USE=push")
	upOn(t, e, UpOptions{})
	plan, err := e.PlanReset(context.Background(), []string{"plugin_a"}, ResetOptions{AllowExternal: true})
	if err != nil || strings.Contains(planned(plan), "migration") || strings.Contains(planned(plan), "made again: function") {
		t.Errorf("%v\n%s", err, planned(plan))
	}
}
