package reset

import "github.com/livepeer/naap-dev/internal/hidden"

// The catalogue queries about what ties schemas ($1, their names) to the rest. They run under the search path
// pg_catalog, so that every expression's text is qualified.

const keyColumns = `
SELECT k.conname::text, cn.nspname::text, c.relname::text, fn.nspname::text, f.relname::text,
	array(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, ord)
		JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.ord),
	array(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, ord)
		JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.ord),
	CASE k.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END,
	array(SELECT a.attname::text FROM unnest(k.confdelsetcols) u(num)
		JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.num),
	array(SELECT format('OPERATOR(%I.%s)', onn.nspname, o.oprname) FROM unnest(k.conpfeqop) WITH ORDINALITY u(op, ord)
		JOIN pg_operator o ON o.oid = u.op JOIN pg_namespace onn ON onn.oid = o.oprnamespace ORDER BY u.ord),
	pg_get_constraintdef(k.oid), coalesce(obj_description(k.oid, 'pg_constraint'), ''), k.convalidated, cn.nspname = ANY ($1)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0`

const askKeys = keyColumns + ` AND (cn.nspname = ANY ($1)) <> (fn.nspname = ANY ($1))
ORDER BY cn.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`

// askAllKeys returns the validated foreign keys of the whole database, except those of schemas that are kept aside.
const askAllKeys = keyColumns + ` AND k.convalidated AND cn.nspname !~ '` + hidden.Aside + `' AND cardinality($1::text[]) >= 0
ORDER BY cn.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`

// A partition's column is its parent's; an enum that an extension created moves with it.
const askColumns = `
SELECT n.nspname::text, c.relname::text, a.attname::text, tn.nspname::text, et.typname::text, et.oid <> t.oid,
	CASE WHEN a.attgenerated = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END, n.nspname = ANY ($1)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f')
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type et ON et.oid = CASE WHEN t.typtype = 'e' THEN t.oid ELSE t.typelem END AND et.typtype = 'e'
JOIN pg_namespace tn ON tn.oid = et.typnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE NOT a.attisdropped AND a.attinhcount = 0 AND (tn.nspname = ANY ($1)) <> (n.nspname = ANY ($1))
	AND tn.nspname !~ '^pg_' AND tn.nspname <> 'information_schema'
	AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_type'::regclass AND x.objid = et.oid AND x.deptype = 'e')
ORDER BY 1, 2, 3`

// askOutsiders reports whether anything outside of the schemas $2 depends on an object within, except by foreign keys:
// usually nothing does, and the queries that find it need not be sent.
var askOutsiders = within + `,
inside AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($2))
SELECT EXISTS (SELECT FROM direct d WHERE NOT coalesce(CASE d.classid
	WHEN 'pg_class'::regclass THEN (SELECT c.relnamespace IN (SELECT oid FROM inside) FROM pg_class c WHERE c.oid = d.objid)
	WHEN 'pg_type'::regclass THEN (SELECT t.typnamespace IN (SELECT oid FROM inside) FROM pg_type t WHERE t.oid = d.objid)
	WHEN 'pg_proc'::regclass THEN (SELECT p.pronamespace IN (SELECT oid FROM inside) FROM pg_proc p WHERE p.oid = d.objid)
	WHEN 'pg_constraint'::regclass THEN (SELECT k.contype = 'f' OR k.connamespace IN (SELECT oid FROM inside) FROM pg_constraint k WHERE k.oid = d.objid)
	WHEN 'pg_attrdef'::regclass THEN (SELECT c.relnamespace IN (SELECT oid FROM inside) FROM pg_attrdef x JOIN pg_class c ON c.oid = x.adrelid WHERE x.oid = d.objid)
	WHEN 'pg_trigger'::regclass THEN (SELECT t.tgisinternal OR c.relnamespace IN (SELECT oid FROM inside) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.oid = d.objid)
	WHEN 'pg_rewrite'::regclass THEN (SELECT c.relnamespace IN (SELECT oid FROM inside) FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.oid = d.objid)
	WHEN 'pg_policy'::regclass THEN (SELECT c.relnamespace IN (SELECT oid FROM inside) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE p.oid = d.objid)
	ELSE false END, false))
OR EXISTS (SELECT FROM pg_publication_namespace WHERE pnnspid IN (SELECT oid FROM own))`

const askExtensions = `
SELECT e.extname::text, n.nspname::text, e.extrelocatable FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE n.nspname = ANY ($1) ORDER BY 1`

const askMigrations = `
SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relname = '_prisma_migrations' AND c.relkind = 'r' ORDER BY 1`

// askUnknown describes what is elsewhere, depends on an object within, and has no definition to be recreated from: an
// aggregate of a type within, a column of a composite type within, and the like.
var askUnknown = across + `,
d AS (SELECT * FROM direct UNION SELECT * FROM after)
SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) FROM d
LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_attribute a ON d.classid = 'pg_class'::regclass AND a.attrelid = d.objid AND a.attnum = d.objsubid AND d.objsubid > 0
LEFT JOIN pg_type at ON at.oid = a.atttypid
LEFT JOIN pg_type ae ON ae.oid = at.typelem
LEFT JOIN pg_index ix ON ix.indexrelid = c.oid
LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
LEFT JOIN pg_attrdef x ON d.classid = 'pg_attrdef'::regclass AND x.oid = d.objid
LEFT JOIN pg_class xc ON xc.oid = x.adrelid
LEFT JOIN pg_attribute xa ON xa.attrelid = x.adrelid AND xa.attnum = x.adnum
LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
LEFT JOIN pg_class rc ON rc.oid = r.ev_class
WHERE CASE d.classid
	WHEN 'pg_class'::regclass THEN NOT c.relnamespace IN (SELECT oid FROM own) AND c.relkind NOT IN ('v', 'm', 'S', 't', 'c')
		AND NOT (d.objsubid > 0 AND coalesce(at.typtype = 'e' OR ae.typtype = 'e', false) AND a.attgenerated = '')
		AND NOT (c.relkind IN ('i', 'I') AND NOT EXISTS (SELECT FROM pg_constraint q WHERE q.conindid = c.oid AND q.contype = 'x'))
	WHEN 'pg_attrdef'::regclass THEN NOT xc.relnamespace IN (SELECT oid FROM own) AND xa.attgenerated <> ''
	WHEN 'pg_constraint'::regclass THEN NOT k.connamespace IN (SELECT oid FROM own) AND (k.contype NOT IN ('f', 'c', 'p', 'u') OR k.conrelid = 0)
	WHEN 'pg_rewrite'::regclass THEN NOT rc.relnamespace IN (SELECT oid FROM own) AND rc.relkind NOT IN ('v', 'm', 'r', 'p')
	WHEN 'pg_type'::regclass THEN NOT t.typnamespace IN (SELECT oid FROM own) AND t.typtype <> 'c' AND t.typelem = 0
	WHEN 'pg_proc'::regclass THEN EXISTS (SELECT FROM pg_proc f JOIN pg_type y ON y.oid = f.prorettype OR y.oid = ANY (f.proargtypes::oid[])
		WHERE f.oid = d.objid AND f.prokind = 'a' AND f.pronamespace NOT IN (SELECT oid FROM own) AND y.typnamespace IN (SELECT oid FROM own))
	WHEN 'pg_trigger'::regclass THEN false
	WHEN 'pg_policy'::regclass THEN false
	WHEN 'pg_publication_rel'::regclass THEN false
	WHEN 'pg_publication_namespace'::regclass THEN false
	WHEN 'pg_default_acl'::regclass THEN false
	WHEN 'pg_operator'::regclass THEN NOT EXISTS (SELECT FROM pg_operator o WHERE o.oid = d.objid AND o.oprnamespace IN (SELECT oid FROM own))
	WHEN 'pg_statistic_ext'::regclass THEN NOT EXISTS (SELECT FROM pg_statistic_ext s WHERE s.oid = d.objid AND s.stxnamespace IN (SELECT oid FROM own))
	WHEN 'pg_cast'::regclass THEN false
	WHEN 'pg_opclass'::regclass THEN NOT EXISTS (SELECT FROM pg_opclass o WHERE o.oid = d.objid AND o.opcnamespace IN (SELECT oid FROM own))
	WHEN 'pg_opfamily'::regclass THEN NOT EXISTS (SELECT FROM pg_opfamily o WHERE o.oid = d.objid AND o.opfnamespace IN (SELECT oid FROM own))
	WHEN 'pg_amop'::regclass THEN false
	WHEN 'pg_amproc'::regclass THEN false
	WHEN 'pg_event_trigger'::regclass THEN true
	ELSE true END
ORDER BY 1`

// Partitions are locked with their parent.
const askTables = `
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p')
	AND NOT (c.relispartition AND EXISTS (SELECT FROM pg_inherits h JOIN pg_class pc ON pc.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
		WHERE h.inhrelid = c.oid AND pn.nspname = ANY ($1)))
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`
