package sqltext

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestStatementsEndWherePsqlEndsThem(t *testing.T) {
	for text, want := range map[string][]string{
		"":                             nil,
		" ; ;; -- x":                   nil,
		"SELECT 1":                     {"SELECT 1"},
		"SELECT 1; SELECT 2;":          {"SELECT 1", "SELECT 2"},
		"SELECT ';'; SELECT \";\"":     {"SELECT ';'", `SELECT ";"`},
		"SELECT 'it''s;'; x":           {"SELECT 'it''s;'", "x"},
		`SELECT '\'; x`:                {`SELECT '\'`, "x"},
		`SELECT E'\';'; x`:             {`SELECT E'\';'`, "x"},
		"SELECT E'a'\n '\\';'; x":      {"SELECT E'a'\n '\\';'", "x"},
		"SELECT E'a' -- c\n '\\';'; x": {"SELECT E'a' -- c\n '\\';'", "x"},
		`SELECT type'\'; x`:            {`SELECT type'\'`, "x"},
		`SELECT U&'\';';`:              {`SELECT U&'\'`, "';"},
		"SELECT $$;$$; x":              {"SELECT $$;$$", "x"},
		"SELECT $a$;$b$;$$;$a$; x":     {"SELECT $a$;$b$;$$;$a$", "x"},
		"SELECT a$$; $$; x":            {"SELECT a$$", "$$; x"},
		"SELECT 1$$;$$":                {"SELECT 1$$;$$"},
		"SELECT 1 -- ;\r; x":           {"SELECT 1", "x"},
		"SELECT 'a'\n ';'; x":          {"SELECT 'a'\n ';'", "x"},
		"CREATE TABLE function (a int); BEGIN; SELECT 1; END": {"CREATE TABLE function (a int)", "BEGIN", "SELECT 1", "END"},
		"SELECT $1; x":           {"SELECT $1", "x"},
		"/* ; /* ; */ ; */ a; b": {"a", "b"},
		"-- ;\na; -- ;\nb -- ;":  {"a", "b"},
		"a -/* ; */- b; c":       {"a -/* ; */- b", "c"},
		"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); x": {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "x"},
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; x": {
			"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "x"},
		"create or replace procedure p() begin atomic select 1; end; x": {"create or replace procedure p() begin atomic select 1; end", "x"},
		"BEGIN; SELECT 1; END": {"BEGIN", "SELECT 1", "END"},
		"SELECT 'open; x":      {"SELECT 'open; x"},
	} {
		var got []string
		for _, s := range Statements(text) {
			got = append(got, s.Text(text))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
	if s := Statements("/* x */ with a as (select 1) select 2"); s[0].Verb != "WITH" {
		t.Errorf("verb %q", s[0].Verb)
	}
}

// The statements of testdata are split alike by every reader of SQL: the tests of postgres, seedfile, rules and tui
// read them too.
func TestStatementsAreSplitAlike(t *testing.T) {
	for text, want := range sharedStatements(t) {
		var got []string
		for _, s := range Statements(text) {
			got = append(got, s.Text(text))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func sharedStatements(t *testing.T) (list map[string][]string) {
	data, err := os.ReadFile("testdata/statements.json")
	if err := errors.Join(err, json.Unmarshal(data, &list)); err != nil {
		t.Fatal(err)
	}
	return list
}

func FuzzSplitLosesNothing(f *testing.F) {
	for _, s := range []string{"a;b", "'", "$$", "/*", "E'\\'", "--", "$a$;$a$", "(;)", "create function f() begin atomic ;end;", "\u3000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, psql := range []bool{false, true} {
			l := Lexer{Text: text, Psql: psql}
			at := 0
			for tok, ok := l.Next(); ok; tok, ok = l.Next() {
				if tok.Start != at || tok.End <= tok.Start || tok.End > len(text) {
					t.Fatalf("%q: token %+v at %d", text, tok, at)
				}
				at = tok.End
			}
			if at != len(text) {
				t.Fatalf("%q: ended at %d", text, at)
			}
			end := 0
			s := Splitter{Lexer: Lexer{Text: text, Psql: psql}}
			for st, ok := s.Next(); ok; st, ok = s.Next() {
				if st.Start < end || st.End > len(text) || strings.Trim(st.Text(text), " \t\n\r\f\v") == "" { // PostgreSQL's blanks, and no others
					t.Fatalf("%q: statement %+v", text, st)
				}
				end = st.End
				if st.Data != nil {
					if st.Data.Start < end || st.Data.End < st.Data.Start {
						t.Fatalf("%q: data %+v", text, st.Data)
					}
					end = st.Data.End
				}
			}
		}
	})
}

func TestPsqlsCommandsEndWithTheirLine(t *testing.T) {
	for text, want := range map[string][]string{
		"\\echo it's\nSELECT 1; \\q\nSELECT 2":  {`\echo it's`, "SELECT 1", `\q`, "SELECT 2"},
		"SELECT 1 \\gexec\nSELECT 2":            {`SELECT 1 \gexec`, "SELECT 2"},
		"SELECT '\\q'; SELECT $$\n\\q$$ -- \\q": {`SELECT '\q'`, "SELECT $$\n\\q$$"},
	} {
		s := Splitter{Lexer: Lexer{Text: text, Psql: true}}
		var got []string
		for st, ok := s.Next(); ok; st, ok = s.Next() {
			got = append(got, st.Text(text))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestTheRowsBelowACopyAreNotSQL(t *testing.T) {
	text := "COPY a (b) FROM stdin;\n;'\n\\.\r\nSELECT 1; COPY (SELECT a FROM stdin) TO STDOUT; copy b from /* x */ stdin; -- y\nrow"
	s := Splitter{Lexer: Lexer{Text: text, Psql: true}}
	var got []string
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		got = append(got, st.Text(text))
		if d := st.Data; d != nil {
			got = append(got, text[d.Rest:d.Start]+"|"+text[d.Start:d.End])
		}
	}
	want := []string{"COPY a (b) FROM stdin", "\n|;'\n", "SELECT 1", "COPY (SELECT a FROM stdin) TO STDOUT", "copy b from /* x */ stdin", " -- y\n|row"}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestWhatNeverEndsIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 'x": "7 -1 0", "SELECT (1; (": "- 11 0", "/* /* */": "0 -1 0", "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE": "- -1 2", "SELECT 1": "- -1 0",
	} {
		s := Statements(text)[0]
		got := "-"
		if s.Unended != nil {
			got = fmt.Sprint(s.Unended.Start)
		}
		if got = fmt.Sprintf("%s %d %d", got, s.Paren, s.Blocks); got != want || s.Ended {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
