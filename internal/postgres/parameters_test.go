package postgres

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func given(kv ...string) Arguments {
	args := Arguments{}
	for i := 0; i < len(kv); i += 2 {
		args[kv[i]] = &kv[i+1]
	}
	return args
}

func TestParametersAreDescribedAndBound(t *testing.T) {
	_, url := openURL(t, `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int PRIMARY KEY, name text, m mood, at timestamptz, tags text[]);
		INSERT INTO t VALUES (1, 'one', 'ok', '2026-01-01', '{a}'), (2, 'it''s'' OR true --', 'sad', '2026-02-01', '{b}'), (3, NULL, 'ok', '2026-03-01', '{}')`)
	s, err := OpenSession(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	text := "SELECT id FROM t WHERE id >= :from AND m = :mood AND at < :until AND name IS NOT DISTINCT FROM :name AND tags @> :tags -- :no\n;SELECT :from::int + 1 AS n, ':mood', :'name'"
	list, at, err := s.Parameters(t.Context(), text)
	if err != nil || at != nil {
		t.Fatal(err, at)
	}
	var got []string
	for _, p := range list {
		got = append(got, p.Name+" "+p.Type)
	}
	if strings.Join(got, ", ") != "from integer, mood mood, until timestamp with time zone, name text, tags text[]" || list[1].Kind != EnumKind {
		t.Errorf("got %v", got)
	}
	args := given("from", "1", "mood", "sad", "until", "2027-01-01", "name", "it's' OR true --", "tags", "{b}")
	out, err := s.Run(t.Context(), text, RunOptions{Args: args})
	if err != nil || out.Err() != nil {
		t.Fatal(err, out.Err())
	}
	if rows := out.Results[0].Rows; len(rows) != 1 || rows[0][0].Text != "2" {
		t.Errorf("got %v", rows)
	}
	if row := out.Results[1].Rows[0]; row[0].Text != "2" || row[1].Text != ":mood" || row[2].Text != "it's' OR true --" {
		t.Errorf("got %v", row)
	}
	args["name"], args["mood"] = nil, given("", "ok")[""]
	args["tags"] = given("", "{}")[""]
	if out, err = s.Run(t.Context(), text, RunOptions{Args: args}); err != nil || out.Err() != nil || len(out.Results[0].Rows) != 1 || !out.Results[1].Rows[0][2].Null {
		t.Errorf("with NULL: %v %v", err, out)
	}
	if plan, err := s.Explain(t.Context(), text, len(text), false, args); err != nil || !strings.Contains(strings.Join(plan.Lines, ""), "Result") {
		t.Errorf("%v %v", plan.Lines, err)
	}
}

func TestAMistakeBesideAParameterIsFoundAtItsPlace(t *testing.T) {
	db, url := openURL(t, `CREATE TABLE t (id int, name text)`)
	s, err := OpenSession(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	text := "SELECT 1;\nSELECT :a, :b, :c, :d, :e, :f, :g, :h, :i, :long_name, nowhere"
	if _, at, err := s.Parameters(t.Context(), text[10:]); err == nil || at == nil || text[10+at.Offset:] != "nowhere" {
		t.Errorf("%v at %+v", err, at)
	}
	args := given("a", "", "b", "", "c", "", "d", "", "e", "", "f", "", "g", "", "h", "", "i", "", "long_name", "")
	out, _ := s.Run(t.Context(), text, RunOptions{Args: args})
	if r := out.Results[1]; r.Err == nil || r.At == nil || text[r.At.Offset:] != "nowhere" || r.At.Line != 2 {
		t.Errorf("%v at %+v", r.Err, r.At)
	}
	for query, code := range map[string]string{
		`SELECT :"id" FROM t`: "sql.parameter", "SELECT :x, $1": "sql.parameter", "SELECT :x": "", "SELECT :missing": "sql.parameter",
		"SELECT :a, :b, :c, :d, :e, :f, :g, :h, :i, :j": "sql.parameter", "SELECT id + :x FROM t": "", "BEGIN; SELECT :x": "sql.transaction",
	} {
		out, err := s.Run(t.Context(), query, RunOptions{Args: given("x", "1", "a", "", "b", "", "c", "", "d", "", "e", "", "f", "", "g", "", "h", "", "i", "", "j", "")})
		if err == nil {
			err = out.Err()
		}
		if (err == nil) != (code == "") || err != nil && remedy.Code(err) != code {
			t.Errorf("%s: %v, want %q", query, err, code)
		}
	}
	// Without values for any, a colon is the server's to refuse; what a statement before it makes is not known yet.
	if out, _ := s.Run(t.Context(), "SELECT :x", RunOptions{}); !HasCode(out.Err(), "42601") {
		t.Errorf("%v", out.Err())
	}
	s.Unlock()
	if list, _, err := s.Parameters(t.Context(), "CREATE TABLE later (id int); SELECT * FROM later WHERE id = :id; INSERT INTO t VALUES (:id)"); err != nil || len(list) != 1 || list[0].Type != "integer" {
		t.Errorf("%v %v", list, err)
	}
	if out, _ := s.Run(t.Context(), "INSERT INTO t VALUES (:id, :name)", RunOptions{Args: given("id", "nine", "name", "x")}); !HasCode(out.Err(), "22P02") {
		t.Errorf("%v", out.Err())
	}
	if got := export(t, db, ExportRequest{Query: "SELECT :x::int AS n, :y AS s", Args: given("x", "1", "y", "a,b"), Format: ExportJSONLines}); got != `{"n":1,"s":"a,b"}`+"\n" {
		t.Errorf("got %s", got)
	}
}
