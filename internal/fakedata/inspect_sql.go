package fakedata

import "github.com/livepeer/naap-dev/internal/hidden"

const typesSQL = `
SELECT t.oid, n.nspname::text, t.typname::text, t.typtype::text, t.typcategory::text,
	coalesce(r.rngsubtype, m.rngtypid, t.typelem), t.typbasetype, t.typtypmod, t.typnotnull,
	coalesce((SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), '{}'),
	coalesce((SELECT array_agg(pg_catalog.pg_get_expr(k.conbin, 0)) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), '{}')
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
LEFT JOIN pg_catalog.pg_range m ON m.rngmultitypid = t.oid
WHERE t.typtype IN ('b', 'c', 'd', 'e', 'r', 'm')`

const fieldsSQL = `
SELECT c.reltype, a.attname::text, a.atttypid, a.atttypmod
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
WHERE c.reltype <> 0 AND c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum`

// relevant is the condition on pg_class c and pg_namespace n that a table is one to fill. Prisma's own bookkeeping is
// not: rows in it would be migrations that were never applied.
const relevant = `n.nspname !~ '` + hidden.Schemas + `'
	AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '_prisma_migrations' AND c.relpersistence <> 't'
	AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`

const tablesSQL = `
SELECT c.oid, n.nspname::text, c.relname::text, c.relkind = 'p'
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE ` + relevant + ` ORDER BY n.nspname, c.relname`

const columnsSQL = `
SELECT a.attrelid, a.attnum::int, a.attname::text, a.atttypid, a.atttypmod, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
	coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), ''), a.attidentity <> '', a.attgenerated <> '',
	CASE WHEN a.attidentity <> '' THEN coalesce(pg_catalog.pg_get_serial_sequence(quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname), '') ELSE '' END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE ` + relevant + ` AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum`

// keysSQL returns every column that an index over expressions uses: the catalogue records them as dependencies.
const keysSQL = `
SELECT i.indrelid, x.relname::text, i.indisprimary,
	(SELECT coalesce(array_agg(DISTINCT u.att ORDER BY u.att), '{}') FROM (
		SELECT k.att::int FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(att, n) WHERE k.att > 0 AND k.n <= i.indnkeyatts
		UNION SELECT d.refobjsubid FROM pg_catalog.pg_depend d WHERE i.indexprs IS NOT NULL AND i.indpred IS NULL
			AND d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refobjid = i.indrelid AND d.refobjsubid > 0) u(att)),
	coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''), i.indnullsnotdistinct, i.indexprs IS NOT NULL
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
WHERE i.indisunique AND i.indislive
ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, x.relname`

const foreignKeysSQL = `
SELECT k.conname::text, k.conrelid, k.confrelid, k.conkey::int[], k.confkey::int[], k.confmatchtype = 'f', k.condeferrable
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND ` + relevant + ` ORDER BY k.conrelid, array_length(k.conkey, 1) DESC, k.conname`

const checksSQL = `
SELECT k.conrelid, k.conname::text, pg_catalog.pg_get_expr(k.conbin, k.conrelid), coalesce(k.conkey::int[], '{}')
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'c' AND ` + relevant + ` ORDER BY k.conrelid, k.conname`

const exclusionsSQL = `
SELECT k.conrelid, k.conname::text, k.conkey::int[],
	(SELECT array_agg(o.oprname::text ORDER BY u.n) FROM unnest(k.conexclop) WITH ORDINALITY u(op, n) JOIN pg_catalog.pg_operator o ON o.oid = u.op),
	coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '')
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid
WHERE k.contype = 'x' ORDER BY k.conrelid, k.conname`

const partitionsSQL = `
SELECT p.partrelid, p.partstrat = 'h' OR p.partdefid <> 0,
	coalesce((SELECT pg_catalog.pg_get_partition_constraintdef(i.inhrelid) FROM pg_catalog.pg_inherits i
		WHERE i.inhparent = p.partrelid ORDER BY i.inhrelid LIMIT 1), '')
FROM pg_catalog.pg_partitioned_table p`
