package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Texts runs one statement in a transaction. Its parameters and its results are text, as psql reads and prints them,
// whatever their types; nil is NULL.
func Texts(ctx context.Context, tx Tx, sql string, args ...*string) (rows [][]*string, err error) {
	a := &ask{sql: sql, each: func(r textRow) {
		row := make([]*string, len(r))
		for i := range r {
			if !r.null(i) {
				text := r.str(i)
				row[i] = &text
			}
		}
		rows = append(rows, row)
	}}
	for _, v := range args {
		if v == nil {
			a.args = append(a.args, nil)
			continue
		}
		a.args = append(a.args, append([]byte{}, *v...))
	}
	if err := exchange(ctx, tx.Conn().PgConn(), a); err != nil {
		return nil, err
	}
	return rows, a.err
}

// BeginReadCommitted begins a transaction whose statements each see what is committed by then, whatever the default of
// the session is. What else is set for the session, as default_transaction_read_only, remains.
func (db *DB) BeginReadCommitted(ctx context.Context) (Tx, error) {
	return db.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
}
