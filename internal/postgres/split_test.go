package postgres

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
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
		"SELECT $1; x":                 {"SELECT $1", "x"},
		"/* ; /* ; */ ; */ a; b":       {"a", "b"},
		"-- ;\na; -- ;\nb -- ;":        {"a", "b"},
		"a -/* ; */- b; c":             {"a -/* ; */- b", "c"},
		"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); x": {"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "x"},
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; x": {
			"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END", "x"},
		"create or replace procedure p() begin atomic select 1; end; x": {"create or replace procedure p() begin atomic select 1; end", "x"},
		"BEGIN; SELECT 1; END": {"BEGIN", "SELECT 1", "END"},
		"SELECT 'open; x":      {"SELECT 'open; x"},
	} {
		var got []string
		for _, s := range Split(text) {
			got = append(got, s.Text)
			if text[s.Offset:s.Offset+len(s.Text)] != s.Text {
				t.Errorf("%q: %q is not at %d", text, s.Text, s.Offset)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
	if s := Split("/* x */ with a as (select 1) select 2"); s[0].Verb != "WITH" {
		t.Errorf("verb %q", s[0].Verb)
	}
}

// The server is asked to agree: what is split and what is lexed as quoted runs as one statement each.
func TestSplittingAgreesWithTheServer(t *testing.T) {
	db := open(t, "")
	conn, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, text := range []string{
		"SELECT ';', \"a;b\" FROM (SELECT 1 AS \"a;b\") x", "SELECT E'\\';', E'a'\n'\\';'", "SELECT $a$;$b$;$$;$a$", "SELECT /* ; /* ; */ ; */ 1 -- ;",
		"SELECT U&'d\\0061t\\+000061;', B'101', X'1F', N'a;'", "SELECT 1 -- ;\r, 2", "SELECT e'\\\\', ';'", "SELECT 'a'\n-- ;\n'b;'",
	} {
		if n := len(Split(text)); n != 1 {
			t.Errorf("%q: split into %d", text, n)
		}
		a := newAsk(text, nil)
		if err := exchange(t.Context(), conn.Conn().PgConn(), a); err != nil || a.err != nil {
			t.Errorf("%q: %v %v", text, err, a.err)
		}
	}
}

func FuzzSplitLosesNothing(f *testing.F) {
	for _, s := range []string{"a;b", "'", "$$", "/*", "E'\\'", "--", "$a$;$a$", "(;)", "create function f() begin atomic ;end;", "\u3000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := lexer{s: text}
		at := 0
		for {
			tok, ok := l.next()
			if !ok {
				break
			}
			if tok.start != at || tok.end <= tok.start || tok.end > len(text) {
				t.Fatalf("%q: token %+v at %d", text, tok, at)
			}
			at = tok.end
		}
		if at != len(text) {
			t.Fatalf("%q: ended at %d", text, at)
		}
		end := 0
		for _, s := range Split(text) {
			if s.Offset < end || text[s.Offset:s.Offset+len(s.Text)] != s.Text || strings.Trim(s.Text, " \t\n\r\f\v") == "" { // PostgreSQL's blanks, and no others
				t.Fatalf("%q: statement %+v", text, s)
			}
			end = s.Offset + len(s.Text)
		}
	})
}

func TestConditionsMustCloseWhatTheyOpen(t *testing.T) {
	for text, ok := range map[string]bool{
		"a = 1": true, "a IN (1, 2)": true, "a = ')'": true, "a = 1 -- (": true, "": true, "a = $$;)$$": true,
		"a = 1)": false, "(a": false, "a; b": false, "'": false, "/*": false, "a = $1": false, "a) OR (b": false,
	} {
		err := CheckCondition(text)
		if (err == nil) != ok || err != nil && remedy.Code(err) != "filter.malformed" {
			t.Errorf("%q: %v", text, err)
		}
	}
}
