package prisma

import (
	"errors"
	"strings"
	"testing"
)

func TestAProviderThatIsNotPostgreSQLIsTheOnlyMistake(t *testing.T) {
	const mongo = `model User {
  id    String @id @default(auto()) @map("_id") @db.ObjectId
  home  Address
  posts Post[]
}

type Address {
  street String
}

model Log {
  id   Int    @id @db.UnsignedInt
  text String @db.TinyText
  x    Nowhere
  !!
}
`
	for _, provider := range []string{"mysql", "sqlite", "sqlserver", "mongodb", "cockroachdb", "postgre"} {
		datasource := "datasource db {\n  provider = \"" + provider + "\"\n  url = env(\"DATABASE_URL\")\n  shards = 3\n}\n"
		for name, sources := range map[string][]Source{
			"before":          {{Name: "schema.prisma", Text: datasource + mongo}},
			"behind":          {{Name: "schema.prisma", Text: mongo + datasource}},
			"in another file": {{Name: "a.prisma", Text: mongo}, {Name: "z.prisma", Text: datasource}},
		} {
			_, err := Parse(sources...)
			var d *Diagnostics
			if !errors.As(err, &d) {
				t.Fatalf("%s, %s: %v", provider, name, err)
			}
			if len(d.List) != 1 || !strings.Contains(d.List[0].Message, `"`+provider+`"`) {
				t.Errorf("%s, %s: it says\n%s", provider, name, d.Render(false))
			}
		}
	}
}

func TestAMisspeltProviderIsAnsweredByTheRightOne(t *testing.T) {
	for provider, want := range map[string]string{"postgre": `provider = "postgresql"`, "mysql": "MySQL"} {
		_, err := Parse(Source{Name: "schema.prisma", Text: "datasource db {\n  provider = \"" + provider + "\"\n}\n"})
		var d *Diagnostics
		if !errors.As(err, &d) || !strings.Contains(d.List[0].Help, want) {
			t.Errorf("%s: %v", provider, err)
		}
	}
}
