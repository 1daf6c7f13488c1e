package schemaplan

// askDependents finds what depends on the tables and the enums of the schemas and does not belong to the schema file:
// the object, what the user calls it, the statement that drops it, the table that it belongs to, and the column or the
// enum (or its array type) that it depends on.
const askDependents = `WITH hung AS (
		SELECT d.classid, d.objid, d.objsubid, n.nspname AS schema, t.relname AS name, coalesce(a.attname, '') AS part, false AS enum
		FROM pg_depend d
		JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
		JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = ANY ($1)
		LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
		WHERE d.refclassid = 'pg_class'::regclass AND d.deptype IN ('n', 'a')
	UNION ALL
		SELECT d.classid, d.objid, d.objsubid, n.nspname, e.typname, '', true
		FROM pg_depend d
		JOIN pg_type t ON t.oid = d.refobjid
		JOIN pg_type e ON e.oid = CASE WHEN t.typtype = 'e' THEN t.oid ELSE t.typelem END AND e.typtype = 'e'
		JOIN pg_namespace n ON n.oid = e.typnamespace AND n.nspname = ANY ($1)
		WHERE d.refclassid = 'pg_type'::regclass AND d.deptype IN ('n', 'a')
	)
	SELECT DISTINCT h.classid::regclass::text, h.objid,
		CASE WHEN v.oid IS NOT NULL THEN pg_describe_object('pg_class'::regclass, v.oid, 0)
			WHEN g.oid IS NOT NULL THEN 'generated column ' || g.adrelid::regclass || '.' || quote_ident(gc.attname)
			ELSE pg_describe_object(h.classid, h.objid, h.objsubid) END,
		CASE WHEN v.oid IS NOT NULL THEN 'DROP ' || CASE v.relkind WHEN 'v' THEN '' ELSE 'MATERIALIZED ' END || 'VIEW ' || v.oid::regclass
			WHEN g.oid IS NOT NULL THEN 'ALTER TABLE ' || g.adrelid::regclass || ' DROP COLUMN ' || quote_ident(gc.attname)
			WHEN k.oid IS NOT NULL THEN 'ALTER TABLE ' || k.conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(k.conname)
			WHEN p.oid IS NOT NULL THEN 'ALTER PUBLICATION ' || (SELECT quote_ident(pubname) FROM pg_publication WHERE oid = p.prpubid) || ' DROP TABLE ' || p.prrelid::regclass
			WHEN h.objsubid > 0 THEN 'give ' || pg_describe_object(h.classid, h.objid, h.objsubid) || ' another type'
			ELSE (SELECT 'DROP ' || CASE i.type WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(i.type) END || ' ' || i.identity
				FROM pg_identify_object(h.classid, h.objid, 0) i) END,
		coalesce(o.nspname::text, ''), coalesce(own.relname::text, ''),
		h.schema::text, h.name::text, h.part::text, h.enum
	FROM hung h
	LEFT JOIN pg_rewrite r ON h.classid = 'pg_rewrite'::regclass AND r.oid = h.objid
	LEFT JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
	LEFT JOIN pg_attrdef g ON h.classid = 'pg_attrdef'::regclass AND g.oid = h.objid
	LEFT JOIN pg_attribute gc ON gc.attrelid = g.adrelid AND gc.attnum = g.adnum
	LEFT JOIN pg_constraint k ON h.classid = 'pg_constraint'::regclass AND k.oid = h.objid
	LEFT JOIN pg_index x ON h.classid = 'pg_class'::regclass AND x.indexrelid = h.objid
	LEFT JOIN pg_class rel ON h.classid = 'pg_class'::regclass AND rel.oid = h.objid
	LEFT JOIN pg_trigger tr ON h.classid = 'pg_trigger'::regclass AND tr.oid = h.objid
	LEFT JOIN pg_policy po ON h.classid = 'pg_policy'::regclass AND po.oid = h.objid
	LEFT JOIN pg_statistic_ext st ON h.classid = 'pg_statistic_ext'::regclass AND st.oid = h.objid
	LEFT JOIN pg_publication_rel p ON h.classid = 'pg_publication_rel'::regclass AND p.oid = h.objid
	LEFT JOIN pg_type dom ON h.classid = 'pg_type'::regclass AND dom.oid = h.objid
	LEFT JOIN pg_class own ON own.oid = coalesce(k.conrelid, x.indrelid, tr.tgrelid, po.polrelid, st.stxrelid, p.prrelid, g.adrelid,
		CASE WHEN v.oid IS NULL THEN r.ev_class END)
	LEFT JOIN pg_namespace o ON o.oid = own.relnamespace
	WHERE h.classid IN ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_statistic_ext'::regclass, 'pg_publication_rel'::regclass,
			'pg_proc'::regclass)
		OR tr.oid IS NOT NULL AND NOT tr.tgisinternal
		OR k.conrelid > 0 AND k.contype IN ('c', 'x') AND k.conparentid = 0
		OR gc.attgenerated <> ''
		OR x.indexrelid IS NOT NULL AND (x.indpred IS NOT NULL OR x.indexprs IS NOT NULL)
			AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
		OR h.enum AND (dom.typtype = 'd' OR rel.relkind IN ('f', 'c'))
	ORDER BY 3`
