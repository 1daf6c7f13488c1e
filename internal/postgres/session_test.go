package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func console(t *testing.T, setup string) (*Session, *DB, string) {
	t.Helper()
	db, url := openURL(t, setup)
	s, err := OpenSession(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s, db, url
}

func run(t *testing.T, s *Session, text string, opt ...RunOptions) Outcome {
	t.Helper()
	opt = append(opt, RunOptions{})
	out, err := s.Run(t.Context(), text, opt[0])
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

const precious = `CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT i, i FROM generate_series(1, 5) i;
	CREATE SEQUENCE s;
	CREATE FUNCTION wipe() RETURNS int LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN 1; END';
	CREATE PROCEDURE wipe_tx() LANGUAGE plpgsql AS 'BEGIN COMMIT; DELETE FROM t; COMMIT; END';
	CREATE PROCEDURE wipe_ro() LANGUAGE plpgsql AS 'BEGIN PERFORM set_config(''transaction_read_only'', ''off'', false); DELETE FROM t; END';`

func TestALockedSessionCannotWriteWhateverIsTried(t *testing.T) {
	s, db, _ := console(t, precious)
	for text, want := range map[string]string{
		"DELETE FROM t": "25006",
		"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x": "25006",
		"SELECT wipe()":  "25006",
		"CALL wipe_tx()": "2D000",
		"CALL wipe_ro()": "25001",
		"DO $$ BEGIN COMMIT; DELETE FROM t; END $$":               "2D000",
		"DO $$ BEGIN DELETE FROM t; END $$":                       "25006",
		"SELECT nextval('s')":                                     "25006",
		"SELECT setval('s', 9)":                                   "25006",
		"TRUNCATE t":                                              "25006",
		"DROP TABLE t":                                            "25006",
		"CREATE TABLE u AS SELECT 1":                              "25006",
		"SELECT 1 INTO u":                                         "25006",
		"CREATE TEMP TABLE u (a int)":                             "25006",
		"EXPLAIN ANALYZE DELETE FROM t":                           "25006",
		"PREPARE p AS DELETE FROM t; EXECUTE p":                   "25006",
		"SELECT lo_create(0)":                                     "25006",
		"LOCK TABLE t IN ACCESS EXCLUSIVE MODE; DELETE FROM t":    "25006",
		"SELECT * FROM t FOR UPDATE":                              "25006",
		"GRANT ALL ON t TO PUBLIC":                                "25006",
		"COMMENT ON TABLE t IS 'x'":                               "25006",
		"VACUUM t":                                                "25001",
		"ALTER SYSTEM SET work_mem = '1MB'":                       "25001",
		"CREATE DATABASE other":                                   "25006",
		"SET TRANSACTION READ WRITE":                              "25001",
		"SET transaction_read_only = off":                         "25001",
		"SET LOCAL transaction_read_only = off":                   "25001",
		"SELECT set_config('transaction_read_only', 'off', true)": "25001",
		"SET default_transaction_read_only = off; DELETE FROM t":  "25006",
		"SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; DELETE FROM t":            "25006",
		"SELECT set_config('default_transaction_read_only', 'off', false); DELETE FROM t": "25006",
		"RESET ALL; DELETE FROM t":                   "25006",
		"RESET transaction_read_only; DELETE FROM t": "",
		"DISCARD ALL": "25001",
		"COMMIT":      "sql.transaction",
		"COMMIT; BEGIN READ WRITE; DELETE FROM t": "sql.transaction",
		"/* -- */ commit; DELETE FROM t":          "sql.transaction",
		"END":                                     "sql.transaction",
		"ROLLBACK; DELETE FROM t":                 "sql.transaction",
		"ABORT AND CHAIN":                         "sql.transaction",
		"START TRANSACTION READ WRITE":            "sql.transaction",
		"SAVEPOINT a; ROLLBACK TO a":              "sql.transaction",
		"PREPARE TRANSACTION 'x'":                 "sql.transaction",
		"prepare /* x */ transaction 'x'":         "sql.transaction",
		"COPY t FROM STDIN":                       "sql.copy",
		"COPY t TO PROGRAM 'cat > /dev/null'":     "sql.copy",
		"SELECT '\\'; COMMIT; DELETE FROM t; --'": "sql.transaction",
		"SET standard_conforming_strings = off; SELECT '\\'; DELETE FROM t; --'": "42601",
	} {
		out, err := s.Run(t.Context(), text, RunOptions{})
		if err == nil {
			err = out.Err()
		}
		switch {
		case err == nil:
			t.Errorf("%s: nothing was refused", text)
		case want != "" && !HasCode(err, want) && remedy.Code(err) != want:
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if out.Pending {
			t.Errorf("%s: changes are pending", text)
		}
		var n, last int
		if err := db.QueryRow(t.Context(), "SELECT count(*), (SELECT last_value FROM s) FROM t").Scan(&n, &last); err != nil || n != 5 || last != 1 {
			t.Fatalf("%s: the database has changed: %d rows, sequence at %d, %v", text, n, last, err)
		}
	}
	// What an earlier text left behind does not unlock the next.
	for _, before := range []string{
		"SET default_transaction_read_only = off", "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "PREPARE q AS DELETE FROM t",
		"SET search_path = public", "LISTEN x",
	} {
		if out := run(t, s, before); out.Err() != nil {
			t.Errorf("%s: %v", before, out.Err())
		}
		for _, after := range []string{"DELETE FROM t", "EXECUTE q"} {
			if out := run(t, s, after); out.Err() == nil {
				t.Errorf("%s, then %s: not refused", before, after)
			}
		}
	}
	if n, _ := db.Count(t.Context(), TableRef{"public", "t"}); n.N != 5 {
		t.Errorf("%d rows are left", n.N)
	}
}

func TestAWriteWaitsForCommit(t *testing.T) {
	s, db, _ := console(t, precious)
	rows := func() int64 {
		n, err := db.Count(t.Context(), TableRef{"public", "t"})
		if err != nil {
			t.Fatal(err)
		}
		return n.N
	}
	s.Unlock()
	out := run(t, s, "DELETE FROM t WHERE id < 3; INSERT INTO t VALUES (7, 7) RETURNING id; SELECT count(*) FROM t")
	if !out.Pending || out.Affected != 3 || len(out.Results) != 3 || out.Results[0].Tag != "DELETE 2" || out.Results[2].Rows[0][0].Text != "4" {
		t.Errorf("%+v", out)
	}
	if rows() != 5 {
		t.Error("others see what was not committed")
	}
	if _, err := s.Run(t.Context(), "SELECT 1", RunOptions{}); remedy.Code(err) != "sql.pending" {
		t.Errorf("a run while changes wait: %v", err)
	}
	if err := s.Rollback(t.Context()); err != nil || rows() != 5 {
		t.Errorf("after rollback: %d rows, %v", rows(), err)
	}
	if out = run(t, s, "WITH x AS (DELETE FROM t RETURNING *) SELECT count(*) FROM x"); !out.Pending {
		t.Error("a write inside a query is not pending")
	}
	if err := s.Commit(t.Context()); err != nil || rows() != 0 {
		t.Errorf("after commit: %d rows, %v", rows(), err)
	}
	if out = run(t, s, "SELECT 1; UPDATE t SET n = 0 WHERE false"); out.Pending {
		t.Error("what wrote nothing waits for an answer")
	}
	if err := s.Commit(t.Context()); remedy.Code(err) != "sql.nothing" {
		t.Errorf("commit of nothing: %v", err)
	}
	if out = run(t, s, "INSERT INTO t VALUES (1, 1); SELECT 1/0; SELECT 2"); out.Pending || out.Skipped != 1 || !HasCode(out.Err(), "22012") || rows() != 0 {
		t.Errorf("after a failure: %+v", out)
	}
	out = run(t, s, "CREATE TABLE d (id int REFERENCES t DEFERRABLE INITIALLY DEFERRED); INSERT INTO d VALUES (99)")
	if err := s.Commit(t.Context()); !out.Pending || !HasCode(err, "23503") || s.pending.Load() {
		t.Errorf("a deferred constraint at commit: %v", err)
	}
}

func TestErrorsArePlacedInTheText(t *testing.T) {
	s, _, _ := console(t, precious)
	for text, want := range map[string]Position{
		"SELECT 1;\n  SELECT '漢字', x FROM t": {29, 2, 16},
		"SELECT 1;\nSELEC 2":                 {10, 2, 1},
		"/* é\n */ SELECT * FROM gone":       {24, 2, 19},
		"SELECT 1;\n\tCOMMIT":                {11, 2, 2},
		"SELECT 'open":                       {7, 1, 8},
	} {
		out := run(t, s, text)
		last := out.Results[len(out.Results)-1]
		if last.At == nil || *last.At != want {
			t.Errorf("%q: at %+v, want %+v (%v)", text, last.At, want, last.Err)
		}
	}
	if out := run(t, s, "SELECT 1/0"); out.Results[0].At != nil {
		t.Errorf("an error without a place: %+v", out.Results[0].At)
	}
}

func TestResultsHoldWhatTheServerSaid(t *testing.T) {
	s, _, _ := console(t, precious+`CREATE TYPE mood AS ENUM ('sad')`)
	out := run(t, s, `SELECT 1 AS a, NULL::text, 'sad'::mood AS m, '{}'::jsonb AS j, 'x'; SHOW work_mem; ;; -- nothing
		DO $$ BEGIN RAISE NOTICE 'hello'; RAISE WARNING 'there'; END $$; VALUES (1), (2); SELECT; SET search_path = pg_catalog`)
	if out.Err() != nil || len(out.Results) != 6 || out.Skipped != 0 {
		t.Fatalf("%+v", out)
	}
	first := out.Results[0]
	if got := rowTexts(first.Rows); !slices.Equal(got, []string{"1|∅|sad|{}|x"}) || first.Tag != "SELECT 1" {
		t.Errorf("%v", got)
	}
	if c := first.Columns; c[0].Name != "a" || c[0].Kind != NumberKind || c[2].Kind != EnumKind || c[2].Type != "mood" || c[3].Kind != JSONKind {
		t.Errorf("columns: %+v", c)
	}
	if n := out.Results[2].Notices; len(n) != 2 || n[0].Message != "hello" || n[1].Severity != "WARNING" {
		t.Errorf("notices: %+v", n)
	}
	if r := out.Results[4]; len(r.Rows) != 1 || len(r.Columns) != 0 {
		t.Errorf("a row without columns: %+v", r)
	}
	if out = run(t, s, "SHOW search_path"); out.Results[0].Rows[0][0].Text != "pg_catalog" {
		t.Error("a setting did not last")
	}
	if out = run(t, s, " ; -- nothing"); len(out.Results) != 0 {
		t.Errorf("nothing: %+v", out)
	}
}

func TestALockedRunFetchesNoMoreThanItKeeps(t *testing.T) {
	s, _, _ := console(t, precious)
	began := time.Now()
	out := run(t, s, "SELECT i, repeat('é', 100) FROM generate_series(1, 50000) i, generate_series(1, 50000) j; SELECT 2", RunOptions{MaxRows: 10, MaxCell: 5})
	if out.Err() != nil || !out.Results[0].More || len(out.Results[0].Rows) != 10 || out.Results[1].Rows[0][0].Text != "2" {
		t.Errorf("%+v", out)
	}
	if c := out.Results[0].Rows[0][1]; c.Text != "éé" || !c.Truncated || c.Bytes != 200 {
		t.Errorf("%+v", c)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v: all rows were read", took)
	}
	s.Unlock()
	out = run(t, s, "SELECT i, nextval('s') FROM generate_series(1, 50) i", RunOptions{MaxRows: 10})
	if out.Err() != nil || !out.Results[0].More || len(out.Results[0].Rows) != 10 {
		t.Errorf("%+v", out)
	}
	if out.Pending {
		if err := s.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if out = run(t, s, "SELECT last_value FROM s"); out.Results[0].Rows[0][0].Text != "50" {
		t.Errorf("what writes was not run to its end: %v", out.Results[0].Rows)
	}
}

// sinkFunc is called with each row.
type sinkFunc func(values [][]byte) error

func (sinkFunc) Begin([]PageColumn) error    { return nil }
func (f sinkFunc) Row(values [][]byte) error { return f(values) }
func (sinkFunc) End(Result) error            { return nil }

func TestRowsCanBeStreamedAndStopped(t *testing.T) {
	s, _, _ := console(t, precious)
	seen := 0
	enough := errors.New("enough")
	out := run(t, s, "SELECT i FROM generate_series(1, 50000) i, generate_series(1, 50000) j", RunOptions{Sink: sinkFunc(func([][]byte) error {
		if seen++; seen == 1000 {
			return enough
		}
		return nil
	})})
	if !errors.Is(out.Err(), enough) || seen != 1000 || len(out.Results[0].Rows) != 0 {
		t.Errorf("%d rows, %v", seen, out.Err())
	}
	if out = run(t, s, "SELECT 1"); out.Err() != nil {
		t.Errorf("the session after that: %v", out.Err())
	}
}

func TestCancellingARunCancelsItOnTheServer(t *testing.T) {
	s, db, _ := console(t, precious)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for ctx.Err() == nil {
			var n int
			if err := db.QueryRow(context.Background(), "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND wait_event = 'PgSleep'").Scan(&n); err != nil || n == 1 {
				cancel() // it runs by now: before that it is parsed, under the same name
			}
		}
	}()
	out, err := s.Run(ctx, "SELECT pg_sleep(600)", RunOptions{})
	if err != nil || !HasCode(out.Err(), "57014") {
		t.Errorf("%+v, %v", out, err)
	}
	pid := s.conn.PgConn().PID()
	if out = run(t, s, "SELECT pg_backend_pid()"); out.Err() != nil || out.Results[0].Rows[0][0].Text != fmt.Sprint(pid) {
		t.Errorf("the connection did not live on: %+v", out)
	}
}

func TestASessionComesBackAfterTheServerEndedIt(t *testing.T) {
	s, _, url := console(t, precious)
	run(t, s, "SELECT 1")
	end := `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'naap sql' AND datname = current_database()`
	pgtest.Exec(t, url, end)
	if out := run(t, s, "SELECT 1"); out.Err() != nil {
		t.Errorf("%v", out.Err())
	}
	s.Unlock()
	run(t, s, "DELETE FROM t")
	pgtest.Exec(t, url, end)
	if err := s.Commit(t.Context()); err == nil {
		t.Error("a commit on a lost session succeeded")
	}
	if out := run(t, s, "SELECT count(*) FROM t"); out.Results[0].Rows[0][0].Text != "5" {
		t.Errorf("%+v", out)
	}
}

func TestExplainRunsNothingForGood(t *testing.T) {
	s, db, _ := console(t, precious)
	plan, err := s.Explain(t.Context(), "DELETE FROM t;", 0, false, nil)
	if err != nil || !strings.Contains(strings.Join(plan.Lines, "\n"), "Delete on t") {
		t.Errorf("%+v, %v", plan, err)
	}
	if _, err = s.Explain(t.Context(), "DELETE FROM t", 0, true, nil); !HasCode(err, "25006") {
		t.Errorf("locked: %v", err)
	}
	s.Unlock()
	if plan, err = s.Explain(t.Context(), "DELETE FROM t", 0, true, nil); err != nil || !strings.Contains(strings.Join(plan.Lines, "\n"), "actual time") {
		t.Errorf("%+v, %v", plan, err)
	}
	if n, _ := db.Count(t.Context(), TableRef{"public", "t"}); n.N != 5 || s.pending.Load() {
		t.Errorf("%d rows are left, pending %v", n.N, s.pending.Load())
	}
	if _, err = s.Explain(t.Context(), " -- nothing", 0, false, nil); remedy.Code(err) != "sql.explain" {
		t.Errorf("no statement: %v", err)
	}
}

func TestExplainTakesTheStatementAtTheCursor(t *testing.T) {
	s, _, _ := console(t, precious)
	text := "SELECT ';';\nDELETE FROM t;\nSELECT 'ü', nothing FROM t"
	for at, want := range map[int]string{0: "Result", 11: "Result", 12: "Delete on t", 26: "Delete on t"} {
		plan, err := s.Explain(t.Context(), text, at, false, nil)
		if err != nil || !strings.Contains(strings.Join(plan.Lines, "\n"), want) {
			t.Errorf("at %d: %+v, %v", at, plan, err)
		}
	}
	plan, err := s.Explain(t.Context(), text, len(text), false, nil)
	if !HasCode(err, "42703") || plan.At == nil || plan.At.Line != 3 || plan.At.Column != 13 || text[plan.At.Offset:plan.At.Offset+7] != "nothing" {
		t.Errorf("the error is at %+v, %v", plan.At, err)
	}
}
