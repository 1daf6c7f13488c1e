package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// askHandMade returns the columns, indexes and foreign keys of tables in schemas ($1), as far as the Prisma language
// can express them: kind, schema, table, name, and what they are over. What it cannot express is in askExtras and
// askSettings.
const askHandMade = `
WITH t AS (
	SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
)
SELECT 'column' AS kind, t.nspname, t.relname, a.attname::text AS name, a.attname::text AS over
FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT CASE WHEN q.oid IS NULL THEN 'index' ELSE 'UNIQUE constraint' END, t.nspname, t.relname, i.relname,
	CASE WHEN x.indisunique THEN 'unique ' ELSE '' END || m.amname || ' ' || (
		SELECT string_agg(a.attname || CASE WHEN x.indoption[u.ord - 1] & 1 = 1 THEN ' DESC' ELSE '' END, chr(2) ORDER BY u.ord)
		FROM unnest(x.indkey::int2[]) WITH ORDINALITY u(att, ord) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.att WHERE u.ord <= x.indnkeyatts)
FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam
LEFT JOIN pg_constraint q ON q.conindid = i.oid AND q.conrelid = t.oid AND q.contype = 'u'
WHERE NOT x.indisprimary AND NOT x.indisexclusion AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid
UNION ALL
SELECT 'foreign key', t.nspname, t.relname, q.conname,
	(SELECT string_agg(a.attname, chr(2) ORDER BY u.ord) FROM unnest(q.conkey) WITH ORDINALITY u(att, ord) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.att)
FROM t JOIN pg_constraint q ON q.conrelid = t.oid AND q.contype = 'f' AND q.conparentid = 0
ORDER BY 1, 2, 3, 4`

// part is a column, an index or a foreign key of a table.
type part struct {
	kind  string
	table postgres.TableRef
	name  string
	over  string
}

func (p part) String() string {
	switch p.kind {
	case "column":
		return fmt.Sprintf("column %s.%s", p.table, p.name)
	case "foreign key":
		return fmt.Sprintf("foreign key %s of %s", p.name, p.table)
	}
	return fmt.Sprintf("%s %s.%s of %s", p.kind, p.table.Schema, p.name, p.table)
}

// like returns the part without its name, which may be all that differs.
func (p part) like() part {
	p.name = ""
	return p
}

// partsOf returns the parts in the Prisma file.
func partsOf(d *schemaplan.Database) (list []part) {
	for _, t := range d.Tables {
		ref := postgres.TableRef{Schema: t.Schema, Name: t.Name}
		for _, c := range t.Columns {
			list = append(list, part{"column", ref, c.Name, c.Name})
		}
		for _, x := range t.Indexes {
			var columns []string
			for _, c := range x.Columns {
				name := c.Name
				if c.Desc {
					name += " DESC"
				}
				columns = append(columns, name)
			}
			over := x.Method + " " + strings.Join(columns, "\x02")
			if x.Unique {
				over = "unique " + over
			}
			list = append(list, part{"index", ref, x.Name, over})
		}
		for _, k := range t.ForeignKeys {
			list = append(list, part{"foreign key", ref, k.Name, strings.Join(k.Columns, "\x02")})
		}
	}
	return list
}

// readParts returns the parts of all tables in schemas.
func readParts(ctx context.Context, tx postgres.Tx, schemas []string) (found []part, err error) {
	err = postgres.Each(ctx, tx, func(row postgres.Rows) error {
		var p part
		err := row.Scan(&p.kind, &p.table.Schema, &p.table.Name, &p.name, &p.over)
		found = append(found, p)
		return err
	}, askHandMade, schemas)
	if err != nil {
		return nil, fmt.Errorf("look for what the Prisma file does not have: %w", err)
	}
	return found, nil
}

// notAgain says why something is not made again: what is made from the Prisma file does not have it, or what is made from the
// migrations.
func (s *swap) notAgain(p part) string {
	switch made := s.opt.Made.makes(p); {
	case made && s.opt.FromMigrations:
		return ", which the migrations make, is more than a Prisma file can say and is not made again"
	case made:
		return ", which the migrations make, is not in the Prisma file and is not made again"
	case s.opt.FromMigrations:
		return " is in none of the migrations and is not made again"
	}
	return " is not in the Prisma file and is not made again"
}

// handMade returns the parts of the Prisma file's tables that are not in the file, which does not recreate them. A part
// with another name in the file only differs in name.
func (s *swap) handMade(ctx context.Context) (list []part, err error) {
	if s.opt.Desired == nil {
		return nil, nil
	}
	found, err := readParts(ctx, s.tx, s.schemas)
	if err != nil {
		return nil, err
	}
	tables, named, left := map[postgres.TableRef]bool{}, map[part]bool{}, map[part]int{}
	for _, p := range partsOf(s.opt.Desired) {
		tables[p.table] = true
		named[part{p.kind, p.table, p.name, ""}] = true
		left[p.like()]++
	}
	asFile := func(p part) part { // the file says only that it is unique
		if p.kind == "UNIQUE constraint" {
			p.kind = "index"
		}
		return p
	}
	found = slices.DeleteFunc(found, func(p part) bool {
		p = asFile(p)
		at := part{p.kind, p.table, p.name, ""}
		if named[at] {
			left[p.like()]--
		}
		return !tables[p.table] || named[at]
	})
	for _, p := range found {
		if like := asFile(p).like(); left[like] > 0 {
			left[like]--
			continue
		}
		list = append(list, p)
	}
	return list, nil
}
