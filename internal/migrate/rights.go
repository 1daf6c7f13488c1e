package migrate

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// MayRecord refuses a role that may not record migrations, before anything is run or written: without that, the scripts would
// have run and nothing would say so.
func MayRecord(ctx context.Context, q postgres.Querier, schema string) error {
	t := table{schema}
	var role, owner, lacks string
	err := q.QueryRow(ctx, `SELECT current_user::text, coalesce(pg_catalog.pg_get_userbyid(coalesce(c.relowner, n.nspowner))::text, ''), CASE
	WHEN n.oid IS NULL THEN ''
	WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') OR c.oid IS NULL AND NOT pg_catalog.has_schema_privilege(n.oid, 'CREATE') THEN 'schema'
	WHEN NOT (pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(c.oid, 'INSERT') AND pg_catalog.has_table_privilege(c.oid, 'UPDATE')) THEN 'table'
	ELSE '' END
FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1 LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = $2`,
		schema, tableName).Scan(&role, &owner, &lacks)
	if err != nil {
		return fmt.Errorf("look whether migrations may be recorded: %w", err)
	}
	grant := "GRANT SELECT, INSERT, UPDATE, DELETE ON " + t.name() + " TO " + postgres.Ident(role)
	switch lacks {
	case "":
		return nil
	case "schema":
		grant = "GRANT USAGE, CREATE ON SCHEMA " + postgres.Ident(schema) + " TO " + postgres.Ident(role)
	}
	return remedy.New("migrate.denied", remedy.ExitRefused, "the role %s may not record migrations, and nothing was run", visible.String(role)).
		WithSeen("the table of migrations is " + visible.String(schema+"."+tableName) + ", and it lacks rights on its " + lacks).
		WithHelp(postgres.Granting(owner, grant)...)
}
