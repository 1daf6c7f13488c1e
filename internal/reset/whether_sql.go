package reset

import "github.com/livepeer/naap-dev/internal/hidden"

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

// askPlain returns whether the database has nothing but tables, their indexes and keys: no views, routines, sequences,
// triggers, policies, publications, statistics, inheritance, no use of a type of the user's outside of the type's own
// schema, and so on. Then only foreign keys cross the border of a schema, and neither askColumns nor askCrossing nor
// askOutward and askOutsiders, which look through all of pg_depend, find anything. naap's own ledger depends on nothing,
// and nothing on it. Objects with lower numbers are the server's own.
const askPlain = `
SELECT NOT (EXISTS (SELECT FROM pg_class WHERE oid >= 16384 AND relkind NOT IN ('r', 'i', 't')
		AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname = '` + hidden.Ledger + `'))
	OR EXISTS (SELECT FROM pg_inherits)
	OR EXISTS (SELECT FROM pg_proc WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_rewrite WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)
	OR EXISTS (SELECT FROM pg_policy)
	OR EXISTS (SELECT FROM pg_statistic_ext)
	OR EXISTS (SELECT FROM pg_publication)
	OR EXISTS (SELECT FROM pg_event_trigger)
	OR EXISTS (SELECT FROM pg_default_acl)
	OR EXISTS (SELECT FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid
		LEFT JOIN pg_attrdef x ON d.classid = 'pg_attrdef'::regclass AND x.oid = d.objid
		LEFT JOIN pg_class c ON c.oid = CASE d.classid WHEN 'pg_class'::regclass THEN d.objid WHEN 'pg_attrdef'::regclass THEN x.adrelid END
		WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid >= 16384 AND d.deptype IN ('n', 'a') AND c.relnamespace IS DISTINCT FROM t.typnamespace)
	OR EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_transform)
	OR EXISTS (SELECT FROM pg_collation WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_conversion WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_ts_parser WHERE oid >= 16384)
	OR EXISTS (SELECT FROM pg_ts_template WHERE oid >= 16384))`

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
