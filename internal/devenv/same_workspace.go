package devenv

import (
	"context"
	"fmt"
	"os"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// sameWorkspace refuses to mix the built-in workspace's tables and rows with a repository's in one database: an `up` in
// the wrong folder would add dozens of tables that the other Prisma file does not know. Two checkouts of a repository
// share an instance: which of them is meant is for the person to say.
func (e *Env) sameWorkspace() error {
	rec := readRecord(e.stateDir())
	if rec.Engine == "" || rec.Attached || e.IsExternal() || (rec.Root == "") == (e.ws.Root == "") {
		return nil
	}
	made, here := "the built-in workspace", e.ws.Root
	own := remedy.Naap("dev up", "--name", "NAME").Note("a database of its own for this workspace")
	if rec.Root != "" {
		if _, err := os.Stat(rec.Root); err != nil {
			return nil // it was moved or deleted: there is nobody to mix with
		}
		made, here = rec.Root, "the built-in workspace"
	}
	r := remedy.New("workspace.other", remedy.ExitRefused, "the database of instance %q is another workspace's", e.ws.Settings.Instance).
		WithSeen("it was made for "+made, "this is "+here)
	if rec.Root != "" {
		r.WithHelp(remedy.Naap("dev up", e.named()...).In(rec.Root))
	}
	return r.WithHelp(own, remedy.Naap("dev down", "--delete-data").Note("deletes it; then up makes it for this workspace"))
}

// owner is whose the tables of a database are.
type owner int

const (
	ours     owner = iota // this instance's, by its record or by the schema naap_dev, or it does not matter whose
	nobodys               // there are none
	anothers              // there are some, and nothing says that naap made them
)

// pours tells whether an up puts tables or rows into the database.
func (e *Env) pours(opt UpOptions) bool {
	set := &e.ws.Settings
	return !(opt.NoPush || set.NoPush) || !(opt.NoSeed || set.NoSeed)
}

// ownership finds out whose the tables are that the built-in workspace would be mixed with, and refuses to pour into
// another's: a container that was adopted, or a server that was attached to, holds what a checkout made of it. What a
// workspace with a schema of its own adds is meant for the database that its files describe.
func (e *Env) ownership(ctx context.Context, up *Up, db *postgres.DB, pours bool) error {
	rec := readRecord(e.stateDir())
	of, err := e.whose(ctx, db, up.Endpoint.Identity != "" && rec.Engine == up.Engine && !rec.Attached)
	if err != nil {
		return err
	}
	if up.owner = of.owner; of.owner == anothers && pours {
		return e.anothersTables(of, " on "+up.Endpoint.Address())
	}
	return nil
}

// keepsApart refuses what ownership does, to the verbs that come without an up.
func (e *Env) keepsApart(ctx context.Context, db postgres.Querier) error {
	rec := readRecord(e.stateDir())
	of, err := e.whose(ctx, db, rec.Engine != "" && !rec.Attached && !e.IsExternal())
	if err == nil && of.owner == anothers {
		err = e.anothersTables(of, "")
	}
	return err
}

// tablesOf is whose the tables of a database are; database and tables are looked for where it could be anybody.
type tablesOf struct {
	owner    owner
	database string
	tables   int
}

// whose looks at the database unless a record says that it is this instance's.
func (e *Env) whose(ctx context.Context, db postgres.Querier, recorded bool) (tablesOf, error) {
	if !e.ws.IsBuiltin() || recorded {
		return tablesOf{}, nil
	}
	tables, database, marked, err := lookForTables(ctx, db)
	switch {
	case err != nil || marked:
		return tablesOf{}, err
	case tables == 0:
		return tablesOf{owner: nobodys}, nil
	}
	return tablesOf{anothers, database, tables}, nil
}

// lookForTables counts the tables that people made, and tells whether naap's bookkeeping is there.
func lookForTables(ctx context.Context, q postgres.Querier) (tables int, database string, marked bool, err error) {
	err = q.QueryRow(ctx, `SELECT count(*), current_database(), to_regnamespace('naap_dev') IS NOT NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`).
		Scan(&tables, &database, &marked)
	if err != nil {
		err = fmt.Errorf("look whose the tables are: %w", err)
	}
	return tables, database, marked, err
}

func (e *Env) anothersTables(of tablesOf, where string) error {
	r := remedy.New("workspace.other", remedy.ExitRefused, "the database has tables that naap did not make, and the built-in workspace would be mixed with them").
		WithSeen(fmt.Sprintf("database %s%s: %s, and no schema naap_dev", of.database, where, plural(of.tables, "table")),
			"this is the built-in workspace: "+e.ws.Describe())
	if e.IsExternal() {
		return r.WithFix("run it in the checkout that they belong to, or with -C DIR",
			"or leave the tables and rows alone, with --no-push --no-seed")
	}
	return r.WithHelp(remedy.Line("in the checkout that they belong to: ", remedy.Naap("dev up", e.named()...).In("DIR")),
		remedy.Naap("dev up", "--name", "NAME").Note("a database of its own for the built-in workspace"),
		remedy.Again("dev up", "--no-push", "--no-seed").Note("leaves the tables and rows alone"))
}

// markOurs says in the database itself that its tables are naap's, before there are any: a record can be lost, and a
// kill can come between tables and seeds.
func markOurs(ctx context.Context, q postgres.Querier) error {
	if _, err := q.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS naap_dev"); err != nil {
		return fmt.Errorf("make the bookkeeping schema naap_dev: %w", err)
	}
	return nil
}
