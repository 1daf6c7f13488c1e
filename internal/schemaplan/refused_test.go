package schemaplan

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestWhatTheServerWouldRefuseIsSeenBeforehand has plans that would fail half-way if nothing were checked first: each
// must be blocked by name, with nothing changed.
func TestWhatTheServerWouldRefuseIsSeenBeforehand(t *testing.T) {
	const (
		user  = "model U {\n  id Int @id\n  name String?\n}\n"
		coded = "model T {\n  id Int @id\n  code Int @unique\n}\n"
		refer = `CREATE SCHEMA other; INSERT INTO "T" VALUES (1, 1); CREATE TABLE other.r (c int REFERENCES public."T"(code)); INSERT INTO other.r VALUES (1)`
		enum  = "enum E {\n  A\n}\nmodel U {\n  id Int @id\n  name String?\n  e E?\n}\n"
	)
	with := func(line string) string { return strings.Replace(user, "}", "  "+line+"\n}", 1) }
	for name, c := range map[string]struct{ from, sql, to, why string }{
		"a unique index that a foreign key outside needs":   {coded, refer, "model T {\n  id Int @id\n  code Int\n}\n", "r_c_fkey of other.r to public.T: it needs (code) of public.T to be unique"},
		"one that is over more columns then":                {coded, refer, "model T {\n  id Int @id\n  code Int\n  @@unique([code, id])\n}\n", "it needs (code) of public.T to be unique"},
		"a primary key that one needs":                      {coded, strings.Replace(refer, "(code)", "(id)", 1), "model T {\n  id Int\n  code Int @id\n}\n", "it needs (id) of public.T to be unique"},
		"a column that one refers to":                       {coded, refer, "model T {\n  id Int @id\n}\n", "it refers to column code of public.T, which goes"},
		"a column that gets a type which can't be compared": {coded, refer, "model T {\n  id Int @id\n  code String @unique\n}\n", "could not be compared with c of other.r"},
		"a table that a table elsewhere inherits from":      {user, `CREATE SCHEMA other; CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE other.c () INHERITS (p)`, user, "table other.c inherits from it"},
		"a column that a table inherits":                    {user, `CREATE TABLE p (id int, a int); CREATE TABLE c (PRIMARY KEY (id)) INHERITS (p)`, user + "model p {\n  id Int\n  a Int?\n  @@ignore\n}\nmodel c {\n  id Int @id\n}\n", "column a comes from a table that this one inherits from"},
		"an enum whose name a domain has":                   {user, `CREATE DOMAIN "E" AS int`, enum, "the name is taken by a domain"},
		"an enum whose name a composite type has":           {user, `CREATE TYPE "E" AS (a int)`, enum, "the name is taken by a composite type"},
		"an enum whose name a range type has":               {user, `CREATE TYPE "E" AS RANGE (subtype = int)`, enum, "the name is taken by a range type"},
		"a table whose name a domain has":                   {user, `CREATE DOMAIN "T" AS int`, user + coded, "the name is taken by a domain"},
		"a default that reads a column":                     {user, ``, with(`low String? @default(dbgenerated("lower(name)"))`), "cannot use column reference in DEFAULT expression"},
		"a default of a new table that reads a column":      {user, ``, user + "model V {\n  id Int @id\n  a Int?\n  b Int? @default(dbgenerated(\"a + 1\"))\n}\n", "cannot use column reference in DEFAULT expression"},
		"a default that becomes one that reads a column":    {with("low String?"), ``, with(`low String? @default(dbgenerated("lower(name)"))`), "cannot use column reference in DEFAULT expression"},
		"a default with a subquery":                         {user, ``, with(`low Int? @default(dbgenerated("(SELECT 1)"))`), "cannot use subquery in DEFAULT expression"},
		"a default of another type":                         {user, ``, with(`low Int? @default(dbgenerated("'x'::text"))`), "default expression is of type text"},
		"a default that is no SQL":                          {user, ``, with(`low Int? @default(dbgenerated("1 +"))`), "syntax error"},
		"a type that only an extension has":                 {user, ``, with(`v Unsupported("vector(3)")?`), `type "vector" does not exist`},
		"an operator class that only an extension has":      {user, ``, with(`@@index([name(ops: raw("gin_trgm_ops"))], type: Gin)`), `operator class "gin_trgm_ops" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			url, db := database(t)
			push(t, db, c.from)
			run(t, db, c.sql)
			before := catalogue(t, url)
			_, err := Apply(ctx, db, plan(t, db, c.to), ApplyOptions{AllowLoss: true})
			if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), c.why) || !strings.Contains(remedy.Text(err), "try: ") {
				t.Errorf("%s", remedy.Text(err))
			}
			if d := differences(before, catalogue(t, url)); d != "" {
				t.Errorf("something was changed:\n%s", d)
			}
		})
	}
}

func TestChildrenOfAnInheritanceGoBeforeTheirParentsAndCountByThemselves(t *testing.T) {
	_, db := database(t)
	const text = "model U {\n  id Int @id\n}\nmodel V {\n  id Int @id\n}\nmodel W {\n  id Int @id\n}\n"
	push(t, db, text)
	run(t, db, `CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b () INHERITS (a); CREATE TABLE "0" () INHERITS (b); INSERT INTO a VALUES (1); INSERT INTO b VALUES (2), (3); INSERT INTO "0" VALUES (4)`)
	p := plan(t, db, text)
	for object, rows := range map[string]int64{"public.a": 1, "public.b": 2, "public.0": 1} {
		for _, s := range p.Steps {
			if s.Object == object && (s.Destroys == nil || s.Destroys.Rows != rows) {
				t.Errorf("%s: %+v, want %d rows", object, s.Destroys, rows)
			}
		}
	}
	push(t, db, text)
}

func TestAColumnThatParentAndChildGetIsAddedToBoth(t *testing.T) {
	_, db := database(t)
	const text = "model a {\n  id Int @id\n}\nmodel b {\n  id Int @id\n}\n"
	run(t, db, `CREATE TABLE a (id int, CONSTRAINT a_pkey PRIMARY KEY (id)); CREATE TABLE b (CONSTRAINT b_pkey PRIMARY KEY (id)) INHERITS (a)`)
	push(t, db, text)
	push(t, db, strings.ReplaceAll(text, "@id\n", "@id\n  n Int?\n"))
}

// TestARemedyForWhatAnExtensionMakesCanBeRun installs, as the remedy says, the extensions that the server has.
func TestARemedyForWhatAnExtensionMakesCanBeRun(t *testing.T) {
	for what, text := range map[string]string{
		`"citext"`: "model T {\n  id Int @id\n  c String @db.Citext\n}\n",
		"pg_trgm":  "model T {\n  id Int @id\n  c String\n  @@index([c(ops: raw(\"gin_trgm_ops\"))], type: Gin)\n}\n",
		"uuid":     "model T {\n  id String @id @default(dbgenerated(\"uuid_generate_v4()\")) @db.Uuid\n}\n",
	} {
		t.Run(what, func(t *testing.T) {
			_, db := database(t)
			_, err := Apply(ctx, db, plan(t, db, text), ApplyOptions{})
			m := regexp.MustCompile(`naap dev sql --write '(CREATE EXTENSION [^']*)'`).FindStringSubmatch(remedy.Text(err))
			if remedy.Code(err) != "push.blocked" || m == nil {
				t.Fatalf("%s", remedy.Text(err))
			}
			run(t, db, m[1])
			push(t, db, text)
		})
	}
}

func TestAnExtensionThatTheServerLacksIsNamedWithAnImageThatHasIt(t *testing.T) {
	_, db := database(t)
	_, err := Apply(ctx, db, plan(t, db, "model T {\n  id Int @id\n  v Unsupported(\"vector(3)\")?\n}\n"), ApplyOptions{})
	for _, part := range []string{"schema.prisma:7:3", `type "vector" does not exist`, "this server does not have the extension vector", "naap dev up --engine docker --image pgvector/pgvector:pg16", `CREATE EXTENSION IF NOT EXISTS "vector";`} {
		if !strings.Contains(remedy.Text(err), part) {
			t.Errorf("%q is not in\n%s", part, remedy.Text(err))
		}
	}
}

// TestAnExtensionThatTheServerCannotMakeIsSeenBeforehand has the schema file ask for extensions itself.
func TestAnExtensionThatTheServerCannotMakeIsSeenBeforehand(t *testing.T) {
	const head = "generator g {\n  provider = \"x\"\n  previewFeatures = [\"postgresqlExtensions\"]\n}\ndatasource db {\n  provider = \"postgresql\"\n  url = \"x\"\n  extensions = [%s]\n}\n"
	for extensions, c := range map[string]struct {
		models string
		parts  []string
	}{
		`vector, citext`: {"model T {\n  id Int @id\n  v Unsupported(\"vector(3)\")?\n  c String @db.Citext\n}\n",
			[]string{`schema.prisma:8:17`, `extension "vector" is not available`, "naap dev up --engine docker --image pgvector/pgvector:pg16"}},
		`pgvector(map: "vector")`:        {"", []string{`extension "vector" is not available`, "--image pgvector/pgvector:pg16"}},
		`nosuch`:                         {"", []string{`extension "nosuch" is not available`, "naap knows no image that has it"}},
		`citext(version: "9.9")`:         {"model T {\n  id Int @id\n  c String @db.Citext\n}\n", []string{`extension "citext" has no version "9.9"`, "versions that this server has: 1.4, "}},
		`citext(version: "1.4"), hstore`: {"model T {\n  id Int @id\n  c String @db.Citext\n}\n", nil},
	} {
		t.Run(extensions, func(t *testing.T) {
			_, db := database(t)
			p := plan(t, db, fmt.Sprintf(head, extensions)+c.models+"model U {\n  id Int @id\n}\n")
			_, err := Apply(ctx, db, p, ApplyOptions{})
			if c.parts == nil {
				if err != nil {
					t.Errorf("%s", remedy.Text(err))
				}
				return
			}
			if remedy.Code(err) != "push.blocked" {
				t.Fatalf("it ended with %v", err)
			}
			for _, part := range c.parts {
				if !strings.Contains(remedy.Text(err), part) {
					t.Errorf("%q is not in\n%s", part, remedy.Text(err))
				}
			}
			added := p.Additive()
			if _, err := Apply(ctx, db, added, ApplyOptions{}); err != nil || !slices.ContainsFunc(added.Steps, func(s *Step) bool { return s.Object == "public.U" }) {
				t.Errorf("what can be added is not: %s\n%s", remedy.Text(err), added.SQL())
			}
		})
	}
}

func TestAnExtensionInASchemaThatIsNotSearchedIsNamed(t *testing.T) {
	_, db := database(t)
	run(t, db, `CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext`)
	_, err := Apply(ctx, db, plan(t, db, "model T {\n  id Int @id\n  c Unsupported(\"citext\")?\n}\n"), ApplyOptions{})
	if !strings.Contains(remedy.Text(err), `is in schema ext, and that is not searched: write "ext"."citext"`) {
		t.Errorf("%s", remedy.Text(err))
	}
}
