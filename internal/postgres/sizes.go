package postgres

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// How a snapshot finds the sizes of tables.
const (
	sizesAsked   = "exact"  // the server is asked for each
	sizesListed  = "listed" // the folder of the database is listed
	sizesGuessed = "guess"  // relpages
)

// listedSizes finds the sizes of all tables, with their indexes and TOAST, by listing the database's folder and its
// files once. pg_total_relation_size gets the same from the same files, but first it opens the table and each of its
// indexes, which in a new session costs 50 of the 70 ms that a snapshot of 112 tables takes. whole is not true where a
// file is elsewhere, in another tablespace, or under another name, as those of a few catalogues: then the server is asked.
const listedSizes = `, files AS MATERIALIZED (
	SELECT node, sum(s.size) AS total, sum(s.size) FILTER (WHERE f ~ '^[0-9]+(\.[0-9]+)?$') AS main
	FROM pg_database d
	CROSS JOIN LATERAL (SELECT f, substring(f FROM '^[0-9]+')::oid AS node FROM pg_ls_dir('base/' || d.oid) f WHERE f ~ '^[0-9]+' OFFSET 0) l
	CROSS JOIN LATERAL pg_stat_file('base/' || d.oid || '/' || f, true) s
	WHERE ` + changed + ` AND d.datname = current_database() AND d.dattablespace = 1663 AND node ` + relevant + ` GROUP BY 1),
sizes AS MATERIALIZED (
	SELECT p.owner, coalesce(sum(f.total), 0)::bigint AS total, coalesce(sum(f.main) FILTER (WHERE p.part = p.owner), 0)::bigint AS heap,
		bool_and(k.relkind NOT IN ('r', 'm', 'i', 't') OR f.node IS NOT NULL AND k.reltablespace = 0) AS whole
	FROM (SELECT oid AS owner, oid AS part FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
		UNION ALL SELECT indrelid, indexrelid FROM pg_index
		UNION ALL SELECT oid, reltoastrelid FROM pg_class WHERE reltoastrelid <> 0
		UNION ALL SELECT c.oid, i.indexrelid FROM pg_class c JOIN pg_index i ON i.indrelid = c.reltoastrelid WHERE c.reltoastrelid <> 0) p
	JOIN pg_class k ON k.oid = p.part LEFT JOIN files f ON f.node = k.relfilenode
	WHERE ` + changed + ` AND p.owner ` + relevant + ` GROUP BY 1)`

// sizesOn returns how a snapshot on a connection finds sizes: listing folders needs a superuser.
func sizesOn(pc *pgconn.PgConn) string {
	if pc.ParameterStatus("is_superuser") == "on" && !pooled(pc) {
		return sizesListed
	}
	return sizesAsked
}

// makeSure asks for the sizes of tables whose files were empty, if something was committed while they were listed: a
// table that was rewritten just then has another file, and the former one is empty. A table without blocks counts as one
// without rows.
func (c *catalogueAsks) makeSure(ctx context.Context, pc *pgconn.PgConn) error {
	if !c.listed || c.after == c.s.mark {
		return nil
	}
	var asks []*ask
	for _, t := range c.tables {
		if t.info.HeapBytes == 0 && t.info.Kind == KindTable && !t.info.Locked {
			asks = append(asks, newAsk(`SELECT pg_catalog.pg_relation_size(c.oid), pg_catalog.pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c WHERE c.oid = $1::oid`,
				func(r textRow) { t.info.HeapBytes, t.info.Bytes = r.int(0), r.int(1) }, strconv.FormatUint(uint64(t.info.OID), 10)))
		}
	}
	if len(asks) == 0 {
		return nil
	}
	c.s.RoundTrips++
	if err := exchange(ctx, pc, append([]*ask{newAsk("BEGIN READ ONLY", nil), newAsk("SET LOCAL lock_timeout = '100ms'", nil)}, append(asks, newAsk("COMMIT", nil))...)...); err != nil {
		return err
	}
	return firstError(asks...)
}
