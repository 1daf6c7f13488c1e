-- Everything that a push can touch, one line each, so that equal texts are equal databases.
WITH spaces AS (
  SELECT oid, nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relations AS (
  SELECT c.*, s.name AS space FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
), lines (line) AS (
  SELECT concat_ws(' | ', 'schema', name) FROM spaces
  UNION ALL
  SELECT concat_ws(' | ', 'enum', s.name, t.typname, (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    FROM pg_type t JOIN spaces s ON s.oid = t.typnamespace WHERE t.typtype = 'e'
  UNION ALL
  SELECT concat_ws(' | ', 'relation', space, relname, relkind, relpersistence) FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c')
  UNION ALL
  SELECT concat_ws(' | ', 'column', space, relname, attnum, attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' ELSE 'null' END,
      coalesce(pg_get_expr(adbin, adrelid), ''), attidentity::text || attgenerated::text, '')
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid LEFT JOIN pg_attrdef ON adrelid = r.oid AND adnum = attnum
    WHERE relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT concat_ws(' | ', 'constraint', space, relname, conname, contype, pg_get_constraintdef(k.oid))
    FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid
  UNION ALL
  SELECT concat_ws(' | ', 'index', r.space, r.relname, pg_get_indexdef(indexrelid), indisprimary, indisunique, indisvalid)
    FROM relations r JOIN pg_index ON indrelid = r.oid WHERE r.relkind IN ('r', 'p', 'm')
  UNION ALL
  SELECT concat_ws(' | ', 'sequence', space, relname, format_type(seqtypid, NULL), seqstart, seqincrement, seqmax, seqcycle,
      (SELECT d.refobjid::regclass || '.' || d.refobjsubid FROM pg_depend d WHERE d.objid = r.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0))
    FROM relations r JOIN pg_sequence ON seqrelid = r.oid
  UNION ALL
  SELECT concat_ws(' | ', 'function', s.name, p.oid::regprocedure, md5(prosrc)) FROM pg_proc p JOIN spaces s ON s.oid = p.pronamespace
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  UNION ALL
  SELECT concat_ws(' | ', 'trigger', space, relname, pg_get_triggerdef(t.oid)) FROM relations r JOIN pg_trigger t ON t.tgrelid = r.oid WHERE NOT tgisinternal
  UNION ALL
  SELECT concat_ws(' | ', 'view', space, relname, pg_get_viewdef(oid)) FROM relations WHERE relkind IN ('v', 'm')
  UNION ALL
  SELECT concat_ws(' | ', 'policy', space, relname, polname, relrowsecurity) FROM relations r JOIN pg_policy ON polrelid = r.oid
  UNION ALL
  SELECT concat_ws(' | ', 'comment', space, relname, description) FROM relations r JOIN pg_description ON objoid = r.oid
  UNION ALL
  SELECT concat_ws(' | ', 'type', s.name, typname, typtype) FROM pg_type t JOIN spaces s ON s.oid = typnamespace WHERE typtype = 'd'
)
SELECT line FROM lines ORDER BY line COLLATE "C";
