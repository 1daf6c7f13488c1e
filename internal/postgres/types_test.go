package postgres

import (
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// samples are edge values of the types that have any; every other type gets NULL and its zero value.
var samples = map[string][]string{
	"bool": {"t", "f"}, "bytea": {``, `\x00ff`, `\x5c27`}, "char": {"a", `\001`, ""}, "name": {"", "n'\"\\"}, "int8": {"-9223372036854775808"},
	"int2": {"-32768"}, "int4": {"2147483647"}, "regproc": {"now", "-", "12345678"}, "text": {"", "NULL", "a\nb\tc\x1b[31m", `\x`, "漢字 é 👩‍👩‍👧"},
	"oid": {"4294967295"}, "tid": {"(4294967295,65535)"}, "xid": {"4294967295"}, "cid": {"0"}, "xid8": {"18446744073709551615"},
	"json": {`{"a": [1, null,  "\u0041"]}`, `null`, `""`}, "jsonb": {`{"b": 1.50, "a": "\\"}`, `null`}, "xml": {"<a b=\"c\">d</a>", "text"},
	"point": {"(NaN,Infinity)"}, "lseg": {"[(0,0),(1,1)]"}, "path": {"((0,0),(1,1))", "[(0,0)]"}, "box": {"(1,1),(0,0)"},
	"polygon": {"((0,0),(1,0),(1,1))"}, "line": {"{1,-1,0}"}, "circle": {"<(0,0),Infinity>"},
	"float4": {"NaN", "-Infinity", "1e-45", "3.4028235e+38"}, "float8": {"NaN", "Infinity", "-0", "5e-324", "1.7976931348623157e+308"},
	"money": {"-92233720368547758.08"}, "macaddr": {"08:00:2b:01:02:03"}, "macaddr8": {"08:00:2b:01:02:03:04:05"},
	"inet": {"0.0.0.0/0", "::1/128"}, "cidr": {"10.0.0.0/8", "::/0"}, "bpchar": {"ab   ", ""}, "varchar": {"", " "},
	"date": {"infinity", "-infinity", "4713-01-01 BC", "5874897-12-31"}, "time": {"24:00:00", "00:00:00.000001"},
	"timestamp":   {"infinity", "0044-03-15 10:00:00 BC", "294276-12-31 23:59:59.999999"},
	"timestamptz": {"-infinity", "4714-11-24 00:00:00+00 BC"}, "interval": {"-178000000 years", "1 mon -1 day +00:00:00.000001", "0"},
	"timetz": {"24:00:00+15:59:59"}, "bit": {"1"}, "varbit": {"", "10110"}, "numeric": {"NaN", "Infinity", "-Infinity", "0.000", "1" + strings.Repeat("0", 400)},
	"uuid": {"00000000-0000-0000-0000-000000000000"}, "pg_lsn": {"FFFFFFFF/FFFFFFFF"}, "tsvector": {"'a':1A 'b''c':2"}, "tsquery": {"'a' & !'b' <-> 'c':*"},
	"int4range": {"empty", "(,)", "[1,5)"}, "numrange": {"[NaN,NaN]", "(,0]"}, "tsrange": {`["2026-01-01 00:00:00",infinity]`}, "daterange": {"(,2026-01-01)"},
	"int4multirange": {"{}", "{[1,3),[5,7)}"}, "txid_snapshot": {"10:20:10,14,15"}, "pg_snapshot": {"10:20:10,14,15"},
	"oidvector": {"1 2 3", ""}, "int2vector": {"1 -2"}, "refcursor": {"c"}, "aclitem": {"postgres=r/postgres"}, "gtsvector": {},
	"_int4": {"{}", "{{1,2},{NULL,4}}", "[-1:1]={1,2,3}"}, "_text": {`{"","NULL",NULL,"a\"b\\",","}`}, "_numeric": {"{NaN}"},
	"regclass": {"pg_class", "-"}, "regtype": {"integer", "-"}, "regrole": {"-"}, "regnamespace": {"pg_catalog"}, "regconfig": {"english"},
	"regdictionary": {"simple"}, "regoperator": {"0"}, "regoper": {"0"}, "regprocedure": {"0"}, "regcollation": {"\"C\""}, "jsonpath": {`$."a"[*] ? (@ > 1)`},
}

// TestEveryTypePrintsAsPsqlPrintsIt makes a table with a column of each type that a table can have, and a domain,
// an enum, composite types with NULLs, ranges over them and nested arrays, and compares with psql.
func TestEveryTypePrintsAsPsqlPrintsIt(t *testing.T) {
	db, url := openURL(t, `
		CREATE SCHEMA "My types";
		CREATE TYPE "My types"."Mood" AS ENUM ('', 'it''s "ok", {x}', '漢');
		CREATE DOMAIN "My types".positive AS int CHECK (VALUE > 0);
		CREATE DOMAIN "My types".deeper AS "My types".positive;
		CREATE TYPE "My types".pair AS (a int, b text);
		CREATE TYPE "My types".nest AS (p "My types".pair, ps "My types".pair[], m "My types"."Mood");
		CREATE TYPE "My types".moods AS RANGE (subtype = "My types"."Mood");
		CREATE TYPE "My types".texts AS RANGE (subtype = text, collation = "C");`)
	for name, values := range map[string][]string{
		"Mood": {"", `it's "ok", {x}`, "漢"}, "positive": {"1"}, "deeper": {"7"}, "pair": {"(,)", `(1,"a""b,\\")`, "(,\"\")"},
		"nest": {"(,,)", `("(1,x)","{""(2,y)"",NULL}",漢)`}, "moods": {`["",漢)`, "empty"}, "texts": {`["a b","c,\""]`},
		"_pair": {`{"(,)",NULL,"(1,\"a b\")"}`}, "_Mood": {`{{"",漢},{漢,""}}`}, "_nest": {`{"(\"(1,)\",,)"}`}, "_texts": {`{"[a,b]",empty}`},
		"_moods": {"{empty}"}, "moodsmultirange": {}, "_positive": {"{1,NULL}"},
	} {
		samples[name] = values
	}
	rows, err := db.Query(t.Context(), `
		SELECT t.oid::regtype::text, t.typname, t.oid::text FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
		WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm') OR t.typtype = 'c' AND c.relkind = 'c' ORDER BY t.oid`)
	if err != nil {
		t.Fatal(err)
	}
	var types [][3]string
	for rows.Next() {
		var x [3]string
		if err := rows.Scan(&x[0], &x[1], &x[2]); err != nil {
			t.Fatal(err)
		}
		types = append(types, x)
	}
	if len(types) < 200 {
		t.Fatalf("only %d types", len(types))
	}
	// One statement creates a table for each type; some of the server's own types cannot be those of columns.
	mustExec(t, db, `DO $$ DECLARE t record; BEGIN
		FOR t IN SELECT oid, typname FROM pg_type LOOP
			BEGIN
				EXECUTE format('CREATE TABLE t%s (n serial, v %s)', t.oid, t.oid::regtype);
				EXECUTE format('INSERT INTO t%s (v) VALUES (NULL)', t.oid);
			EXCEPTION WHEN invalid_table_definition THEN NULL;
			END;
		END LOOP; END $$`)
	made := map[string]bool{}
	pub, _ := snapshot(t, db, SnapshotOptions{}).Schema("public")
	for _, table := range pub.Tables {
		made[table.Name] = true
	}
	tried, values, pages := 0, 0, map[string]*Page{}
	for _, typ := range types {
		table := "t" + typ[2]
		if !made[table] {
			continue
		}
		tried++
		for _, v := range samples[typ[1]] {
			if _, err := db.Exec(t.Context(), fmt.Sprintf("INSERT INTO %s (v) VALUES (%s::%s)", table, Literal(v), typ[0])); err != nil {
				t.Errorf("%s: value %q: %v", typ[0], v, err)
				continue
			}
			values++
		}
		for _, req := range []PageRequest{
			{Sort: []SortKey{{"v", false}}}, {}, {MaxCell: -1}, {Sort: []SortKey{{"v", true}}},
			{Where: []Condition{{Column: "v", Op: Contains, Value: "1"}}}, {Where: []Condition{{Column: "v", Op: IsNotNull}}},
		} {
			req.Table, req.Limit, req.Columns = TableRef{"public", table}, 2, []string{"n", "v"}
			walk(t, db, req, FirstPage, NextPage)
			if len(samples[typ[1]]) == 0 {
				break
			}
		}
		p := page(t, db, PageRequest{Table: TableRef{"public", table}, Sort: []SortKey{{"n", false}}, MaxCell: 10_000})
		for i, row := range p.Rows {
			if row[1].Null || p.Columns[1].Kind == JSONKind {
				continue
			}
			// A value is found again by its text.
			found := page(t, db, PageRequest{Table: TableRef{"public", table}, Where: []Condition{{Column: "v", Op: Equal, Value: row[1].Text}}})
			if len(found.Rows) == 0 {
				t.Errorf("%s: row %d: nothing equals %q", typ[0], i, row[1].Text)
			}
		}
		if len(samples[typ[1]]) > 0 {
			pages[table] = p
		}
	}
	if tried < 200 || values < 140 {
		t.Errorf("%d types with %d values were tried", tried, values)
	}
	tables := slices.Sorted(maps.Keys(pages))
	comeBack(t, db, tables)
	for i, want := range psqlPrints(t, url, tables) {
		samePrinted(t, pages[tables[i]], want)
	}
}

// comeBack writes the rows of tables as INSERT and runs that in the emptied tables, and as UPDATE after their values are
// gone: either gives the same rows. All tables are one text.
func comeBack(t *testing.T, db *DB, tables []string) {
	t.Helper()
	was := map[string]string{}
	inserts, updates, empty, forget := "", "", "", ""
	for _, table := range tables {
		mustExec(t, db, "ALTER TABLE "+table+" ADD PRIMARY KEY (n)")
		req := ExportRequest{Table: TableRef{"public", table}, Sort: []SortKey{{"n", false}}, Format: ExportCSV}
		was[table] = export(t, db, req)
		req.Format = ExportInsert
		inserts += export(t, db, req)
		req.Format = ExportUpdate
		updates += export(t, db, req)
		empty += "DELETE FROM " + table + ";"
		forget += "UPDATE " + table + " SET v = NULL;"
	}
	for what, texts := range map[string][2]string{"INSERT": {empty, inserts}, "UPDATE": {forget, updates}} {
		mustExec(t, db, texts[0])
		mustExec(t, db, texts[1])
		for _, table := range tables {
			if got := export(t, db, ExportRequest{Table: TableRef{"public", table}, Sort: []SortKey{{"n", false}}, Format: ExportCSV}); got != was[table] {
				t.Errorf("%s: after %s the rows are\n%q, they were\n%q", table, what, got, was[table])
			}
		}
	}
}

// psqlPrints returns what psql prints of each table's values: one psql prints all of them, as its start takes longer.
func psqlPrints(t *testing.T, url string, tables []string) (printed [][]string) {
	t.Helper()
	const end = "the end of a table"
	c := exec.Command("psql", "-X", "-A", "-t", "-z", "-0", "-P", "null=∅", "-v", "ON_ERROR_STOP=1", "-f", "-", url)
	var script strings.Builder
	for _, table := range tables {
		fmt.Fprintf(&script, "SELECT v FROM %s ORDER BY n;\nSELECT '%s';\n", table, end)
	}
	c.Stdin = strings.NewReader(script.String())
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("psql: %v: %s", err, out)
	}
	var values []string
	for value := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if value != end {
			values = append(values, value)
			continue
		}
		printed, values = append(printed, values), nil
	}
	if len(printed) != len(tables) {
		t.Fatalf("psql prints %d of %d tables", len(printed), len(tables))
	}
	return printed
}

// samePrinted compares a page's second column with what psql prints.
func samePrinted(t *testing.T, p *Page, want []string) {
	t.Helper()
	for i, row := range p.Rows {
		got := row[1].Text
		if row[1].Null {
			got = "∅"
		}
		if i >= len(want) || got != want[i] {
			t.Errorf("%s: row %d: %q, psql prints %q", p.Columns[1].Type, i, got, want)
			return
		}
	}
}

func TestEveryCatalogueRelationCanBePaged(t *testing.T) {
	db := open(t, shop)
	s := snapshot(t, db, SnapshotOptions{Hidden: true})
	pages := 0
	for _, sch := range s.Schemas {
		for _, table := range sch.Tables {
			if _, err := db.Page(t.Context(), PageRequest{Table: table.Ref(), Limit: 5}); err != nil {
				t.Errorf("%s: %v", table.Ref(), err)
			}
			if _, err := db.Detail(t.Context(), table.Ref()); err != nil {
				t.Errorf("%s: %v", table.Ref(), err)
			}
			pages++
		}
	}
	if pages < 200 {
		t.Errorf("only %d relations", pages)
	}
}
