package schemaplan

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// The catalogue queries, sent as one batch and therefore answered in one transaction. All of them read only pg_catalog.
// Names are resolved and printed under an empty search path, so that every answer is qualified and the same for any
// user.

const askSchemas = `SELECT nspname::text FROM pg_namespace
	WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname COLLATE "C"`

const askExtensions = `SELECT e.extname::text, n.nspname::text, e.extversion
	FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.extname COLLATE "C"`

// Enums that an extension created are left to it.
const askEnums = `SELECT n.nspname::text, t.typname::text,
		array(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder)
	FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
	WHERE t.typtype = 'e' AND n.nspname = ANY ($1)
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
	ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C"`

// A partition belongs to its parent.
const askRelations = `SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition,
		EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
	ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`

// askTypes returns the types that use a name and that the Prisma language cannot express. A multirange comes with its
// range.
const askTypes = `SELECT n.nspname::text, t.typname::text, CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite type' ELSE 'range type' END
	FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
	WHERE n.nspname = ANY ($1) AND (t.typtype IN ('d', 'r', 'm') OR t.typtype = 'c' AND c.relkind = 'c')
	ORDER BY n.nspname COLLATE "C", t.typname COLLATE "C"`

// askChildren returns the tables that inherit, each with the one that it inherits from.
const askChildren = `SELECT h.inhparent, n.nspname::text, c.relname::text
	FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid AND NOT c.relispartition JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
	WHERE pn.nspname = ANY ($1) ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`

// A default refers to no column, so its table need not be named. Naming it makes the server open every table, which
// takes half of the time of this on a new connection (24.6 against 12.0 ms for 112 tables).
const askColumns = `SELECT a.attrelid, a.attnum, a.attname::text, et.typname::text, tn.nspname::text, et.typtype::text,
		et.oid <> t.oid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull,
		coalesce(CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END, ''), a.attidentity::text, a.attgenerated::text,
		coalesce(sn.nspname::text, ''), coalesce(s.relname::text, ''), a.atttypid, a.attcollation, a.attinhcount > 0
	FROM pg_attribute a
	JOIN pg_class c ON c.oid = a.attrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_type t ON t.oid = a.atttypid
	JOIN pg_type et ON et.oid = CASE WHEN t.typelem <> 0 AND t.typsubscript = 'array_subscript_handler'::regproc
		THEN t.typelem ELSE t.oid END
	JOIN pg_namespace tn ON tn.oid = et.typnamespace
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	LEFT JOIN pg_depend o ON o.refclassid = 'pg_class'::regclass AND o.refobjid = a.attrelid AND o.refobjsubid = a.attnum
		AND o.classid = 'pg_class'::regclass AND o.deptype = 'a'
		AND EXISTS (SELECT FROM pg_class x WHERE x.oid = o.objid AND x.relkind = 'S')
	LEFT JOIN pg_class s ON s.oid = o.objid
	LEFT JOIN pg_namespace sn ON sn.oid = s.relnamespace
	WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
	ORDER BY a.attrelid, a.attnum`

// Foreign keys from outside to a table within count too: such a table cannot simply be dropped. Columns are given by
// number; the names of those in tables that are not read otherwise come along.
const askConstraints = `SELECT k.conrelid, k.conname::text, k.contype::text, k.conindid, k.conkey, k.confkey, k.confrelid,
		n.nspname::text, c.relname::text, coalesce(fn.nspname::text, ''), coalesce(fc.relname::text, ''),
		k.confdeltype::text, k.confupdtype::text, k.condeferrable,
		CASE WHEN k.contype = 'f' AND NOT n.nspname = ANY ($1) THEN
			array(SELECT a.attnum || ' ' || a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) END,
		CASE WHEN k.contype = 'f' AND NOT fn.nspname = ANY ($1) THEN
			array(SELECT a.attnum || ' ' || a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) END
	FROM pg_constraint k
	JOIN pg_class c ON c.oid = k.conrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_class fc ON fc.oid = k.confrelid
	LEFT JOIN pg_namespace fn ON fn.oid = fc.relnamespace
	WHERE k.contype IN ('p', 'u', 'f', 'x') AND k.conparentid = 0 AND (n.nspname = ANY ($1) OR fn.nspname = ANY ($1))
	ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`

// Domains may be based on domains: each row is one step down. The element type of an array counts like a column's.
const askDomains = `SELECT t.oid, t.typbasetype, t.typnotnull, et.typname::text, tn.nspname::text, et.typtype::text,
		et.oid <> b.oid, t.typtypmod, format_type(t.typbasetype, t.typtypmod)
	FROM pg_type t
	JOIN pg_type b ON b.oid = t.typbasetype
	JOIN pg_type et ON et.oid = CASE WHEN b.typelem <> 0 AND b.typsubscript = 'array_subscript_handler'::regproc
		THEN b.typelem ELSE b.oid END
	JOIN pg_namespace tn ON tn.oid = et.typnamespace
	WHERE t.typtype = 'd'`

const askClasses = `SELECT oid, opcname::text, opcdefault FROM pg_opclass`

// nullsNotDistinct is a column of pg_index that servers before 15 do not have. Reading it by way of JSON works on all of
// them, and takes as long as the rest of the query: see indexesOn.
const nullsNotDistinct = `(to_jsonb(i) ->> 'indnullsnotdistinct')::bool`

const askIndexes = `SELECT i.indrelid, i.indexrelid, ic.relname::text, i.indisunique, i.indisprimary, am.amname::text,
		i.indkey::int2[], i.indnkeyatts, i.indoption::int2[], i.indclass::oid[],
		coalesce(pg_get_expr(i.indpred, i.indrelid), ''), i.indexprs IS NOT NULL, i.indisvalid,
		i.indcollation::oid[], coalesce(` + nullsNotDistinct + `, false), coalesce(ic.reloptions, '{}')
	FROM pg_index i
	JOIN pg_class c ON c.oid = i.indrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_class ic ON ic.oid = i.indexrelid
	JOIN pg_am am ON am.oid = ic.relam
	WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT ic.relispartition
	ORDER BY i.indrelid, ic.relname COLLATE "C"`

// indexesOn returns askIndexes as the server of a connection understands it best.
func indexesOn(c *postgres.Conn) string {
	if major, _, _ := strings.Cut(c.PgConn().ParameterStatus("server_version"), "."); len(major) == 2 && major >= "15" {
		return strings.Replace(askIndexes, nullsNotDistinct, "i.indnullsnotdistinct", 1)
	}
	return askIndexes
}
