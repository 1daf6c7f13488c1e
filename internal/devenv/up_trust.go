package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/trust"
)

// UpStandings are Standings with those of the migrations that an up may run: on a shadow database all, to know what they
// make.
func (e *Env) UpStandings(ctx context.Context) ([]trust.Standing, error) {
	all, err := e.Standings(ctx)
	if folder, unread := e.ownFolder(ctx); unread == nil && folder != nil && !e.ws.Settings.NoPush {
		all = append(all, e.sqlStandings(folder.Migrations)...)
	}
	return all, err
}
