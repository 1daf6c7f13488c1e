package devenv

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// A reset names what it does not make again by what it makes the tables from.
func TestAResetSaysWhereWhatIsNotMadeAgainIsMissing(t *testing.T) {
	url := shadowed(t)
	files := migrated()
	files["prisma/migrations/3_more/migration.sql"] = `CREATE TABLE plugin_a.only (id int); ALTER TABLE plugin_a."Order" ADD COLUMN twice int GENERATED ALWAYS AS (total * 2) STORED, ADD COLUMN own int;`
	root := folder(t, files)
	onMigrations(t, at(t, root, "NAAP_DATABASE_URL="+url))
	run(t, url, `CREATE TABLE plugin_a.hand (id int); ALTER TABLE plugin_a."Order" ADD COLUMN hand int`)
	for use, says := range map[string][]string{
		"auto": {"plugin_a.only, which the migrations make, is not in the Prisma file", "column plugin_a.Order.own, which the migrations make, is not in the Prisma file",
			"plugin_a.hand is not in the Prisma file", "column plugin_a.Order.hand is not in the Prisma file"},
		"migrate": {"plugin_a.hand is in none of the migrations", "column plugin_a.Order.hand is in none of the migrations"},
	} {
		e := at(t, root, "NAAP_DATABASE_URL="+url, "NAAP_MIGRATE_USE="+use)
		plan, err := e.PlanReset(t.Context(), []string{"plugin_a"}, ResetOptions{AllowExternal: true})
		if err != nil {
			t.Fatal(remedy.Text(err))
		}
		text := planned(plan)
		for _, want := range says {
			if !strings.Contains(text, want+" and is not made again") {
				t.Errorf("%s: it does not say %q:\n%s", use, want, text)
			}
		}
		if use == "migrate" && (strings.Contains(text, "not in the Prisma file") || strings.Contains(text, "plugin_a.only")) {
			t.Errorf("%s: it says\n%s", use, text)
		}
	}
}
