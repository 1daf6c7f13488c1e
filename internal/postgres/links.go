package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// LinkCount is how many rows a RecordLink leads to.
type LinkCount struct {
	Rows    RowCount // capped where there are more than LinksCountedTo
	Problem string   // why they were not counted, in a few words, or ""
}

// LinksCountedTo is how many rows of a link are counted at most.
const LinksCountedTo = 1000

// How long counting the rows of one link may take, and of all of them. Where an index answers, one takes 0.1 ms.
const (
	linkTime  = time.Second
	linksTime = 4 * time.Second
)

// CountLinks counts the rows that links lead to, up to a limit, all of them in one round trip. A table that takes too long,
// is locked, or may not be read, does not keep it from the others. When ctx ends, so does the query on the server.
func (db *DB) CountLinks(ctx context.Context, links []RecordLink) ([]LinkCount, error) {
	out := make([]LinkCount, len(links))
	asks := make([]*ask, 0, len(links))
	at := make([]int, 0, len(links))
	for i, l := range links {
		if l.Null { // nothing equals it
			out[i].Rows.Exact = true
			continue
		}
		p := &params{}
		a := &ask{sql: l.countSQL(p), each: func(r textRow) {
			n := r.int(0)
			out[i].Rows = RowCount{N: n, Exact: n <= LinksCountedTo, Capped: n > LinksCountedTo}
		}}
		a.args = p.values
		asks, at = append(asks, a), append(at, i)
	}
	if len(asks) == 0 {
		return out, nil
	}
	err := db.withHushed(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		return apart(ctx, pc, linkTime, linksTime, asks...)
	})
	if err != nil {
		return nil, fmt.Errorf("count the rows that refer to this one: %w", err)
	}
	for i, a := range asks {
		out[at[i]].Problem = problemOf(a.err)
	}
	return out, nil
}

// countSQL counts the rows to one beyond the limit. The key's columns compare as a page of those rows does.
func (l RecordLink) countSQL(p *params) string {
	var conds []string
	for _, c := range l.Where {
		expr := "t." + Ident(c.Column)
		if c.Collation != "" {
			expr += " COLLATE " + c.Collation
		}
		conds = append(conds, expr+" = "+p.add(c.Value, c.Type))
	}
	return fmt.Sprintf("SELECT count(*) FROM (SELECT FROM %s t WHERE %s LIMIT %d) s", l.Table.Quoted(), strings.Join(conds, " AND "), LinksCountedTo+1)
}
