package ledger

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// migrations holds, for each version of the ledger, the file N.sql that makes it from the version before. The first one
// takes over what naap wrote before there were versions. A file that was released is never changed.
//
//go:embed migrations/*.sql
var migrations embed.FS

// newestVersion is the ledger's version that this naap reads and writes.
const newestVersion = 1

// Prepare creates the ledger where there is none, and migrates an older one to this naap's version. It must run within
// a transaction: of two at once, one waits for the other. It fails on a newer ledger ("ledger.newer") and for a role
// that may not create one ("ledger.denied").
func Prepare(ctx context.Context, tx postgres.Querier) error {
	at, err := version(ctx, tx)
	if err != nil || at == newestVersion {
		return err
	}
	// IF NOT EXISTS does not protect from another naap at the same moment; the lock does.
	if _, err := tx.Exec(ctx, `SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('naap_dev'))`); err != nil {
		return fmt.Errorf("wait for the ledger's lock: %w", err)
	}
	if at, err = version(ctx, tx); err != nil {
		return err
	}
	var w who
	if err := w.ask(ctx, tx); err != nil {
		return err
	}
	for at < newestVersion {
		at++
		if err := migrate(ctx, tx, at); err != nil {
			return w.denied(fmt.Errorf("make version %d of the ledger in the schema naap_dev: %w", at, err))
		}
	}
	return nil
}

// migrate makes a version from the one before it.
func migrate(ctx context.Context, tx postgres.Querier, to int) error {
	text, err := fs.ReadFile(migrations, "migrations/"+strconv.Itoa(to)+".sql")
	if err != nil {
		return err
	}
	b := &postgres.Batch{}
	for _, s := range postgres.Split(string(text)) {
		b.Queue(s.Text)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO naap_dev.version (version) VALUES ($1)`, to)
	return err
}

// version returns the ledger's version in a database: 0 where there is none, or one from before there were versions. A
// version newer than naap's is an error.
func version(ctx context.Context, q postgres.Querier) (int, error) {
	_, at, err := look(ctx, q, "version")
	return at, err
}

// has reports whether the ledger has a table: one from before there were versions may lack it.
func has(ctx context.Context, q postgres.Querier, table string) (bool, error) {
	there, _, err := look(ctx, q, table)
	return there, err
}

// within is a transaction that remembers that its ledger has this naap's version.
type within struct {
	postgres.Tx
	newest bool
}

// Within returns tx for many calls of this package, which then ask once what version the ledger has. A call of Prepare is
// not to be rolled back to a savepoint: only the whole transaction is.
func Within(tx postgres.Tx) postgres.Tx { return &within{Tx: tx} }

// Begin sets a savepoint, which knows what was known before it.
func (w *within) Begin(ctx context.Context) (postgres.Tx, error) {
	inner, err := w.Tx.Begin(ctx)
	return &within{Tx: inner, newest: w.newest}, err
}

func look(ctx context.Context, q postgres.Querier, table string) (there bool, at int, err error) {
	w, remembers := q.(*within)
	if remembers && w.newest {
		return true, newestVersion, nil // which has every table
	}
	// Not to_regclass, which remembers for the rest of a transaction that a schema was not there, even after waiting for
	// the lock of the transaction that made it.
	var versioned bool
	err = q.QueryRow(ctx, `SELECT coalesce(pg_catalog.bool_or(c.relname = $1), false), coalesce(pg_catalog.bool_or(c.relname = 'version'), false)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'naap_dev' AND c.relkind = 'r' AND c.relname IN ($1, 'version')`, table).Scan(&there, &versioned)
	if err == nil && versioned {
		err = q.QueryRow(ctx, `SELECT coalesce(pg_catalog.max(version), 0) FROM naap_dev.version`).Scan(&at)
	}
	if err != nil {
		return false, 0, fmt.Errorf("look for naap's ledger: %w", err)
	}
	if at > newestVersion {
		return false, 0, remedy.New("ledger.newer", remedy.ExitRefused, "a newer naap has worked on this database, and nothing was changed").
			WithSeen(fmt.Sprintf("its ledger in the schema %s has version %d; this naap knows version %d", hidden.Ledger, at, newestVersion)).
			WithHelp(remedy.Words("work on it with the newer naap, or take another database:"), remedy.Naap("dev up", "--name", "NAME"))
	}
	if remembers {
		w.newest = at == newestVersion
	}
	return there, at, nil
}

// who describes a role that may not create the ledger, for the remedy.
type who struct {
	role, database string
	owner          string // of the schema, or "" where there is none
}

func (w *who) ask(ctx context.Context, tx postgres.Querier) error {
	err := tx.QueryRow(ctx, `SELECT current_user::text, pg_catalog.current_database()::text,
	coalesce((SELECT pg_catalog.pg_get_userbyid(nspowner)::text FROM pg_catalog.pg_namespace WHERE nspname = '`+hidden.Ledger+`'), '')`).Scan(&w.role, &w.database, &w.owner)
	if err != nil {
		return fmt.Errorf("ask who would keep naap's ledger: %w", err)
	}
	return nil
}

// denied returns the server's error with a remedy, if it says that the role lacks a privilege.
func (w *who) denied(err error) error {
	said, ok := postgres.AsServerError(err)
	if !ok || said.Code != postgres.Forbidden {
		return err
	}
	r := remedy.New("ledger.denied", remedy.ExitRefused, "the role %s may not keep naap's ledger in the database %s", w.role, w.database).
		WithSeen(said.Message).Behind(err)
	if w.owner != "" && w.owner != w.role {
		return r.WithFix("bring it up once as the role " + w.owner + ", which made the schema " + hidden.Ledger)
	}
	return r.WithFix("as the owner of the database: GRANT CREATE ON DATABASE " + postgres.Ident(w.database) + " TO " + postgres.Ident(w.role))
}
