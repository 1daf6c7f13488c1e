package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func (b *environment) Sessions(ctx context.Context) ([]postgres.ServerSession, error) {
	return b.env.Sessions(ctx)
}

func (b *environment) StopSession(ctx context.Context, id postgres.SessionID, how postgres.SessionEnd) error {
	return b.env.StopSession(ctx, id, how)
}
