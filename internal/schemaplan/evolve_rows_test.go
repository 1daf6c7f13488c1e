package schemaplan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// rowsPerTable is small: what matters is that there are some rows, with a NULL here and there.
const rowsPerTable = 3

// fill inserts rows into every table. Row i of each has the i-th value of each type, so that foreign keys find what
// they refer to; rows that a unique index refuses are left out.
func fill(t testing.TB, db *postgres.DB, want *Database, seed int) {
	t.Helper()
	empty := emptyTables(want, seed)
	var b strings.Builder
	b.WriteString("SET session_replication_role = replica;\n")
	for _, table := range want.Tables {
		if empty[table.qName] {
			continue
		}
		for i := 1; i <= rowsPerTable; i++ {
			var names, values []string
			for _, c := range table.Columns {
				v := sampleValue(want, c, i)
				if v == "" {
					continue
				}
				names, values = append(names, postgres.Ident(c.Name)), append(values, v)
			}
			fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES (%s) ON CONFLICT DO NOTHING;\n", table.sql(), strings.Join(names, ", "), strings.Join(values, ", "))
		}
	}
	b.WriteString("SET session_replication_role = origin;")
	run(t, db, b.String())
}

// emptyTables returns some tables, and all that refer to them.
func emptyTables(want *Database, seed int) map[qName]bool {
	empty := map[qName]bool{}
	for _, t := range want.Tables {
		empty[t.qName] = (len(t.Name)+seed)%4 == 0
	}
	for range want.Tables {
		for _, t := range want.Tables {
			for _, k := range t.ForeignKeys {
				if empty[k.References] {
					empty[t.qName] = true
				}
			}
		}
	}
	return empty
}

var unsupportedValues = map[string]string{
	"point": "'(1,1)'", "circle": "'<(1,1),2>'", "box": "'(1,1),(2,2)'", "tsvector": "'a b'",
}

// sampleValue returns the i-th value of a column's type as SQL, or "" to leave the column to its default.
func sampleValue(want *Database, c *column, i int) string {
	if c.Optional && i == 2 && !c.NotNull {
		return "NULL"
	}
	v := ""
	switch c.Type.Name {
	case "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "money":
		v = fmt.Sprint(i)
	case "text", "varchar", "citext":
		v = fmt.Sprintf("'%c'", 'a'+i)
	case "bpchar":
		v = fmt.Sprintf("'%c'", 'a'+i)
	case "bool":
		v = fmt.Sprint(i%2 == 0)
	case "timestamp", "timestamptz", "date":
		v = fmt.Sprintf("'2021-03-0%d 04:05:06.789'", i)
	case "time", "timetz":
		v = fmt.Sprintf("'0%d:05:06'", i)
	case "json", "jsonb":
		v = fmt.Sprintf(`'{"n": %d}'`, i)
	case "bytea":
		v = fmt.Sprintf(`'\x0%d'`, i)
	case "uuid":
		v = fmt.Sprintf("'00000000-0000-4000-8000-00000000000%d'", i)
	case "inet":
		v = fmt.Sprintf("'10.0.0.%d'", i)
	case "xml":
		v = fmt.Sprintf("'<n>%d</n>'", i)
	case "bit":
		v = "B'" + strings.Repeat("1", max(1, length(c.Type))) + "'"
	case "varbit":
		v = "B'1'"
	default:
		if e := want.enum(c.Type.Enum); e != nil && len(e.Values) > 0 {
			v = literal(e.Values[i%len(e.Values)])
		} else if v = unsupportedValues[c.Type.Text]; v == "" {
			return ""
		}
	}
	if c.Type.List {
		return "ARRAY[" + v + "]::" + c.Type.sql()
	}
	return v
}
