package schemaplan

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// codeOf are what scripts make and a Prisma file has no words for: functions, triggers and checks, but those of extensions,
// with a text that tells two of them apart.
const codeOf = `WITH n AS (SELECT oid, nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1)),
t AS (SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_class c JOIN n ON n.oid = c.relnamespace WHERE c.relname <> $2)
SELECT x.kind, x.of, x.name, x.what FROM (
	SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind, '' AS of, 'pg_catalog.pg_proc'::regclass AS class, p.oid,
		n.nspname || '.' || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS name,
		coalesce('returns ' || pg_catalog.pg_get_function_result(p.oid) || ', ', '') || 'text ' || pg_catalog.left(pg_catalog.md5(CASE WHEN p.prokind = 'a' THEN '' ELSE pg_catalog.pg_get_functiondef(p.oid) END), 8) AS what
	FROM pg_catalog.pg_proc p JOIN n ON n.oid = p.pronamespace
	UNION ALL
	SELECT 'trigger', t.name, 'pg_catalog.pg_trigger'::regclass, g.oid, g.tgname, pg_catalog.pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'D' THEN ' (disabled)' ELSE '' END
	FROM pg_catalog.pg_trigger g JOIN t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal AND g.tgparentid = 0
	UNION ALL
	SELECT 'check', t.name, 'pg_catalog.pg_constraint'::regclass, k.oid, k.conname, pg_catalog.pg_get_constraintdef(k.oid)
	FROM pg_catalog.pg_constraint k JOIN t ON t.oid = k.conrelid WHERE k.contype = 'c' AND k.conislocal
) x WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = x.class AND d.objid = x.oid AND d.deptype = 'e')`

// addCode adds the functions, triggers and checks of the schemas. What only the database has of these does not count.
func addCode(ctx context.Context, q postgres.Querier, schemas []string, out map[object]fact) error {
	rows, err := q.Query(ctx, codeOf, schemas, migrationsTable)
	if err != nil {
		return fmt.Errorf("look at functions, triggers and checks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o object
		var what string
		if err := rows.Scan(&o.kind, &o.of, &o.name, &what); err != nil {
			return fmt.Errorf("look at functions, triggers and checks: %w", err)
		}
		out[o] = fact{what, true}
	}
	return rows.Err()
}
