package reset

import "strings"

// schemaStatements return the statements that create a schema named $2 with what the catalogue says about the schema
// $1: owner, privileges, default privileges, comment.
const schemaStatements = `
WITH o AS (SELECT * FROM pg_namespace WHERE nspname = $1::text),
grantee AS (SELECT a.*, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who
	FROM o, aclexplode(o.nspacl) a),
def AS (SELECT pg_get_userbyid(d.defaclrole) AS role, d.defaclobjtype, a.privilege_type, a.is_grantable,
		CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS who
	FROM o JOIN pg_default_acl d ON d.defaclnamespace = o.oid, aclexplode(d.defaclacl) a)
SELECT sql FROM (
	SELECT 1 AS ord, format('CREATE SCHEMA %I AUTHORIZATION %I', $2::text, pg_get_userbyid(o.nspowner)) AS sql FROM o
	UNION ALL SELECT 2, format('REVOKE ALL ON SCHEMA %I FROM %I', $2, pg_get_userbyid(o.nspowner)) FROM o WHERE o.nspacl IS NOT NULL
	UNION ALL SELECT 3, format('GRANT %s ON SCHEMA %I TO %s%s', g.privilege_type, $2, g.who, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM grantee g
	UNION ALL SELECT 4, format('COMMENT ON SCHEMA %I IS %L', $2, c.description) FROM o JOIN pg_description c
		ON c.objoid = o.oid AND c.classoid = 'pg_namespace'::regclass
	UNION ALL SELECT 5, format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT %s ON %s TO %s%s', d.role, $2, d.privilege_type,
		CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' END, d.who,
		CASE WHEN d.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM def d
) x ORDER BY ord, sql`

// grantStatements return the statements that give relations and enums of the schema $2 the owner and privileges of
// those of the same name in $1.
func grantStatements() string {
	return `
WITH pair AS (
	SELECT o.oid AS old, w.oid AS new, o.relkind, format('%I.%I', $2::text, w.relname) AS name, o.relowner AS owner, w.relowner AS now,
		o.relacl AS acl, w.relacl AS nowacl, CASE WHEN o.relkind = 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS word
	FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace AND n.nspname = $1::text
	JOIN pg_class w ON w.relname = o.relname AND w.relkind = o.relkind JOIN pg_namespace m ON m.oid = w.relnamespace AND m.nspname = $2::text
	WHERE o.relkind IN ('r', 'p', 'v', 'm', 'S')
), changed AS (SELECT * FROM pair WHERE acl IS DISTINCT FROM nowacl)
SELECT sql FROM (
	SELECT 1 AS ord, format('ALTER %s %s OWNER TO %I', CASE p.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END,
		p.name, pg_get_userbyid(p.owner)) AS sql FROM pair p WHERE p.owner <> p.now AND p.relkind <> 'S'
	UNION ALL SELECT 1, format('ALTER TYPE %I.%I OWNER TO %I', $2, t.typname, pg_get_userbyid(o.typowner)) FROM pg_type o
		JOIN pg_namespace n ON n.oid = o.typnamespace AND n.nspname = $1
		JOIN pg_type t ON t.typname = o.typname AND t.typtype = o.typtype JOIN pg_namespace m ON m.oid = t.typnamespace AND m.nspname = $2
		WHERE o.typtype IN ('e', 'd') AND o.typowner <> t.typowner
	UNION ALL SELECT 2, format('REVOKE ALL ON %s %s FROM %s', c.word, c.name, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
		FROM changed c, aclexplode(coalesce(c.nowacl, acldefault((CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END)::"char", c.now))) g
		WHERE g.grantee <> c.now OR c.acl IS NOT NULL GROUP BY c.word, c.name, g.grantee
	UNION ALL SELECT 3, format('GRANT %s ON %s %s TO %s%s', g.privilege_type, c.word, c.name,
		CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
		FROM changed c, aclexplode(c.acl) g
	UNION ALL SELECT 4, format('GRANT %s (%I) ON TABLE %s TO %s%s', g.privilege_type, a.attname, p.name,
		CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END, CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
		FROM pair p JOIN pg_attribute a ON a.attrelid = p.old AND a.attacl IS NOT NULL AND NOT a.attisdropped
		JOIN pg_attribute b ON b.attrelid = p.new AND b.attname = a.attname, aclexplode(a.attacl) g
	UNION ALL SELECT 5, format('COMMENT ON %s %s IS %L', CASE p.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, p.name, x.description)
		FROM pair p JOIN pg_description x ON x.objoid = p.old AND x.classoid = 'pg_class'::regclass AND x.objsubid = 0
	UNION ALL SELECT 6, format('COMMENT ON COLUMN %s.%I IS %L', p.name, a.attname, x.description)
		FROM pair p JOIN pg_description x ON x.objoid = p.old AND x.classoid = 'pg_class'::regclass AND x.objsubid > 0
		JOIN pg_attribute a ON a.attrelid = p.old AND a.attnum = x.objsubid
		JOIN pg_attribute b ON b.attrelid = p.new AND b.attname = a.attname AND NOT b.attisdropped
	UNION ALL SELECT 7, format('COMMENT ON INDEX %I.%I IS %L', $2, w.relname, x.description) FROM pg_index i JOIN pair p ON p.old = i.indrelid
		JOIN pg_class o ON o.oid = i.indexrelid JOIN pg_description x ON x.objoid = o.oid AND x.classoid = 'pg_class'::regclass AND x.objsubid = 0
		JOIN pg_index j ON j.indrelid = p.new JOIN pg_class w ON w.oid = j.indexrelid AND w.relname = o.relname
	UNION ALL SELECT 7, format('COMMENT ON CONSTRAINT %I ON %s IS %L', w.conname, p.name, x.description) FROM pg_constraint o JOIN pair p ON p.old = o.conrelid
		JOIN pg_description x ON x.objoid = o.oid AND x.classoid = 'pg_constraint'::regclass JOIN pg_constraint w ON w.conrelid = p.new AND w.conname = o.conname
	UNION ALL SELECT 8, s.sql FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND n.nspname = $1
		JOIN pg_type w ON w.typname = t.typname AND w.typtype = t.typtype JOIN pg_namespace m ON m.oid = w.typnamespace AND m.nspname = $2,
		unnest(` + strings.ReplaceAll(typeExtras(), "n.nspname", "$2::text") + `) s(sql)
		WHERE t.typtype IN ('e', 'd')
) x ORDER BY ord, sql LIKE 'GRANT%', sql`
}

// askMovable returns views and functions elsewhere that depend on the schemas $1.
var askMovable = within + `
SELECT DISTINCT CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, n.nspname::text, c.relname::text, ''
FROM direct d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm') JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace NOT IN (SELECT oid FROM own)
UNION ALL
SELECT DISTINCT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, n.nspname::text, p.proname::text,
	'(' || pg_get_function_identity_arguments(p.oid) || ')'
FROM direct d JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.pronamespace NOT IN (SELECT oid FROM own)
ORDER BY 1, 2, 3, 4`

// askExtras returns the objects within that the Prisma file does not know, with their definitions. $2 are the names of
// the tables that it knows, $3 those of its enums, as schema, U+0001, name.
func askExtras() string {
	return `
WITH own AS (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1)),
members AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
known AS (SELECT c.*, format('%I.%I', n.nspname, c.relname) AS full FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.oid IN (SELECT oid FROM own) AND c.relkind IN ('r', 'p') AND (n.nspname || chr(1) || c.relname) = ANY ($2::text[]))
SELECT kind, name, '', '{}'::text[], creates FROM (
	SELECT 0 AS ord, 'enum' AS kind, format('%s.%s', n.nspname, t.typname) AS name, ARRAY[format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
		(SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid))] AS creates
	FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND n.oid IN (SELECT oid FROM own)
		AND NOT (n.nspname || chr(1) || t.typname) = ANY ($3::text[]) AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
	UNION ALL
	SELECT 0, CASE t.typtype WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite type' ELSE 'range type' END, format('%s.%s', n.nspname, t.typname),
		CASE WHEN t.typtype = 'd' THEN ARRAY[format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod))
			|| coalesce(' DEFAULT ' || t.typdefault, '') || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
			|| coalesce((SELECT string_agg(format(' CONSTRAINT %I ', k.conname) || pg_get_constraintdef(k.oid), '') FROM pg_constraint k WHERE k.contypid = t.oid), '')] ELSE '{}' END
	FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
	WHERE n.oid IN (SELECT oid FROM own) AND (t.typtype IN ('d', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
		AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
	UNION ALL
	SELECT 0, 'sequence', format('%s.%s', n.nspname, c.relname), ARRAY[format('CREATE SEQUENCE %I.%I AS %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s%s',
		n.nspname, c.relname, format_type(q.seqtypid, NULL), q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' ELSE '' END)] || ` + owned("SEQUENCE", relationName, "c.relowner") + `
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence q ON q.seqrelid = c.oid
	WHERE n.oid IN (SELECT oid FROM own) AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype IN ('a', 'i', 'e'))
	UNION ALL
	SELECT 1, CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, p.oid::regprocedure::text,
		` + routineTexts() + `
	FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM own) AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
	UNION ALL
	SELECT 2, CASE k.contype WHEN 'c' THEN 'CHECK constraint' ELSE 'EXCLUDE constraint' END, format('%s of %s.%s', k.conname, n.nspname, c.relname),
		` + constraintTexts() + `
	FROM pg_constraint k JOIN known c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE k.contype IN ('c', 'x') AND k.conislocal
	UNION ALL
	SELECT 2, 'index', format('%s.%s', n.nspname, i.relname), ARRAY[regexp_replace((` + indexTexts() + `)[1], ' INDEX ', ' INDEX IF NOT EXISTS ')] || (` + indexTexts() + `)[2:]
	FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN known c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE (x.indpred IS NOT NULL OR x.indexprs IS NOT NULL) AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
	UNION ALL
	SELECT 3, CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, format('%s.%s', n.nspname, c.relname),
		CASE WHEN c.relkind = 'v' THEN ` + viewTexts() + ` ELSE
			ARRAY[format('CREATE MATERIALIZED VIEW %I.%I AS %s', n.nspname, c.relname, rtrim(pg_get_viewdef(c.oid), '; '))]
			|| array(SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x WHERE x.indrelid = c.oid ORDER BY x.indexrelid) END
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND n.oid IN (SELECT oid FROM own)
		AND NOT EXISTS (SELECT FROM members m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
	UNION ALL
	SELECT 4, 'trigger', format('%s of %s.%s', t.tgname, n.nspname, c.relname), ` + triggerTexts() + `
	FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND n.oid IN (SELECT oid FROM own) AND (c.relkind = 'v' OR c.oid IN (SELECT oid FROM known))
	UNION ALL
	SELECT 4, 'rule', format('%s of %s.%s', r.rulename, n.nspname, c.relname), ` + ruleTexts() + `
	FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE r.rulename <> '_RETURN' AND n.oid IN (SELECT oid FROM own) AND (c.relkind = 'v' OR c.oid IN (SELECT oid FROM known))
	UNION ALL
	SELECT 4, 'policy', format('%s of %s.%s', p.polname, n.nspname, c.relname), ` + policyTexts() + `
	FROM pg_policy p JOIN known c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	UNION ALL
	SELECT 4, 'row security', format('of %s.%s', n.nspname, c.relname), array_remove(ARRAY[CASE WHEN c.relrowsecurity THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.full) END,
		CASE WHEN c.relforcerowsecurity THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', c.full) END], NULL)
	FROM known c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity OR c.relforcerowsecurity
	UNION ALL
	SELECT 4, 'statistics', format('%s.%s', n.nspname, s.stxname), ARRAY[pg_get_statisticsobjdef(s.oid)] || ` + commented("STATISTICS", "format('%I.%I', n.nspname, s.stxname)", "s.oid", "pg_statistic_ext") + `
	FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE n.oid IN (SELECT oid FROM own)
	UNION ALL
	SELECT 5, o.kind, o.name, '{}' FROM (
		SELECT 'operator' AS kind, oid::regoperator::text AS name, 'pg_operator'::regclass AS classid, oid, oprnamespace AS ns FROM pg_operator
		UNION ALL SELECT 'collation', oid::regcollation::text, 'pg_collation'::regclass, oid, collnamespace FROM pg_collation
		UNION ALL SELECT 'conversion', conname, 'pg_conversion'::regclass, oid, connamespace FROM pg_conversion
		UNION ALL SELECT 'operator class', opcname, 'pg_opclass'::regclass, oid, opcnamespace FROM pg_opclass
		UNION ALL SELECT 'text search configuration', oid::regconfig::text, 'pg_ts_config'::regclass, oid, cfgnamespace FROM pg_ts_config
		UNION ALL SELECT 'text search dictionary', oid::regdictionary::text, 'pg_ts_dict'::regclass, oid, dictnamespace FROM pg_ts_dict
		UNION ALL SELECT 'text search parser', prsname, 'pg_ts_parser'::regclass, oid, prsnamespace FROM pg_ts_parser
		UNION ALL SELECT 'text search template', tmplname, 'pg_ts_template'::regclass, oid, tmplnamespace FROM pg_ts_template
	) o WHERE o.ns IN (SELECT oid FROM own) AND NOT EXISTS (SELECT FROM members m WHERE m.classid = o.classid AND m.objid = o.oid)
	UNION ALL
	SELECT 5, 'partitioning', format('of %s.%s', n.nspname, c.relname), '{}' FROM known c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'p'
) x ORDER BY ord, kind, name COLLATE "C"`
}

// askSizes returns the tables that are moved aside, with estimates. A partition's rows are its parent's.
const askSizes = `
SELECT n.nspname::text, c.relname::text, greatest(coalesce(s.n, 0), 0)::bigint, coalesce(s.bytes, 0)::bigint, coalesce(s.heap, 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
	SELECT sum(greatest(l.reltuples, pg_stat_get_live_tuples(l.oid)))::bigint AS n, sum(pg_total_relation_size(l.oid)) AS bytes, sum(pg_relation_size(l.oid)) AS heap
	FROM (SELECT c.oid, c.reltuples WHERE c.relkind = 'r'
		UNION ALL SELECT x.oid, x.reltuples FROM pg_partition_tree(CASE WHEN c.relkind = 'p' THEN c.oid END) t JOIN pg_class x ON x.oid = t.relid WHERE t.isleaf) l
) s ON true
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '_prisma_migrations'
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`
