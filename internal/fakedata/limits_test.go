package fakedata

import (
	"fmt"
	"strings"
	"testing"
)

// TestWhatAColumnMayNotHoldIsLeftOut has constraints that exclude single values, or leave few, with unique keys and
// without: they hold, and each table has as many rows as there are values.
func TestWhatAColumnMayNotHoldIsLeftOut(t *testing.T) {
	tables := []struct {
		columns string
		rows    int64
	}{
		{"n int CHECK (n <> 1000)", 300}, {"rating int CHECK (rating <> 5)", 300}, {"rating int CHECK (rating NOT IN (1, 2, 5))", 300},
		{"n int PRIMARY KEY CHECK (n BETWEEN 1 AND 20 AND n <> 7 AND n <> 20)", 18}, {"n int UNIQUE CHECK (n <> 1 AND n <> 40)", 300},
		{"n smallint NOT NULL CHECK (n BETWEEN 0 AND 3 AND n <> 0), b boolean NOT NULL, UNIQUE (n, b)", 6},
		{"d date UNIQUE NOT NULL CHECK (d BETWEEN '2024-01-30' AND '2024-02-10')", 12}, {"d date UNIQUE NOT NULL CHECK (d > '2024-01-30' AND d < '2024-02-10')", 10},
		{"d date UNIQUE CHECK (d >= '2024-01-30')", 300}, {"d date UNIQUE CHECK (d <= '2024-01-30')", 300},
		{"at timestamptz(0) UNIQUE NOT NULL CHECK (at >= '2024-01-30 00:00+00' AND at < '2024-01-30 00:01+00')", 59},
		{"c char(2) PRIMARY KEY CHECK (c <> '00' AND c <> '0a')", 300}, {"c char(1) PRIMARY KEY CHECK (c <> 'z')", 35},
		{"code text NOT NULL CHECK (code ~ '^[ab]{3}$' AND code <> 'aba'), UNIQUE (code)", 7},
		{"status text NOT NULL CHECK (status NOT IN ('active', 'pending', 'completed', 'failed', 'archived'))", 300},
		{"b boolean NOT NULL CHECK (b <> true), n int NOT NULL CHECK (n BETWEEN 1 AND 5), UNIQUE (b, n)", 5},
		{"c citext PRIMARY KEY CHECK (c IN ('a', 'A', 'b', 'c') AND c <> 'C')", 2}, {"m mood PRIMARY KEY CHECK (m <> 'sad')", 2},
	}
	var script strings.Builder
	script.WriteString("CREATE EXTENSION citext; CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');")
	for i, table := range tables {
		fmt.Fprintf(&script, "CREATE TABLE t%02d (%s);\n", i, table.columns)
	}
	db := newDatabase(t, script.String())
	plan := mustFill(t, db, Options{Rows: 300, Seed: 2})
	for _, p := range plan.Tables {
		var i int
		fmt.Sscanf(p.Table.Name, "t%d", &i)
		if p.Note != "" || p.Rows != tables[i].rows {
			t.Errorf("%s: %d rows, want %d; %s", tables[i].columns, p.Rows, tables[i].rows, p.Note)
		}
	}
	mustFill(t, db, Options{Tables: plan.tablesWith(300), Rows: 100, Seed: 3, Append: true})
}
