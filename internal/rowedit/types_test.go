package rowedit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// values are, for each type, what a column holds: edge values whose text must be read back as it is.
var values = []struct{ typ, value, other string }{
	{"bool", "t", "f"}, {"bytea", `\x00ff5c27`, `\x`}, {`"char"`, `\001`, `\377`}, {"name", `n'"\`, "m"}, {"int8", "-9223372036854775808", "9223372036854775807"},
	{"int2", "-32768", "5"}, {"oid", "4294967295", "0"}, {"text", "a\nb\tc\r\x1b[31m 'q' \\ ", "NULL"}, {"varchar(9)", "ab  ", ""}, {"char(5)", "ab", "c"},
	{"json", `{"a": [1,  null, "\u0041"], "a": 2}`, `null`}, {"jsonb", `{"b": 1.50, "a": "\\"}`, `[]`}, {"xml", `<!DOCTYPE a><a b="c">d</a>`, "text <b/>"},
	{"point", "(NaN,Infinity)", "(1,2)"}, {"line", "{1,-1,0}", "{1,2,3}"}, {"lseg", "[(0,0),(1,1)]", "[(1,1),(2,2)]"}, {"box", "(1,1),(0,0)", "(2,2),(0,0)"},
	{"path", "[(0,0),(1,1)]", "((0,0),(1,1))"}, {"polygon", "((0,0),(1,0),(1,1))", "((0,0),(2,0),(2,2))"}, {"circle", "<(0,0),Infinity>", "<(0,0),2>"},
	{"float4", "1e-45", "NaN"}, {"float8", "-0", "1.7976931348623157e+308"}, {"float8", "0.1", "Infinity"}, {"money", "-92233720368547758.08", "1.5"},
	{"macaddr", "08:00:2b:01:02:03", "08:00:2b:01:02:04"}, {"macaddr8", "08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03:04:06"}, {"inet", "::1/128", "10.1.2.3/8"}, {"cidr", "::/0", "10.0.0.0/8"},
	{"date", "4713-01-01 BC", "infinity"}, {"time", "24:00:00", "00:00:00.000001"}, {"timetz", "24:00:00+15:59:59", "01:00:00-03"},
	{"timestamp", "0044-03-15 10:00:00 BC", "-infinity"}, {"timestamptz", "294276-12-31 23:59:59.999999+00", "4714-11-24 00:00:00+00 BC"}, {"timestamp(3)", "2024-02-29 01:02:03.004", "2024-01-01 00:00:00"},
	{"interval", "1 mon -1 day +00:00:00.000001", "-178000000 years"}, {"interval day to minute", "3 days 04:05:00", "1 day"}, {"bit(3)", "101", "000"}, {"varbit", "", "10110"}, {"bit", "1", "0"},
	{"numeric", "1" + strings.Repeat("0123456789", 100) + "." + strings.Repeat("9", 40), "NaN"}, {"numeric", "-Infinity", "0.000"}, {"numeric(10,2)", "1.50", "-1.00"},
	{"uuid", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001"}, {"pg_lsn", "FFFFFFFF/FFFFFFFF", "0/0"}, {"xid8", "18446744073709551615", "1"},
	{"tsvector", "'a':1A 'b''c':2", "'z'"}, {"tsquery", "'a' & !'b' <-> 'c':*", "'x'"}, {"jsonpath", `$."a"[*]?(@ > 1)`, "$"},
	{"int4range", "empty", "[1,5)"}, {"numrange", "[NaN,NaN]", "(,0]"}, {"tsrange", `["2026-01-01 00:00:00",infinity]`, "(,)"}, {"int4multirange", "{[1,3),[5,7)}", "{}"}, {"datemultirange", "{(,2026-01-01)}", "{}"},
	{"int4[]", "[-1:1]={1,2,3}", "{{1,2},{NULL,4}}"}, {"text[]", `{"","NULL",NULL,"a\"b\\",","}`, "{}"}, {"timestamptz[]", `{"2026-01-01 00:00:00+00",infinity}`, "{}"},
	{"regclass", "pg_class", "-"}, {"regtype", "integer", "text"}, {"oidvector", "1 2 3", ""}, {"refcursor", "c", "d"}, {"pg_snapshot", "10:20:10,14,15", "1:1:"}, {"tid", "(4294967295,65535)", "(0,1)"},
	{`"My types"."Mood"`, `it's "ok", {x}`, ""}, {`"My types".positive`, "1", "7"}, {`"My types".pair`, `(,)`, `(1,"a""b,\\")`}, {`"My types".nest`, `("(1,x)","{""(2,y)"",NULL}",漢)`, "(,,)"},
	{`"My types".texts`, `["a b","c,\""]`, "empty"}, {`"My types".pair[]`, `{"(,)",NULL,"(1,\"a b\")"}`, "{}"}, {`"My types".moods[]`, `{empty}`, "{}"},
	{"int4", "2147483647", "-1"}, {"xid", "4294967295", "3"}, {"cid", "1", "2"}, {"txid_snapshot", "10:20:10", "1:1:"}, {"int2vector", "1 2 3", ""},
	{"regproc", "now", "-"}, {"regprocedure", "lower(text)", "-"}, {"regoper", "0", "^@"}, {"regoperator", "*(integer,integer)", "0"}, {"regrole", "postgres", "-"}, {"regnamespace", "pg_catalog", "-"}, {"regconfig", "simple", "english"},
	{"regdictionary", "simple", "english_stem"}, {"regcollation", `"C"`, `"POSIX"`}, {"int8range", "[1,9223372036854775807)", "(,)"}, {"daterange", "[2026-01-01,infinity)", "empty"}, {"tstzrange", `["2026-01-01 00:00:00+00",infinity]`, "(,)"},
	{"nummultirange", "{[-Infinity,0.10]}", "{}"}, {"int8multirange", "{[1,2)}", "{}"}, {"tsmultirange", `{["2026-01-01 00:00:00","2026-01-02 00:00:00"]}`, "{}"}, {"tstzmultirange", `{["2026-01-01 00:00:00+00",infinity]}`, "{}"},
	{"hstore", `"a"=>"1 \"q\"", "b"=>NULL`, ""}, {"text", "", "漢字 é 👩‍👩‍👧"}, {"json", "[1]", "[2]"},
}

const types = `CREATE SCHEMA "My types";
	CREATE TYPE "My types"."Mood" AS ENUM ('', 'it''s "ok", {x}', '漢');
	CREATE DOMAIN "My types".positive AS int CHECK (VALUE > 0);
	CREATE TYPE "My types".pair AS (a int, b text);
	CREATE TYPE "My types".nest AS (p "My types".pair, ps "My types".pair[], m "My types"."Mood");
	CREATE TYPE "My types".moods AS RANGE (subtype = "My types"."Mood");
	CREATE TYPE "My types".texts AS RANGE (subtype = text, collation = "C");
	DO $$ BEGIN CREATE EXTENSION hstore; EXCEPTION WHEN others THEN CREATE DOMAIN hstore AS text; END $$;
	CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`

// TestWhatIsNotTouchedIsByteForByteTheSame has a table with a column of every type and a row with an edge value in each.
// Each column is edited once, back and forth, deleted with its row and brought back; nothing else ever differs, on the disk
// either.
func TestWhatIsNotTouchedIsByteForByteTheSame(t *testing.T) {
	b := newBench(t, types)
	columns, inserts := []string{`id int PRIMARY KEY`, `u text COLLATE blind DEFAULT 'Same'`}, []string{"1", "'Same'"}
	for i, v := range values {
		columns = append(columns, fmt.Sprintf(`"c%d" %s`, i, v.typ))
		inserts = append(inserts, "'"+strings.ReplaceAll(v.value, "'", "''")+"'")
	}
	b.exec("CREATE TABLE \"My types\".\"All\" (" + strings.Join(columns, ", ") + "); INSERT INTO \"My types\".\"All\" VALUES (" + strings.Join(inserts, ", ") + ")")
	table := b.table("My types", "All")
	// What the server sends is what it has on the disk, whatever it is printed as.
	const stored = `SELECT sha256(record_send(t))::text FROM "My types"."All" t`
	const without = `SELECT sha256(record_send(x))::text FROM (SELECT %s FROM "My types"."All") x`
	first := b.rows(stored)
	const together = 8 // columns of one change
	for from := 0; from < len(values); from += together {
		set, others := map[string]Value{}, []string{"id", "u"}
		for i, v := range values {
			name := fmt.Sprintf("c%d", i)
			switch {
			case i < from || i >= from+together:
				others = append(others, `"`+name+`"`)
			case i%3 == 0:
				set[name] = Value{Kind: Null}
			default:
				set[name] = text(v.other)
			}
		}
		rest := fmt.Sprintf(without, strings.Join(others, ", "))
		before := b.rows(rest)
		b.Update(b.row(table, "1"), set)
		done := b.commit()
		if now := b.rows(rest); !slices.Equal(now, before) {
			t.Errorf("from %s: the rest of the row is another one", values[from].typ)
		}
		after := b.row(table, "1")
		for name, v := range set {
			if was := b.was(done, name); was.same(after.Cell(name)) {
				t.Errorf("%s was not changed to %s", name, v)
			}
		}
		b.back(done.Commit)
		if now := b.rows(stored); !slices.Equal(now, first) {
			t.Errorf("from %s: the row is not back: %q", values[from].typ, b.rows(`SELECT x::text FROM "My types"."All" x`))
		}
	}
	b.Delete(b.row(table, "1"))
	done := b.commit()
	b.holds(`SELECT id::text FROM "My types"."All"`)
	b.back(done.Commit)
	if now := b.rows(stored); !slices.Equal(now, first) {
		t.Errorf("the deleted row is back as another one")
	}
}

// TestTheValuesAreOfEveryType compares the list with the server's types. Those that are missing take no value from outside,
// or (aclitem) are not sent as what is stored.
func TestTheValuesAreOfEveryType(t *testing.T) {
	b := newBench(t, types)
	known := make([]string, len(values))
	for i, v := range values {
		known[i] = "'" + strings.ReplaceAll(v.typ, "'", "''") + "'::regtype"
	}
	missing := b.rows(`SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm')
		AND t.typcategory <> 'A' AND t.oid NOT IN (` + strings.Join(known, ", ") + `) ORDER BY 1`)
	if want := []string{"aclitem", "gtsvector", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_dependencies", "pg_mcv_list", "pg_ndistinct", "pg_node_tree"}; !slices.Equal(missing, want) {
		t.Errorf("no value is tried of %q", missing)
	}
}

// was is a value before a commit.
func (b *bench) was(done *Result, column string) Cell { return done.Commit.Changes[0].Row.Cell(column) }

// TestTheSameTextInAnotherCaseIsAnotherValue has a collation for which Same and same are equal.
func TestTheSameTextInAnotherCaseIsAnotherValue(t *testing.T) {
	b := newBench(t, types+`CREATE TABLE t (id int PRIMARY KEY, a text COLLATE blind, n int); INSERT INTO t VALUES (1, 'Same', 1)`)
	b.set(b.row(b.table("public", "t"), "1"), "n", "2")
	b.exec(`UPDATE t SET a = 'same'`)
	res, err := Apply(t.Context(), b.db, b.Plan(), true)
	if err != nil || len(res.Conflicts) != 1 || res.Conflicts[0].Lines()[0] != "a: Same was shown, same is there" {
		t.Fatalf("%+v, %v", res, err)
	}
	b.holds(`SELECT n::text FROM t`, "1")
}

func TestALongValueIsComparedByItsDigestAndNeverCut(t *testing.T) {
	b := newBench(t, `CREATE TABLE t (id int PRIMARY KEY, a text, n int); INSERT INTO t VALUES (1, repeat('x', 5000000), 1)`)
	table := b.table("public", "t")
	row := b.row(table, "1")
	if c := row.Cell("a"); c.Whole() || c.Bytes != 5_000_000 || len(c.Text) != begunCell {
		t.Fatalf("%d bytes are here of %d", len(c.Text), c.Bytes)
	}
	b.set(row, "n", "2")
	done := b.commit()
	b.holds(`SELECT n::text || length(a) FROM t`, "25000000")
	b.back(done.Commit)
	b.set(b.row(table, "1"), "n", "3")
	b.exec(`UPDATE t SET a = repeat('x', 4999999) || 'y'`)
	if res, err := Apply(t.Context(), b.db, b.Plan(), true); err != nil || len(res.Conflicts) != 1 {
		t.Errorf("%+v, %v", res, err)
	}
	b.Clear()
	b.Delete(b.row(table, "1"))
	if done := b.commit(); done.Commit.Back != nil || !strings.Contains(done.Commit.Why, "a cannot be kept") {
		t.Errorf("%+v", done.Commit)
	}
}
