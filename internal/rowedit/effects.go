package rowedit

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// counts are the rows that the transaction has inserted, updated and deleted, by table. Those of partitions are their
// root's.
type counts map[postgres.TableRef][3]int64

// counted asks the server what it has counted. Its statistics of a transaction may begin before that, so that the
// difference of two of them is what counts.
func (a *attempt) counted(ctx context.Context) (counts, error) {
	rows, err := postgres.Texts(ctx, a.tx, `SELECT n.nspname, c.relname, pg_catalog.sum(s.n_tup_ins), pg_catalog.sum(s.n_tup_upd), pg_catalog.sum(s.n_tup_del)
		FROM pg_catalog.pg_stat_xact_user_tables s JOIN pg_catalog.pg_class c ON c.oid = coalesce(pg_catalog.pg_partition_root(s.relid)::oid, s.relid)
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0 GROUP BY 1, 2`)
	if err != nil {
		return nil, err
	}
	out := counts{}
	for _, r := range rows {
		var n [3]int64
		for i := range n {
			n[i], _ = strconv.ParseInt(*r[2+i], 10, 64)
		}
		out[postgres.TableRef{Schema: *r[0], Name: *r[1]}] = n
	}
	return out, nil
}

// since returns the difference to earlier counts, in the order of the tables' names.
func (c counts) since(before counts) (out []Effect) {
	for table, n := range c {
		was := before[table]
		if n != was {
			out = append(out, Effect{table, n[0] - was[0], n[1] - was[1], n[2] - was[2]})
		}
	}
	slices.SortFunc(out, func(x, y Effect) int { return strings.Compare(x.Table.String(), y.Table.String()) })
	return out
}

// Along returns the effects beyond what the plan itself says: what foreign keys and triggers did. A row that moves to
// another partition is deleted and inserted.
func (p Plan) Along(effects []Effect) []Effect {
	own := counts{}
	for _, c := range p.Changes {
		n := own[c.Table.counted()]
		n[[...]int{Update: 1, Insert: 0, Delete: 2}[c.Verb]]++
		own[c.Table.counted()] = n
	}
	var out []Effect
	for _, e := range effects {
		n := own[e.Table]
		moved := max(0, n[1]-e.Updated)
		e.Inserted, e.Updated, e.Deleted = max(0, e.Inserted-n[0]-moved), max(0, e.Updated-n[1]), max(0, e.Deleted-n[2]-moved)
		if e.Inserted+e.Updated+e.Deleted > 0 {
			out = append(out, e)
		}
	}
	return out
}

// counted is the table by which the rows of a table are counted.
func (t *Table) counted() postgres.TableRef {
	if t.root.Name == "" {
		return t.TableRef
	}
	return t.root
}

// String says what happened, and where: "public.Session: 3 rows changed, 1 deleted".
func (e Effect) String() string { return e.Table.String() + ": " + e.What() }

// What says what happened: "3 rows changed, 1 deleted".
func (e Effect) What() string {
	var parts []string
	for _, p := range []struct {
		n    int64
		verb string
	}{{e.Inserted, "added"}, {e.Updated, "changed"}, {e.Deleted, "deleted"}} {
		switch {
		case p.n > 0 && len(parts) == 0:
			parts = append(parts, say.Count(p.n, "row")+" "+p.verb)
		case p.n > 0:
			parts = append(parts, say.Number(p.n)+" "+p.verb)
		}
	}
	return strings.Join(parts, ", ")
}
