package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
)

func (b *environment) EditTable(ctx context.Context, table postgres.TableRef) (*rowedit.Table, error) {
	return owning(ctx, b, func(db *postgres.DB) (*rowedit.Table, error) { return rowedit.Load(ctx, db, table) })
}

func (b *environment) EditRow(ctx context.Context, table postgres.TableRef, at postgres.Cursor) (*rowedit.Row, error) {
	return owning(ctx, b, func(db *postgres.DB) (*rowedit.Row, error) {
		t, err := rowedit.Load(ctx, db, table)
		if err != nil {
			return nil, err
		}
		return rowedit.Read(ctx, db, t, at)
	})
}

func (b *environment) CheckValue(ctx context.Context, column rowedit.Column, text string) (rowedit.Checked, error) {
	return owning(ctx, b, func(db *postgres.DB) (rowedit.Checked, error) { return rowedit.Check(ctx, db, column, text) })
}

func (b *environment) KeyChoices(ctx context.Context, key rowedit.ForeignKey, search string) ([]rowedit.Choice, error) {
	return owning(ctx, b, func(db *postgres.DB) ([]rowedit.Choice, error) { return rowedit.Choices(ctx, db, key, search) })
}

func (b *environment) TryRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error) {
	return b.env.TryRows(ctx, plan)
}

func (b *environment) ChangeRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error) {
	return b.env.ChangeRows(ctx, plan)
}

func (b *environment) RowsFate(ctx context.Context, xid string) (committed bool, err error) {
	return b.env.RowsFate(ctx, xid)
}

// owning calls f with the connections of the role that changes rows: what it may do, and what it sees of a table, is what
// counts.
func owning[T any](ctx context.Context, b *environment, f func(*postgres.DB) (T, error)) (out T, err error) {
	err = b.env.WithRows(ctx, func(db *postgres.DB) (err error) {
		out, err = f(db)
		return err
	})
	return out, err
}
