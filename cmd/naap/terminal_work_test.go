//go:build unix

package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var toClipboard = regexp.MustCompile("\x1b\\]52;c;([A-Za-z0-9+/=]*)\a")

// copied is what was put on the clipboard last.
func (s *sitting) copied() string {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	all := toClipboard.FindAllSubmatch(s.raw.Bytes(), -1)
	if len(all) == 0 {
		s.t.Fatal("nothing was copied")
	}
	text, err := base64.StdEncoding.DecodeString(string(all[len(all)-1][1]))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// jumps opens the rows of a table.
func (s *sitting) jumps(table string) *sitting {
	s.t.Helper()
	s.types(":", table)
	s.until("the table to be offered", func(screen string) bool { return strings.Count(screen, table) > 1 })
	return s.types(enter).sees("5 " + table).types(enter).sees("> " + table).types("4").sees("keyset(")
}

// TestTerminalWorksWithRowsAndQueries does a plugin's developer's jobs on one server, one after the other.
func TestTerminalWorksWithRowsAndQueries(t *testing.T) {
	t.Parallel()
	p, s, _ := openWorkspace(t, 160, 45, `model Note {
  id    Int      @id
  owner String   @db.Uuid
  text  String?
  tags  String[]
  data  Json?
  raw   Bytes?
  price Decimal? @db.Decimal(30, 10)
  at    DateTime @default(now()) @db.Timestamptz(6)
}
`)
	p.must(t, "dev", "sql", "--write", `INSERT INTO "Note" SELECT i, ('00000000-0000-0000-0000-00000000000' || i)::uuid, CASE i WHEN 2 THEN E'it''s \\ \x1b[31m\r\nred' WHEN 3 THEN repeat('long ', 200) WHEN 4 THEN NULL ELSE 'note ' || i END,
		ARRAY['a', 'b "' || i], jsonb_build_object('n', i), '\x00ff', i * 1.5, '2026-01-02 03:04:05.678901+00'::timestamptz + i * interval '1 day' FROM generate_series(1, 6) i`)
	const all = `SELECT md5(string_agg(n::text, '|' ORDER BY id)), count(*) FROM "Note" n`
	was := p.must(t, "dev", "sql", all)

	t.Run("three rows are copied as INSERT", func(t *testing.T) {
		s.jumps("Note").types("j", "m", "m", "m").sees("3 marked", "◆").types("Y").sees("Copy 3 rows as").types("j", enter).sees("copied 3 rows as INSERT")
		p.must(t, "dev", "sql", "--write", `DELETE FROM "Note" WHERE id IN (2, 3, 4)`)
		file := filepath.Join(p.dir, "rows.sql")
		if err := os.WriteFile(file, []byte(s.copied()), 0o600); err != nil {
			t.Fatal(err)
		}
		p.must(t, "dev", "sql", "--write", "--file", file)
		if now := p.must(t, "dev", "sql", all); now != was {
			t.Errorf("the rows came back otherwise:\n%s\nwas\n%s\nfrom\n%s", now, was, s.copied())
		}
		s.escapes().loses("marked")
	})
	s.escapes().loses("> Note").leaves()
}
