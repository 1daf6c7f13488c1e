package schemaplan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// TestScriptsOfEvolvedSchemasDoWhatPrismasOwnDo writes, for a schema and its mutated copy, the script of the migration
// between them. It has the same effect as the one that real Prisma writes, real Prisma can deploy it, and the texts are
// compared. NAAP_EVOLUTION_PAIRS says how many pairs (4), NAAP_EVOLUTION_SEED where to begin (1).
func TestScriptsOfEvolvedSchemasDoWhatPrismasOwnDo(t *testing.T) {
	t.Parallel()
	o := askOracle(t)
	bases := evolutionBases(t)
	first := pgtest.Number(t, "NAAP_EVOLUTION_SEED", 1)
	pairs := pgtest.Number(t, "NAAP_EVOLUTION_PAIRS", 4)
	tally, texts := map[string]int{}, map[string]int{}
	for i := range pairs {
		seed := uint64(first + i)
		b := bases[int(seed)%len(bases)]
		t.Run(fmt.Sprintf("%d %s", seed, b.name), func(t *testing.T) {
			s := evolveScript(t, o, seed, b)
			verdict, problem := s.judge()
			tally[verdict]++
			texts[s.sameText()]++
			if problem != "" {
				t.Errorf("%s\nmutations: %s\n--- ours:\n%s\n--- Prisma's:\n%s\n%s", problem, s.did, s.script, s.their, s.prisma.Error)
			} else if s.sameText() == "other text" {
				t.Logf("mutations: %s\n--- ours:\n%s\n--- Prisma's:\n%s", s.did, s.script, s.their)
			}
			if i == 0 || pairs > 10 {
				s.deploy(t)
			}
		})
	}
	t.Logf("effects: %v, texts: %v", tally, texts)
}

// scripted is an evolution by scripts.
type scripted struct {
	evolution
	init, script, their string
}

func evolveScript(t *testing.T, o *oracle, seed uint64, b *base) *scripted {
	t.Helper()
	s := &scripted{}
	r := rand.New(rand.NewPCG(seed, 21))
	s.seed, s.from = seed, schemaText(parsed(t, b.text))
	s.to, s.did = mutated(t, r, s.from)
	style := ScriptOptions{Bare: true, Unqualified: !strings.Contains(s.from, "schemas")}

	url, db := database(t, pgtest.With(citext))
	s.init = plan(t, db, s.from, ComputeOptions{OneTransaction: true}).Script(ScriptOptions{Unqualified: style.Unqualified})
	runScript(t, url, s.init)
	if again := plan(t, db, s.from); !again.Empty() {
		t.Fatalf("the script from an empty database does not make the schema:\n%s\nmissing:\n%s", s.init, again.SQL())
	}
	s.their = o.ask(t, map[string]any{"do": "sql", "schema": s.to, "url": url}).SQL
	s.plan = plan(t, db, s.to, ComputeOptions{OneTransaction: true})
	s.script = s.plan.Script(style)
	db.Close()

	theirURL := pgtest.NewDatabase(t, pgtest.Template(databaseName(url)))
	if err := runs(theirURL, s.their); err != nil {
		s.prisma.Error = err.Error()
		empty := pgtest.NewDatabase(t, pgtest.With(citext))
		o.push(t, s.to, empty)
		s.scratch = catalogue(t, empty)
	}
	s.theirs = catalogue(t, theirURL)
	runScript(t, url, s.plan.Script(ScriptOptions{Unqualified: style.Unqualified})) // with its comments
	s.ours = catalogue(t, url)
	if again := plan(t, connect(t, url), s.to); !again.Empty() {
		t.Errorf("the script does not make the schema:\n%s\nmissing:\n%s", s.script, again.SQL())
	}
	return s
}

func runs(url, script string) error {
	c, err := postgres.Connect(ctx, url, postgres.Options{})
	if err != nil {
		return err
	}
	defer postgres.Close(c)
	_, err = postgres.ExecScript(ctx, c, script)
	return err
}

func runScript(t *testing.T, url, script string) {
	t.Helper()
	if err := runs(url, script); err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
}

// sameText says how the texts compare: an enum that is recreated is deliberately written in another way.
func (s *scripted) sameText() string {
	switch {
	case strings.TrimSpace(s.script) == strings.TrimSpace(s.their):
		return "equal text"
	case has(s.plan, rebuildEnum):
		return "an enum is recreated without a COMMIT"
	case s.prisma.Error != "":
		return "Prisma's fails"
	}
	return "other text"
}

// deploy has real Prisma deploy the two scripts, and compares what it makes.
func (s *scripted) deploy(t *testing.T) {
	t.Helper()
	home, dir := sharedtest.Oracle(t), t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("schema.prisma", s.to)
	write("m/migration_lock.toml", "provider = \"postgresql\"\n")
	write("m/0_extension/migration.sql", citext)
	write("m/1_init/migration.sql", s.init)
	write("m/2_change/migration.sql", s.script)
	url := pgtest.NewDatabase(t)
	cmd := exec.Command("node", "--no-warnings", filepath.Join(home, "oracle.mjs"), "mdeploy", filepath.Join(dir, "schema.prisma"), url, filepath.Join(dir, "m"))
	cmd.Env = append(os.Environ(), "DATABASE_URL="+url)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("real Prisma does not deploy it: %v\n%s\n%s", err, out, s.script)
	}
	pgtest.Exec(t, url, "DROP TABLE _prisma_migrations")
	if d := differences(s.ours, catalogue(t, url)); d != "" {
		t.Errorf("deployed by real Prisma it is something else:\n%s", d)
	}
}

func TestAScriptWarnsAsPrismaDoesAndShowsHowToFillWhatIsRequired(t *testing.T) {
	t.Parallel()
	url, db := database(t)
	push(t, db, `
model User {
  id   Int     @id
  name String?
  old  String
  kind String
}
model Gone {
  id Int @id
}`)
	p := plan(t, db, `
model User {
  id   Int    @id
  name String @unique
  kind Int
  mail String
  nick String
}`)
	got := p.Script(ScriptOptions{Unqualified: true})
	want := `/*
  Warnings:

  - You are about to drop the column ` + "`old` on the `User`" + ` table. All the data in the column will be lost.
  - You are about to drop the ` + "`Gone`" + ` table. If the table is not empty, all the data it contains will be lost.
  - A unique constraint covering the columns ` + "`[name]` on the table `User`" + ` will be added. If there are existing duplicate values, this will fail.
  - Added the required column ` + "`mail` to the `User`" + ` table without a default value. This is not possible if the table is not empty.
  - Added the required column ` + "`nick` to the `User`" + ` table without a default value. This is not possible if the table is not empty.
  - Made the column ` + "`name` on table `User`" + ` required, but there are existing NULL values.
  - Changed the type of ` + "`kind` on the `User`" + ` table. No cast exists, the column would be dropped and recreated, which cannot be done if there is data, since the column is required.

*/
-- AlterTable
ALTER TABLE "User" DROP COLUMN "old",
ADD COLUMN     "mail" TEXT NOT NULL,
ADD COLUMN     "nick" TEXT NOT NULL,
ALTER COLUMN "name" SET NOT NULL,
DROP COLUMN "kind",
ADD COLUMN     "kind" INTEGER NOT NULL;
-- Where the table has rows, instead of adding "mail" so, with a value for them:
-- ALTER TABLE "User" ADD COLUMN "mail" TEXT;
-- UPDATE "User" SET "mail" = …;
-- ALTER TABLE "User" ALTER COLUMN "mail" SET NOT NULL;
-- Where the table has rows, instead of adding "nick" so, with a value for them:
-- ALTER TABLE "User" ADD COLUMN "nick" TEXT;
-- UPDATE "User" SET "nick" = …;
-- ALTER TABLE "User" ALTER COLUMN "nick" SET NOT NULL;

-- DropTable
DROP TABLE "Gone";

-- CreateIndex
CREATE UNIQUE INDEX "User_name_key" ON "User"("name");
`
	if got != want {
		t.Errorf("- wanted, + got:\n%s\n\n%s", differences(want, got), got)
	}
	runScript(t, url, got)
}

func TestDriftNamesEachObjectAndItsDirection(t *testing.T) {
	t.Parallel()
	const text = `
enum Color {
  RED
}
model User {
  id    Int    @id @default(autoincrement())
  name  String
  color Color  @default(RED)
  posts Post[]
}
model Post {
  id     Int  @id
  user   User @relation(fields: [userId], references: [id])
  userId Int
  @@index([userId])
}`
	thereURL, there := database(t)
	push(t, there, text)
	there.Close()
	hereURL := pgtest.NewDatabase(t, pgtest.Template(databaseName(thereURL)))
	here := connect(t, hereURL)
	there = connect(t, thereURL)
	lines := func() string {
		t.Helper()
		found, err := Drift(ctx, here, there, desired(t, text))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, d := range found {
			out = append(out, d.Line("the migrations"))
		}
		return strings.Join(out, "\n")
	}
	if got := lines(); got != "" {
		t.Errorf("a copy differs:\n%s", got)
	}
	pgtest.Exec(t, hereURL, `ALTER TYPE "Color" ADD VALUE 'BLUE'; ALTER TABLE "User" ALTER name DROP NOT NULL, ADD nick text; CREATE TABLE extra (id int);
DROP INDEX "Post_userId_idx"; CREATE TABLE _prisma_migrations (); CREATE VIEW seen AS SELECT 1; CREATE INDEX ON "User" (lower(nick)); CREATE SCHEMA naap_dev; CREATE TABLE naap_dev.t ()`)
	want := `- index public.Post.Post_userId_idx: only in the migrations (btree (userId))
~ enum public.Color: RED, BLUE in the database, RED in the migrations
~ column public.User.name: text in the database, text not null in the migrations
+ column public.User.nick: only in the database (text)
+ table public.extra: only in the database`
	if d := differences(want, lines()); d != "" {
		t.Errorf("- wanted, + got:\n%s", d)
	}
}

// A database can be the aim of a plan: what is found in one makes the same in an empty one, and nothing in itself.
func TestADatabaseIsMadeFromAnother(t *testing.T) {
	t.Parallel()
	bases := evolutionBases(t)
	for i, b := range bases {
		if i > 1 && pgtest.Number(t, "NAAP_EVOLUTION_PAIRS", 0) == 0 {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			url, db := database(t, pgtest.With(citext))
			push(t, db, b.text)
			like := desired(t, b.text)
			found, err := Found(ctx, db, like)
			if err != nil {
				t.Fatal(err)
			}
			same, err := Compute(ctx, db, found, ComputeOptions{OneTransaction: true})
			if err != nil {
				t.Fatal(err)
			}
			if !same.Empty() {
				t.Errorf("it differs from itself:\n%s", same.SQL())
			}
			emptyURL, empty := database(t, pgtest.With(citext))
			made, err := Compute(ctx, empty, found, ComputeOptions{OneTransaction: true})
			if err != nil {
				t.Fatal(err)
			}
			runScript(t, emptyURL, made.Script(ScriptOptions{}))
			if d := differences(catalogue(t, url), catalogue(t, emptyURL)); d != "" {
				t.Errorf("made from it is something else:\n%s", d)
			}
			gone, err := Compute(ctx, db, Nothing(like), ComputeOptions{OneTransaction: true})
			if err != nil {
				t.Fatal(err)
			}
			runScript(t, url, gone.Script(ScriptOptions{}))
			if left, err := Found(ctx, db, like); err != nil || len(left.Tables)+len(left.Enums) > 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
}
