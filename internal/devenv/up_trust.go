package devenv

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/trust"
)

// UpStandings are Standings with those of the migrations that an up may run: on a shadow database all, to know what they
// make.
func (e *Env) UpStandings(ctx context.Context) ([]trust.Standing, error) {
	all, err := e.Standings(ctx)
	if !e.ws.Settings.NoPush {
		all = append(all, e.MigrationStandings(ctx)...)
	}
	return all, err
}

// MigrationStandings are those of the migrations that an up or a reset may run on a shadow database: none where
// migrations are not used.
func (e *Env) MigrationStandings(ctx context.Context) []trust.Standing {
	folder, err := e.ownFolder(ctx)
	if err != nil || folder == nil {
		return nil // what is wrong with it is said where it is used
	}
	return e.sqlStandings(slices.Concat(e.shadowInit(), folder.Migrations))
}
