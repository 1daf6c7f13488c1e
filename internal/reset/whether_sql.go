package reset

// Most schemas are only what the Prisma file says. For them the queries that read everything else find nothing, and take
// longer than the rest of a reset: the server spends its time planning them. So it is asked first, with one query whose
// parts are simple, whether there may be anything at all. Each part holds for whatever the query that it stands for would
// return, and may hold for more.

// askPresent returns whether there are enums at all, which askColumns is about, tables that inherit, which askCrossing is
// about, and sequences in the schemas $1, which askDrawn is about.
const askPresent = `
SELECT EXISTS (SELECT FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace <> 'pg_catalog'::regnamespace),
	EXISTS (SELECT FROM pg_inherits),
	EXISTS (SELECT FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY ($1)))`

// askWhether returns whether askExtras, and whether askSettings, may find something in the schemas $1. $2 are the enums
// that the Prisma file knows, as for askExtras.
const askWhether = `
WITH own AS MATERIALIZED (SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY ($1)),
rel AS MATERIALIZED (SELECT c.* FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM own)),
idx AS MATERIALIZED (SELECT x.* FROM pg_index x WHERE x.indrelid IN (SELECT oid FROM rel WHERE relkind IN ('r', 'p'))),
con AS MATERIALIZED (SELECT k.* FROM pg_constraint k WHERE k.conrelid IN (SELECT oid FROM rel)),
typ AS MATERIALIZED (SELECT t.* FROM pg_type t WHERE t.typnamespace IN (SELECT oid FROM own))
SELECT
	EXISTS (SELECT FROM typ t JOIN own n ON n.oid = t.typnamespace WHERE t.typtype IN ('d', 'r', 'm')
		OR t.typtype = 'c' AND EXISTS (SELECT FROM rel c WHERE c.oid = t.typrelid AND c.relkind = 'c')
		OR t.typtype = 'e' AND (n.nspname || chr(1) || t.typname) <> ALL ($2::text[]))
	OR EXISTS (SELECT FROM rel WHERE relkind NOT IN ('r', 'i', 't', 'f') OR relrowsecurity OR relforcerowsecurity OR relhasrules)
	OR EXISTS (SELECT FROM con WHERE contype NOT IN ('p', 'u', 'f', 'n'))
	OR EXISTS (SELECT FROM idx WHERE indpred IS NOT NULL OR indexprs IS NOT NULL)
	OR EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM rel))
	OR EXISTS (SELECT FROM pg_policy WHERE polrelid IN (SELECT oid FROM rel))
	OR EXISTS (SELECT FROM pg_proc WHERE pronamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_statistic_ext WHERE stxnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_operator WHERE oprnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_collation WHERE collnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_conversion WHERE connamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_opclass WHERE opcnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_ts_config WHERE cfgnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_ts_dict WHERE dictnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_ts_parser WHERE prsnamespace IN (SELECT oid FROM own))
	OR EXISTS (SELECT FROM pg_ts_template WHERE tmplnamespace IN (SELECT oid FROM own)),
	EXISTS (SELECT FROM rel WHERE reloptions IS NOT NULL OR reltablespace <> 0 OR relpersistence <> 'p' OR relkind IN ('r', 'p') AND relreplident <> 'd'
		OR relkind NOT IN ('r', 'i', 't') OR relkind = 'r' AND relam <> (SELECT oid FROM pg_am WHERE amname = 'heap'))
	OR EXISTS (SELECT FROM pg_class WHERE reloptions IS NOT NULL AND oid IN (SELECT reltoastrelid FROM rel))
	OR EXISTS (SELECT FROM pg_depend d JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S'
		WHERE d.classid = 'pg_class'::regclass AND d.refclassid = d.classid AND d.refobjid IN (SELECT oid FROM rel))
	OR EXISTS (SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid IN (SELECT oid FROM rel WHERE relkind IN ('r', 'p')) AND a.attnum > 0 AND NOT a.attisdropped
			AND (t.typtype = 'd' OR a.attcollation <> t.typcollation OR a.attstattarget >= 0 OR a.attstorage <> t.typstorage OR a.attcompression <> ''
				OR a.attoptions IS NOT NULL OR a.attidentity <> '' OR a.attgenerated <> ''))
	OR EXISTS (SELECT FROM con WHERE contype = 'u' OR condeferrable)
	OR EXISTS (SELECT FROM idx x WHERE x.indnatts > x.indnkeyatts OR x.indnullsnotdistinct OR x.indisclustered
		OR EXISTS (SELECT FROM unnest(x.indclass::oid[]) o(oid) JOIN pg_opclass oc ON oc.oid = o.oid WHERE NOT oc.opcdefault)
		OR EXISTS (SELECT FROM unnest(x.indkey::int2[], x.indcollation::oid[]) u(att, coll) JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = u.att
			WHERE u.coll <> 0 AND u.coll <> a.attcollation))`

// askWhetherGrants returns whether grantStatements may find something to give: something in the schema $1 that has
// another owner than what this role makes, privileges or a comment of its own, or a type.
const askWhetherGrants = `
WITH own AS MATERIALIZED (SELECT oid FROM pg_namespace WHERE nspname = $1),
rel AS MATERIALIZED (SELECT c.oid, c.relacl, c.relowner FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM own))
SELECT EXISTS (SELECT FROM rel WHERE relacl IS NOT NULL OR relowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user))
	OR EXISTS (SELECT FROM pg_type WHERE typnamespace IN (SELECT oid FROM own) AND typtype IN ('e', 'd'))
	OR EXISTS (SELECT FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM rel))
	OR EXISTS (SELECT FROM pg_default_acl)
	OR EXISTS (SELECT FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid IN (SELECT oid FROM rel))
	OR EXISTS (SELECT FROM pg_description d JOIN pg_constraint k ON k.oid = d.objoid WHERE d.classoid = 'pg_constraint'::regclass AND k.conrelid IN (SELECT oid FROM rel))`
