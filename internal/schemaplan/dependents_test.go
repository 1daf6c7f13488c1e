package schemaplan

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const dependedOn = "enum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n  a Int?\n  e E?\n  b Int?\n}\n"

// TestWhatUsesAColumnOrAnEnumBlocksItsChangeByName creates each object, and expects to hear of it before the server
// refuses.
func TestWhatUsesAColumnOrAnEnumBlocksItsChangeByName(t *testing.T) {
	drop := strings.Replace(dependedOn, "  a Int?\n", "", 1)
	retype := strings.Replace(dependedOn, "a Int?", "a BigInt?", 1)
	recreate := strings.Replace(dependedOn, "a Int?", "a Boolean?", 1)
	rebuild := strings.Replace(dependedOn, "  B\n", "", 1)
	without := strings.NewReplacer("enum E {\n  A\n  B\n}\n", "", "  e E?\n", "").Replace(dependedOn)
	text := strings.NewReplacer("enum E {\n  A\n  B\n}\n", "", "e E?", "e String?").Replace(dependedOn)
	number := strings.Replace(dependedOn, "a Int?", "a String?", 1)
	const function = `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; `
	for _, c := range []struct{ name, sql, to, why, way string }{
		{"a trigger on a column", function + `CREATE TRIGGER tr BEFORE UPDATE OF a ON "T" FOR EACH ROW EXECUTE FUNCTION f()`, drop, `trigger tr on table public."T" uses it`, `DROP TRIGGER tr on public."T"`},
		{"a trigger's condition", function + `CREATE TRIGGER tr BEFORE UPDATE ON "T" FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION f()`, retype, "trigger tr", ""},
		{"a policy", `CREATE POLICY p ON "T" USING (a > 1)`, drop, `policy p on table public."T" uses it`, `DROP POLICY p on public."T"`},
		{"a generated column", `ALTER TABLE "T" DROP b, ADD b int GENERATED ALWAYS AS (a + 1) STORED`, retype, `generated column public."T".b uses it`, `DROP COLUMN b`},
		{"a function's body", `CREATE FUNCTION g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(a) FROM "T"; END`, drop, "function public.g() uses it", "DROP FUNCTION public.g()"},
		{"a publication's columns", `CREATE PUBLICATION pub FOR TABLE "T" (id, a)`, drop, "uses it", `ALTER PUBLICATION pub DROP TABLE public."T"`},
		{"a view", `CREATE VIEW v AS SELECT a FROM "T"`, recreate, "view public.v reads it", "DROP VIEW public.v"},
		{"a view of an enum's column", `CREATE MATERIALIZED VIEW v AS SELECT e FROM "T"`, rebuild, "materialized view public.v reads it", "DROP MATERIALIZED VIEW public.v"},
		{"a view of an enum's column elsewhere", `CREATE SCHEMA mine; CREATE TABLE mine.t (e "E"); CREATE VIEW mine.v AS SELECT e FROM mine.t`, rebuild, "view mine.v reads it", "DROP VIEW mine.v"},
		{"a trigger on an enum's column", function + `CREATE TRIGGER tr BEFORE UPDATE OF e ON "T" FOR EACH ROW EXECUTE FUNCTION f()`, rebuild, "trigger tr", ""},
		{"a check of an enum's values", `ALTER TABLE "T" ADD CONSTRAINT c CHECK (e <> 'A' OR b > 1)`, rebuild, `constraint c on table public."T" uses it`, `ALTER TABLE public."T" DROP CONSTRAINT c`},
		{"a partial index on an enum's values", `CREATE INDEX i ON "T" (b) WHERE e = 'A'`, rebuild, "index public.i", "DROP INDEX public.i"},
		{"a function of an enum", `CREATE FUNCTION g("E") RETURNS int LANGUAGE sql AS 'SELECT 1'`, rebuild, `function public.g(public."E") uses it`, ""},
		{"a function of an enum that goes", `CREATE FUNCTION g("E"[]) RETURNS int LANGUAGE sql AS 'SELECT 1'`, without, `function public.g(public."E"[]) uses it`, ""},
		{"a check of an enum that becomes text", `ALTER TABLE "T" ADD CONSTRAINT c CHECK (e <> 'A' OR b > 1)`, text, `constraint c on table public."T" uses it`, `ALTER TABLE public."T" DROP CONSTRAINT c`},
		{"a partial index of an enum that becomes text", `CREATE UNIQUE INDEX "an i" ON "T" (b) WHERE e = 'A'`, text, `index public."an i"`, `DROP INDEX public."an i"`},
		{"an index over an enum that becomes text", `CREATE INDEX i ON "T" ((e = 'A'))`, text, "index public.i", "DROP INDEX public.i"},
		{"a check of a number that becomes text", `ALTER TABLE "T" ADD CONSTRAINT c CHECK (a > 3)`, number, "constraint c", "DROP CONSTRAINT c"},
		{"an index over a number that becomes text", `CREATE INDEX i ON "T" ((a + 1), b)`, number, "index public.i", "DROP INDEX public.i"},
		{"a domain", `CREATE DOMAIN d AS "E"`, rebuild, "type public.d uses it", "DROP TYPE public.d"},
		{"a composite type", `CREATE TYPE c AS (x int, e "E")`, rebuild, "column e of composite type public.c uses it", "give column e"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, db := database(t)
			push(t, db, dependedOn)
			run(t, db, c.sql)
			before := catalogue(t, url)
			_, err := Apply(ctx, db, plan(t, db, c.to), ApplyOptions{AllowLoss: true})
			if text := remedy.Text(err); remedy.Code(err) != "push.blocked" || !strings.Contains(text, c.why) || !strings.Contains(text, c.way) {
				t.Errorf("got %v, want %q and %q", text, c.why, c.way)
			}
			if after := catalogue(t, url); after != before {
				t.Errorf("something changed:\n%s", differences(before, after))
			}
			blocked := strings.Join(remedy.Target{}.Lines(plan(t, db, c.to).blocked()[0].Blocked.Ways), "")
			if _, sql, found := strings.Cut(blocked, "afterwards: "); found && !strings.HasPrefix(sql, "give") {
				run(t, db, sql)
				if len(plan(t, db, c.to).blocked()) > 0 {
					t.Errorf("the way out leads nowhere: %s", blocked)
				}
			}
		})
	}
}

func TestConditionsThatAreNotBoundToAnEnumLeaveItAlone(t *testing.T) {
	_, db := database(t)
	push(t, db, dependedOn)
	run(t, db, `ALTER TABLE "T" ADD CONSTRAINT c CHECK (e IS NOT NULL OR a > 1); CREATE INDEX i ON "T" (e) WHERE b > 1;
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr BEFORE UPDATE ON "T" FOR EACH ROW EXECUTE FUNCTION f()`)
	push(t, db, strings.NewReplacer("  B\n", "", "b Int?", "b BigInt?").Replace(dependedOn))
	push(t, db, "model K {\n  id Int @id\n}\n")
}

func TestWhatGoesAlongWithAColumnIsALoss(t *testing.T) {
	_, db := database(t)
	push(t, db, dependedOn)
	run(t, db, `ALTER TABLE "T" ADD CONSTRAINT c CHECK (a > 1); CREATE INDEX i ON "T" ((a + 1)); CREATE INDEX j ON "T" (b) WHERE a > 1; CREATE STATISTICS st ON a, b FROM "T"`)
	for _, to := range []string{strings.Replace(dependedOn, "  a Int?\n", "", 1), strings.Replace(dependedOn, "a Int?", "a Boolean?", 1)} {
		p := plan(t, db, to)
		if _, err := Apply(ctx, db, p, ApplyOptions{}); remedy.Code(err) != "push.destroys" {
			t.Fatalf("got %v", err)
		}
		losses := p.Losses()
		want := []string{`constraint c on table public."T"`, "index public.i", "index public.j", "statistics object public.st"}
		if len(losses) != 1 || !slices.Equal(losses[0].Destroys.Takes, want) || !strings.Contains(losses[0].Destroys.What, "index public.i") {
			t.Errorf("it loses %+v", losses[0].Destroys)
		}
	}
	run(t, db, `INSERT INTO "T" (id, a) VALUES (1, 2)`)
	p := plan(t, db, strings.Replace(dependedOn, "  a Int?\n", "", 1))
	if l := p.Losses()[0].Destroys; l.NonNull != 1 || !strings.HasPrefix(l.What, "1 value of public.T.a, and constraint c") {
		t.Errorf("it loses %+v", l)
	}
	push(t, db, strings.Replace(dependedOn, "  a Int?\n", "", 1))
}
