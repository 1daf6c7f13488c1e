package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// What is copied unasked for a rehearsal: more than a second or two is not spent on it.
const (
	mostCopied = 512 << 20 // by the server, in bytes of the database
	mostDumped = 64 << 20  // by pg_dump, where other sessions use it
)

// RehearseNew carries out a new migration, and those that are pending, on a copy of the database, before anything is
// written. Unless it is asked for, it is left out where there are no rows or it would take long; why says so. An error is
// one that the database itself would give.
func (e *Env) RehearseNew(ctx context.Context, m *NewMigration, opt NewMigrationOptions, asked bool, report progress.Report) (out *migrate.Rehearsal, why string, err error) {
	plan, err := e.rehearsalOf(m)
	if err != nil || plan.Empty() {
		return nil, "", err
	}
	r := &rehearsing{plan: plan, opt: RehearseOptions{AllowExternal: opt.AllowExternal || opt.Adopt}, tools: lateTools{e}}
	if !asked {
		bytes, rows, err := e.weighRows(ctx)
		switch {
		case err != nil:
			return nil, "", err
		case !rows:
			return nil, "", nil
		case bytes > mostCopied:
			return nil, "the database has " + say.Bytes(bytes) + "; --rehearse copies it anyway", nil
		case bytes > mostDumped:
			r.tools = nil
		}
	}
	err = e.rehearse(ctx, r, progress.Clock(report))
	switch beyond := remedy.Code(err) == "migrate.beyond"; {
	case err == nil || ctx.Err() != nil || asked:
		return r.out, "", err
	case !r.made || beyond:
		return nil, err.Error(), nil
	}
	return r.out, "", err
}

// rehearsalOf returns the plan that a new migration would be the end of.
func (e *Env) rehearsalOf(m *NewMigration) (*MigratePlan, error) {
	plan := migrate.NewPlan(m.Dir, e.urlSchema())
	if m.deploy != nil {
		plan = m.deploy.Plan
	}
	if m.Name != "" {
		var err error
		if plan, err = plan.With(migrate.Migration{Name: m.Name, Path: m.Path, Script: m.SQL}); err != nil {
			return nil, err
		}
	}
	return &MigratePlan{Plan: plan}, nil
}

// weighRows returns the size of the database, and whether any table of the user's has rows.
func (e *Env) weighRows(ctx context.Context) (bytes int64, rows bool, err error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return 0, false, err
	}
	err = db.QueryRow(ctx, `SELECT pg_catalog.pg_database_size(pg_catalog.current_database()), EXISTS (
	SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema$|naap_dev$|naap_undo_)' AND c.relname <> '_prisma_migrations'
		AND pg_catalog.pg_relation_size(c.oid) > 0)`).Scan(&bytes, &rows)
	if err != nil {
		err = fmt.Errorf("look whether there are rows: %w", err)
	}
	return bytes, rows, err
}

// CanRun reports whether a new migration may be run at all on the rows that are there, with every loss allowed.
func (m *NewMigration) CanRun() bool {
	return len(m.Pending) > 0 || m.Name == "" || m.Change.Gate("migrate dev", true) == nil
}
