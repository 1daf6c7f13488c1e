package postgres

import (
	"context"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ExecScript sends a text of one or more statements as it is, in one message. PostgreSQL runs it as one implicit
// transaction unless the text itself says otherwise; in an open transaction it is part of that. The error's Position
// counts characters from the beginning of the text.
func ExecScript(ctx context.Context, c *Conn, sql string) (pgconn.CommandTag, error) {
	results, err := c.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	if len(results) == 0 {
		return pgconn.CommandTag{}, nil
	}
	return results[len(results)-1].CommandTag, nil
}

// ExecCounted is ExecScript for a caller that wants to know how many of the statements had succeeded when one failed.
func ExecCounted(ctx context.Context, c *Conn, sql string) (done int, err error) {
	results := c.PgConn().Exec(ctx, sql)
	for results.NextResult() {
		if _, err := results.ResultReader().Close(); err == nil {
			done++
		}
	}
	return done, results.Close()
}

// CopyIn runs a COPY … FROM STDIN statement with data in the format that the statement names.
func CopyIn(ctx context.Context, c *Conn, sql string, data io.Reader) (pgconn.CommandTag, error) {
	return c.PgConn().CopyFrom(ctx, data, sql)
}

// CopyOut runs a COPY … TO STDOUT statement, and returns how many rows it wrote.
func CopyOut(ctx context.Context, c *Conn, sql string, out io.Writer) (int64, error) {
	tag, err := c.PgConn().CopyTo(ctx, out, sql)
	return tag.RowsAffected(), err
}

// TxConn returns the connection that a transaction runs on.
func TxConn(tx Tx) *Conn { return tx.Conn() }

// InTransaction reports whether the connection is inside a transaction that has not failed.
func InTransaction(c *Conn) bool { return c.PgConn().TxStatus() == 'T' }

// WithConn calls f with one connection of the pool.
func (db *DB) WithConn(ctx context.Context, f func(*Conn) error) error {
	c, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	return f(c.Conn())
}

// Locate returns the line and column, both from 1, of a server error's Position in the text that was sent. ok is false
// if the server gave no position.
func Locate(text string, e *ServerError) (line, column int, ok bool) {
	if e == nil || e.Position <= 0 {
		return 0, 0, false
	}
	p := PositionAt(text, OffsetOf(text, int(e.Position)))
	return p.Line, p.Column, true
}

// Collect runs a query and reads its rows; into returns where the columns of a row go. Without rows it returns nil.
func Collect[T any](ctx context.Context, q Querier, into func(*T) []any, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.AppendRows([]T(nil), rows, func(row pgx.CollectableRow) (v T, err error) {
		err = row.Scan(into(&v)...)
		return v, err
	})
}

// Each runs a query and calls read with each row of its result, until one call fails.
func Each(ctx context.Context, q Querier, read func(Rows) error, sql string, args ...any) error {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ReadBatch runs a batch in one round trip and calls read[i] with each row of its query i. Rows come in the binary format,
// which takes less time to read than text, and which the type of each column must have.
func ReadBatch(ctx context.Context, c *Conn, b *Batch, read []func(Rows) error) error {
	var build pgx.ExtendedQueryBuilder
	message := &pgconn.Batch{}
	for _, q := range b.QueuedQueries {
		if err := build.Build(c.TypeMap(), nil, q.Arguments); err != nil {
			return err
		}
		message.ExecParams(q.SQL, build.ParamValues, nil, build.ParamFormats, []int16{pgx.BinaryFormatCode})
	}
	results := c.PgConn().ExecBatch(ctx, message)
	defer results.Close()
	for i := 0; results.NextResult(); i++ {
		rows := pgx.RowsFromResultReader(c.TypeMap(), results.ResultReader())
		for rows.Next() {
			if err := read[i](rows); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return results.Close()
}

// CollectStrings reads a result of one text column.
func CollectStrings(rows Rows, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Describe returns what the server said, in one line: the message, then detail and hint if there are any.
func Describe(e *ServerError) string {
	s := fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.Code)
	if e.Detail != "" {
		s += "; " + e.Detail
	}
	if e.Hint != "" {
		s += "; hint: " + e.Hint
	}
	return s
}
