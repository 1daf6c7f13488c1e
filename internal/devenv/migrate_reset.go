package devenv

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// MigrateResetOptions say what a reset to the migrations may do.
type MigrateResetOptions struct {
	MigrateOptions
	Cascade           bool // drop what refers to the schemas from elsewhere, too
	TerminateSessions bool // end other sessions on the database, which could not be copied otherwise
}

// MigrateResetPlan is what MigrateReset does: the whole database is copied, the schemas are dropped, and all migrations
// are run.
type MigrateResetPlan struct {
	Schemas    []string `json:"schemas"`
	Tables     int      `json:"tables"`
	Bytes      int64    `json:"bytes"`
	Elsewhere  []string `json:"elsewhere,omitempty"` // what refers to the schemas from others, and goes with them
	Migrations int      `json:"migrations"`
	Snapshot   string   `json:"snapshot"` // brings all of it back

	schema string // where the table of migrations is
}

// PlanMigrateReset returns what MigrateReset would do now. The migrations are run on a shadow database first: where one
// fails, nothing is reset.
func (e *Env) PlanMigrateReset(ctx context.Context, opt MigrateResetOptions) (*MigrateResetPlan, error) {
	want, db, err := e.desiredAndDatabase(ctx)
	if err != nil {
		return nil, err
	}
	folder, err := e.migrationsFolder(ctx)
	if err == nil {
		err = folder.Ready()
	}
	if err != nil {
		return nil, err
	}
	shadow, err := e.Shadow(ctx, opt.AllowExternal || opt.Adopt)
	if err != nil {
		return nil, err
	}
	defer shadow.Close()
	if _, err := e.fromMigrations(ctx, shadow, folder.Migrations, want, nil); err != nil {
		return nil, err
	}
	there, err := schemaNames(ctx, db)
	if err != nil {
		return nil, err
	}
	p := &MigrateResetPlan{Migrations: len(folder.Migrations), Snapshot: "before migrate reset " + say.Moment(time.Now()), schema: e.urlSchema()}
	p.Schemas = append(slices.Clone(want.db.Scope), p.schema)
	slices.Sort(p.Schemas)
	p.Schemas = slices.DeleteFunc(slices.Compact(p.Schemas), func(s string) bool { return !slices.Contains(there, s) })
	if err := e.keepsExternal(ctx, db, p.Schemas); err != nil {
		return nil, err
	}
	return p, p.weigh(ctx, db)
}

// weigh counts what goes, and looks for what refers to it from elsewhere: keys, and views by the rules they consist of.
func (p *MigrateResetPlan) weigh(ctx context.Context, q postgres.Querier) error {
	err := q.QueryRow(ctx, `SELECT count(*), coalesce(sum(pg_catalog.pg_total_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1) AND c.relname <> '`+hidden.Migrations+`'`, p.Schemas).Scan(&p.Tables, &p.Bytes)
	if err != nil {
		return fmt.Errorf("look at what would be reset: %w", err)
	}
	p.Elsewhere, err = postgres.CollectStrings(q.Query(ctx, `
SELECT pg_catalog.format('foreign key %s of %s.%s', k.conname, n.nspname, c.relname) FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid JOIN pg_catalog.pg_namespace m ON m.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND m.nspname = ANY ($1) AND NOT n.nspname = ANY ($1)
UNION SELECT pg_catalog.format('view %s.%s', n.nspname, v.relname) FROM pg_catalog.pg_depend d
JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::regclass
JOIN pg_catalog.pg_class v ON v.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = v.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_class'::regclass JOIN pg_catalog.pg_namespace m ON m.oid = r.relnamespace
WHERE m.nspname = ANY ($1) AND NOT n.nspname = ANY ($1)
UNION SELECT pg_catalog.format('column %s.%s.%s', n.nspname, c.relname, a.attname) FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace m ON m.oid = t.typnamespace
WHERE NOT a.attisdropped AND m.nspname = ANY ($1) AND NOT n.nspname = ANY ($1) ORDER BY 1`, p.Schemas))
	if err != nil {
		return fmt.Errorf("look at what refers to the schemas: %w", err)
	}
	return nil
}

// Lines returns the plan for people.
func (p *MigrateResetPlan) Lines() []string {
	lines := []string{
		"save the snapshot " + p.Snapshot,
		fmt.Sprintf("drop %s with %s, %s", strings.Join(p.Schemas, ", "), say.Count(p.Tables, "table"), say.Bytes(p.Bytes)),
	}
	lines = append(lines, say.Each(p.Elsewhere, func(s string) string { return "! " + s + " goes too" })...)
	return append(lines, "run "+say.Count(p.Migrations, "migration"))
}

// Err returns the error for a plan that would take something elsewhere along, unless that was allowed.
func (p *MigrateResetPlan) Err(opt MigrateResetOptions) error {
	if len(p.Elsewhere) == 0 || opt.Cascade {
		return nil
	}
	return remedy.New("migrate.reset", remedy.ExitRefused, "other schemas refer to what would go").WithSeen(say.Each(p.Elsewhere, visible.String)...).
		WithHelp(remedy.Again("migrate reset", "--cascade").Note("drops these too"))
}

// MigrateReset carries out a plan that PlanMigrateReset made. Its snapshot is saved before anything is dropped.
func (e *Env) MigrateReset(ctx context.Context, p *MigrateResetPlan, opt MigrateResetOptions, report progress.Report) (migrate.Result, error) {
	report = progress.Clock(report)
	if err := p.Err(opt); err != nil {
		return migrate.Result{}, err
	}
	copied := CopyOptions{Note: "before migrate reset", TerminateSessions: opt.TerminateSessions, AllowExternal: opt.AllowExternal || opt.Adopt, Adopt: opt.Adopt}
	if _, err := e.SaveSnapshot(ctx, p.Snapshot, copied, report); err != nil {
		return migrate.Result{}, err
	}
	result, err := e.resetAndDeploy(ctx, p, opt, report)
	if r, ok := remedy.Of(err); ok {
		r.WithHelp(remedy.Naap("dev snapshot restore", p.Snapshot).Note("brings the database back as it was"))
	}
	return result, err
}

func (e *Env) resetAndDeploy(ctx context.Context, p *MigrateResetPlan, opt MigrateResetOptions, report progress.Report) (migrate.Result, error) {
	const name, title = "reset", "Reset the schemas"
	if err := e.dropSchemas(ctx, p, opt, report); err != nil {
		return migrate.Result{}, failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: visible.String(strings.Join(p.Schemas, ", "))})
	plan, err := e.PlanMigrate(ctx)
	if err != nil {
		return migrate.Result{}, err
	}
	return e.Migrate(ctx, plan, opt.MigrateOptions, report)
}

// dropSchemas drops the schemas in one transaction. That of the URL, where scripts make what they do not qualify, is made
// again with its owner and privileges; the others are the scripts' own to make, as on a new database.
func (e *Env) dropSchemas(ctx context.Context, p *MigrateResetPlan, opt MigrateResetOptions, report progress.Report) error {
	db, release, err := e.beginMigrate(ctx, "migrate reset", opt.MigrateOptions, report)
	if err != nil {
		return err
	}
	defer release()
	return db.InTx(ctx, func(tx postgres.Tx) error {
		again, err := postgres.CollectStrings(tx.Query(ctx, schemaAgain, p.schema))
		if err != nil {
			return fmt.Errorf("look at the schema %q: %w", p.schema, err)
		}
		if err := ledger.Prepare(ctx, tx); err != nil {
			return err
		}
		if timeout := e.ws.Settings.LockTimeout; timeout > 0 {
			if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", timeout.Milliseconds())); err != nil {
				return err
			}
		}
		for _, s := range p.Schemas {
			if err := ledger.ForgetSeeds(ctx, tx, s); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "DROP SCHEMA "+postgres.Ident(s)+" CASCADE"); err != nil {
				return fmt.Errorf("drop the schema %q: %w", s, err)
			}
		}
		return postgres.ExecAll(ctx, tx, again...)
	})
}

// schemaAgain returns the statements that make a schema again, with its owner and privileges.
const schemaAgain = `
WITH o AS (SELECT * FROM pg_catalog.pg_namespace WHERE nspname = $1)
SELECT sql FROM (
	SELECT 1 AS ord, format('CREATE SCHEMA %I AUTHORIZATION %I', nspname, pg_get_userbyid(nspowner)) AS sql FROM o
	UNION ALL SELECT 2, format('REVOKE ALL ON SCHEMA %I FROM %I', nspname, pg_get_userbyid(nspowner)) FROM o WHERE nspacl IS NOT NULL
	UNION ALL SELECT 3, format('GRANT %s ON SCHEMA %I TO %s%s', a.privilege_type, o.nspname,
		CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
		FROM o, aclexplode(o.nspacl) a
) x ORDER BY ord, sql`
