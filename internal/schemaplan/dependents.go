package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Views hang on columns, and the server refuses to drop or retype what a view reads. A column number of 0 is the table
// as a whole. What an extension made may go with it and is not counted.
const askViews = `SELECT DISTINCT tn.nspname::text, t.relname::text, coalesce(a.attname::text, ''),
		vn.nspname::text, v.relname::text, v.relkind::text
	FROM pg_depend d
	JOIN pg_rewrite r ON r.oid = d.objid
	JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
	JOIN pg_namespace vn ON vn.oid = v.relnamespace
	JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
	JOIN pg_namespace tn ON tn.oid = t.relnamespace
	LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
	WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND tn.nspname = ANY ($1)
	ORDER BY 4, 5`

// blockViewed blocks the steps that a view stands in the way of, with the views' names.
func blockViewed(ctx context.Context, q postgres.Querier, steps []*Step, scope []string) error {
	if !slices.ContainsFunc(steps, func(s *Step) bool { return s.unsettles.table.Name != "" }) {
		return nil
	}
	rows, err := q.Query(ctx, askViews, scope)
	if err != nil {
		return fmt.Errorf("look for views that stand in the way: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, view QName
		var column, kind string
		if err := rows.Scan(&table.Schema, &table.Name, &column, &view.Schema, &view.Name, &kind); err != nil {
			return fmt.Errorf("look for views that stand in the way: %w", err)
		}
		for _, s := range steps {
			if s.unsettles.table == table && (s.unsettles.column == "" || s.unsettles.column == column) {
				s.blockedBy(view, kindNames[kind])
			}
		}
	}
	return rows.Err()
}

func (s *Step) blockedBy(view QName, kind string) {
	if s.Blocked != nil {
		return
	}
	s.block(1, fmt.Sprintf("%s %s reads it", kind, view),
		fmt.Sprintf("drop it first, and make it again afterwards: DROP %s %s", strings.ToUpper(kind), view.SQL()))
}
