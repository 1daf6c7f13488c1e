package reset

import "strings"

// within are the objects in the schemas $1 that others can depend on, and direct what depends on them, inside and
// elsewhere. Members of an extension, and Prisma's history, stay in place.
const within = `
WITH RECURSIVE own AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1)),
members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
held AS (
	SELECT 'pg_class'::regclass::oid AS classid, oid, relname = '_prisma_migrations' AS stays FROM pg_class WHERE relnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_type'::regclass, oid, false FROM pg_type WHERE typnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_proc'::regclass, oid, false FROM pg_proc WHERE pronamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_operator'::regclass, oid, false FROM pg_operator WHERE oprnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_collation'::regclass, oid, false FROM pg_collation WHERE collnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_opclass'::regclass, oid, false FROM pg_opclass WHERE opcnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_ts_config'::regclass, oid, false FROM pg_ts_config WHERE cfgnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_constraint'::regclass, oid, false FROM pg_constraint WHERE connamespace IN (SELECT oid FROM own)
),
objects AS (SELECT h.classid, h.oid FROM held h WHERE NOT h.stays AND NOT EXISTS (SELECT FROM members m WHERE m.classid = h.classid AND m.objid = h.oid)),
direct AS (
	SELECT DISTINCT d.classid, d.objid, d.objsubid FROM pg_depend d
	JOIN objects o ON o.classid = d.refclassid AND o.oid = d.refobjid WHERE d.deptype IN ('n', 'a')
)`

// outwards is what is within and depends on something elsewhere, except on the server's own objects, which have no
// entries in pg_depend. It includes the columns of enums that are elsewhere, and what would prevent giving them another
// type. Foreign keys have a query of their own.
const outwards = `,
inside AS (
	SELECT classid, oid FROM objects
	UNION ALL SELECT 'pg_attrdef'::regclass, x.oid FROM pg_attrdef x JOIN pg_class c ON c.oid = x.adrelid WHERE c.relnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_trigger'::regclass, t.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace IN (SELECT oid FROM own) AND NOT t.tgisinternal
	UNION ALL SELECT 'pg_policy'::regclass, p.oid FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace IN (SELECT oid FROM own)
	UNION ALL SELECT 'pg_rewrite'::regclass, r.oid FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE c.relnamespace IN (SELECT oid FROM own)
),
pointing AS (
	SELECT DISTINCT d.classid, d.objid, d.objsubid FROM pg_depend d JOIN inside i ON i.classid = d.classid AND i.oid = d.objid
	WHERE d.deptype IN ('n', 'a') AND d.refclassid IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass, 'pg_collation'::regclass, 'pg_opclass'::regclass, 'pg_ts_config'::regclass)
		AND NOT EXISTS (SELECT FROM held h WHERE h.classid = d.refclassid AND h.oid = d.refobjid)
		AND NOT EXISTS (SELECT FROM members m WHERE m.classid = d.refclassid AND m.objid = d.refobjid)
		AND NOT EXISTS (SELECT FROM pg_constraint k WHERE d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'f')
),
outward AS (
	SELECT * FROM pointing
	UNION SELECT d.classid, d.objid, d.objsubid FROM pg_depend d JOIN pointing q ON q.classid = 'pg_class'::regclass AND q.objsubid > 0
		AND d.refclassid = q.classid AND d.refobjid = q.objid AND d.refobjsubid = q.objsubid
	JOIN inside i ON i.classid = d.classid AND i.oid = d.objid
	WHERE d.classid IN ('pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_rewrite'::regclass)
)`

// on returns the rows of pg_depend for what depends on the view or routine g, including by its row type.
const on = `(SELECT d.classid, d.objid, d.objsubid FROM pg_depend d WHERE d.deptype IN ('n', 'a') AND (d.refclassid, d.refobjid) IN (
		SELECT g.classid, g.oid
		UNION ALL SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type t WHERE g.classid = 'pg_class'::regclass AND t.typrelid = g.oid
		UNION ALL SELECT 'pg_type'::regclass::oid, t.typarray FROM pg_type t WHERE g.classid = 'pg_class'::regclass AND t.typrelid = g.oid))`

// across adds gone: the views and routines that must be dropped and recreated, because they depend on something across
// the border or on one that does; and after, what depends on those.
const across = within + outwards + `,
gone AS (
	SELECT 'pg_class'::regclass::oid AS classid, r.ev_class AS oid FROM direct d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
		JOIN pg_class c ON c.oid = r.ev_class AND c.relkind = 'v' WHERE r.rulename = '_RETURN' AND c.relnamespace NOT IN (SELECT oid FROM own)
	UNION SELECT d.classid, d.objid FROM direct d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
		WHERE p.prokind <> 'a' AND p.pronamespace NOT IN (SELECT oid FROM own)
	UNION SELECT 'pg_class'::regclass::oid, c.oid FROM outward d LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
		JOIN pg_class c ON c.oid = CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid ELSE r.ev_class END AND c.relkind IN ('v', 'm')
	UNION SELECT d.classid, d.objid FROM outward d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid WHERE p.prokind <> 'a'
	UNION SELECT (CASE WHEN c.oid IS NULL THEN 'pg_proc' ELSE 'pg_class' END)::regclass::oid, coalesce(c.oid, d.objid)
		FROM gone g CROSS JOIN LATERAL ` + on + ` d
		LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
		LEFT JOIN pg_class c ON c.oid = r.ev_class AND (c.relkind = 'v' OR c.relkind = 'm' AND c.relnamespace IN (SELECT oid FROM own))
		LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid AND p.prokind <> 'a'
		WHERE coalesce(c.oid, p.oid) IS NOT NULL
),
after AS (SELECT DISTINCT d.classid, d.objid, d.objsubid FROM gone g CROSS JOIN LATERAL ` + on + ` d)`

// tied finds what depends on something across the border and has a definition to be recreated from. @place says on
// which side it is, and @from where it is looked for.
func tied() string {
	return across + `,
d AS (SELECT * FROM @from UNION SELECT * FROM after),
loose AS (SELECT c.* FROM pg_class c WHERE c.relnamespace @place AND NOT EXISTS (SELECT FROM gone g WHERE g.classid = 'pg_class'::regclass AND g.oid = c.oid)
	AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid))
SELECT kind, name, tab, drops, creates FROM (
	SELECT 1 AS ord, 'view' AS kind, format('%s.%s', n.nspname, c.relname) AS name, '' AS tab,
		ARRAY[format('DROP VIEW %I.%I', n.nspname, c.relname)] AS drops, ` + wholeView() + ` AS creates
	FROM gone g JOIN pg_class c ON g.classid = 'pg_class'::regclass AND c.oid = g.oid AND c.relkind = 'v' JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relnamespace @place
	UNION ALL
	SELECT 0, CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, ` + routineName + `, '', ARRAY['DROP ROUTINE ' || ` + routineName + `], ` + routineTexts() + `
	FROM gone g JOIN pg_proc p ON g.classid = 'pg_proc'::regclass AND p.oid = g.oid WHERE p.pronamespace @place
	UNION ALL
	SELECT 4, 'trigger', format('%s of %s.%s', t.tgname, n.nspname, c.relname), ` + relationName + `,
		ARRAY[format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)], ` + triggerTexts() + `
	FROM d JOIN pg_trigger t ON t.oid = d.objid AND d.classid = 'pg_trigger'::regclass AND NOT t.tgisinternal AND t.tgparentid = 0
	JOIN loose c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	UNION ALL
	SELECT 4, 'rule', format('%s of %s.%s', r.rulename, n.nspname, c.relname), ` + relationName + `,
		ARRAY[format('DROP RULE %I ON %I.%I', r.rulename, n.nspname, c.relname)], ` + ruleTexts() + `
	FROM d JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass AND r.rulename <> '_RETURN'
	JOIN loose c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
	UNION ALL
	SELECT 5, 'policy', format('%s of %s.%s', p.polname, n.nspname, c.relname), ` + relationName + `,
		ARRAY[format('DROP POLICY %I ON %I.%I', p.polname, n.nspname, c.relname)], ` + policyTexts() + `
	FROM d JOIN pg_policy p ON p.oid = d.objid AND d.classid = 'pg_policy'::regclass
	JOIN loose c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	UNION ALL
	SELECT 3, 'default', format('%s.%s.%s', n.nspname, c.relname, a.attname), ` + relationName + `,
		ARRAY[format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I DROP DEFAULT', n.nspname, c.relname, a.attname)],
		ARRAY[format('ALTER TABLE ONLY %I.%I ALTER COLUMN %I SET DEFAULT ', n.nspname, c.relname, a.attname) || pg_get_expr(x.adbin, x.adrelid)]
	FROM d JOIN pg_attrdef x ON x.oid = d.objid AND d.classid = 'pg_attrdef'::regclass
	JOIN pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum AND a.attgenerated = ''
	JOIN pg_type ty ON ty.oid = a.atttypid
	JOIN loose c ON c.oid = x.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE NOT @typed
	UNION ALL
	SELECT 3, 'constraint', format('%s of %s.%s', k.conname, n.nspname, c.relname), ` + relationName + `,
		ARRAY[format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname)], ` + constraintTexts() + `
	FROM d JOIN pg_constraint k ON k.oid = d.objid AND d.classid = 'pg_constraint'::regclass AND k.contype = 'c' AND k.conislocal AND k.coninhcount = 0
	JOIN loose c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	UNION ALL
	SELECT 3, 'index', format('%s.%s', n.nspname, i.relname), ` + relationName + `, ARRAY[format('DROP INDEX %I.%I', n.nspname, i.relname)], ` + indexTexts() + `
	FROM d JOIN pg_class i ON i.oid = d.objid AND d.classid = 'pg_class'::regclass AND i.relkind IN ('i', 'I') AND NOT i.relispartition
	JOIN pg_index x ON x.indexrelid = i.oid JOIN loose c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
	UNION ALL @also
) x ORDER BY ord, kind, name COLLATE "C"`
}

// askDependents finds what is elsewhere and depends on an object within.
func askDependents() string {
	return strings.NewReplacer("@from", "direct", "@place", "NOT IN (SELECT oid FROM own)", "@typed", "ty.typnamespace IN (SELECT oid FROM own)", "@also", `
	SELECT 2, 'materialized view', format('%s.%s', n.nspname, c.relname), '', '{}'::text[], '{}'::text[]
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'm' AND c.relnamespace NOT IN (SELECT oid FROM own)
		AND EXISTS (SELECT FROM d JOIN pg_rewrite r ON r.oid = d.objid WHERE d.classid = 'pg_rewrite'::regclass AND r.ev_class = c.oid)
	UNION ALL
	SELECT 0, 'aggregate', `+routineName+`, '', '{}', '{}'
	FROM d JOIN pg_proc p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass WHERE p.prokind = 'a' AND p.pronamespace NOT IN (SELECT oid FROM own)
	UNION ALL
	SELECT 6, 'publication', format('%s of %s.%s', b.pubname, n.nspname, c.relname), `+relationName+`,
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
	WHERE n.oid IN (SELECT oid FROM own)`).Replace(tied())
}

// askCut finds what is within and depends on an object elsewhere. Once moved aside, it would prevent changes to that
// object.
func askCut() string {
	return strings.NewReplacer("@from", "outward", "@place", "IN (SELECT oid FROM own)",
		"@typed", "(ty.typnamespace NOT IN (SELECT oid FROM own) AND (ty.typtype = 'e' OR EXISTS (SELECT FROM pg_type y WHERE y.oid = ty.typelem AND y.typtype = 'e')))", "@also", `
	SELECT 2, 'materialized view', format('%s.%s', n.nspname, c.relname), '', ARRAY[format('DROP MATERIALIZED VIEW %I.%I', n.nspname, c.relname)], `+materializedTexts()+`
	FROM gone g JOIN pg_class c ON g.classid = 'pg_class'::regclass AND c.oid = g.oid AND c.relkind = 'm' JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relnamespace IN (SELECT oid FROM own)`).Replace(tied())
}

// askOutward reports whether there is anything of that kind, which is rare.
const askOutward = within + outwards + ` SELECT EXISTS (SELECT FROM pointing)`

// askCrossing returns tables that inherit, or are partitions, across the border.
const askCrossing = `
SELECT format('%s.%s is %s of %s.%s', n.nspname, c.relname, CASE WHEN c.relispartition THEN 'a partition' ELSE 'a child' END, pn.nspname, p.relname)
FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid AND c.relkind IN ('r', 'p', 'f') JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE (n.nspname = ANY ($1)) <> (pn.nspname = ANY ($1)) ORDER BY 1`
