package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// withExtension adds to a remedy which extension provides what the server says that it lacks, and how to get it.
func (e *Env) withExtension(ctx context.Context, db *postgres.DB, err error) error {
	server, said := postgres.AsServerError(err)
	if r, ok := remedy.Of(err); ok && said {
		r.WithHelp(postgres.LackingWays(ctx, db, server, e.withImage)...)
	}
	return err
}

// Lacking returns remedies if err is the server's report that a type, function or operator class does not exist, and an
// extension provides it; otherwise none.
func (e *Env) Lacking(ctx context.Context, err error) []remedy.Advice {
	said, ok := postgres.AsServerError(err)
	if !ok {
		return nil
	}
	if _, extension := postgres.Lacks(said); extension == "" {
		return nil
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return nil
	}
	return postgres.LackingWays(ctx, db, said, e.withImage)
}
