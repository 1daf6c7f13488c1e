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
	schemas, recorded, err := namespaces(ctx, db, b.env.MigrationsTable())
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
	if recorded == nil || *recorded {
		f.Migrations, _ = env.CountMigrations(ctx, db, recorded != nil) // what is wrong with the folder, the list of migrations says
	}
	if f.Seeds, err = env.SeedList(ctx); err != nil {
		return nil, err
	}
	f.Baseline, err = ledger.Baseline(ctx, db)
	return f, err
}

// namespaces returns the names of all schemas, and whether a table may be read: nil where it does not exist.
func namespaces(ctx context.Context, db *postgres.DB, table string) (names []string, readable *bool, err error) {
	err = postgres.Each(ctx, db, func(row postgres.Rows) error {
		var name string
		err := row.Scan(&name, &readable)
		names = append(names, name)
		return err
	}, `SELECT nspname, pg_catalog.has_table_privilege(pg_catalog.to_regclass($1)::oid, 'SELECT') FROM pg_catalog.pg_namespace`, table)
	return names, readable, err
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
