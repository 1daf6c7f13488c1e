package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// LiveSchemas returns the developer's schemas in this workspace's running database. It is nil if no server runs, or if
// the instance was last started for another workspace. It follows only the record of the last start and does not ask an
// engine, so that it takes a few milliseconds.
func (e *Env) LiveSchemas(ctx context.Context) []string {
	rec := readRecord(e.StateDir())
	at, _ := rec.endpoint()
	if !e.IsExternal() && (rec.Root != e.ws.Root || rec.Port == 0 || e.probe(ctx, at) != nil) {
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

// CreateSchema creates a schema in this workspace's running database, and reports whether it did not exist before. It
// does not change a server that naap did not start, nor a database that this workspace has not made or adopted.
func (e *Env) CreateSchema(ctx context.Context, name string) (created bool, err error) {
	if e.IsExternal() {
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
