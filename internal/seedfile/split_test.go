package seedfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("public.sql", "seeds/public.sql", []byte(text))
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return f
}

func TestScriptIsSplitWhereStatementsEnd(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"plain":            {"SELECT 1; SELECT 2 ;\nSELECT 3", []string{"SELECT 1", "SELECT 2", "SELECT 3"}},
		"empty ones":       {";;\n ; -- nothing\n/* still nothing; */;", nil},
		"string":           {"SELECT 'a;b', 'it''s; fine'; SELECT 2", []string{"SELECT 'a;b', 'it''s; fine'", "SELECT 2"}},
		"backslash":        {`SELECT 'C:\'; SELECT 2`, []string{`SELECT 'C:\'`, "SELECT 2"}},
		"escape string":    {`SELECT E'it\'s; fine', e'\\'; SELECT 2`, []string{`SELECT E'it\'s; fine', e'\\'`, "SELECT 2"}},
		"continued":        {"SELECT E'a' -- and\n\n 'it\\'s; more'; SELECT E'a' 'b\\'; SELECT 3", []string{"SELECT E'a' -- and\n\n 'it\\'s; more'", "SELECT E'a' 'b\\'", "SELECT 3"}},
		"not an escape":    {`SELECT note'x\'; SELECT 2`, []string{`SELECT note'x\'`, "SELECT 2"}},
		"quoted name":      {`SELECT ";""';" FROM "a;b"; SELECT 2`, []string{`SELECT ";""';" FROM "a;b"`, "SELECT 2"}},
		"dollars":          {"DO $$ BEGIN PERFORM 1; END $$; SELECT $q$ $$;'$q $q$; SELECT 3", []string{"DO $$ BEGIN PERFORM 1; END $$", "SELECT $q$ $$;'$q $q$", "SELECT 3"}},
		"dollar in a name": {"SELECT a$b$c; SELECT d$b$", []string{"SELECT a$b$c", "SELECT d$b$"}},
		"parameter":        {"PREPARE p AS SELECT $1; EXECUTE p(2)", []string{"PREPARE p AS SELECT $1", "EXECUTE p(2)"}},
		"comments":         {"SELECT 1 /* ; /* ; */ ; */ + 1; -- ; '\nSELECT 2", []string{"SELECT 1 /* ; /* ; */ ; */ + 1", "SELECT 2"}},
		"rule":             {"CREATE RULE r AS ON INSERT TO a DO (INSERT INTO b VALUES (1); DELETE FROM c); SELECT 2", []string{"CREATE RULE r AS ON INSERT TO a DO (INSERT INTO b VALUES (1); DELETE FROM c)", "SELECT 2"}},
		"atomic body": {"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
			[]string{"CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "SELECT 3"}},
		"begin elsewhere": {"SAVEPOINT a; SELECT 1 AS begin; SELECT 2", []string{"SAVEPOINT a", "SELECT 1 AS begin", "SELECT 2"}},
		"frame":           {"BEGIN; SELECT 1; COMMIT;", []string{"SELECT 1"}},
		"psql's settings": {"\\set ON_ERROR_STOP on\n\\restrict abc\nSELECT 1;\n\\encoding UTF8\n", []string{"SELECT 1"}},
		"windows":         {"SELECT 1;\r\nSELECT\r\n 2;\r\n", []string{"SELECT 1", "SELECT\r\n 2"}},
		"byte order mark": {"\ufeffSELECT 1", []string{"SELECT 1"}},
		"numbers":         {"SELECT 1e5, 0x1F, 1_000; SELECT 2", []string{"SELECT 1e5, 0x1F, 1_000", "SELECT 2"}},
		"other letters":   {"SELECT größe FROM 表; SELECT 2", []string{"SELECT größe FROM 表", "SELECT 2"}},
	} {
		statements, err := parse(t, c.text).Statements()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, s := range statements {
			got = append(got, s.Text)
		}
		if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}

func TestCopyDataIsTakenAsItIs(t *testing.T) {
	f := parse(t, "SELECT 1;\nCOPY public.\"User\" (id, name) FROM stdin; -- rows\n1\ta;'b\n2\t\\N\n\\.\nSELECT 2;\n"+
		"copy b from /* where? */ stdin with (format csv);\n\\.\n")
	statements, err := f.Statements()
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	if len(statements) != 4 {
		t.Fatalf("%d statements: %+v", len(statements), statements)
	}
	c := statements[1].Copy
	if c == nil || c.Data != "1\ta;'b\n2\t\\N\n" || c.Line != 3 {
		t.Errorf("data: %+v", c)
	}
	if statements[2].Text != "SELECT 2" || statements[2].Line != 6 {
		t.Errorf("after the data: %+v", statements[2])
	}
	if last := statements[3].Copy; last == nil || last.Data != "" || last.Line != 8 {
		t.Errorf("empty data: %+v", last)
	}
	if statements[0].Copy != nil {
		t.Error("a SELECT has no data")
	}
}

func TestCopyDataMayEndWithTheFile(t *testing.T) {
	statements, err := parse(t, "SELECT 1;\nCOPY a FROM STDIN;\n1\n2").Statements()
	if err != nil || len(statements) != 2 || statements[1].Copy == nil || statements[1].Copy.Data != "1\n2" {
		t.Errorf("%+v, %v", statements, err)
	}
}

func TestCopyFromElsewhereHasNoData(t *testing.T) {
	statements, err := parse(t, "COPY a FROM '/tmp/stdin'; COPY (SELECT 1 FROM stdin) TO STDOUT; SELECT 2").Statements()
	if err != nil || len(statements) != 3 || statements[0].Copy != nil || statements[1].Copy != nil {
		t.Errorf("%+v, %v", statements, err)
	}
}

func TestErrorsNameTheLineAndWhatToDo(t *testing.T) {
	for _, c := range []struct{ text, code, where, says string }{
		{"SELECT 1;\nSELECT 'open\n", "seed.syntax", ":2:8", "never closed"},
		{"SELECT 1;\n  SELECT \"open\n", "seed.syntax", ":2:10", "never closed"},
		{"/* a\n/* b */\n", "seed.syntax", ":1:1", "comment"},
		{"\n\nDO $x$ BEGIN $y$;", "seed.syntax", ":3:4", "$x$"},
		{"INSERT INTO a VALUES (1;\nSELECT 2;", "seed.syntax", ":1:22", "parenthesis"},
		{"CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;", "seed.syntax", ":1:1", "END"},
		{"COPY a FROM STDIN; SELECT 1;\n\\.\n", "seed.syntax", ":1:19", "line after"},
		{"SELECT 1;\n\\copy a from 'a.csv'\n", "seed.psql", ":2:1", "COPY … FROM STDIN"},
		{"\\connect other\n", "seed.psql", ":1:1", "one database"},
		{"\\i more.sql", "seed.psql", ":1:1", "SCHEMA.part.sql"},
		{"\\set n 3\n", "seed.psql", ":1:1", "write the value"},
		{"SELECT 1 \\gexec\n", "seed.psql", ":1:10", "semicolon"},
		{"SELECT 1\n\\set ON_ERROR_STOP on\n;", "seed.psql", ":2:1", "psql"},
		{"\\\n", "seed.psql", ":1:1", "psql"},
		{"SELECT 1;\nCOMMIT;\nSELECT 2;", "seed.transaction", ":2:1", "one transaction"},
		{"BEGIN; SELECT 1;", "seed.transaction", ":1:1", "BEGIN"},
		{"SELECT 1; ROLLBACK;", "seed.transaction", ":1:11", "ROLLBACK"},
		{"ROLLBACK -- to start over\n;", "seed.transaction", ":1:1", "ROLLBACK"},
		{"SELECT 1; PREPARE /* a */ TRANSACTION 'x'", "seed.transaction", ":1:11", "PREPARE"},
		{"PREPARE TRANSACTION 'x'; SELECT 1", "seed.transaction", ":1:1", "PREPARE"},
	} {
		_, err := parse(t, c.text).Statements()
		text := fmt.Sprint(err)
		if err != nil {
			text = remedy.Text(err)
		}
		if remedy.Code(err) != c.code || !strings.Contains(text, "seeds/public.sql"+c.where+":") || !strings.Contains(text, c.says) {
			t.Errorf("%q: %s: %s", c.text, remedy.Code(err), text)
		}
	}
}

func TestSavepointsAreAllowed(t *testing.T) {
	statements, err := parse(t, "SAVEPOINT a; SELECT 1; ROLLBACK TO a; ROLLBACK WORK /* of a */ TO -- it\n SAVEPOINT a; RELEASE a").Statements()
	if err != nil || len(statements) != 5 {
		t.Errorf("%d statements, %v", len(statements), err)
	}
}

func TestServersPositionsBecomePlacesInTheFile(t *testing.T) {
	statements, err := parse(t, "-- a\n  SELECT 'ä',\n\tb FROM nowhere;").Statements()
	if err != nil {
		t.Fatal(err)
	}
	s := statements[0]
	for position, want := range map[int]string{0: "2:3", 1: "2:3", 8: "2:10", 12: "2:14", 13: "3:1", 14: "3:2", 500: "3:16"} {
		line, col := s.At(position)
		if got := fmt.Sprintf("%d:%d", line, col); got != want {
			t.Errorf("position %d is %s, want %s", position, got, want)
		}
	}
}

func TestTablesThatGetRowsAreFound(t *testing.T) {
	f := parse(t, `
INSERT INTO "public"."User" (id) VALUES (1);
insert into Wallets select 1;
INSERT INTO ONLY plugin_x . "Odd""Name" VALUES ('INSERT INTO nothing');
COPY plugin_y.t (a) FROM STDIN;
INSERT INTO data_section VALUES (1);
\.
WITH new AS (INSERT INTO inner_one VALUES (1) RETURNING *) INSERT INTO outer_one SELECT * FROM new;
MERGE INTO merged AS m USING x ON true WHEN NOT MATCHED THEN INSERT VALUES (1);
UPDATE updated SET a = 1; SELECT 'into'; DO $$ INSERT INTO hidden VALUES (1) $$;
INSERT INTO "User" VALUES (2);
SELECT copy FROM insert;`)
	want := []Table{{"public", "User"}, {"public", "wallets"}, {"plugin_x", `Odd"Name`}, {"plugin_y", "t"},
		{"public", "inner_one"}, {"public", "outer_one"}, {"public", "merged"}}
	if got := f.Tables(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

func FuzzSplitKeepsStatementsWhole(f *testing.F) {
	for _, seed := range []string{
		"SELECT 1; SELECT 'a;''b';", "DO $a$ ; $b$ $a$; x", "COPY a FROM STDIN;\n1\n\\.\nSELECT 1", "/* /* */ */ ;",
		"CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN 1 THEN 2 END; END; x", `E'\'' ; "a""b"`, "\\set ON_ERROR_STOP\nx(;)", "BEGIN; x; COMMIT", "$1$2 ; a$b$",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("a.sql", "a.sql", []byte(text))
		if err != nil {
			return
		}
		statements, tables, err := file.split()
		if err != nil {
			return
		}
		at := 0
		for _, s := range statements {
			i := strings.Index(file.Text[at:], s.Text)
			if i < 0 || s.Text == "" {
				t.Fatalf("statement %q is not in the rest of %q", s.Text, file.Text)
			}
			at += i + len(s.Text)
			if s.Copy != nil {
				continue
			}
			again, _, err := (&File{Path: "a", Text: s.Text, Schema: "a"}).split()
			if err != nil || len(again) != 1 || again[0].Text != s.Text {
				t.Fatalf("%q alone is split into %+v, %v", s.Text, again, err)
			}
		}
		if len(tables) > 0 && len(statements) == 0 {
			t.Fatalf("tables %v of no statement", tables)
		}
	})
}
