//go:build unix

package main

import (
	"strings"
	"testing"
)

func TestTerminalFollowsAKeyOfSeveralColumnsWholeAndBack(t *testing.T) {
	t.Parallel()
	p, s, _ := openWorkspace(t, 160, 45, `model Team {
  tenant  Int
  id      Int
  name    String
  members Member[]
  @@id([tenant, id])
}
model Member {
  id     Int   @id
  tenant Int
  team   Int?
  note   String @default("a note")
  t      Team? @relation(fields: [tenant, team], references: [tenant, id])
}
`)
	p.must(t, "dev", "sql", "--write", `INSERT INTO "Team" VALUES (1, 7, 'the first'), (2, 7, 'the second'), (2, 8, 'the third');
		INSERT INTO "Member" (id, tenant, team) VALUES (9011, 1, 7), (9012, 2, 7), (9013, 2, 8), (9014, 2, NULL)`)
	s.types(":", "Member")
	s.until("the table to be offered", func(screen string) bool { return strings.Count(screen, "Member") > 1 })
	s.types(enter).sees("5 Member").types(enter).sees("> Member").types("4").sees("keyset(id)", "a note")
	s.types("j", right, enter).sees("Member > Team", "where tenant = 2 and id = 7", "the second").loses("the first", "the third")
	s.types("u").sees("Team > Member", "where tenant = 2 and team = 7", "9012").loses("9014")
	s.types("v").sees("> 9012", "points at", "public.Team  tenant = 2 and id = 7").escapes()
	s.loses("points at").escapes()
	s.loses("Team > Member").escapes()
	s.loses("> Team").types("j", "j").types(right, enter).sees("team is NULL: the key (tenant, team) points at nothing")
	// Filters of two columns at once, on the real rows.
	s.types("0", right, "/").sees("tenant / ").types("=2", enter).sees("where tenant = 2").loses("9011")
	s.types(right, "/").sees("where tenant = 2 and team / ").types("7", enter).sees("where tenant = 2 and team contains 7").loses("9013")
	s.escapes()
	s.sees("where tenant = 2", "9013").loses("contains").escapes()
	s.sees("9011").loses("where tenant").escapes()
	s.escapes().leaves()
}
