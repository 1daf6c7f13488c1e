package postgres

import (
	"fmt"
	"strings"
	"testing"
)

// TestExportedJSONIsWhatRowToJSONMakes compares every sample of every type, in several time zones and date styles, with
// what the server makes of it, byte for byte.
func TestExportedJSONIsWhatRowToJSONMakes(t *testing.T) {
	_, url := openURL(t, `CREATE TYPE mood AS ENUM ('', 'it''s "ok"', 'a
b'); CREATE TYPE size AS ENUM ('s', 'm');
		CREATE FUNCTION size_json(size) RETURNS json LANGUAGE sql IMMUTABLE AS $$ SELECT to_json(ascii($1::text)) $$;
		CREATE CAST (size AS json) WITH FUNCTION size_json(size);
		CREATE DOMAIN positive AS numeric; CREATE DOMAIN loud AS mood; CREATE TYPE pair AS (a int, b text)`)
	all := map[string][]string{
		"mood": {"", `it's "ok"`, "a\nb"}, "size": {"s"}, "positive": {"1.50", "NaN"}, "loud": {"a\nb"}, "pair": {`(1,"a b")`}, "pair[]": {`{"(1,x)"}`},
		"mood[]": {`{"",NULL}`}, "positive[]": {"{1}"},
	}
	for name, values := range samples {
		if name == "gtsvector" || name == "aclitem" || name == "char" {
			continue // the first have no input, and the name of the last is another type's
		}
		all[name] = values
	}
	all[`"char"`] = samples["char"]
	all["float8"] = append(all["float8"], "0.1", "1e20", "-1.5e-7", "12")
	all["timestamptz"] = append(all["timestamptz"], "2024-01-02 03:04:05.678901+00", "1850-01-01 00:00:00+00", "infinity", "0044-03-15 10:00:00+00 BC")
	all["timestamp"] = append(all["timestamp"], "2024-01-02 03:04:05.6", "12024-01-02 03:04:05")
	all["json"] = append(all["json"], "{\"a\":\r\n\t[1,\n \"\\n\\\"\"]}")
	all["text"] = append(all["text"], "\x01\b\f\r\u007f\u0085\u2028\u2029\u202e<&>\"\\/")
	queries := map[string]string{"rows of none": "SELECT FROM generate_series(1, 2)", "two of a name": "SELECT 1 AS a, 2 AS a", "a name": `SELECT 1 AS "a""b` + "\n" + `\"`}
	for name, values := range all {
		var rows []string
		for _, v := range append(values, "") {
			text := "'" + strings.ReplaceAll(v, "'", "''") + "'"
			if v == "" && len(rows) == len(values) {
				text = "NULL"
			}
			rows = append(rows, "("+text+"::"+name+")")
		}
		queries[name] = "SELECT * FROM (VALUES " + strings.Join(rows, ", ") + ") v (x)"
	}
	for _, settings := range []map[string]string{
		nil, {"timezone": "Europe/Amsterdam"}, {"timezone": "Asia/Kolkata", "bytea_output": "escape", "extra_float_digits": "0"},
		{"datestyle": "German"}, {"datestyle": "ISO, DMY", "intervalstyle": "iso_8601"},
	} {
		styled, err := Open(t.Context(), url, Options{Parameters: settings})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(styled.Close)
		for name, query := range queries {
			var want strings.Builder
			rows, err := CollectStrings(styled.Query(t.Context(), "SELECT row_to_json(t)::text FROM ("+query+") t"))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for _, row := range rows {
				fmt.Fprintln(&want, strings.NewReplacer("\r", " ", "\n", " ").Replace(row))
			}
			if got := export(t, styled, ExportRequest{Query: query, Format: ExportJSONLines}); got != want.String() {
				t.Errorf("%s %s:\n%s, the server makes\n%s", name, settings, got, want.String())
			}
		}
	}
}

// TestTheServerMakesObjectsOnlyWhereItMust looks at which rows naap makes objects of itself, which is what makes an
// export as JSON as fast as one as CSV.
func TestTheServerMakesObjectsOnlyWhereItMust(t *testing.T) {
	db := open(t, `CREATE TYPE mood AS ENUM ('a'); CREATE TABLE usual (id bigint, name text, price numeric(12,2), at timestamptz, ok boolean, extra jsonb, m mood)`)
	conn, err := db.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for sql, want := range map[string]bool{
		"SELECT * FROM usual": true, "SELECT 1 AS a, 2 AS b": true, "SELECT 1 AS a, 2 AS a": false, "SELECT": false, "SELECT ARRAY[1]": false, "SELECT usual FROM usual": false,
	} {
		write, err := serversObjects(t.Context(), conn.Conn().PgConn(), exported{sql: sql, rows: true})
		if err != nil || (write != nil) != want {
			t.Errorf("%s: %t, %v", sql, write != nil, err)
		}
	}
}
