package backend

import (
	"context"
	"io"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/rowedit"
)

func (b *environment) Detail(ctx context.Context, table postgres.TableRef) (*postgres.TableDetail, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.TableDetail, error) { return db.Detail(ctx, table) })
}

func (b *environment) Page(ctx context.Context, req postgres.PageRequest) (*postgres.Page, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.Page, error) { return db.Page(ctx, req) })
}

func (b *environment) Record(ctx context.Context, req postgres.PageRequest) (*postgres.Record, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.Record, error) { return db.Record(ctx, req) })
}

func (b *environment) CountLinks(ctx context.Context, links []postgres.RecordLink) ([]postgres.LinkCount, error) {
	return with(ctx, b, func(db *postgres.DB) ([]postgres.LinkCount, error) { return db.CountLinks(ctx, links) })
}

func (b *environment) RowNames(ctx context.Context, reqs []postgres.NameRequest) ([][]string, error) {
	return with(ctx, b, func(db *postgres.DB) ([][]string, error) { return db.Names(ctx, reqs, rowedit.NameColumn) })
}

func (b *environment) Count(ctx context.Context, table postgres.TableRef, where []postgres.Condition) (postgres.RowCount, error) {
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

func (b *environment) Export(ctx context.Context, w io.Writer, req postgres.ExportRequest, report progress.Report) (postgres.ExportResult, error) {
	return with(ctx, b, func(db *postgres.DB) (postgres.ExportResult, error) {
		return db.Export(ctx, w, req, func(rows, bytes int64) {
			report(progress.Step{Name: "export", Title: "Export", Status: progress.Running, Done: rows, Unit: "rows"})
		})
	})
}

func (b *environment) Completion(ctx context.Context) (*postgres.Completion, error) {
	return with(ctx, b, func(db *postgres.DB) (*postgres.Completion, error) { return db.Completion(ctx) })
}

func (b *environment) OpenSession(ctx context.Context, write bool) (Session, error) {
	session, err := b.env.OpenSession(ctx, write)
	if err != nil {
		return nil, err
	}
	return session, nil
}

// with calls f with the pool for reading.
func with[T any](ctx context.Context, b *environment, f func(*postgres.DB) (T, error)) (out T, err error) {
	err = b.env.Read(ctx, func(db *postgres.DB) (err error) {
		out, err = f(db)
		return err
	})
	return out, err
}
