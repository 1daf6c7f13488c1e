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

// quoted is a text as SQL.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

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
	editor := filepath.Join(t.TempDir(), "editor")
	if err := os.WriteFile(editor, []byte("#!/bin/sh\nprintf -- '-- edited :day\\n' >> \"$1\"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
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

	job := func(name string, do func(t *testing.T)) {
		t.Run(name, func(sub *testing.T) {
			s.t = sub
			defer func() { s.t = t }()
			do(sub)
		})
		if t.Failed() {
			t.FailNow()
		}
	}
	job("three rows are copied as INSERT", func(t *testing.T) {
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
	job("two conditions on one column and one on another", func(t *testing.T) {
		s.types("0", "/", ">1", enter).sees("where id > 1").types("&").sees("and id / ").types("<5", enter).sees("where id > 1 and id < 5").loses("note 5")
		s.types(right, right, "/").sees("text / ").types("!null", enter).sees("where id > 1 and id < 5 and text not null", "rows 1–2 of 2")
		s.types("w").sees("Rows where all of this holds").types("j", "d").sees("where id > 1 and text not null", "rows 1–4 of 4", "note 5").types(escape).loses("Rows where")
		s.types("F").sees("of 6").types("s", "0", "S", "S").sees("text 1↑", "id 2↓", "keyset(text, id)").types("F").loses("1↑")
	})
	job("a filter is exported", func(t *testing.T) {
		s.types("s", "s").sees("id ↓").types("0", "/", ">1", enter).types(right, right, "/", "!null", enter).sees("where id > 1 and text not null", "rows 1–4 of 4")
		const rows = `SELECT * FROM "Note" WHERE id > 1 AND text IS NOT NULL ORDER BY id DESC`
		s.types("e").sees("Export public.Note", "where id > 1 and text not null").types(enter).sees("exported 4 rows", " to public.Note.csv")
		csv, err := os.ReadFile(filepath.Join(p.dir, "public.Note.csv"))
		if want := p.must(t, "dev", "sql", "--csv", rows); err != nil || string(csv) != want {
			t.Errorf("%v, the file holds\n%s\nwant\n%s", err, csv, want)
		}
		s.types("e", tabKey, tabKey, "\x15", "mine.json", enter).sees("exported 4 rows", " to mine.json")
		document, err := os.ReadFile(filepath.Join(p.dir, "mine.json"))
		if err != nil {
			t.Fatal(err)
		}
		back := p.must(t, "dev", "sql", `SELECT md5(string_agg(n::text, '|' ORDER BY id)) FROM jsonb_populate_recordset(NULL::"Note", `+quoted(string(document))+`) n`)
		if want := p.must(t, "dev", "sql", `SELECT md5(string_agg(n::text, '|' ORDER BY id)) FROM (SELECT (x).* FROM (SELECT "Note" AS x FROM "Note" WHERE id > 1 AND text IS NOT NULL) y) n`); back != want {
			t.Errorf("read again they are %s, and not %s:\n%s", back, want, document)
		}
		s.types("F").sees("of 6")
	})
	s.leavesPage("> Note")
	job("rows are sorted by two columns", func(*testing.T) { s.sorts(p, 5000) })
	s.leaves()
	p.env = append(p.env, "EDITOR="+editor)
	s = sit(t, p, 160, 45, "dev")
	s.sees("1 Schemas", "healthy")
	job("a named query with a parameter", func(t *testing.T) {
		if err := os.MkdirAll(filepath.Join(p.dir, "naap", "queries"), 0o755); err != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(p.dir, "naap", "queries", "after.sql"), "-- Notes after a day\r\nSELECT id, text, ':no', at::date FROM \"Note\" WHERE at > :day AND owner <> :owner ORDER BY id;\r\n")
		s.types(":queries", enter).sees("> queries", "Notes after a day").types(enter).sees("SQL after", "WHERE at > :day")
		s.types("\x12").sees("Parameters", "timestamp with time zone", "uuid").types("2026-01-06", tabKey, "00000000-0000-0000-0000-000000000006", enter).sees("SELECT 2", "note 5", ":no").loses("note 6")
		s.types("\x12").sees("Parameters", "2026-01-06").types(tabKey, "x", enter).sees("invalid input syntax for type uuid")
		// The text in the editor, saved under another name.
		s.types("\x1be").sees("the text is the editor's", "edited :day").types("\x13").sees("saved naap/queries/after.sql")
		if body, err := os.ReadFile(filepath.Join(p.dir, "naap", "queries", "after.sql")); err != nil || !strings.Contains(string(body), "edited :day\r\n") || strings.Contains(string(body), "2026-01-06") {
			t.Errorf("the file holds %q, %v", body, err)
		}
		s.escapes()
		s.types(escape).loses("> SQL")
	})
	s.leaves()
}
