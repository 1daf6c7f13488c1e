package fakedata

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func ofRows(n float64) *float64 { return &n }

const ruledScript = `
CREATE TABLE team (id text PRIMARY KEY); INSERT INTO team VALUES ('red'), ('blue'), ('green');
CREATE TABLE users (id int PRIMARY KEY, first_name text NOT NULL, email text NOT NULL UNIQUE, code varchar(8) NOT NULL UNIQUE, age int NOT NULL CHECK (age > 20),
	born date, plan text NOT NULL CHECK (plan IN ('free', 'pro')), team_id text REFERENCES team, nick text, score numeric(6,2) NOT NULL, at timestamptz, flag boolean,
	total int GENERATED ALWAYS AS (age * 2) STORED, mark text);`

func TestColumnsKeepToTheirRules(t *testing.T) {
	db := newDatabase(t, ruledScript)
	plan := mustFill(t, db, Options{Rows: 400, Schemas: []string{"public"}, RowsOf: map[string]int64{"team": 0}, Seed: 1, Rules: []Rule{
		{Column: "public.users.email", Pattern: `{first}\.{n}@acme\.test`, Where: "naap.toml:1"},
		{Column: "public.users.code", Pattern: `[A-Z]{2}-\d{4}`, Where: "naap.toml:2"},
		{Column: "public.users.age", Min: "0", Max: "30", Where: "naap.toml:3"},
		{Column: "public.users.born", Min: "1990-01-01", Max: "1999-12-31", Null: ofRows(0.5), Where: "naap.toml:4"},
		{Column: "public.users.plan", Values: []string{"free", "pro", "gold"}, Weights: []float64{9, 1, 5}, Where: "naap.toml:5"},
		{Column: "public.users.team_id", Values: []string{"red", "blue", "pink"}, Null: ofRows(0), Where: "naap.toml:6"},
		{Column: "public.users.nick", Null: ofRows(1), Where: "naap.toml:7"}, {Column: "public.users.score", Min: "5", Max: "5.5", Where: "naap.toml:8"},
		{Column: "public.users.flag", Values: []string{"true"}, Null: ofRows(0), Where: "naap.toml:9"}, {Column: "public.users.at", Max: "2020-01-01", Null: ofRows(0), Where: "naap.toml:10"},
		{Column: "public.users.mark", Pattern: `({First} {Last}|{slug}|{word}[0-9])`, Null: ofRows(0), Where: "naap.toml:11"}}})
	for _, where := range []string{
		`email ~ '^[a-z]+\.[0-9]+@acme\.test$' AND split_part(email, '.', 1) = regexp_replace(lower(first_name), '[^a-z0-9]', '', 'g')`, `code ~ '^[A-Z]{2}-[0-9]{4}$'`, `age BETWEEN 21 AND 30`,
		`born IS NULL OR born BETWEEN '1990-01-01' AND '1999-12-31'`, `plan IN ('free', 'pro')`, `team_id IN ('red', 'blue')`, `nick IS NULL`, `score BETWEEN 5 AND 5.5`,
		`flag`, `at <= '2020-01-01'`, `mark ~ '^([A-Z].* [A-Z].*|[a-z]+-[a-z]+|[a-z]+[0-9])$'`,
	} {
		expect(t, db, 0, "SELECT count(*) FROM users WHERE ("+where+") IS NOT TRUE")
	}
	for sql, most := range map[string][2]int64{"plan = 'pro'": {15, 80}, "born IS NULL": {150, 250}, "team_id = 'red'": {150, 250}} {
		if n := number(t, db, "SELECT count(*) FROM users WHERE "+sql); n < most[0] || n > most[1] {
			t.Errorf("%s: %d of 400 rows", sql, n)
		}
	}
	for _, want := range []string{
		"400 rows  public.users", `email: pattern {first}\.{n}@acme\.test (naap.toml:1)`, "from 1990-01-01 to 1999-12-31, NULL in 50% of the rows (naap.toml:4)", `one of "free" × 9, "pro" × 1, "gold" × 5`,
		`naap.toml:3: age: CHECK users_age_check does not allow "0"`, `naap.toml:5: plan: CHECK users_plan_check does not allow "gold"`,
		`naap.toml:6: team_id: foreign key users_team_id_fkey: public.team has no row whose id is "pink"`,
	} {
		if !strings.Contains(plan.String(), want) {
			t.Errorf("%q is not in the plan:\n%s", want, plan)
		}
	}
}

func TestRulesThatCannotBeAreErrors(t *testing.T) {
	db := newDatabase(t, ruledScript)
	for _, c := range []struct {
		rule Rule
		says string
	}{
		{Rule{Column: "public.users.emial", Null: ofRows(0)}, "did you mean public.users.email?"}, {Rule{Column: "public.user.email", Null: ofRows(0)}, "did you mean public.users.email?"},
		{Rule{Column: "public.users.email", Null: ofRows(0.5)}, "NOT NULL"}, {Rule{Column: "public.users.age", Values: []string{"old"}}, `cannot hold "old": its type is integer`},
		{Rule{Column: "public.users.code", Pattern: `[a-z]{20}`}, "character varying(8)"}, {Rule{Column: "public.users.email", Pattern: `[a-`}, "cannot be read"},
		{Rule{Column: "public.users.email", Pattern: `{firts}@x`}, "there is no placeholder {firts}"}, {Rule{Column: "public.users.age", Pattern: `x`}, "a pattern is for texts"},
		{Rule{Column: "public.users.email", Min: "a"}, "a range is for numbers and dates"}, {Rule{Column: "public.users.age", Min: "9", Max: "3"}, "nothing in it"},
		{Rule{Column: "public.users.team_id", Pattern: "r.*"}, "foreign key"}, {Rule{Column: "public.users.total", Values: []string{"1"}}, "computes total itself"},
		{Rule{Column: "public.users.born", Min: "soon"}, "2026-01-31"},
	} {
		c.rule.Where = "naap.toml:7"
		_, err := Decide(context.Background(), db, Options{Rows: 5, Append: true, Rules: []Rule{c.rule}})
		text := remedy.Text(err)
		if remedy.Code(err) != "fake.rule" || remedy.Exit(err) != remedy.ExitUsage || !strings.Contains(text, "naap.toml:7") || !strings.Contains(text, c.says) {
			t.Errorf("%+v: %s", c.rule, text)
		}
	}
}

func TestThePlanNamesWhatARuleLeavesOfATable(t *testing.T) {
	db := newDatabase(t, ruledScript)
	opt := Options{Rows: 50, Seed: 1, RowsOf: map[string]int64{"team": 0}}
	for _, c := range []struct {
		rule Rule
		rows int64
		says string
	}{
		{Rule{Column: "public.users.email", Values: []string{"a@x", "b@x"}}, 2, "fewer than 50: its unique keys have no more, since email has the rule of naap.toml:7"},
		{Rule{Column: "public.users.email", Pattern: `{first}@x`}, 1, "since email has the rule of naap.toml:7"},
		{Rule{Column: "public.users.code", Pattern: `[ab][cd]`}, 4, "since code has the rule of naap.toml:7"},
		{Rule{Column: "public.users.plan", Values: []string{"gold"}}, 0, `no value keeps to the rule of naap.toml:7: plan: CHECK users_plan_check does not allow "gold"`},
		{Rule{Column: "public.users.age", Min: "1", Max: "20"}, 0, "no value keeps to the rule of naap.toml:7: age"},
		{Rule{Column: "public.users.team_id", Values: []string{"pink"}}, 0, `public.team has no row whose id is "pink"`},
	} {
		c.rule.Where = "naap.toml:7"
		opt.Rules = []Rule{c.rule}
		plan := mustDecide(t, db, opt)
		if plan.Rows() != c.rows || !strings.Contains(plan.String(), c.says) {
			t.Errorf("%+v:\n%s", c.rule, plan)
		}
	}
}

// TestRulesHoldInEveryKindOfRun has rules with extremes, with existing rows, and in a run that is continued.
func TestRulesHoldInEveryKindOfRun(t *testing.T) {
	db := newDatabase(t, ruledScript+`CREATE TABLE lead (id int PRIMARY KEY, team_id text NOT NULL UNIQUE REFERENCES team); INSERT INTO lead VALUES (1, 'red');`)
	ctx := context.Background()
	opt := Options{Rows: 300, RowsOf: map[string]int64{"team": 0, "lead": 2}, Seed: 1, Edge: true, Append: true, Rules: []Rule{
		{Column: "public.users.email", Pattern: `u{n}@x`, Where: "naap.toml:1"}, {Column: "public.users.mark", Values: []string{"a", "b"}, Null: ofRows(0.1), Where: "naap.toml:2"},
		{Column: "public.lead.team_id", Values: []string{"red", "blue", "green"}, Where: "naap.toml:3"}}}
	for range 2 {
		mustFill(t, db, opt)
		opt.Seed++
		opt.RowsOf["lead"] = 0
	}
	expect(t, db, 3, "SELECT count(*) FROM lead")
	expect(t, db, 600, "SELECT count(*) FROM users WHERE email ~ '^u[0-9]+@x$' AND (mark IN ('a', 'b') OR mark IS NULL)")
	if _, err := Clean(ctx, db); err != nil {
		t.Fatal(remedy.Text(err))
	}
	expect(t, db, 0, "SELECT count(*) FROM users")
	plan := mustDecide(t, db, opt)
	if err := applyUntil(db, plan, 0, true); !errors.Is(err, context.Canceled) {
		t.Fatalf("the run was not broken off: %v", err)
	}
	again, err := Continue(ctx, db, Hints{})
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	mustContinueToEnd(t, db, again)
	expect(t, db, 300, "SELECT count(*) FROM users WHERE email ~ '^u[0-9]+@x$' AND (mark IN ('a', 'b') OR mark IS NULL)")
}
