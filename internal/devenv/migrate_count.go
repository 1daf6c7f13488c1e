package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// MigrationsTable returns the table that records migrations, as SQL names it.
func (e *Env) MigrationsTable() string { return migrate.TableName(e.urlSchema()) }

// CountMigrations returns how many migrations stand how, without reading their scripts; nil where there is no folder of
// them. there is whether MigrationsTable exists; then it asks one question.
func (e *Env) CountMigrations(ctx context.Context, q postgres.Querier, there bool) (*migrate.Counts, error) {
	dir, _, err := e.ws.MigrationsDir()
	if err != nil || dir == "" {
		return nil, err
	}
	names, err := migrate.FolderNames(ctx, dir)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	c, err := migrate.Count(ctx, q, names, e.urlSchema(), there)
	return &c, err
}

// MigrationsID identifies what is in the folder of migrations now.
func (e *Env) MigrationsID(ctx context.Context) (string, error) {
	folder, err := e.migrationsFolder(ctx)
	if err != nil {
		return "", err
	}
	return folder.ID(), nil
}
