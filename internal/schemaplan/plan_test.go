package schemaplan

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

var update = flag.Bool("update", false, "write the golden files again")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", name, differences(string(want), got))
	}
}

func testdata(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPlansPrintAsTheGoldenScriptsAndRunAsThem(t *testing.T) {
	for _, name := range []string{"features", "shop"} {
		t.Run(name, func(t *testing.T) {
			url, db := database(t)
			text := testdata(t, name+".prisma")
			p := plan(t, db, text)
			golden(t, name+".sql", p.SQL())
			golden(t, name+".txt", strings.Join(p.Summary(remedy.Target{}), "\n")+"\n")

			scripted, other := database(t)
			run(t, other, p.SQL())
			push(t, db, text)
			if d := differences(catalogue(t, scripted), catalogue(t, url)); d != "" {
				t.Errorf("the script and the push differ:\n%s", d)
			}
		})
	}
}

const evolved = `enum Level {
  LOW
  MIDDLE @map("mid-dle")
  TOP

  @@map("levels")
}
model Person {
  id      Int     @id @default(autoincrement())
  email   String  @unique(map: "one_email")
  name    String  @db.VarChar(20)
  level   Level   @default(TOP)
  score   Int     @default(2)
  tags    String  @default("none")
  born    DateTime?
  added   Boolean @default(true)
  posts   Post[]

  @@index([name])
  @@map("people")
}
model Post {
  id       String @id @default(uuid()) @db.Uuid
  authorId Int?
  author   Person? @relation(fields: [authorId], references: [id])
}
`

func TestAPlanOnADatabaseWithRowsPrintsAsTheGoldenScript(t *testing.T) {
	_, db := database(t)
	text := testdata(t, "features.prisma")
	push(t, db, text)
	fill(t, db, desired(t, text), 1)
	run(t, db, `UPDATE people SET level = 'LOW' WHERE level = 'HIGH'; UPDATE people SET name = 'n' WHERE name IS NULL; UPDATE people SET tags = '{}' WHERE tags IS NULL`)
	p := plan(t, db, evolved)
	golden(t, "evolved.sql", p.SQL())
	golden(t, "evolved.txt", strings.Join(p.Summary(remedy.Target{}), "\n")+"\n")
	document, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "evolved.json", string(document)+"\n")
	push(t, db, evolved)
}

func TestTheAdditivePartOnlyAddsAndIsWhole(t *testing.T) {
	_, db := database(t)
	push(t, db, "enum E {\n  A\n  B\n}\nmodel T {\n  id Int @id\n  a Int\n  gone String?\n  e E?\n}\n")
	run(t, db, `INSERT INTO "T" VALUES (1, 1, 'x', 'A')`)
	const to = `enum E {
  A
  B
  C
}
enum F {
  X
}
model T {
  id    Int  @id
  a     String
  e     E?   @default(C)
  f     F?
  newId Int?
  new   New? @relation(fields: [newId], references: [id])
  must  String
  @@index([f])
  @@index([must])
}
model New {
  id Int @id
  ts T[]
}
`
	whole := plan(t, db, to)
	adds := whole.Additive()
	if len(adds.Steps)+len(adds.HeldBack) != len(whole.Steps) {
		t.Fatalf("%d steps became %d and %d", len(whole.Steps), len(adds.Steps), len(adds.HeldBack))
	}
	golden(t, "additive.txt", strings.Join(adds.Summary(remedy.Target{}), "\n")+"\n")
	if _, err := Apply(ctx, db, adds, ApplyOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, adds.SQL())
	}
	if n := number(t, db, `SELECT count(*) FROM "T" WHERE gone = 'x' AND e = 'A' AND a = 1`); n != 1 {
		t.Error("the row is not what it was")
	}
	if rest := plan(t, db, to).Additive(); !rest.Empty() {
		t.Errorf("the additive part was not whole:\n%s", rest.SQL())
	}
}

func TestAPlanForOneSchemaLeavesTheOthers(t *testing.T) {
	_, db := database(t)
	text := testdata(t, "shop.prisma")
	p := plan(t, db, text, ComputeOptions{Schemas: []string{"public"}})
	for _, s := range p.Steps {
		if s.Kind == CreateSchema || s.Kind == CreateTable && s.table.Schema != "public" {
			t.Errorf("the plan has %s", s.Summary)
		}
	}
	// The join table in public refers to a table that does not exist yet: its key waits.
	if _, err := Apply(ctx, db, p, ApplyOptions{}); remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), "push schema stock-room too") {
		t.Errorf("got %v", remedy.Text(err))
	}
	if _, err := Apply(ctx, db, p.Additive(), ApplyOptions{}); err != nil {
		t.Error(err)
	}
	push(t, db, text)
}

func TestALikelyRenameIsOfferedAndDoneOnlyWhenAsked(t *testing.T) {
	url, db := database(t)
	push(t, db, "model User {\n  id Int @id @default(autoincrement())\n  name String @unique\n  age Int?\n}\nmodel P {\n  id Int @id\n  uId Int\n}\n")
	run(t, db, `INSERT INTO "User" (name) VALUES ('ann'), ('bob')`)
	const to = "model User {\n  id Int @id @default(autoincrement())\n  fullName String @unique\n  age Int?\n}\nmodel P {\n  id Int @id\n  uId Int\n}\n"
	p := plan(t, db, to)
	if len(p.Renames) != 1 || p.Renames[0].Key != "public.User.name>fullName" || p.Renames[0].Keeps != "2 values of public.User.name" {
		t.Fatalf("offered %+v", p.Renames)
	}
	if has(p, renameColumn) || !has(p, dropColumn) {
		t.Fatalf("unasked:\n%s", p.SQL())
	}
	p = plan(t, db, to, ComputeOptions{Renames: []string{"public.User.name>fullName"}})
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.SQL())
	}
	if n := number(t, db, `SELECT count(*) FROM "User" WHERE "fullName" IN ('ann', 'bob')`); n != 2 {
		t.Error("the values are gone")
	}
	const moved = "model Account {\n  id Int @id @default(autoincrement())\n  fullName String @unique\n  age Int?\n}\nmodel P {\n  id Int @id\n  uId Int\n}\n"
	p = plan(t, db, moved, ComputeOptions{Renames: []string{"public.User>public.Account"}})
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Fatalf("%v\n%s", err, p.SQL())
	}
	fresh, other := database(t)
	push(t, other, moved)
	if d := differences(loosely(catalogue(t, fresh)), loosely(catalogue(t, url))); d != "" {
		t.Errorf("the renamed table differs from a new one:\n%s", d)
	}
	_, err := Compute(ctx, db, desired(t, moved), ComputeOptions{Renames: []string{"public.X>public.Y"}})
	if remedy.Code(err) != "push.rename" || remedy.Exit(err) != remedy.ExitUsage {
		t.Errorf("got %v", err)
	}
}

func TestATableAndItsEnumMoveToAnotherSchemaWithTheirRows(t *testing.T) {
	_, db := database(t)
	text := testdata(t, "shop.prisma")
	push(t, db, text)
	fill(t, db, desired(t, text), 1)
	items := number(t, db, `SELECT count(*) FROM "stock-room".items`)
	moved := strings.Replace(text, "  @@map(\"items\")\n  @@schema(\"stock-room\")", "  @@map(\"goods\")\n  @@schema(\"sales\")", 1)
	moved = strings.Replace(moved, "  @@map(\"unit\")\n  @@schema(\"stock-room\")", "  @@map(\"unit\")\n  @@schema(\"public\")", 1)
	if moved == text || items == 0 {
		t.Fatal("nothing to move")
	}
	p := plan(t, db, moved, ComputeOptions{Renames: []string{"stock-room.unit>public.unit", "stock-room.items>sales.goods"}})
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Fatalf("%v\n%s", remedy.Text(err), p.SQL())
	}
	if n := number(t, db, `SELECT count(*) FROM sales.goods WHERE unit::public.unit IS NOT NULL`); n != items {
		t.Errorf("%d of %d rows are left", n, items)
	}
	if again := plan(t, db, moved); !again.Empty() {
		t.Errorf("the second plan is not empty:\n%s", again.SQL())
	}
}

func TestAPlanForOneSchemaBlocksWhatOthersStillNeed(t *testing.T) {
	const source = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"U\")\n  schemas = [\"a\", \"b\"]\n}\n"
	const before = source + "enum E {\n  X\n  @@schema(\"b\")\n}\nmodel T {\n  id Int @id\n  us U[]\n  e E?\n  @@schema(\"a\")\n}\nmodel K {\n  id Int @id\n  @@schema(\"a\")\n}\nmodel U {\n  id Int @id\n  tId Int?\n  t T? @relation(fields: [tId], references: [id])\n  @@schema(\"b\")\n}\n"
	_, db := database(t)
	push(t, db, before)
	for name, c := range map[string]struct{ to, why string }{
		"a table that they refer to": {source + "enum E {\n  X\n  @@schema(\"b\")\n}\nmodel K {\n  id Int @id\n  @@schema(\"a\")\n}\nmodel U {\n  id Int @id\n  tId Int?\n  @@schema(\"b\")\n}\n",
			"foreign key U_tId_fkey of b.U refers to it, and schema b is not part of this plan"},
		"a value that they do not have yet": {strings.NewReplacer("  X\n", "  X\n  Y\n", "e E?", "e E? @default(Y)").Replace(before), "enum b.E has no value Y yet, and schema b"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Apply(ctx, db, plan(t, db, c.to, ComputeOptions{Schemas: []string{"a"}}), ApplyOptions{AllowLoss: true})
			if remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), c.why) || !strings.Contains(remedy.Text(err), "push schema b too") {
				t.Errorf("got %v", remedy.Text(err))
			}
		})
	}
	// A key that they refer to can change: their foreign key is dropped for that long.
	to := strings.Replace(before, "id Int @id\n  us", "id BigInt @id(map: \"other\")\n  us", 1)
	to = strings.Replace(to, "tId Int?", "tId BigInt?", 1) // this is not pushed
	to = strings.Replace(to, "model K {\n  id Int @id", "model K {\n  id Int\n  other Int @id", 1)
	if _, err := Apply(ctx, db, plan(t, db, to, ComputeOptions{Schemas: []string{"a"}}), ApplyOptions{AllowLoss: true}); err != nil { // the key of K changes
		t.Error(remedy.Text(err))
	}
	if n := number(t, db, `SELECT count(*) FROM pg_constraint WHERE contype = 'f'`); n != 1 {
		t.Errorf("%d foreign keys are left", n)
	}
}
