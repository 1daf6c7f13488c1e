package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// SQLOptions choose how statements are run.
type SQLOptions struct {
	Write bool // allow writes; otherwise the server itself refuses them
	Run   RunOptions
}

// SQL runs a text of statements on a connection of its own. With Write they are one transaction that is committed if
// all went well; Outcome tells how many rows were touched.
func (e *Env) SQL(ctx context.Context, text string, opt SQLOptions) (Outcome, error) {
	url, err := e.findURL(ctx)
	if err != nil {
		return Outcome{}, err
	}
	s, err := postgres.OpenSession(ctx, url, postgres.Options{Application: "naap sql"})
	if err != nil {
		return Outcome{}, e.cannotConnect(err, url)
	}
	defer s.Close(context.WithoutCancel(ctx))
	if opt.Write {
		s.Unlock()
	}
	out, err := s.Run(ctx, text, opt.Run)
	if err != nil || !out.Pending {
		return out, err
	}
	return out, s.Commit(ctx)
}
