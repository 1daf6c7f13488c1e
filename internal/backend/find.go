package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func (b *environment) Find(ctx context.Context, req postgres.FindRequest, emit func(postgres.FindNews) bool) error {
	return b.env.Read(ctx, func(db *postgres.DB) error { return db.Find(ctx, req, emit) })
}
