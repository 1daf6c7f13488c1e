package doctor

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// shelled is a patient in a shell with variables.
type shelled struct {
	patient
	shell map[string]string
}

func (s shelled) Getenv(name string) string { return s.shell[name] }

func TestEveryVariableOfTheDatabaseIsComparedWithTheShells(t *testing.T) {
	p := newPatient(t, map[string]string{"packages/database/prisma/schema.prisma": `datasource db {
  provider          = "postgresql"
  url               = env("DATABASE_URL")
  directUrl         = env("DATABASE_URL_UNPOOLED")
  shadowDatabaseUrl = env("SHADOW_URL")
}
`}, true, false)
	look := func(shell map[string]string) *look {
		l := begin(shelled{p, shell})
		l.make(t.Context(), shellCheck)
		return l
	}
	const here, there = "postgres://postgres:postgres@127.0.0.1:5432/naap?schema=public", "postgres://u:s3cret@prod.example/x"
	said(t, look(map[string]string{"DATABASE_URL": here, "DATABASE_URL_UNPOOLED": there}), "shell.url", remedy.Warning,
		"The shell's DATABASE_URL_UNPOOLED is another database", "u:***@prod.example", "export DATABASE_URL_UNPOOLED=$(naap dev url)")
	said(t, look(map[string]string{"DATABASE_URL": there, "DATABASE_URL_UNPOOLED": there}), "shell.url", remedy.Warning,
		"The shell's DATABASE_URL and DATABASE_URL_UNPOOLED are other databases", "export DATABASE_URL=$(naap dev url)")
	said(t, look(map[string]string{"DATABASE_URL_UNPOOLED": "s3cret"}), "shell.url", remedy.Warning, "The shell's DATABASE_URL_UNPOOLED can't be read", "DATABASE_URL_UNPOOLED: ***")
	said(t, look(map[string]string{"SHADOW_URL": here}), "shell.shadow", remedy.Warning, "SHADOW_URL is this database", "schema.prisma:5: shadowDatabaseUrl", "unset SHADOW_URL")
	fine(t, look(map[string]string{"DATABASE_URL": here, "DATABASE_URL_UNPOOLED": here, "SHADOW_URL": there, "OTHER_URL": there}), "shell.url", "shell.shadow")
	fine(t, look(nil), "shell.url", "shell.shadow")
}
