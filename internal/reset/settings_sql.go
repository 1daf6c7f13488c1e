package reset

import "github.com/livepeer/naap-dev/internal/hidden"

// askSettings returns the settings of tables, columns, sequences and indexes that the Prisma file cannot express, with
// the statements that apply them to the recreated tables. Each row has kind, name, table, drops and creates, like those
// of the other queries. The parameters, with U+0001 between their parts, are $1 the schemas, $2 schema and table, $3
// schema, table and column, $4 schema, index and its columns (U+0002 between them), each as the Prisma file has them.
//
// It covers what pg_class, pg_attribute, pg_index, pg_sequence and pg_constraint say about a table besides its columns'
// types and keys; owners, privileges and comments are in grantStatements, row security in askExtras.
const askSettings = `
WITH known AS (
	SELECT c.*, n.nspname, format('%I.%I', n.nspname, c.relname) AS full, n.nspname || '.' || c.relname AS name
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') AND (n.nspname || chr(1) || c.relname) = ANY ($2::text[])
), col AS (
	SELECT k.full, k.name || '.' || a.attname AS name, format('ALTER TABLE %s ALTER COLUMN %I ', k.full, a.attname) AS alter, a.*, t.typstorage, t.typcollation, t.typtype
	FROM known k JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
	WHERE (k.nspname || chr(1) || k.relname || chr(1) || a.attname) = ANY ($3::text[])
), idx AS (
	SELECT k.full, k.nspname, i.oid, i.relname, i.reloptions, i.reltablespace, k.nspname || '.' || i.relname AS name, x.*, q.oid AS con, q.contype, q.condeferrable, q.condeferred,
		x.indnatts > x.indnkeyatts OR x.indnullsnotdistinct
			OR EXISTS (SELECT FROM unnest(x.indclass) o(oid) JOIN pg_opclass oc ON oc.oid = o.oid WHERE NOT oc.opcdefault)
				AND (k.nspname || chr(1) || i.relname) <> ALL ($5::text[])
			OR EXISTS (SELECT FROM unnest(x.indkey::int2[], x.indcollation::oid[]) u(att, coll) JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum = u.att
				WHERE u.coll <> 0 AND u.coll <> a.attcollation) AS odd
	FROM known k JOIN pg_index x ON x.indrelid = k.oid JOIN pg_class i ON i.oid = x.indexrelid
	LEFT JOIN pg_constraint q ON q.conindid = i.oid AND q.conrelid = k.oid AND q.contype IN ('p', 'u')
	WHERE x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid
		AND (k.nspname || chr(1) || i.relname || chr(1) || (SELECT string_agg(a.attname || CASE WHEN x.indoption[u.ord - 1] & 1 = 1 THEN ' DESC' ELSE '' END, chr(2) ORDER BY u.ord)
			FROM unnest(x.indkey::int2[]) WITH ORDINALITY u(att, ord) JOIN pg_attribute a ON a.attrelid = k.oid AND a.attnum = u.att WHERE u.ord <= x.indnkeyatts)) = ANY ($4::text[])
)
SELECT kind, name, '', '{}'::text[], creates FROM (
	SELECT 0 AS ord, 'type of the column' AS kind, c.name, ARRAY[c.alter || 'TYPE ' || format_type(c.atttypid, c.atttypmod)] AS creates FROM col c WHERE c.typtype = 'd'
	UNION ALL
	SELECT 0, 'collation', c.name, ARRAY[c.alter || 'TYPE ' || format_type(c.atttypid, c.atttypmod) || ' COLLATE ' || c.attcollation::regcollation] FROM col c
	WHERE c.attcollation <> c.typcollation AND c.attcollation <> 0 AND c.typtype <> 'd'
	UNION ALL
	SELECT 1, CASE WHEN x.con IS NULL THEN 'index' WHEN x.contype = 'p' THEN 'primary key' ELSE 'UNIQUE constraint' END, x.name || ' as it was',
		CASE
		WHEN x.con IS NULL THEN ARRAY[format('DROP INDEX %I.%I', x.nspname, x.relname), pg_get_indexdef(x.oid)]
		WHEN x.contype = 'p' THEN ARRAY[format('ALTER TABLE %s DROP CONSTRAINT %I', x.full, x.relname), format('ALTER TABLE %s ADD CONSTRAINT %I ', x.full, x.relname) || pg_get_constraintdef(x.con)]
		ELSE ARRAY[format('DROP INDEX %I.%I', x.nspname, x.relname), format('ALTER TABLE %s ADD CONSTRAINT %I ', x.full, x.relname) || pg_get_constraintdef(x.con)] END
	FROM idx x WHERE x.odd OR x.contype = 'p' AND x.condeferrable
	UNION ALL
	SELECT 1, 'UNIQUE constraint', x.name, ARRAY[format('ALTER TABLE %s ADD CONSTRAINT %I UNIQUE USING INDEX %I', x.full, x.relname, x.relname)
		|| CASE WHEN x.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN x.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END]
	FROM idx x WHERE x.contype = 'u' AND NOT x.odd
	UNION ALL
	SELECT 2, 'storage parameters', k.name, ARRAY[format('ALTER TABLE %s SET (', k.full) || p.list || ')']
	FROM known k LEFT JOIN pg_class toast ON toast.oid = k.reltoastrelid, LATERAL (SELECT string_agg(o, ', ') AS list FROM (
		SELECT format('%s = %L', option_name, option_value) AS o FROM pg_options_to_table(k.reloptions)
		UNION ALL SELECT format('toast.%s = %L', option_name, option_value) FROM pg_options_to_table(toast.reloptions)) y) p WHERE p.list IS NOT NULL
	UNION ALL
	SELECT 2, 'storage parameters', x.name, ARRAY[format('ALTER INDEX %I.%I SET (', x.nspname, x.relname)
		|| (SELECT string_agg(format('%s = %L', option_name, option_value), ', ') FROM pg_options_to_table(x.reloptions)) || ')'] FROM idx x WHERE x.reloptions IS NOT NULL AND NOT x.odd
	UNION ALL
	SELECT 2, 'statistics target', c.name, ARRAY[c.alter || 'SET STATISTICS ' || c.attstattarget] FROM col c WHERE c.attstattarget >= 0
	UNION ALL
	SELECT 2, 'storage', c.name, ARRAY[c.alter || 'SET STORAGE ' || CASE c.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END]
	FROM col c WHERE c.attstorage <> c.typstorage
	UNION ALL
	SELECT 2, 'compression', c.name, ARRAY[c.alter || 'SET COMPRESSION ' || CASE c.attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END] FROM col c WHERE c.attcompression <> ''
	UNION ALL
	SELECT 2, 'options', c.name, ARRAY[c.alter || 'SET (' || (SELECT string_agg(format('%s = %L', option_name, option_value), ', ') FROM pg_options_to_table(c.attoptions)) || ')']
	FROM col c WHERE c.attoptions IS NOT NULL
	UNION ALL
	SELECT 2, 'sequence settings', q.seqrelid::regclass::text, ARRAY[format('ALTER SEQUENCE %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s',
		q.seqrelid::regclass, q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END),
		format('SELECT setval(%L, %s, false) FROM %s WHERE NOT is_called', q.seqrelid::regclass, q.seqstart, q.seqrelid::regclass)]
	FROM col c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = d.classid AND d.refobjid = c.attrelid AND d.refobjsubid = c.attnum AND d.deptype = 'a'
	JOIN pg_sequence q ON q.seqrelid = d.objid
	WHERE (q.seqincrement, q.seqmin, q.seqstart, q.seqcache, q.seqcycle) <> (1, 1, 1, 1, false)
	UNION ALL
	SELECT 3, 'tablespace', k.name, ARRAY[format('ALTER TABLE %s SET TABLESPACE %I', k.full, s.spcname)] FROM known k JOIN pg_tablespace s ON s.oid = k.reltablespace
	UNION ALL
	SELECT 3, 'tablespace', x.name, ARRAY[format('ALTER INDEX %I.%I SET TABLESPACE %I', x.nspname, x.relname, s.spcname)] FROM idx x JOIN pg_tablespace s ON s.oid = x.reltablespace
	UNION ALL
	SELECT 3, 'access method', k.name, ARRAY[format('ALTER TABLE %s SET ACCESS METHOD %I', k.full, m.amname)] FROM known k JOIN pg_am m ON m.oid = k.relam AND m.amname <> 'heap'
	UNION ALL
	SELECT 4, 'mark', 'UNLOGGED of ' || k.name, ARRAY[format('ALTER TABLE %s SET UNLOGGED', k.full)] FROM known k WHERE k.relpersistence = 'u'
	UNION ALL
	SELECT 4, 'mark', 'CLUSTER ON of ' || x.name, ARRAY[format('ALTER TABLE %s CLUSTER ON %I', x.full, x.relname)] FROM idx x WHERE x.indisclustered
	UNION ALL
	SELECT 4, 'replica identity', k.name, ARRAY[CASE k.relreplident WHEN 'f' THEN format('ALTER TABLE %s REPLICA IDENTITY FULL', k.full)
		WHEN 'n' THEN format('ALTER TABLE %s REPLICA IDENTITY NOTHING', k.full)
		ELSE (SELECT format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', k.full, i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = k.oid AND x.indisreplident) END]
	FROM known k WHERE k.relreplident <> 'd'
	UNION ALL
	SELECT 4, 'deferral', 'of the foreign key ' || q.conname || ' of ' || k.name, ARRAY[format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE%s', k.full, q.conname, CASE WHEN q.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END)]
	FROM known k JOIN pg_constraint q ON q.conrelid = k.oid AND q.contype = 'f' AND q.condeferrable AND q.conparentid = 0
	UNION ALL
	SELECT 1, 'identity', c.name, ARRAY[c.alter || 'DROP DEFAULT', format('DROP SEQUENCE IF EXISTS %s', q.seqrelid::regclass),
		c.alter || format('ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s INCREMENT %s MINVALUE %s MAXVALUE %s START %s CACHE %s %s)', CASE c.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
			q.seqrelid::regclass, q.seqincrement, q.seqmin, q.seqmax, q.seqstart, q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END),
		format('SELECT setval(%L, m) FROM (SELECT %s(%I) AS m FROM %s) x WHERE m IS NOT NULL', q.seqrelid::regclass, CASE WHEN q.seqincrement > 0 THEN 'max' ELSE 'min' END, c.attname, c.full)]
	FROM col c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = d.classid AND d.refobjid = c.attrelid AND d.refobjsubid = c.attnum AND d.deptype = 'i'
	JOIN pg_sequence q ON q.seqrelid = d.objid WHERE c.attidentity <> ''
	UNION ALL
	SELECT 5, 'expression', 'of the generated column ' || c.name, '{}' FROM col c WHERE c.attgenerated <> ''
) x WHERE creates[1] IS NOT NULL OR cardinality(creates) = 0 ORDER BY ord, kind, name COLLATE "C"`

// askDrawn returns the sequences in the schemas that something elsewhere draws from: a default that says so, or a
// default or routine whose text contains the sequence's name, which the server resolves only when it runs.
const askDrawn = within + `,
texts AS (
	SELECT p.prosrc AS text, 'the routine ' || p.oid::regprocedure AS who FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE n.nspname !~ '` + hidden.Schemas + `' AND p.pronamespace NOT IN (SELECT oid FROM own)
		AND p.prosrc ~* '(nextval|setval|currval)'
	UNION ALL
	SELECT pg_get_expr(d.adbin, d.adrelid), 'the column ' || d.adrelid::regclass || '.' || quote_ident(a.attname) FROM pg_attrdef d
	JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum JOIN pg_class c ON c.oid = d.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relnamespace NOT IN (SELECT oid FROM own) AND n.nspname !~ '` + hidden.Schemas + `' AND pg_get_expr(d.adbin, d.adrelid) ~ 'nextval'
)
SELECT n.nspname::text, c.relname::text, min(t.who), EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN texts t ON position(n.nspname IN t.text) > 0 AND position(c.relname IN t.text) > 0
WHERE c.relkind = 'S' AND c.relnamespace IN (SELECT oid FROM own)
GROUP BY n.nspname, c.relname, c.oid ORDER BY 1, 2`
