package doctor

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// sequencesSQL lists the sequences that belong to a column, with the column.
const sequencesSQL = `
SELECT sn.nspname, s.relname, tn.nspname, t.relname, a.attname, q.seqincrement < 0
FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
	AND tn.nspname !~ '` + hidden.Schemas + `' ORDER BY 1, 2`

type ownedSequence struct {
	sequence, table postgres.TableRef
	column          string
	down            bool // it counts down
}

// sequencesCheck finds sequences that would return a value that already exists: rows were inserted with their keys.
var sequencesCheck = check{database, func(ctx context.Context, l *look) {
	all, err := postgres.Collect(ctx, l.db, func(o *ownedSequence) []any {
		return []any{&o.sequence.Schema, &o.sequence.Name, &o.table.Schema, &o.table.Name, &o.column, &o.down}
	}, sequencesSQL)
	if err != nil {
		l.failed("sequence", "Sequences can't be listed", err)
		return
	}
	for _, o := range all {
		l.sequence(ctx, o)
	}
	l.fine("sequences", say.Count(len(all), "sequence")+" looked at")
}}

func (l *look) sequence(ctx context.Context, o ownedSequence) {
	furthest, before := "max", "last_value - 1"
	if o.down {
		furthest, before = "min", "last_value + 1"
	}
	var there, last *int64
	if !l.ask(ctx, "sequence", fmt.Sprintf(`SELECT (SELECT %s(%s)::bigint FROM %s), (SELECT CASE WHEN is_called THEN last_value ELSE %s END FROM %s)`,
		furthest, postgres.Ident(o.column), o.table.Quoted(), before, o.sequence.Quoted()), &there, &last) || there == nil || last == nil {
		return
	}
	if o.down && *there < *last || !o.down && *there > *last {
		l.add("sequence", remedy.Warning, "A sequence is behind its column: the next insert fails",
			[]string{fmt.Sprintf("%s.%s has %d, its sequence gave out %d", o.table, o.column, *there, *last)},
			sqlCommand(fmt.Sprintf("SELECT setval(%s, %d)", postgres.Literal(o.sequence.Quoted()), *there)))
	}
}
