package schemaplan

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// pulledByHand are objects created by hand, and what real Prisma's `db pull` (engine 6.19) writes for each. Real
// Prisma's push then finds nothing to do.
var pulledByHand = map[string]struct{ sql, text string }{
	"domains": {`CREATE DOMAIN mail AS text CHECK (VALUE ~ '@'); CREATE DOMAIN d20 AS varchar(20) NOT NULL; CREATE DOMAIN d20b AS d20 DEFAULT 'x';
		CREATE DOMAIN dint AS int; CREATE DOMAIN dnum AS numeric(10,2); CREATE DOMAIN dts AS timestamptz(3); CREATE TYPE e AS ENUM ('a', 'b');
		CREATE DOMAIN de AS e; CREATE DOMAIN darr AS int[];
		CREATE TABLE t (id int PRIMARY KEY, mail mail, a d20, b d20b, c dint NOT NULL DEFAULT 7, n dnum, ts dts DEFAULT now(), e de DEFAULT 'a', arr darr,
			marr mail[], iv interval[], o mail DEFAULT 'a@b')`,
		`model t {
  id   Int @id
  mail String?
  a    String @db.VarChar(20)
  b    Unsupported("d20")?
  c    Int @default(7)
  n    Decimal? @db.Decimal(10, 2)
  ts   DateTime? @default(now()) @db.Timestamptz(3)
  e    e? @default(a)
  arr  Int[]
  marr Unsupported("_mail")[]
  iv   Unsupported("_interval")[]
  o    String? @default("a@b")
}
enum e {
  a
  b
}
`},
	"indexes": {`CREATE TABLE t (id int PRIMARY KEY, u1 text, u2 text, u3 text, u4 text UNIQUE, u5 text, i6 int UNIQUE NULLS NOT DISTINCT, c int NOT NULL, n int);
		CREATE UNIQUE INDEX incl ON t (u1) INCLUDE (u2); CREATE INDEX incl2 ON t (u3) INCLUDE (u2); CREATE INDEX pat ON t (u2 text_pattern_ops);
		CREATE UNIQUE INDEX nnd ON t (u5) NULLS NOT DISTINCT; CREATE INDEX coll ON t (u5 COLLATE "C"); CREATE INDEX srt ON t (c DESC NULLS LAST);
		CREATE INDEX nf ON t (n NULLS FIRST); CREATE INDEX part ON t (u1) WHERE c > 0; CREATE UNIQUE INDEX ex ON t (lower(u1));
		CREATE INDEX hsh ON t USING hash (u1 text_pattern_ops); CREATE INDEX fill ON t (u2, u3) WITH (fillfactor = 50);
		ALTER TABLE t ADD CONSTRAINT defu UNIQUE (u3, u2) DEFERRABLE INITIALLY DEFERRED; ALTER TABLE t ADD CONSTRAINT inclu UNIQUE (c) INCLUDE (n);
		CREATE INDEX t_u4_idx ON t (u4); CREATE INDEX pat4 ON t (u4 text_pattern_ops)`,
		`model t {
  id Int @id
  u1 String?
  u2 String?
  u3 String?
  u4 String? @unique
  u5 String? @unique(map: "nnd")
  i6 Int?    @unique
  c  Int
  n  Int?
  @@unique([u3, u2], map: "defu")
  @@unique([u1, u2], map: "incl")
  @@unique([c, n], map: "inclu")
  @@index([u5], map: "coll")
  @@index([u2, u3], map: "fill")
  @@index([u1], map: "hsh", type: Hash)
  @@index([u3, u2], map: "incl2")
  @@index([n], map: "nf")
  @@index([u2], map: "pat")
  @@index([c(sort: Desc)], map: "srt")
  @@index([u4])
}
`},
}

func TestWhatDBPullWritesOfHandMadeThingsChangesNothing(t *testing.T) {
	for name, c := range pulledByHand {
		t.Run(name, func(t *testing.T) {
			_, db := database(t)
			run(t, db, c.sql)
			if p := plan(t, db, c.text); !p.Empty() {
				t.Errorf("the plan is\n%s", p.SQL())
			}
			// The closer reading, with the INCLUDEd columns left out of the key, is as good.
			closer := strings.NewReplacer(`[u1, u2], map: "incl"`, `[u1], map: "incl"`, `[c, n], map: "inclu"`, `[c], map: "inclu"`, `[u3, u2], map: "incl2"`, `[u3], map: "incl2"`).Replace(c.text)
			if p := plan(t, db, closer); !p.Empty() {
				t.Errorf("the plan of the closer reading is\n%s", p.SQL())
			}
		})
	}
}

// TestAGuaranteeOrAnIndexThatGoesIsNamedInTheGate has a table with something on it, and a model without that.
func TestAGuaranteeOrAnIndexThatGoesIsNamedInTheGate(t *testing.T) {
	const model = "model T {\n  id Int @id\n  a Int\n  b Int?\n  s String?\n%}\n"
	for name, c := range map[string]struct{ sql, add, lost string }{
		"a UNIQUE constraint":            {`ALTER TABLE "T" ADD UNIQUE (a)`, "", "unique constraint T_a_key on (a)"},
		"a unique index":                 {`CREATE UNIQUE INDEX u ON "T" (a)`, "", "unique index u on (a)"},
		"an index":                       {`CREATE INDEX i ON "T" (a)`, "", "index i on (a)"},
		"INCLUDE":                        {`CREATE UNIQUE INDEX u ON "T" (a) INCLUDE (b)`, "", "unique index u on (a) with INCLUDE (b)"},
		"an operator class":              {`CREATE INDEX i ON "T" (s text_pattern_ops)`, "", "index i on (s) with operator class text_pattern_ops"},
		"a unique that becomes weaker":   {`CREATE UNIQUE INDEX u ON "T" (a)`, "  @@unique([a, b])\n", "unique index u on (a)"},
		"a unique that becomes an index": {`CREATE UNIQUE INDEX u ON "T" (a)`, "  @@index([a])\n", "unique index u on (a)"},
		"a unique that becomes stronger": {`CREATE UNIQUE INDEX u ON "T" (a, b)`, "  @@unique([a])\n", ""},
		"an index that becomes longer":   {`CREATE INDEX i ON "T" (a)`, "  @@index([a, b])\n", ""},
		"an index under another name":    {`CREATE INDEX i ON "T" (a)`, "  @@index([a])\n", ""},
		"one of two alike":               {`CREATE INDEX i ON "T" (a); CREATE INDEX j ON "T" (a)`, "  @@index([a])\n", ""},
		"one beside the key":             {`CREATE UNIQUE INDEX u ON "T" (id)`, "", ""},
		"a domain":                       {`CREATE DOMAIN d AS int CHECK (VALUE > 0); ALTER TABLE "T" ALTER b TYPE d`, "-  b Int?\n+  b BigInt?\n", "domain public.d of public.T.b"},
	} {
		t.Run(name, func(t *testing.T) {
			_, db := database(t)
			push(t, db, strings.ReplaceAll(model, "%", ""))
			run(t, db, `INSERT INTO "T" VALUES (1, 1, 1, 'x'); `+c.sql)
			text := strings.ReplaceAll(model, "%", c.add)
			if from, to, found := strings.Cut(strings.TrimPrefix(c.add, "-"), "+"); found {
				text = strings.ReplaceAll(strings.ReplaceAll(model, "%", ""), from, to)
			}
			_, err := Apply(ctx, db, plan(t, db, text), ApplyOptions{})
			if c.lost == "" {
				if err != nil {
					t.Error(remedy.Text(err))
				}
				return
			}
			if err == nil || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(remedy.Text(err), c.lost) {
				t.Fatalf("want %q, got %v", c.lost, err)
			}
			if code := remedy.Code(err); code != "push.weakens" && name != "a domain" {
				t.Errorf("the code is %s", code)
			}
			push(t, db, text)
		})
	}
}

func TestAPrimaryKeyThatGoesIsNamedInTheGate(t *testing.T) {
	_, db := database(t)
	push(t, db, "model T {\n  id Int @id\n  a Int\n  b Int @unique\n}\n")
	_, err := Apply(ctx, db, plan(t, db, "model T {\n  id Int\n  a Int\n  b Int @unique\n  @@id([id, a])\n}\n"), ApplyOptions{})
	if err == nil || remedy.Code(err) != "push.weakens" || !strings.Contains(remedy.Text(err), "primary key T_pkey on (id)") {
		t.Errorf("got %v", err)
	}
	if _, err := Apply(ctx, db, plan(t, db, "model T {\n  id Int @unique\n  a Int\n  b Int @id\n}\n"), ApplyOptions{}); err != nil {
		t.Errorf("unique as before: %s", remedy.Text(err))
	}
}

func TestAnIndexGoesWithItsINCLUDEdColumnAndComesBack(t *testing.T) {
	_, db := database(t)
	push(t, db, "model T {\n  id Int @id\n  a Int\n  b Int?\n}\n")
	run(t, db, `CREATE UNIQUE INDEX "T_a_key" ON "T" (a) INCLUDE (b)`)
	p := push(t, db, "model T {\n  id Int @id\n  a Int @unique\n}\n")
	if !strings.Contains(strings.Join(p.Summary(remedy.Target{}), "\n"), "INCLUDE (b)") {
		t.Errorf("the plan is\n%s", strings.Join(p.Summary(remedy.Target{}), "\n"))
	}
	if n := number(t, db, `SELECT count(*) FROM pg_indexes WHERE tablename = 'T' AND indexdef LIKE '%UNIQUE%(a)'`); n != 1 {
		t.Error("nothing keeps a apart any more")
	}
}
