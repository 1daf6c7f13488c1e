package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// filler generates rows for every table: row i refers to row i of every table that it has a foreign key to, so that
// every key is used and no order is needed.
type filler struct {
	schemas map[string]string             // table → schema
	columns map[string][]fillColumn       // table → columns
	refs    map[string]map[string]fillRef // table → column → what it refers to
}

type fillColumn struct {
	name, typ, category string
	length              int
	labels              []string
}

type fillRef struct{ table, column string }

// fill inserts rows into every table of the schemas.
func (h *house) fill(t testing.TB, rows int, schemas ...string) {
	t.Helper()
	sql := readFiller(t, h.db).inserts(rows, schemas)
	h.run(t, "BEGIN; SET LOCAL session_replication_role = replica; "+strings.Join(sql, ";\n")+"; COMMIT")
	for _, k := range h.allKeys(t) {
		var n int64
		if err := h.db.QueryRow(context.Background(), "SELECT count(*) FROM "+k.From.Quoted()+" c WHERE "+k.orphan()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			t.Fatalf("the rows that were made are not sound: %d of %s refer to nothing (%s)", n, k.From, k.Name)
		}
	}
}

// inserts returns the statements that insert rows into every table of the schemas; a single table can be named too, as
// SQL.
func (f *filler) inserts(rows int, schemas []string) []string {
	var sql []string
	for table, columns := range f.columns {
		if !slices.Contains(schemas, f.schemas[table]) && !slices.Contains(schemas, table) {
			continue
		}
		names, values := make([]string, len(columns)), make([]string, len(columns))
		for i, c := range columns {
			names[i], values[i] = postgres.Ident(c.name), f.value(table, c)
		}
		sql = append(sql, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM generate_series(1, %d) i", table,
			strings.Join(names, ", "), strings.Join(values, ", "), rows))
	}
	slices.Sort(sql)
	return sql
}

func (h *house) allKeys(t testing.TB) []Key {
	t.Helper()
	var keys []Key
	err := h.db.InTx(context.Background(), func(tx postgres.Tx) (err error) {
		keys, err = (&swap{tx: tx, schemas: []string{}}).allKeys(context.Background())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func readFiller(t testing.TB, db *postgres.DB) *filler {
	t.Helper()
	f := &filler{schemas: map[string]string{}, columns: map[string][]fillColumn{}, refs: map[string]map[string]fillRef{}}
	rows, err := db.Query(context.Background(), `
SELECT format('%I.%I', n.nspname, c.relname), n.nspname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), ty.typcategory::text,
	CASE WHEN ty.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END,
	array(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = ty.oid ORDER BY e.enumsortorder)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type ty ON ty.oid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^(pg_|naap_)'
	AND n.nspname <> 'information_schema' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY 1, a.attnum`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, schema string
		var c fillColumn
		if err := rows.Scan(&table, &schema, &c.name, &c.typ, &c.category, &c.length, &c.labels); err != nil {
			t.Fatal(err)
		}
		f.schemas[table] = schema
		f.columns[table] = append(f.columns[table], c)
	}
	keys, err := db.Query(context.Background(), `
SELECT format('%I.%I', n.nspname, c.relname), a.attname::text, format('%I.%I', fn.nspname, fc.relname), fa.attname::text
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class fc ON fc.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = fc.relnamespace,
unnest(k.conkey, k.confkey) u(num, fnum) JOIN pg_attribute a ON true JOIN pg_attribute fa ON true
WHERE k.contype = 'f' AND k.conparentid = 0 AND a.attrelid = k.conrelid AND a.attnum = u.num AND fa.attrelid = k.confrelid AND fa.attnum = u.fnum
ORDER BY 1, k.conname DESC`)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	for keys.Next() {
		var table, column string
		var ref fillRef
		if err := keys.Scan(&table, &column, &ref.table, &ref.column); err != nil {
			t.Fatal(err)
		}
		if f.refs[table] == nil {
			f.refs[table] = map[string]fillRef{}
		}
		f.refs[table][column] = ref
	}
	return f
}

// value returns the expression for a column in row i.
func (f *filler) value(table string, c fillColumn) string {
	for range 10 { // a column may refer to one that itself refers to another
		ref, ok := f.refs[table][c.name]
		if !ok || ref.table == table && ref.column == c.name {
			break
		}
		table = ref.table
		for _, o := range f.columns[table] {
			if o.name == ref.column {
				c = o
			}
		}
	}
	name := strings.ReplaceAll(strings.ReplaceAll(table+"."+c.name, "'", "''"), `"`, "")
	switch {
	case len(c.labels) > 0:
		return fmt.Sprintf("(enum_range(NULL::%s))[1 + i %% %d]", c.typ, len(c.labels))
	case c.category == "A":
		return "'{}'::" + c.typ
	case c.category == "B":
		return "i % 2 = 0"
	case c.category == "D":
		return "('2026-01-01 00:00:00'::timestamp + i * interval '1 minute')::" + c.typ
	case c.category == "N":
		return "i::" + c.typ
	case c.typ == "uuid":
		return "md5('" + name + "' || i)::uuid"
	case c.typ == "jsonb" || c.typ == "json":
		return "json_build_object('" + name + "', i)::" + c.typ
	case c.typ == "bytea":
		return "decode(md5('" + name + "' || i), 'hex')"
	case c.length > 0:
		return fmt.Sprintf("right('%s ' || i, %d)", name, c.length)
	}
	return "'" + name + " ' || i"
}
