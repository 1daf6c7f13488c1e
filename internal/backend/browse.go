package backend

import (
	"context"
	"io"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Detail returns everything about one table.
func (b *Backend) Detail(ctx context.Context, table postgres.TableRef) (*postgres.TableDetail, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.TableDetail, error) { return db.Detail(ctx, table) })
}

// Page returns one page of a table's rows.
func (b *Backend) Page(ctx context.Context, req postgres.PageRequest) (*postgres.Page, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.Page, error) { return db.Page(ctx, req) })
}

// Record returns the row at a cursor, with its values in full.
func (b *Backend) Record(ctx context.Context, table postgres.TableRef, at postgres.Cursor, sort []postgres.SortKey) (*postgres.Record, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.Record, error) {
		return db.Record(ctx, postgres.PageRequest{Table: table, Cursor: at, Sort: sort})
	})
}

// Count counts the matching rows of a table, exactly.
func (b *Backend) Count(ctx context.Context, table postgres.TableRef, where []postgres.Condition) (postgres.RowCount, error) {
	return with(ctx, b, func(db *postgres.DB) (postgres.RowCount, error) {
		if len(where) == 0 {
			return db.Count(ctx, table)
		}
		page, err := db.Page(ctx, postgres.PageRequest{Table: table, Where: where, Limit: 1, CountTo: 1 << 62})
		if err != nil {
			return postgres.RowCount{}, err
		}
		return page.Total, nil
	})
}

// Export writes rows as they arrive, from one consistent snapshot.
func (b *Backend) Export(ctx context.Context, w io.Writer, req postgres.ExportRequest, report progress.Report) (postgres.ExportResult, error) {
	return with(ctx, b, func(db *postgres.DB) (postgres.ExportResult, error) {
		return db.Export(ctx, w, req, func(rows, bytes int64) {
			report(progress.Step{Name: "export", Title: "Export", Status: progress.Running, Done: rows, Unit: "rows"})
		})
	})
}

// Completion returns what a SQL console offers while the user types.
func (b *Backend) Completion(ctx context.Context) (*postgres.Completion, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.Completion, error) { return db.Completion(ctx) })
}

// Session is a connection for the SQL console, with a transaction of its own.
type Session interface {
	// Powers says what its role may do although the session is locked: "postgres is a superuser"; "" for nothing.
	Powers() string
	Run(ctx context.Context, text string, opt postgres.RunOptions) (postgres.Outcome, error)
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	// Explain explains the statement at a byte offset of a text.
	Explain(ctx context.Context, text string, at int, analyze bool) (postgres.QueryPlan, error)
	Close(ctx context.Context) error
}

// OpenSession opens a connection for a console, which the server itself keeps read-only unless write is set.
func (b *Backend) OpenSession(ctx context.Context, write bool) (Session, error) {
	session, err := b.env.OpenSession(ctx, write)
	if err != nil {
		return nil, err
	}
	return session, nil
}

// with calls f with the pool for reading.
func with[T any](ctx context.Context, b *Backend, f func(*postgres.DB) (T, error)) (out T, err error) {
	err = b.env.Read(ctx, func(db *postgres.DB) (err error) {
		out, err = f(db)
		return err
	})
	return out, err
}
