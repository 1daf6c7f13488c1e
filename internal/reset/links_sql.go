package reset

// The catalogue's questions about what ties schemas ($1, their names) to the rest. They run under the search path
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

// askAllKeys are the validated foreign keys of the whole database, those aside left out.
const askAllKeys = keyColumns + ` AND k.convalidated AND cn.nspname !~ '^naap_undo_' AND cardinality($1::text[]) >= 0
ORDER BY cn.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"`

// A partition's column is its parent's; an enum that an extension made moves with it.
const askColumns = `
SELECT n.nspname::text, c.relname::text, a.attname::text, tn.nspname::text, et.typname::text, et.oid <> t.oid,
	CASE WHEN a.attgenerated = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f')
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type et ON et.oid = CASE WHEN t.typtype = 'e' THEN t.oid ELSE t.typelem END AND et.typtype = 'e'
JOIN pg_namespace tn ON tn.oid = et.typnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE NOT a.attisdropped AND a.attinhcount = 0 AND tn.nspname = ANY ($1) AND NOT n.nspname = ANY ($1)
	AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_type'::regclass AND x.objid = et.oid AND x.deptype = 'e')
ORDER BY 1, 2, 3`

// within are the objects in the schemas that others can depend on. Members of an extension, and Prisma's history, stay
// in place.
const within = `
WITH own AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1)),
members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
objects AS (
	SELECT o.classid, o.oid FROM (
		SELECT 'pg_class'::regclass::oid AS classid, oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM own) AND relname <> '_prisma_migrations'
		UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typnamespace IN (SELECT oid FROM own)
		UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE pronamespace IN (SELECT oid FROM own)
		UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace IN (SELECT oid FROM own)
		UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation WHERE collnamespace IN (SELECT oid FROM own)
		UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace IN (SELECT oid FROM own)
		UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config WHERE cfgnamespace IN (SELECT oid FROM own)
		UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE connamespace IN (SELECT oid FROM own)
	) o WHERE NOT EXISTS (SELECT FROM members m WHERE m.classid = o.classid AND m.objid = o.oid)
),
d AS (
	SELECT DISTINCT d.classid, d.objid, d.objsubid FROM pg_depend d
	JOIN objects o ON o.classid = d.refclassid AND o.oid = d.refobjid WHERE d.deptype IN ('n', 'a')
)`

// askOutsiders tells whether anything that is not in the schemas $2 depends on an object within, foreign keys aside: most
// often nothing does, and the questions about what it is need not be asked.
const askOutsiders = within + `,
inside AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($2))
SELECT EXISTS (SELECT FROM d WHERE NOT coalesce(CASE d.classid
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

// policyText is CREATE POLICY for a row p of pg_policy on a table c in the schema n.
const policyText = `format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s', p.polname, n.nspname, c.relname,
		CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
		CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
		(SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ') FROM unnest(p.polroles) r))
	|| coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
	|| coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')`

// viewText is CREATE OR REPLACE VIEW for a view c in the schema n.
const viewText = `format('CREATE OR REPLACE VIEW %I.%I%s AS %s', n.nspname, c.relname,
		coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), '; '))`

// triggerText are the statements that make a trigger t of a table c in the schema n.
const triggerText = `array_remove(ARRAY[pg_get_triggerdef(t.oid),
		CASE t.tgenabled WHEN 'O' THEN NULL ELSE format('ALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname,
			CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) END,
		'COMMENT ON TRIGGER ' || quote_ident(t.tgname) || ' ON ' || format('%I.%I', n.nspname, c.relname) || ' IS ' || quote_literal(obj_description(t.oid, 'pg_trigger'))], NULL)`

// askDependents finds what is elsewhere, depends on an object within, and has a text to be made again from.
const askDependents = within + `
SELECT kind, name, tab, drops, creates FROM (
	SELECT 1 AS ord, 'view' AS kind, format('%s.%s', n.nspname, c.relname) AS name, '' AS tab, '{}'::text[] AS drops, ARRAY[` + viewText + `] AS creates
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'v' AND c.relnamespace NOT IN (SELECT oid FROM own)
		AND EXISTS (SELECT FROM d JOIN pg_rewrite r ON r.oid = d.objid WHERE d.classid = 'pg_rewrite'::regclass AND r.ev_class = c.oid)
	UNION ALL
	SELECT 2, 'materialized view', format('%s.%s', n.nspname, c.relname), '', '{}', '{}'
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'm' AND c.relnamespace NOT IN (SELECT oid FROM own)
		AND EXISTS (SELECT FROM d JOIN pg_rewrite r ON r.oid = d.objid WHERE d.classid = 'pg_rewrite'::regclass AND r.ev_class = c.oid)
	UNION ALL
	SELECT 0, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, p.oid::regprocedure::text, '', '{}',
		CASE WHEN p.prokind IN ('f', 'p', 'w') THEN ARRAY[pg_get_functiondef(p.oid)] ELSE '{}' END
	FROM d JOIN pg_proc p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass WHERE p.pronamespace NOT IN (SELECT oid FROM own)
	UNION ALL
	SELECT 4, 'trigger', format('%s of %s.%s', t.tgname, n.nspname, c.relname), format('%I.%I', n.nspname, c.relname),
		ARRAY[format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)], ` + triggerText + `
	FROM d JOIN pg_trigger t ON t.oid = d.objid AND d.classid = 'pg_trigger'::regclass AND NOT t.tgisinternal
	JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace NOT IN (SELECT oid FROM own)
	UNION ALL
	SELECT 5, 'policy', format('%s of %s.%s', p.polname, n.nspname, c.relname), format('%I.%I', n.nspname, c.relname),
		ARRAY[format('DROP POLICY %I ON %I.%I', p.polname, n.nspname, c.relname)], ARRAY[` + policyText + `]
	FROM d JOIN pg_policy p ON p.oid = d.objid AND d.classid = 'pg_policy'::regclass
	JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace NOT IN (SELECT oid FROM own)
	UNION ALL
	SELECT 3, 'default', format('%s.%s.%s', n.nspname, c.relname, a.attname), format('%I.%I', n.nspname, c.relname),
		ARRAY[format('ALTER TABLE %I.%I ALTER COLUMN %I DROP DEFAULT', n.nspname, c.relname, a.attname)],
		ARRAY[format('ALTER TABLE %I.%I ALTER COLUMN %I SET DEFAULT ', n.nspname, c.relname, a.attname) || pg_get_expr(x.adbin, x.adrelid)]
	FROM d JOIN pg_attrdef x ON x.oid = d.objid AND d.classid = 'pg_attrdef'::regclass
	JOIN pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum AND a.attgenerated = ''
	JOIN pg_type ty ON ty.oid = a.atttypid
	JOIN pg_class c ON c.oid = x.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace NOT IN (SELECT oid FROM own)
		AND NOT ty.typnamespace IN (SELECT oid FROM own)
	UNION ALL
	SELECT 3, 'constraint', format('%s of %s.%s', k.conname, n.nspname, c.relname), format('%I.%I', n.nspname, c.relname),
		ARRAY[format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname)],
		ARRAY[format('ALTER TABLE %I.%I ADD CONSTRAINT %I ', n.nspname, c.relname, k.conname) || pg_get_constraintdef(k.oid)]
	FROM d JOIN pg_constraint k ON k.oid = d.objid AND d.classid = 'pg_constraint'::regclass AND k.contype = 'c' AND k.conrelid <> 0
	JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace NOT IN (SELECT oid FROM own)
	UNION ALL
	SELECT 3, 'index', format('%s.%s', n.nspname, i.relname), format('%I.%I', n.nspname, c.relname),
		ARRAY[format('DROP INDEX %I.%I', n.nspname, i.relname)], ARRAY[pg_get_indexdef(i.oid)]
	FROM d JOIN pg_class i ON i.oid = d.objid AND d.classid = 'pg_class'::regclass AND i.relkind = 'i'
	JOIN pg_index x ON x.indexrelid = i.oid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relnamespace NOT IN (SELECT oid FROM own)
		AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
	UNION ALL
	SELECT 6, 'publication', format('%s of %s.%s', b.pubname, n.nspname, c.relname), format('%I.%I', n.nspname, c.relname),
		ARRAY[format('ALTER PUBLICATION %I DROP TABLE %I.%I', b.pubname, n.nspname, c.relname)],
		ARRAY[format('ALTER PUBLICATION %I ADD TABLE %I.%I', b.pubname, n.nspname, c.relname)
			|| coalesce((SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (r.prattrs::int2[])), '')
			|| coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')]
	FROM pg_publication_rel r JOIN pg_publication b ON b.oid = r.prpubid JOIN pg_class c ON c.oid = r.prrelid
	JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relnamespace IN (SELECT oid FROM own) AND c.relname <> '_prisma_migrations'
	UNION ALL
	SELECT 6, 'publication', format('%s of schema %s', b.pubname, n.nspname), '',
		ARRAY[format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %I', b.pubname, n.nspname)],
		ARRAY[format('ALTER PUBLICATION %I ADD TABLES IN SCHEMA %I', b.pubname, n.nspname)]
	FROM pg_publication_namespace r JOIN pg_publication b ON b.oid = r.pnpubid JOIN pg_namespace n ON n.oid = r.pnnspid
	WHERE n.oid IN (SELECT oid FROM own)
) x ORDER BY ord, kind, name COLLATE "C"`

const askExtensions = `
SELECT e.extname::text, n.nspname::text, e.extrelocatable FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE n.nspname = ANY ($1) ORDER BY 1`

const askMigrations = `
SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relname = '_prisma_migrations' AND c.relkind = 'r' ORDER BY 1`

// askUnknown describes what is elsewhere, depends on an object within, and has no text to be made again from.
const askUnknown = within + `
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
	WHEN 'pg_rewrite'::regclass THEN NOT rc.relnamespace IN (SELECT oid FROM own) AND rc.relkind NOT IN ('v', 'm')
	WHEN 'pg_type'::regclass THEN NOT t.typnamespace IN (SELECT oid FROM own) AND t.typtype <> 'c' AND t.typelem = 0
	WHEN 'pg_proc'::regclass THEN false
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
