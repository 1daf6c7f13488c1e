package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// indexesCheck finds indexes that a failed CREATE INDEX CONCURRENTLY or REINDEX left, which cost without being used,
// and those of partitioned tables that some partition lacks. REINDEX does not mend the latter.
var indexesCheck = check{database, func(ctx context.Context, l *look) {
	rows, err := l.db.Query(ctx, `SELECT n.nspname, c.relname, c.relkind = 'I' FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid ORDER BY 1, 2`)
	if err != nil {
		l.failed("invalid-index", "The indexes can't be listed", err)
		return
	}
	defer rows.Close()
	for rows.Next() {
		var t postgres.TableRef
		var partitioned bool
		if err := rows.Scan(&t.Schema, &t.Name, &partitioned); err != nil {
			break
		}
		drop := sqlCommand("DROP INDEX " + t.Quoted())
		if partitioned {
			l.add("invalid-index", remedy.Warning, "An index of a partitioned table is not on every partition", []string{t.String()}, drop, remedy.Again("dev push"))
			continue
		}
		l.add("invalid-index", remedy.Warning, "An index is invalid and is not used", []string{t.String()}, sqlCommand("REINDEX INDEX "+t.Quoted()), drop)
	}
	if err := rows.Err(); err != nil {
		l.failed("invalid-index", "The indexes can't be listed", err)
	}
}}
