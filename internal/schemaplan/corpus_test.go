package schemaplan

import (
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// kept returns a statement with each name as the server keeps it.
func kept(statement string) string {
	return regexp.MustCompile(`"[^"]*"`).ReplaceAllStringFunc(statement, func(s string) string {
		return `"` + prisma.CutName(s[1:len(s)-1], prisma.MaxName) + `"`
	})
}

func TestEachSchemaOfTheCollectionBecomesTheDatabaseThatPrismaMakes(t *testing.T) {
	for _, c := range sharedtest.Corpus(t) {
		name := c.Name
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, db := database(t, pgtest.With(sharedtest.Beforehand))
			push(t, db, c.Text)
			golden := relevant(string(sharedtest.Read(t, "prisma/golden/"+name+".catalog.txt")))
			if d := differences(golden, collected(t, url)); d != "" {
				t.Errorf("the catalogue differs from real Prisma's:\n%s", d)
			}
		})
	}
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
	for _, c := range sharedtest.Corpus(t) {
		name := c.Name
		t.Run(name, func(t *testing.T) {
			schema, err := prisma.Parse(prisma.Source{Name: name, Text: c.Text})
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
