package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Sessions returns the sessions of the instance's server, whatever database they are in.
func (e *Env) Sessions(ctx context.Context) ([]postgres.ServerSession, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	all, err := db.Sessions(ctx)
	return all, db.Diagnose(err)
}

// StopSession cancels what a session runs, or ends it, as the instance's role: the one that only reads may do neither.
func (e *Env) StopSession(ctx context.Context, id postgres.SessionID, how postgres.SessionEnd) error {
	db, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	return db.Diagnose(db.StopSession(ctx, id, how))
}
