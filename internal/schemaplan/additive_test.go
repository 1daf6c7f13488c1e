package schemaplan

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestWhatMayBeANewNameWaits creates the part that is pushed without asking, and then renames: that must still be
// possible.
func TestWhatMayBeANewNameWaits(t *testing.T) {
	const before = "enum E {\n  A\n}\nmodel T {\n  id Int @id\n  name String?\n  e E?\n  none Int?\n}\n"
	for key, to := range map[string]string{
		"public.T.name>fullName": strings.Replace(before, "name String?", "fullName String?\n  more Boolean?", 1),
		"public.T>public.U":      strings.Replace(before, "model T", "model U", 1) + "model More {\n  id Int @id\n  more Int\n}\n",
		"public.E>public.F":      strings.NewReplacer("enum E", "enum F", "e E?", "e F?\n  more Boolean?").Replace(before),
	} {
		t.Run(key, func(t *testing.T) {
			_, db := database(t)
			push(t, db, before)
			run(t, db, `INSERT INTO "T" VALUES (1, 'a', 'A')`)
			adds := plan(t, db, to).Additive()
			if len(adds.Steps) == 0 || !strings.Contains(adds.SQL(), "more") {
				t.Errorf("what is no new name need not wait:\n%s", strings.Join(adds.Summary(remedy.Target{}), "\n"))
			}
			var why string
			for _, s := range adds.HeldBack {
				why += s.Held.Why + strings.Join(remedy.Target{}.Lines(s.Held.Ways), "\n")
			}
			for _, part := range []string{"may be the new name of", "which has 1 ", "naap dev push --rename '" + key + "'", "if it is not: naap dev push --accept-data-loss"} {
				if !strings.Contains(why, part) {
					t.Errorf("the reasons lack %q:\n%s", part, why)
				}
			}
			if _, err := Apply(ctx, db, adds, ApplyOptions{}); err != nil {
				t.Fatal(err)
			}
			p := plan(t, db, to, ComputeOptions{Renames: []string{key}})
			if p.Destructive() {
				t.Errorf("the rename loses something:\n%s", strings.Join(p.Summary(remedy.Target{}), "\n"))
			}
			if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("nothing to keep", func(t *testing.T) {
		_, db := database(t)
		push(t, db, before)
		run(t, db, `INSERT INTO "T" VALUES (1, 'a', 'A')`)
		adds := plan(t, db, strings.Replace(before, "none Int?", "other Int?", 1)).Additive()
		if len(adds.Steps) != 1 || len(adds.HeldBack) != 1 {
			t.Errorf("a column of NULLs is added and dropped as it was:\n%s", strings.Join(adds.Summary(remedy.Target{}), "\n"))
		}
	})
}
