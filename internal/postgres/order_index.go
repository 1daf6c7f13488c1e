package postgres

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5/pgconn"
)

// orderIndexesSQL reads the columns and directions of the indexes that have an order by which rows can be read.
const orderIndexesSQL = target + `
SELECT (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(coalesce(a.attname, ''), i.indoption[u.o - 1] & 1 = 1) ORDER BY u.o)
	FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY u (k, o)
	LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.k AND a.attnum > 0
	WHERE u.o <= i.indnkeyatts)
FROM t JOIN pg_catalog.pg_index i ON i.indrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
WHERE m.amname = 'btree' AND i.indisvalid AND i.indpred IS NULL
	AND NOT EXISTS (SELECT FROM pg_catalog.unnest(i.indclass) k (o) JOIN pg_catalog.pg_opclass p ON p.oid = k.o WHERE NOT p.opcdefault)
	AND NOT EXISTS (SELECT FROM pg_catalog.generate_series(0, i.indnkeyatts - 1) n WHERE i.indoption[n] IN (1, 2))`

// An index's option is 0 for ascending with NULL last and 3 for descending with NULL first, the order of Sort; 1 and 2 put
// NULL at the other end.

// sorts reports whether no index has even the first column of an order, so that the server sorts all rows that match for
// each page of it.
func (s *shape) sorts(ctx context.Context, pc *pgconn.PgConn, sort []SortKey) (bool, error) {
	if len(sort) == 0 || s.Kind != KindTable && s.Kind != kindMatView {
		return false, nil
	}
	has := false
	a := keptAsk(orderIndexesSQL, func(r textRow) {
		var columns [][2]any
		_ = json.Unmarshal(r[0], &columns)
		has = has || len(columns) > 0 && columns[0][0] == sort[0].Column
	}, s.Schema, s.Name)
	if err := readOnlyExchange(ctx, pc, a); err != nil {
		return false, err
	}
	return !has, nil
}
