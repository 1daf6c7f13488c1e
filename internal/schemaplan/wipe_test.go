package schemaplan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// models returns n empty models, named A1, A2 and so on.
func models(letter string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "model %s%d {\n  id Int @id\n}\n", letter, i+1)
	}
	return b.String()
}

func TestDroppingMostTablesNeedsAPermissionWhereNoneHasARow(t *testing.T) {
	for name, c := range map[string]struct{ from, to, code, says string }{
		"every table of the only schema": {models("A", 3), "", "push.empties", "all 3 tables of schema public"},
		"its only table":                 {models("A", 1), "enum E {\n  X\n}\n", "push.empties", "the only table of schema public"},
		"more than half":                 {models("A", 5), models("A", 2), "push.empties", "3 of all 5 tables"},
		"all, for others in their place": {models("A", 3), models("B", 3), "push.empties", "all 3 tables of schema public"},
		"half":                           {models("A", 4), models("A", 2), "", ""},
		"none":                           {models("A", 1), models("A", 1) + models("B", 9), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			url, db := database(t)
			push(t, db, c.from)
			before := catalogue(t, url)
			p := plan(t, db, c.to)
			_, err := Apply(ctx, db, p, ApplyOptions{})
			if c.code == "" {
				if err != nil {
					t.Error(remedy.Text(err))
				}
				return
			}
			if err == nil {
				t.Fatal("it was pushed")
			}
			if remedy.Code(err) != c.code || !strings.Contains(remedy.Text(err), c.says) {
				t.Fatalf("the code is %q:\n%s", remedy.Code(err), remedy.Text(err))
			}
			if remedy.Exit(err) != remedy.ExitRefused {
				t.Errorf("the exit status is %d", remedy.Exit(err))
			}
			if !p.Destructive() || !strings.Contains(strings.Join(p.Summary(remedy.Target{}), "\n"), c.says) || !strings.Contains(p.SQL(), c.says) {
				t.Errorf("the plan does not say it:\n%s\n%s", strings.Join(p.Summary(remedy.Target{}), "\n"), p.SQL())
			}
			if after := catalogue(t, url); after != before {
				t.Errorf("the refused push changed something:\n%s", differences(before, after))
			}
			if part := p.Additive(); has(part, DropTable) || part.Destructive() {
				t.Errorf("the additive part drops tables:\n%s", part.SQL())
			}
			push(t, db, c.to)
		})
	}
}

func TestDroppingAllOfOneSchemaAmongManyNeedsAPermission(t *testing.T) {
	const two = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"U\")\n  schemas = [\"a\", \"b\"]\n}\n"
	in := func(text, schema string) string {
		return strings.ReplaceAll(text, "@id\n", "@id\n  @@schema(\""+schema+"\")\n")
	}
	_, db := database(t)
	push(t, db, two+in(models("A", 9), "a")+in(models("B", 2), "b"))
	p := plan(t, db, two+in(models("A", 9), "a"))
	_, err := Apply(ctx, db, p, ApplyOptions{})
	if err == nil || remedy.Code(err) != "push.empties" || !strings.Contains(remedy.Text(err), "all 2 tables of schema b") {
		t.Errorf("got %v", err)
	}
	p = plan(t, db, two+in(models("A", 1), "a")+in(models("B", 1), "b"))
	if text := strings.Join(p.Summary(remedy.Target{}), "\n"); !strings.Contains(text, "9 of all 11 tables") {
		t.Errorf("the plan says\n%s", text)
	}
}

func TestWhatHasRowsIsNamedBesideTheTablesThatGo(t *testing.T) {
	_, db := database(t)
	push(t, db, models("A", 3))
	run(t, db, `INSERT INTO "A1" VALUES (1)`)
	_, err := Apply(ctx, db, plan(t, db, ""), ApplyOptions{})
	text := remedy.Text(err)
	if remedy.Code(err) != "push.destroys" || !strings.Contains(text, "1 row of public.A1") || !strings.Contains(text, "all 3 tables of schema public") {
		t.Errorf("got %s", text)
	}
}
