package fakedata

import (
	"fmt"
	"strings"
	"testing"
)

// TestCheckConstraintsOfTheUsualShapesHold has a table for each shape; the server itself judges the rows. Where a shape
// is understood, its rows go straight into the table.
func TestCheckConstraintsOfTheUsualShapesHold(t *testing.T) {
	shapes := []struct {
		columns string
		staged  bool
	}{
		{"a int CHECK (a > 0 AND a <= 10)", false},
		{"a int CHECK (a BETWEEN -5 AND 5)", false},
		{"a numeric(10,2) CHECK (a >= 0.01 AND a < 1)", false},
		{"a float8 CHECK (a > 0.5)", false},
		{"a bigint CHECK (a >= 1000000000000)", false},
		{"a text CHECK (a IN ('x', 'it''s', 'z'))", false},
		{"a varchar(10) CHECK (a = ANY (ARRAY['one', 'two']::varchar[]))", false},
		{"a int CHECK (a NOT IN (1, 2, 3))", false},
		{"a text CHECK (a <> '')", false},
		{"a text CHECK (length(a) >= 5 AND char_length(a) < 9)", false},
		{"a text CHECK (length(a) = 7)", false},
		{"a text CHECK (length(trim(a)) > 0)", false},
		{"a text NOT NULL CHECK (a ~ '^[a-z]{3}[0-9]+$')", false},
		{"a text CHECK (a ~* '^(yes|no)$')", false},
		{"a text CHECK (a LIKE 'pre%_x')", false},
		{"a text CHECK (a = lower(a))", false},
		{"a text CHECK (upper(a) = a)", false},
		{"a int, b int, CHECK (a < b)", false},
		{"a date NOT NULL, b date NOT NULL, CHECK (b >= a)", false},
		{"a timestamptz, b timestamptz, c timestamptz, CHECK (a < b AND b < c)", false},
		{"a int CHECK (a > 0), b int CHECK (b < 1000), CHECK (a <= b)", false},
		{"a int, b int, CHECK (a <> b)", false},
		{"a int, b int, CHECK (a IS NOT NULL OR b > 5)", false},
		{"a int, b text, CHECK (num_nonnulls(a, b) = 1)", false},
		{"a int, b text, CHECK ((a IS NULL) <> (b IS NULL))", false},
		{"a int, b text, CHECK ((a IS NULL) = (b IS NULL))", false},
		{"a boolean CHECK (a)", false},
		{"a boolean, b boolean, CHECK (NOT (a OR b))", false},
		{"a text, b timestamptz, CHECK (a = 'open' AND b IS NULL OR a = 'closed' AND b IS NOT NULL)", false},
		{"a jsonb CHECK (jsonb_typeof(a) = 'array')", false},
		{"a text[] CHECK (cardinality(a) BETWEEN 2 AND 3)", false},
		{"a date CHECK (a > '2024-02-01' AND a < '2024-03-01')", false},
		{"a timestamptz CHECK (a <= now())", false},
		{"a time CHECK (a >= '08:00' AND a < '18:00')", true},
		{"a interval CHECK (a > '1 hour')", true},
		{"a text CHECK (a >= 'M')", true},
		{"a int CHECK (a BETWEEN 500 AND 600), b int, CHECK (a < b)", true},
		{"a date CHECK (a >= '2024-01-01'), b date, CHECK (a <= b)", true},
		{"a boolean CHECK (a <> false)", false},
		{"a int UNIQUE CHECK (a <> 5 AND a <> 7)", false},
		{"a text CHECK (a ~ '^[ab]{2}$'), b boolean, c int CHECK (c BETWEEN 1 AND 50), UNIQUE (a, b, c)", false},
		{"birth_date date, b date, CHECK (birth_date < b)", true},
		{"a int, b int, CHECK (a + b < 900)", true},
		{"a int CHECK (a % 7 = 3)", true},
		{"a text CHECK (position('a' in a) > 0)", true},
		{"a int, b int, CHECK (CASE WHEN a > 500 THEN b > 500 ELSE true END)", true},
		{"a text CHECK (a !~ 'e')", true},
		{"a positive, b short", false},
		{"a odd_number", true},
	}
	var script strings.Builder
	script.WriteString(`CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE DOMAIN short AS varchar(8) NOT NULL CHECK (length(VALUE) > 2);
CREATE DOMAIN odd_number AS int CHECK (VALUE % 2 = 1);`)
	for i, s := range shapes {
		fmt.Fprintf(&script, "CREATE TABLE t%02d (id serial PRIMARY KEY, %s);\n", i, s.columns)
	}
	for _, edge := range []bool{false, true} {
		db := newDatabase(t, script.String())
		plan := mustFill(t, db, Options{Rows: 120, Seed: 4, Edge: edge})
		for _, line := range plan.Tables {
			var i int
			fmt.Sscanf(line.Table.Name, "t%d", &i)
			if got := line.Note != ""; got != shapes[i].staged {
				t.Errorf("CHECK of (%s): judged by the server: %v", shapes[i].columns, got)
			}
			expect(t, db, 120, "SELECT count(*) FROM "+line.Table.Name)
			if n := number(t, db, "SELECT count(*) FROM "+line.Table.Name+" AS r WHERE jsonb_strip_nulls(to_jsonb(r) - 'id') <> '{}'"); n < 10 {
				t.Errorf("CHECK of (%s): only %d rows have a value", shapes[i].columns, n)
			}
		}
	}
}

func TestPartitionedTablesAreFilled(t *testing.T) {
	db := newDatabase(t, `
CREATE TABLE m (id bigint, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2024-07-01') TO ('2025-01-01');
CREATE TABLE l (id int, kind text) PARTITION BY LIST (kind); CREATE TABLE l1 PARTITION OF l FOR VALUES IN ('a', 'b');
CREATE TABLE h (id int) PARTITION BY HASH (id); CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE ref (id int PRIMARY KEY, m bigint, at timestamptz, FOREIGN KEY (m, at) REFERENCES m)`)
	mustFill(t, db, Options{Rows: 90})
	for _, table := range []string{"m", "l", "h", "ref"} {
		expect(t, db, 90, "SELECT count(*) FROM "+table)
	}
}
