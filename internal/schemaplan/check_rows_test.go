package schemaplan

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestRowsAreLookedAtForWhatTheyWillHold(t *testing.T) {
	const before = "model P {\n  id Int @id\n  ts T[]\n}\nmodel T {\n  id Int @id\n  pId Int?\n  p P? @relation(fields: [pId], references: [id])\n  mail String? @unique\n  at DateTime? @unique @db.Timestamp(6)\n  f Float? @unique\n  big BigInt?\n}\n"
	_, db := database(t)
	run(t, db, "CREATE EXTENSION citext")
	push(t, db, before)
	run(t, db, `INSERT INTO "P" VALUES (7); INSERT INTO "T" VALUES (1, 7, 'a@b', '2020-01-01 00:00:00.1', 1.25, 5), (2, 7, 'A@B', '2020-01-01 00:00:00.2', 1.26, 5), (3, NULL, 'c', NULL, 9, 6)`)
	replace := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(before) }
	second := func(field string) string {
		return replace("ts T[]", "ts T[]\n  us T[] @relation(\"u\")", "  mail", "  "+field+"\n  u P? @relation(\"u\", fields: [uId], references: [id])\n  mail")
	}
	for name, c := range map[string]struct {
		to, object, why string
		count           int64
	}{
		"a default that refers to nothing":       {second("uId Int @default(8)"), "public.T_uId_fkey", "3 rows of public.T refer to no row of public.P", 3},
		"mails without regard to case":           {replace("mail String? @unique", "mail String? @unique @db.Citext"), "public.T.mail", "1 value of (mail) in public.T stands in more than one row", 1},
		"moments to the second":                  {replace("Timestamp(6)", "Timestamp(0)"), "public.T.at", "1 value of (at)", 1},
		"numbers to a digit":                     {replace("f Float?", "f Decimal? @db.Decimal(9, 1)"), "public.T.f", "1 value of (f)", 1},
		"a new unique index on a retyped column": {replace("big BigInt?", "big Int? @unique"), "public.T_big_key", "1 value of (big)", 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(t, db, c.to)
			var found *Step
			for _, s := range p.blocked() {
				if s.Object == c.object || strings.HasSuffix(c.object, "fkey") && s.Kind == addForeignKey {
					found = s
				}
			}
			if found == nil || !strings.Contains(found.Blocked.Why, c.why) || found.Blocked.Count != c.count {
				t.Fatalf("blocked: %v", strings.Join(p.Summary(remedy.Target{}), "\n"))
			}
			if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); remedy.Code(err) != "push.blocked" {
				t.Errorf("got %v", err)
			}
		})
	}
	run(t, db, `INSERT INTO "P" VALUES (8); UPDATE "T" SET mail = 'd' WHERE id = 2`)
	push(t, db, second("uId Int @default(8)"))
	push(t, db, strings.Replace(second("uId Int @default(8)"), "mail String? @unique", "mail String? @unique @db.Citext", 1))
}
