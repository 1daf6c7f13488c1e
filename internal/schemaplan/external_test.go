package schemaplan

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// withExternal returns the database that a text describes, with its external tables and enums named.
func withExternal(t *testing.T, text string, x External) *Database {
	t.Helper()
	schema, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: head + text})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Desired(schema, x)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

const withTheirs = `model Theirs {
  id    Int    @id
  extra String
  kind  Kind
  ours  Ours[]
}
model Ours {
  id     Int    @id
  theirs Theirs @relation(fields: [id], references: [id])
}
enum Kind {
  A
  B
}
`

// What real Prisma's engine 6.19 does with externalTables and externalEnums: it neither creates nor changes nor drops
// them, and creates foreign keys to them.
func TestExternalTablesAndEnumsAreNeitherMadeNorChangedNorDropped(t *testing.T) {
	url, db := database(t)
	run(t, db, `CREATE TYPE "Kind" AS ENUM ('A', 'Z'); CREATE TYPE gone AS ENUM ('q');
		CREATE TABLE "Theirs" (id int PRIMARY KEY, other text, k "Kind"); CREATE INDEX theirs ON "Theirs" (other);
		CREATE TABLE old (id int PRIMARY KEY, g gone); INSERT INTO old VALUES (1, 'q')`)
	before := catalogue(t, url)
	want := withExternal(t, withTheirs, External{Tables: []string{"public.Theirs", "public.old"}, Enums: []string{"public.Kind", "gone"}})
	p, err := Compute(ctx, db, want, ComputeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(ctx, db, p, ApplyOptions{}); err != nil {
		t.Fatal(remedy.Text(err))
	}
	for line := range strings.SplitSeq(differences(before, catalogue(t, url)), "\n") {
		if !strings.HasPrefix(line, "+ ") || !strings.Contains(line, "Ours") && !strings.Contains(line, "RI_ConstraintTrigger") {
			t.Errorf("it changed what is somebody else's: %s", line)
		}
	}
	if n := number(t, db, `SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND confrelid = '"Theirs"'::regclass`); n != 1 {
		t.Errorf("%d foreign keys refer to the external table", n)
	}
	if p, err = Compute(ctx, db, want, ComputeOptions{}); err != nil || !p.Empty() {
		t.Errorf("the second push is %v, %v", p.SQL(), err)
	}
}

func TestAnExternalTableThatIsNotThereBlocksWhatRefersToIt(t *testing.T) {
	_, db := database(t)
	p, err := Compute(ctx, db, withExternal(t, withTheirs, External{Tables: []string{"public.Theirs"}, Enums: []string{"public.Kind"}}), ComputeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Apply(ctx, db, p, ApplyOptions{})
	if err == nil || remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), "external table public.Theirs is not there") {
		t.Errorf("got %v", err)
	}
	if _, err := Apply(ctx, db, p.Additive(), ApplyOptions{}); err != nil {
		t.Errorf("what does not need it: %s", remedy.Text(err))
	}
	if has(p, createEnum) || len(p.filter(func(s *Step) bool { return s.Object == "public.Theirs" })) > 0 {
		t.Errorf("the plan makes what is external:\n%s", p.SQL())
	}
}

func TestWhatAnExternalTableHangsOnIsBlockedByName(t *testing.T) {
	_, db := database(t)
	push(t, db, "model Ours {\n  id Int @id\n}\nmodel Other {\n  id Int @id\n}\nenum Kind {\n  A\n  B\n}\n")
	run(t, db, `CREATE TABLE theirs (o int REFERENCES "Ours" (id), k "Kind")`)
	x := External{Tables: []string{"public.theirs"}}
	for text, part := range map[string]string{
		"model Other {\n  id Int @id\n}\nenum Kind {\n  A\n  B\n}\n":                                   "foreign key theirs_o_fkey of public.theirs",
		"model Ours {\n  id Int @id\n}\nmodel Other {\n  id Int @id\n}\n":                              "column k of public.theirs",
		"model Ours {\n  id Int @id\n}\nmodel Other {\n  id Int @id\n}\nenum Kind {\n  A\n}\n":         "column k of public.theirs",
		"model Ours {\n  id BigInt @id\n}\nmodel Other {\n  id Int @id\n}\nenum Kind {\n  A\n  B\n}\n": "it belongs to public.theirs",
	} {
		p, err := Compute(ctx, db, withExternal(t, text, x), ComputeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Apply(ctx, db, p, ApplyOptions{AllowLoss: true})
		if err == nil || remedy.Code(err) != "push.blocked" || !strings.Contains(remedy.Text(err), part) {
			t.Errorf("want %q, got %v", part, err)
		}
	}
}
