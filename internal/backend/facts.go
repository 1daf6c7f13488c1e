package backend

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

func (b *environment) Facts(ctx context.Context) (*Facts, error) {
	db, err := b.env.Connect(ctx)
	if err != nil {
		return nil, err
	}
	schemas, err := postgres.CollectStrings(db.Query(ctx, `SELECT nspname FROM pg_catalog.pg_namespace`))
	if err != nil {
		return nil, db.Diagnose(err)
	}
	read := time.Now()
	env, err := b.reread(ctx)
	if err != nil {
		// The files cannot be read as they are; what the database knows by itself is still an answer.
		f := &Facts{Owners: ownersOf(b.env, schemas), DriftErr: err, File: fileState(b.env, read)}
		f.Baseline, err = ledger.Baseline(ctx, db)
		return f, err
	}
	f := &Facts{Owners: ownersOf(env, schemas), File: fileState(env, read)}
	f.Stale, f.Generate = env.StaleModels(ctx)
	var drift *schemaplan.Plan
	if err := db.Quietly(ctx, func(q postgres.Querier) error { drift, f.DriftErr = env.Drift(ctx, q); return nil }); err != nil {
		return nil, err
	}
	if drift != nil {
		f.Missing, f.Unknown = drift.TablesOf(schemaplan.CreateTable), drift.TablesOf(schemaplan.DropTable)
		f.Pending, f.Destroys = len(drift.Steps), len(drift.Losses())
	}
	if f.Seeds, err = env.SeedList(ctx); err != nil {
		return nil, err
	}
	f.Baseline, err = ledger.Baseline(ctx, db)
	return f, err
}

// ownersOf returns the plugin or service of each schema that has one.
func ownersOf(env *devenv.Env, schemas []string) map[string]string {
	owners := map[string]string{}
	for _, name := range schemas {
		if owner := env.Workspace().OwnerOf(name); owner != "" {
			owners[name] = owner
		}
	}
	return owners
}
