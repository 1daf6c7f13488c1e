package devenv

import (
	"context"
	"errors"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// migrationsFirst refuses to push what adds where an up would run migrations before: what a pending one makes must not be there
// when it runs. Only what was compared before is known, since no script runs because a file was saved.
func (e *Env) migrationsFirst(ctx context.Context, q postgres.Querier, all *schemaplan.Plan) error {
	if e.ws.Settings.Migrate.Use != "auto" {
		return nil // the one pushes nothing, and the other does not look at migrations
	}
	w, err := e.chooseWay(ctx, q, all, e.provedBefore(q))
	if w.history == nil {
		return nil // there are none
	}
	n := len(w.history.With(migrate.Pending))
	switch {
	case err != nil && !errors.Is(err, errUnproved):
		return err // one has failed, or cannot be run
	case n == 0 || err == nil && !w.deploy:
		return nil
	}
	r := remedy.New("migrate.pending", remedy.ExitRefused, "%s %s to run first, and nothing was pushed", say.Count(n, "migration"), say.Form(n, "is", "are"))
	if w.why != "" {
		r.WithSeen(w.why)
	}
	return r.WithHelp(remedy.Naap("migrate deploy").Note("then save the file again"), remedy.Naap("dev up").Note("runs them, and pushes what is left"))
}
