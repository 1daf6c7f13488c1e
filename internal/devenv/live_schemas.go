package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// LiveSchemas lists the developer's schemas in this workspace's running database. It is nil where none
// runs, and where the instance was last started for another workspace. Only the record of the last start is followed:
// no engine is asked, so that it costs a few milliseconds.
func (e *Env) LiveSchemas(ctx context.Context) []string {
	rec := readRecord(e.stateDir())
	if e.ws.Settings.DatabaseURL == "" && (rec.Root != e.ws.Root || rec.Port == 0 ||
		e.probe(ctx, engine.Endpoint{Host: "127.0.0.1", Port: rec.Port, Identity: rec.Identity}) != nil) {
		return nil
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return nil
	}
	names, err := schemaNames(ctx, db)
	if err != nil {
		return nil
	}
	return names
}

// CreateSchema makes a schema in this workspace's running database, and reports whether it was not there before. A
// server that naap did not start is left alone, and so is a database that this workspace has not made or adopted.
func (e *Env) CreateSchema(ctx context.Context, name string) (created bool, err error) {
	if e.ws.Settings.DatabaseURL != "" {
		return false, e.mayPush(PushOptions{})
	}
	db, release, err := e.begin(ctx, writing{verb: "schema add", known: true}, progress.Discard)
	if err != nil {
		return false, err
	}
	defer release()
	var exists bool
	if err := db.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", name).Scan(&exists); err != nil || exists {
		return false, err
	}
	_, err = db.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+postgres.Ident(name))
	return err == nil, err
}
