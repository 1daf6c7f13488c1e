package postgres

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
)

// findTable is a table that a search looks in.
type findTable struct {
	ref     TableRef
	only    bool // without what inherits from it, which is a table of its own
	pages   int64
	key     []string
	columns []findColumn
}

// findColumn is a column of a kind that a search knows.
type findColumn struct {
	name, typ string
	kind      findKind
	oid       uint32 // of the type that a domain is over
	exact     string // the same type as SQL, to which a value is cast
	operator  string // =, in the schema where the type's own is
	matches   bool   // ILIKE works with the column's own collation,
	letters   bool   // and knows more letters than those of ASCII
	equal     bool   // an index answers equality
	trigrams  bool   // an index answers ILIKE
	labels    []string
}

// findKind is how a column is compared with what was typed.
type findKind int

const (
	findNothing findKind = iota
	findText
	findUUID
	findNumber
	findEnum
	findInside // only what is inside of it, as text: JSON, XML, arrays
)

// The type that a domain is over, or a domain over that, is a column's root. The column's place in a text is that of its
// own, even in a materialized view.
const findColumnsSQL = `
WITH RECURSIVE base(oid, root) AS (
	SELECT oid, oid FROM pg_type WHERE typtype <> 'd'
	UNION ALL SELECT t.oid, b.root FROM pg_type t JOIN base b ON t.typbasetype = b.oid WHERE t.typtype = 'd'),
led AS (SELECT i.indrelid, i.indkey[0] AS attnum, bool_or(m.amname IN ('btree', 'hash')) AS equal,
		bool_or(m.amname IN ('gin', 'gist') AND o.opcname IN ('gin_trgm_ops', 'gist_trgm_ops')) AS trigrams
	FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam JOIN pg_opclass o ON o.oid = i.indclass[0]
	WHERE i.indisvalid AND i.indisready AND i.indpred IS NULL GROUP BY 1, 2)
SELECT c.oid, n.nspname, c.relname, c.relkind, greatest(c.relpages, pg_stat_get_live_tuples(c.oid) / 50,
		(SELECT sum(x.relpages) FROM pg_inherits h JOIN pg_class x ON x.oid = h.inhrelid WHERE h.inhparent = c.oid)),
	a.attnum, a.attname, a.attnotnull, r.oid, r.typcategory, r.typtype, format_type(a.atttypid, a.atttypmod), format_type(r.oid, -1), rn.nspname,
	coalesce(e.typcategory, ''), r.typname,
	coalesce(k.collisdeterministic, true), coalesce(CASE WHEN k.collname = 'default' THEN d.datctype ELSE k.collctype END, '') IN ('C', 'POSIX') OR k.collname IN ('C', 'POSIX'),
	has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT'),
	coalesce(l.equal, false), coalesce(l.trigrams, false),
	CASE WHEN r.typtype = 'e' THEN (SELECT json_agg(g.enumlabel ORDER BY g.enumsortorder) FROM pg_enum g WHERE g.enumtypid = r.oid) END
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_database d ON d.datname = current_database()
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN base b ON b.oid = a.atttypid
JOIN pg_type r ON r.oid = b.root
JOIN pg_namespace rn ON rn.oid = r.typnamespace
LEFT JOIN pg_type e ON e.oid = r.typelem AND r.typcategory = 'A'
LEFT JOIN pg_collation k ON k.oid = a.attcollation
LEFT JOIN led l ON l.indrelid = c.oid AND l.attnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition AND c.relispopulated AND NOT ` + hiddenSchema + ` AND n.nspname NOT LIKE 'pg\_temp\_%'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum`

const findKeysSQL = `
SELECT i.indrelid, ` + keyColumns + ` FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND NOT ` + hiddenSchema

// loadFindTables lists the tables that a search may look in, the smallest first, and reports whether there is a collation
// that knows all letters. It fails with 22P05 for a value that the database's encoding cannot express.
func loadFindTables(ctx context.Context, pc *pgconn.PgConn, value string) (tables []*findTable, icu bool, err error) {
	details := map[uint32]*TableDetail{}
	keys := map[uint32]*keyFinder{}
	byOID := map[uint32]*findTable{}
	each := func(r textRow) {
		oid := r.oid(0)
		t := byOID[oid]
		if t == nil {
			t = &findTable{ref: TableRef{Schema: r.str(1), Name: r.str(2)}, only: r.str(3) == "r", pages: r.int(4)}
			byOID[oid], details[oid], keys[oid] = t, &TableDetail{}, &keyFinder{}
			tables = append(tables, t)
		}
		details[oid].Columns = append(details[oid].Columns, Column{Number: int(r.int(5)), Name: r.str(6), NotNull: r.bool(7)})
		if c := readFindColumn(r); c.kind != findNothing && r.bool(18) {
			t.columns = append(t.columns, c)
		}
	}
	err = readOnlyExchange(ctx, pc, newAsk(fixedPath, nil),
		newAsk(`SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'und-x-icu' AND collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))), $1::text`,
			func(r textRow) { icu = r.bool(0) }, value),
		newAsk(findColumnsSQL, each),
		newAsk(findKeysSQL, func(r textRow) {
			if k := keys[r.oid(0)]; k != nil {
				k.add(r, 1)
			}
		}))
	if err != nil {
		return nil, false, err
	}
	for oid, t := range byOID {
		keys[oid].mark(details[oid])
		t.key = details[oid].Key
	}
	slices.SortStableFunc(tables, func(x, y *findTable) int { return cmp.Compare(x.pages, y.pages) })
	return tables, icu, nil
}

// The OIDs of types that are the same in every database.
const (
	oidText, oidVarchar, oidBpchar, oidName, oidChar                   = 25, 1043, 1042, 19, 18
	oidUUID, oidJSON, oidJSONB, oidXML                                 = 2950, 114, 3802, 142
	oidInt2, oidInt4, oidInt8, oidNumeric, oidFloat4, oidFloat8 uint32 = 21, 23, 20, 1700, 700, 701
)

func readFindColumn(r textRow) findColumn {
	c := findColumn{
		name: r.str(6), typ: r.str(11), oid: r.oid(8), exact: r.str(12), operator: "OPERATOR(pg_catalog.=)",
		matches: r.bool(16), letters: r.bool(16) && !r.bool(17), equal: r.bool(19), trigrams: r.bool(20), labels: r.list(21),
	}
	category, element := r.str(9), r.str(14)
	switch {
	case r.str(10) == "e":
		c.kind = findEnum
	case c.oid == oidUUID:
		c.kind = findUUID
	case slices.Contains([]uint32{oidInt2, oidInt4, oidInt8, oidNumeric, oidFloat4, oidFloat8}, c.oid):
		c.kind = findNumber
	case c.oid == oidJSON, c.oid == oidJSONB, c.oid == oidXML, category == "A" && (element == "S" || element == "E"):
		c.kind = findInside
	case category == "S":
		c.kind = findText
		if c.oid == oidName { // a longer value would be cut when it is cast
			c.exact, c.equal = "text", false
		}
		if r.str(15) == "citext" {
			c.operator = "OPERATOR(" + Ident(r.str(13)) + ".=)"
		}
	}
	return c
}
