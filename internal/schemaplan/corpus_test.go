package schemaplan

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// beforehand creates the extensions that the collection's databases had before the push.
const beforehand = `CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin; CREATE EXTENSION btree_gist;
CREATE EXTENSION pgcrypto; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION hstore;`

// vectorType replaces the type of an extension that few servers have: it takes one number in parentheses.
const vectorType = `
	CREATE TYPE vector;
	CREATE FUNCTION vector_in(cstring, oid, integer) RETURNS vector LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
	CREATE FUNCTION vector_out(vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
	CREATE FUNCTION vector_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodin';
	CREATE FUNCTION vector_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodout';
	CREATE TYPE vector (INPUT = vector_in, OUTPUT = vector_out, TYPMOD_IN = vector_typmod_in, TYPMOD_OUT = vector_typmod_out);`

// edits replace what is refused in schemas of the collection, a table's name of more than 63 bytes, with an equivalent.
// Real Prisma lets the server truncate it, and from then on drops and recreates the table on every push. Under the name
// that the server keeps, everything else must be equal.
var edits = map[string]func(string) string{
	"x-auto": func(text string) string {
		long := regexp.MustCompile(`model (ThisIsAVeryLong\w+) \{\n`)
		name := long.FindStringSubmatch(text)[1]
		return long.ReplaceAllString(text, "model Long {\n  @@map(\""+prisma.CutName(name, prisma.MaxName)+"\")\n")
	},
	"x-names": func(text string) string {
		long := regexp.MustCompile(`"ünïcödé_[^"]*"`)
		return long.ReplaceAllStringFunc(text, func(s string) string { return `"` + prisma.CutName(s[1:len(s)-1], prisma.MaxName) + `"` })
	},
}

// kept returns a statement with each name as the server keeps it.
func kept(statement string) string {
	return regexp.MustCompile(`"[^"]*"`).ReplaceAllStringFunc(statement, func(s string) string {
		return `"` + prisma.CutName(s[1:len(s)-1], prisma.MaxName) + `"`
	})
}

func corpus(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "prisma/corpus"), "*.prisma"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the collection has no schemas: %v", err)
	}
	return files
}

func TestEachSchemaOfTheCollectionBecomesTheDatabaseThatPrismaMakes(t *testing.T) {
	for _, file := range corpus(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".prisma")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, db := database(t, pgtest.With(beforehand+vectorType))
			push(t, db, corpusText(t, file))
			golden := relevant(string(sharedtest.Read(t, "prisma/golden/"+name+".catalog.txt")))
			if d := differences(golden, collected(t, url)); d != "" {
				t.Errorf("the catalogue differs from real Prisma's:\n%s", d)
			}
		})
	}
}

func corpusText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if edit := edits[strings.TrimSuffix(filepath.Base(file), ".prisma")]; edit != nil {
		return edit(string(text))
	}
	return string(text)
}

// plain returns statements in a form to compare: with names in public unqualified, and without the one that creates
// public, which only some versions of Prisma write.
func plain(statements []string) string {
	var out []string
	for _, s := range statements {
		s = kept(strings.ReplaceAll(strings.Trim(s, " \n;"), `"public".`, ""))
		if s != "" && s != `CREATE SCHEMA IF NOT EXISTS "public"` {
			out = append(out, strings.ReplaceAll(s, "\n", " "))
		}
	}
	return strings.Join(out, "\n")
}

func TestPlansFromEmptyHaveRealPrismasStatements(t *testing.T) {
	for _, file := range corpus(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".prisma")
		t.Run(name, func(t *testing.T) {
			schema, err := prisma.Parse(prisma.Source{Name: name, Text: corpusText(t, file)})
			if err != nil {
				t.Fatal(err)
			}
			want, err := Desired(schema, External{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range newDiffer(&Database{Scope: want.Scope}, want, &canon{}, nil).diff() {
				got = append(got, s.Statements...)
			}
			script := regexp.MustCompile(`(?m)^-- .*$`).ReplaceAllString(string(sharedtest.Read(t, "prisma/golden/"+name+".sql")), "")
			if d := differences(plain(strings.Split(script, ";\n")), plain(got)); d != "" {
				t.Errorf("the statements differ from real Prisma's:\n%s", d)
			}
		})
	}
}
