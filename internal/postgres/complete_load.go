package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const completeTablesSQL = `
SELECT n.nspname, c.relname, c.relkind, pg_table_is_visible(c.oid),
	(SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
		FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND (NOT ` + hiddenSchema + ` OR n.nspname = 'pg_catalog') AND NOT c.relispartition
ORDER BY ` + hiddenSchema + `, n.nspname COLLATE "C", c.relname COLLATE "C"`

// Functions called only by operators, types, triggers and the like are left out.
const completeFunctionsSQL = `
SELECT DISTINCT CASE WHEN n.nspname IN ('pg_catalog', 'public') THEN p.proname ELSE n.nspname || '.' || p.proname END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN ('information_schema', 'pg_toast') AND NOT 'internal'::regtype = ANY (p.proargtypes::regtype[])
	AND p.prorettype NOT IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype, 'cstring'::regtype)
	AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
ORDER BY 1`

const completeTypesSQL = `
SELECT DISTINCT format_type(t.oid, NULL) FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm') AND t.typcategory <> 'A' OR t.typtype = 'c' AND c.relkind = 'c' ORDER BY 1`

// Completion reads the names that a SQL console offers: one round trip.
func (db *DB) Completion(ctx context.Context) (*Completion, error) {
	c := &Completion{}
	err := db.readOnly(ctx,
		keptAsk(`SELECT nspname FROM pg_namespace n WHERE NOT `+hiddenSchema+` OR nspname IN ('pg_catalog', 'information_schema') ORDER BY 1`,
			func(r textRow) { c.Schemas = append(c.Schemas, r.str(0)) }),
		keptAsk(completeTablesSQL, func(r textRow) { c.Tables = append(c.Tables, completionTable(r)) }),
		keptAsk(completeFunctionsSQL, func(r textRow) { c.Functions = append(c.Functions, r.str(0)) }),
		keptAsk(completeTypesSQL, func(r textRow) { c.Types = append(c.Types, r.str(0)) }),
		keptAsk(`SELECT upper(word), catcode <> 'U' FROM pg_get_keywords() ORDER BY word COLLATE "C"`, c.keyword),
		keptAsk(`SELECT name FROM pg_settings ORDER BY 1`, func(r textRow) { c.Settings = append(c.Settings, r.str(0)) }),
	)
	if err != nil {
		return nil, fmt.Errorf("read the names to complete: %w", err)
	}
	return c, nil
}

func completionTable(r textRow) CompletionTable {
	t := CompletionTable{TableRef: TableRef{r.str(0), r.str(1)}, Kind: relationKind(r.str(2)), Visible: r.bool(3)}
	var columns [][2]string
	_ = json.Unmarshal(r[4], &columns)
	for _, c := range columns {
		t.Columns = append(t.Columns, CompletionColumn{c[0], c[1]})
	}
	return t
}

func (c *Completion) keyword(r textRow) {
	c.Keywords = append(c.Keywords, r.str(0))
	if r.bool(1) {
		c.Reserved = append(c.Reserved, r.str(0))
	}
}

// QuoteIfNeeded returns an identifier as SQL, quoted only if necessary: if it is a reserved keyword, or contains
// anything but lower-case letters, digits and _.
func (c *Completion) QuoteIfNeeded(name string) string {
	plain := name != "" && (name[0] < '0' || name[0] > '9') && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
	if plain {
		if _, reserved := slices.BinarySearch(c.Reserved, strings.ToUpper(name)); !reserved {
			return name
		}
	}
	return Ident(name)
}
