package schemaplan

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestWhatTheLanguageCannotSayIsLeftAlone(t *testing.T) {
	url, db := database(t)
	const text = "model User {\n  id Int @id\n  email String\n  n Int?\n}\n"
	push(t, db, text)
	run(t, db, `
		CREATE EXTENSION btree_gist;
		CREATE VIEW v AS SELECT id FROM "User";
		CREATE MATERIALIZED VIEW mv AS SELECT id FROM "User";
		CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
		CREATE TRIGGER tr BEFORE INSERT ON "User" FOR EACH ROW EXECUTE FUNCTION f();
		ALTER TABLE "User" ADD CHECK (n > 0), ADD EXCLUDE USING gist (n WITH =), ENABLE ROW LEVEL SECURITY;
		CREATE POLICY p ON "User" USING (true);
		CREATE INDEX partial ON "User" (email) WHERE n > 5;
		CREATE UNIQUE INDEX expression ON "User" (lower(email));
		CREATE SEQUENCE stray;
		CREATE DOMAIN d AS text;
		CREATE TYPE pair AS (a int, b int);
		COMMENT ON TABLE "User" IS 'people';
		CREATE TABLE _prisma_migrations (id text PRIMARY KEY);
		CREATE SCHEMA other; CREATE TABLE other.t (id int); CREATE TYPE other.e AS ENUM ('a');
		CREATE SCHEMA naap_dev; CREATE TABLE naap_dev.seeds (id int);
		CREATE SCHEMA naap_undo_1; CREATE TABLE naap_undo_1."User" (id int);`)
	before := catalogue(t, url)
	if p := plan(t, db, text); !p.Empty() {
		t.Errorf("the plan is not empty:\n%s", p.SQL())
	}
	push(t, db, text+"model More {\n  id Int @id\n}\n")
	push(t, db, text)
	if d := differences(before, catalogue(t, url)); d != "" {
		t.Errorf("something is not as it was:\n%s", d)
	}
}

func TestAPartitionedTableKeepsItsPartitions(t *testing.T) {
	_, db := database(t)
	run(t, db, `CREATE TABLE "T" (id int NOT NULL, a int, CONSTRAINT "T_pkey" PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF "T" FOR VALUES FROM (0) TO (9)`)
	if p := plan(t, db, "model T {\n  id Int @id\n  a Int?\n}\n"); !p.Empty() {
		t.Errorf("the plan is not empty:\n%s", p.SQL())
	}
}

// TestWhatIsThereInAnotherFormCountsAsTheSame has pairs of SQL and schema for which a push has nothing to do.
func TestWhatIsThereInAnotherFormCountsAsTheSame(t *testing.T) {
	for name, c := range map[string]struct{ sql, text string }{
		"identity":                 {`CREATE TABLE "T" (id int GENERATED ALWAYS AS IDENTITY, CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id @default(autoincrement())\n}\n"},
		"a sequence of any name":   {`CREATE SEQUENCE s; CREATE TABLE "T" (id int DEFAULT nextval('s'), CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id @default(autoincrement())\n}\n"},
		"a generated column":       {`CREATE TABLE "T" (id int, g int GENERATED ALWAYS AS (id * 2) STORED, CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  g Int?\n}\n"},
		"a list that is NOT NULL":  {`CREATE TABLE "T" (id int, l text[] NOT NULL, CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  l String[]\n}\n"},
		"now()":                    {`CREATE TABLE "T" (id int, a timestamp(3) DEFAULT now(), CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  a DateTime? @default(now())\n}\n"},
		"an empty list as text":    {`CREATE TABLE "T" (id int, l text[] DEFAULT '{}', CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  l String[] @default([])\n}\n"},
		"any precision":            {`CREATE TABLE "T" (id int, a timestamptz(2), b time(1), CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  a DateTime? @db.Timestamptz\n  b DateTime? @db.Time\n}\n"},
		"the full precision":       {`CREATE TABLE "T" (id int, a timestamptz, CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  a DateTime? @db.Timestamptz(6)\n}\n"},
		"a unique constraint":      {`CREATE TABLE "T" (id int, a int, CONSTRAINT "T_pkey" PRIMARY KEY (id), CONSTRAINT "T_a_key" UNIQUE (a))`, "model T {\n  id Int @id\n  a Int? @unique\n}\n"},
		"INCLUDE and NULLS FIRST":  {`CREATE TABLE "T" (id int, a int, CONSTRAINT "T_pkey" PRIMARY KEY (id)); CREATE INDEX "T_a_idx" ON "T" (a NULLS FIRST) INCLUDE (id)`, "model T {\n  id Int @id\n  a Int?\n  @@index([a])\n}\n"},
		"whatever the server does": {`CREATE TABLE "T" (id int, a text DEFAULT now()::text, CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  a String? @default(dbgenerated())\n}\n"},
		"numbers as they print":    {`CREATE TABLE "T" (id int, a numeric(65,30) DEFAULT 1, b float8 DEFAULT '-2', CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  a Decimal? @default(1.00)\n  b Float? @default(-2.0)\n}\n"},
		"JSON as it is parsed":     {`CREATE TABLE "T" (id int, a json DEFAULT '{"b" : [1],"a":2}', CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "model T {\n  id Int @id\n  a Json? @default(\"{\\\"a\\\": 2, \\\"b\\\": [1]}\") @db.Json\n}\n"},
		"enum values reordered":    {`CREATE TYPE "E" AS ENUM ('A', 'B'); CREATE TABLE "T" (id int, e "E", CONSTRAINT "T_pkey" PRIMARY KEY (id))`, "enum E {\n  B\n  A\n}\nmodel T {\n  id Int @id\n  e E?\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			_, db := database(t)
			run(t, db, c.sql)
			if p := plan(t, db, c.text); !p.Empty() {
				t.Errorf("the plan is not empty:\n%s", p.SQL())
			}
		})
	}
}

// TestASecondPushIsEmptyWhereRealPrismasIsNot has what real Prisma changes again on every push.
func TestASecondPushIsEmptyWhereRealPrismasIsNot(t *testing.T) {
	_, db := database(t)
	run(t, db, "CREATE EXTENSION citext")
	push(t, db, `model T {
  id  Int      @id
  a   Int?     @default(autoincrement())
  b   String   @db.Char
  c   String   @db.Bit
  d   String   @default(dbgenerated("(now() + interval '1 day')::text"))
  e   DateTime @default(dbgenerated("now() + interval '1 day'"))
  f   BigInt[] @default([1, 2])
  g   DateTime @default("2020-01-02T03:04:05.6Z") @db.Timestamptz(6)
  h   Json     @default("{\"a\":   1}")
  i   DateTime[] @default(["2020-01-02T03:04:05Z"])
  j   Decimal[] @default([1.50])
  k   String   @default("x") @db.Citext
  m   Unsupported("numeric(4, 2)")?
  n   Unsupported("timestamp with time zone")? @default(dbgenerated("now()"))
  o   String
  p   Float    @default(0.1) @db.Real
  q   Bytes    @default("AAEC")
  @@index([o(ops: raw("text_pattern_ops"))])
  @@index([o(ops: raw("varchar_pattern_ops"), sort: Desc)], map: "vpo")
}
`)
}

func TestPartialIndexesAreManagedOnceTheFileCanSayThem(t *testing.T) {
	const preview = "generator g {\n  provider = \"prisma-client-js\"\n  previewFeatures = [\"partialIndexes\"]\n}\n"
	const model = "model T {\n  id Int @id\n  a String\n  del Boolean @map(\"deleted\")\n  n Int?\n"
	_, db := database(t)
	push(t, db, preview+head+model+"  @@unique([a], where: raw(\"deleted = false\"))\n  @@index([n], where: { n: { not: null }, del: false })\n  @@index([a], where: { a: \"it's\" }, map: \"m\")\n}\n")
	p := push(t, db, preview+head+model+"  @@unique([a], where: raw(\"deleted = true\"))\n  @@index([n], where: { del: false, n: { not: null } }, map: \"other\")\n}\n")
	want := []string{"drop index m of", "drop unique index T_a_key", "drop index T_n_idx", "create index other", "create unique index T_a_key"}
	summary := strings.Join(p.Summary(remedy.Target{}), "\n")
	for _, w := range want {
		if !strings.Contains(summary, w) {
			t.Errorf("the plan lacks %q:\n%s", w, summary)
		}
	}
	if p := plan(t, db, head+model+"}\n"); !p.Empty() {
		t.Errorf("without the preview feature they are somebody's own:\n%s", p.SQL())
	}
}

func TestAUniqueConstraintThatIsNotWantedGoesAsAConstraint(t *testing.T) {
	_, db := database(t)
	run(t, db, `CREATE TABLE "T" (id int, a int, CONSTRAINT "T_pkey" PRIMARY KEY (id), UNIQUE (a))`)
	p := push(t, db, "model T {\n  id Int @id\n  a Int?\n}\n")
	if !strings.Contains(p.SQL(), `DROP CONSTRAINT "T_a_key"`) {
		t.Errorf("the plan is\n%s", p.SQL())
	}
}

func TestOfIndexesThatAreAlikeTheExtraOnesGo(t *testing.T) {
	_, db := database(t)
	run(t, db, `CREATE TABLE "T" (id int, a int NOT NULL, CONSTRAINT "T_pkey" PRIMARY KEY (id)); CREATE INDEX i1 ON "T" (a); CREATE INDEX i2 ON "T" (a)`)
	push(t, db, "model T {\n  id Int @id\n  a Int\n  @@index([a])\n}\n")
	if n := number(t, db, `SELECT count(*) FROM pg_indexes WHERE tablename = 'T' AND indexname = 'T_a_idx'`); n != 1 {
		t.Error("the index has not its name")
	}
	if n := number(t, db, `SELECT count(*) FROM pg_indexes WHERE tablename = 'T'`); n != 2 {
		t.Errorf("there are %d indexes", n)
	}
}

func TestANameThatAViewHasBlocksTheTable(t *testing.T) {
	_, db := database(t)
	run(t, db, `CREATE VIEW "T" AS SELECT 1 AS id`)
	p := plan(t, db, "model T {\n  id Int @id\n}\n")
	_, err := Apply(ctx, db, p, ApplyOptions{})
	if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), "taken by a view") {
		t.Errorf("got %v", remedy.Text(err))
	}
}

func TestATableThatOthersReferToFromOutsideIsNotDropped(t *testing.T) {
	_, db := database(t)
	push(t, db, "model T {\n  id Int @id\n}\nmodel K {\n  id Int @id\n}\n")
	run(t, db, `CREATE SCHEMA mine; CREATE TABLE mine.c (t int REFERENCES "T" (id))`)
	p := plan(t, db, "model K {\n  id Int @id\n}\n")
	_, err := Apply(ctx, db, p, ApplyOptions{})
	if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), "mine.c") {
		t.Errorf("got %v", remedy.Text(err))
	}
	// A key from outside is dropped and recreated around the change of what it refers to.
	push(t, db, "model T {\n  id BigInt @id(map: \"other\")\n}\nmodel K {\n  id Int @id\n}\n")
	if n := number(t, db, `SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'mine.c'::regclass`); n != 1 {
		t.Error("the foreign key from outside is gone")
	}
}

func TestAViewThatReadsAColumnBlocksItsChangeByName(t *testing.T) {
	_, db := database(t)
	push(t, db, "model T {\n  id Int @id\n  a Int?\n  b Int?\n}\nmodel K {\n  id Int @id\n}\n")
	run(t, db, `CREATE VIEW reads AS SELECT a FROM "T"; CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM "K"`)
	for text, part := range map[string]string{
		"model T {\n  id Int @id\n  b Int?\n}\nmodel K {\n  id Int @id\n}\n":              "view public.reads reads it",
		"model T {\n  id Int @id\n  a BigInt?\n  b Int?\n}\nmodel K {\n  id Int @id\n}\n": "view public.reads reads it",
		"model T {\n  id Int @id\n  a Int?\n  b Int?\n}\n":                                "materialized view public.counts reads it",
	} {
		_, err := Apply(ctx, db, plan(t, db, text), ApplyOptions{AllowLoss: true})
		if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), part) {
			t.Errorf("got %v, want %q", remedy.Text(err), part)
		}
	}
	push(t, db, "model T {\n  id Int @id\n  a Int?\n}\nmodel K {\n  id Int @id\n  c Int?\n}\n")
}

func TestAnEnumThatColumnsOutsideHaveFollowsOrStays(t *testing.T) {
	_, db := database(t)
	push(t, db, "enum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n  e E @default(A)\n  l E[] @default([A])\n  gone E?\n}\n")
	run(t, db, `CREATE SCHEMA mine; CREATE TABLE mine.t (e "E" DEFAULT 'A'); INSERT INTO mine.t VALUES ('A'); INSERT INTO "T" VALUES (1, 'A', '{A}', 'B')`)
	push(t, db, "enum E {\n  A\n}\nmodel T {\n  id Int @id\n  e E @default(A)\n  l E[] @default([A])\n}\n")
	if n := number(t, db, `SELECT count(*) FROM mine.t WHERE e = 'A'::"E"`); n != 1 {
		t.Error("the column outside has another type")
	}
	_, err := Apply(ctx, db, plan(t, db, "model T {\n  id Int @id\n}\n"), ApplyOptions{AllowLoss: true})
	if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), "column e of mine.t") {
		t.Errorf("got %v", remedy.Text(err))
	}
}

func TestAHalfMadeIndexIsMadeAgain(t *testing.T) {
	_, db := database(t)
	push(t, db, "model T {\n  id Int @id\n  a Int?\n}\n")
	run(t, db, `INSERT INTO "T" VALUES (1, 1), (2, 1)`)
	if _, err := db.Exec(ctx, `CREATE UNIQUE INDEX CONCURRENTLY "T_a_key" ON "T" (a)`); err == nil {
		t.Fatal("the index should fail")
	}
	const text = "model T {\n  id Int @id\n  a Int? @unique\n}\n"
	if p := plan(t, db, text); len(p.blocked()) != 1 || !has(p, dropIndex) {
		t.Fatalf("the half-made index counts:\n%s", p.SQL())
	}
	run(t, db, `DELETE FROM "T" WHERE id = 2`)
	push(t, db, text)
	if n := number(t, db, "SELECT count(*) FROM pg_index WHERE indisvalid AND indisunique AND NOT indisprimary AND indrelid = '\"T\"'::regclass"); n != 1 {
		t.Error("there is no such index")
	}
}
