package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// indexesCheck finds indexes that a failed CREATE INDEX CONCURRENTLY or REINDEX left, which cost without being used,
// and those of partitioned tables that some partition lacks. REINDEX does not mend the latter.
var indexesCheck = check{database, func(ctx context.Context, l *look) {
	type index struct {
		postgres.TableRef
		partitioned bool
	}
	all, err := postgres.Collect(ctx, l.db, func(x *index) []any { return []any{&x.Schema, &x.Name, &x.partitioned} }, `SELECT n.nspname, c.relname, c.relkind = 'I' FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid ORDER BY 1, 2`)
	if err != nil {
		l.failed("invalid-index", "The indexes can't be listed", err)
		return
	}
	for _, x := range all {
		drop := sqlCommand("DROP INDEX " + x.Quoted())
		if x.partitioned {
			l.add("invalid-index", remedy.Warning, "An index of a partitioned table is not on every partition", []string{x.String()}, drop, remedy.Again("dev push"))
			continue
		}
		l.add("invalid-index", remedy.Warning, "An index is invalid and is not used", []string{x.String()}, sqlCommand("REINDEX INDEX "+x.Quoted()), drop)
	}
}}
