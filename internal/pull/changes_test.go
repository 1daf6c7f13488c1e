package pull

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

var update = flag.Bool("update", false, "write what is pulled as what is wanted")

func run(t testing.TB, db *postgres.DB, sql string) {
	t.Helper()
	err := db.WithConn(ctx, func(c *postgres.Conn) error {
		_, err := postgres.ExecScript(ctx, c, sql)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Each archive has a schema's files (before/…), SQL that changes the database that they make (change.sql), and what a pull
// then makes of them (after/… of those that change, and told).
func TestWhatChangedInTheDatabaseIsWrittenAndTheRestStaysAsItIs(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal(archives, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { changes(t, name) })
	}
}

func changes(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	_, db := database(t)
	var sources []prisma.Source
	kept := &txtar.Archive{Comment: archive.Comment}
	want := map[string]string{}
	for _, f := range archive.Files {
		dir, file, _ := strings.Cut(f.Name, "/")
		switch dir {
		case "before":
			sources = append(sources, prisma.Source{Name: file, Text: string(f.Data)})
		case "after", "told":
			want[f.Name] = string(f.Data)
			continue
		case "change.sql":
			pushFiles(t, db, sources)
			run(t, db, string(f.Data))
		}
		kept.Files = append(kept.Files, f)
	}
	plan := pulled(t, db, sources...)
	got := []txtar.File{{Name: "told", Data: []byte(told(plan))}}
	for _, f := range plan.Files {
		got = append(got, txtar.File{Name: "after/" + f.Name, Data: []byte(f.Text)})
		sources = slices.DeleteFunc(sources, func(s prisma.Source) bool { return s.Name == f.Name })
		sources = append(sources, prisma.Source{Name: f.Name, Text: f.Text})
	}
	kept.Files = append(kept.Files, got...)
	if *update {
		if err := os.WriteFile(name, txtar.Format(kept), 0o644); err != nil {
			t.Fatal(err)
		}
	} else {
		for _, f := range got {
			if want[f.Name] != string(f.Data) {
				t.Errorf("%s: wanted\n%s\ngot\n%s", f.Name, want[f.Name], f.Data)
			}
		}
	}
	if d := differs(t, db, sources...); !d.Empty() {
		t.Errorf("a push of what was pulled would do:\n%s", d.SQL())
	}
	if again := pulled(t, db, sources...); !again.Empty() {
		t.Errorf("pulled again, it says\n%s", told(again))
	}
}

func pushFiles(t testing.TB, db *postgres.DB, sources []prisma.Source) {
	t.Helper()
	if _, err := schemaplan.Apply(ctx, db, differs(t, db, sources...), schemaplan.ApplyOptions{AllowLoss: true}); err != nil {
		t.Fatal(err)
	}
}

func told(p *Plan) string {
	var b strings.Builder
	for _, part := range []struct {
		mark string
		list []string
	}{{"+ ", p.Adds}, {"- ", p.Drops}, {"~ ", p.Changes}, {"! ", p.Warnings}} {
		for _, line := range part.list {
			b.WriteString(part.mark + line + "\n")
		}
	}
	return b.String()
}

func TestAFileKeepsItsLineEnds(t *testing.T) {
	_, db := database(t)
	text := strings.ReplaceAll("datasource db {\n  provider = \"postgresql\"\n  url = env(\"X\")\n}\n\nmodel A {\n  id Int @id // one\n  b  Int\n}\n", "\n", "\r\n")
	source := prisma.Source{Name: "schema.prisma", Text: text}
	pushFiles(t, db, []prisma.Source{source})
	run(t, db, `ALTER TABLE "A" DROP COLUMN b, ADD COLUMN c bytea; CREATE TABLE "B" (id int PRIMARY KEY)`)
	plan := pulled(t, db, source)
	want := strings.ReplaceAll(strings.Replace(text, "  id Int @id // one\r\n  b  Int\r\n", "  id Int    @id // one\r\n  c  Bytes?\r\n", 1)+"\nmodel B {\n  id Int @id\n}\n", "\r\n", "\n")
	if len(plan.Files) != 1 || plan.Files[0].Text != strings.ReplaceAll(want, "\n", "\r\n") {
		t.Errorf("%+q", told(plan))
	}
}

func TestOnlyTheSchemasThatAreAskedForChange(t *testing.T) {
	_, db := database(t)
	source := prisma.Source{Name: "schema.prisma", Text: "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"X\")\n  schemas  = [\"a\", \"b\"]\n}\n\n" +
		"model A {\n  id Int @id\n  bs B[]\n\n  @@schema(\"a\")\n}\n\nmodel B {\n  id  Int @id\n  aId Int\n  a   A   @relation(fields: [aId], references: [id])\n\n  @@schema(\"b\")\n}\n"}
	pushFiles(t, db, []prisma.Source{source})
	run(t, db, `ALTER TABLE a."A" ADD COLUMN x int; ALTER TABLE b."B" ADD COLUMN y int; CREATE TABLE b."C" (id int PRIMARY KEY)`)
	schema, want := parsed(t, source)
	found, err := schemaplan.Read(ctx, db, want, schemaplan.ComputeOptions{Schemas: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	plan := Make(schema, found, []string{"a"}, "")
	if got := told(plan); got != "+ field A.x\n" {
		t.Errorf("it says\n%s", got)
	}
}
