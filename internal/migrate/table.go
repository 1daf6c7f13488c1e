package migrate

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// tableName is where Prisma records migrations, in the schema of the connection URL.
const tableName = hidden.Migrations

// Row is one attempt at a migration, as the table records it. A migration may have several.
type Row struct {
	ID           string
	Checksum     string
	Name         string
	Logs         string // why it failed; "" where it did not
	StartedAt    time.Time
	FinishedAt   *time.Time
	RolledBackAt *time.Time
	Steps        int
}

// Failed reports whether the attempt began and neither succeeded nor was given up: while one is in the table, Prisma
// runs nothing.
func (r Row) Failed() bool { return r.FinishedAt == nil && r.RolledBackAt == nil }

// table is the table in one schema of a database.
type table struct{ schema string }

func (t table) ref() postgres.TableRef { return postgres.TableRef{Schema: t.schema, Name: tableName} }

func (t table) name() string { return t.ref().Quoted() }

func (t table) exists(ctx context.Context, q postgres.Querier) (there bool, err error) {
	err = q.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", t.name()).Scan(&there)
	if err != nil {
		err = fmt.Errorf("look for the table of migrations: %w", err)
	}
	return there, err
}

// rows returns the attempts in the order in which they began; none where the table does not exist.
func (t table) rows(ctx context.Context, q postgres.Querier) (list []Row, there bool, err error) {
	if there, err = t.exists(ctx, q); err != nil || !there {
		return nil, false, err
	}
	list, err = t.read(ctx, q)
	return list, true, err
}

// read returns the attempts of a table that exists.
func (t table) read(ctx context.Context, q postgres.Querier) ([]Row, error) {
	list, err := postgres.Collect(ctx, q, func(r *Row) []any {
		return []any{&r.ID, &r.Checksum, &r.Name, &r.Logs, &r.StartedAt, &r.FinishedAt, &r.RolledBackAt, &r.Steps}
	}, `SELECT id, checksum, migration_name, coalesce(logs, ''), started_at, finished_at, rolled_back_at, applied_steps_count
FROM `+t.name()+` ORDER BY started_at, id`)
	if err != nil {
		return nil, fmt.Errorf("read the table of migrations: %w", err)
	}
	return list, nil
}

// ensure makes the table where it does not exist. A role that may not create one there may use one that does.
func (t table) ensure(ctx context.Context, q postgres.Querier) error {
	if there, err := t.exists(ctx, q); err != nil || there {
		return err
	}
	return t.create(ctx, q)
}

// create makes the table, as Prisma writes it (prisma-engines, flavour/postgres.rs).
func (t table) create(ctx context.Context, q postgres.Querier) error {
	_, err := q.Exec(ctx, `CREATE TABLE IF NOT EXISTS `+t.name()+` (
	id VARCHAR(36) PRIMARY KEY NOT NULL,
	checksum VARCHAR(64) NOT NULL,
	finished_at TIMESTAMPTZ,
	migration_name VARCHAR(255) NOT NULL,
	logs TEXT,
	rolled_back_at TIMESTAMPTZ,
	started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
	applied_steps_count INTEGER NOT NULL DEFAULT 0
)`)
	if err != nil {
		return fmt.Errorf("make the table of migrations: %w", err)
	}
	return nil
}

// begin records that a migration is about to run. The record is not waited for until it is on the disk: it is in the log
// before what the script does, and whatever the script commits takes it there.
func (t table) begin(ctx context.Context, c *postgres.Conn, m Migration, logs string) (id string, err error) {
	id = newID()
	_, err = postgres.ExecScript(ctx, c, fmt.Sprintf(`BEGIN; SET LOCAL synchronous_commit = off;
INSERT INTO %s (id, checksum, migration_name, logs, started_at) VALUES (%s, %s, %s, nullif(%s, ''), %s); COMMIT`, t.name(), postgres.Literal(id),
		postgres.Literal(m.Checksum()), postgres.Literal(m.Name), postgres.Literal(logs), postgres.Literal(time.Now().UTC().Format(time.RFC3339Nano))))
	if err != nil {
		err = fmt.Errorf("record the migration %s: %w", m.Name, err)
	}
	return id, err
}

// finished returns the statement that records that a migration has run.
func (t table) finished(id string) string {
	return fmt.Sprintf("UPDATE %s SET applied_steps_count = applied_steps_count + 1, finished_at = %s, logs = NULL WHERE id = %s", t.name(),
		"pg_catalog.clock_timestamp()", postgres.Literal(id))
}

// fail records why a migration failed; with back, it is recorded as rolled back.
func (t table) fail(ctx context.Context, q postgres.Querier, id, logs string, back bool) error {
	_, err := q.Exec(ctx, `UPDATE `+t.name()+` SET logs = $2, rolled_back_at = CASE WHEN $3 THEN pg_catalog.clock_timestamp() END WHERE id = $1`, id, logs, back)
	if err != nil {
		err = fmt.Errorf("record why a migration failed: %w", err)
	}
	return err
}

// giveUp marks the unfinished attempts at a migration as rolled back.
func (t table) giveUp(ctx context.Context, q postgres.Querier, name string) error {
	_, err := q.Exec(ctx, `UPDATE `+t.name()+` SET rolled_back_at = $2 WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL`,
		name, time.Now().UTC())
	if err != nil {
		err = fmt.Errorf("give up the attempts at %s: %w", name, err)
	}
	return err
}

// applied records a migration that was not run. logs is "" but for a squashed one.
func (t table) applied(ctx context.Context, q postgres.Querier, m Migration, logs string) error {
	_, err := q.Exec(ctx, `INSERT INTO `+t.name()+` (id, checksum, migration_name, logs, started_at, finished_at) VALUES ($1, $2, $3, $4, $5, $5)`,
		newID(), m.Checksum(), m.Name, logs, time.Now().UTC())
	if err != nil {
		err = fmt.Errorf("record the migration %s: %w", m.Name, err)
	}
	return err
}

// forget removes the rows of migrations that another one stands for, and returns what they said, for its own.
func (t table) forget(ctx context.Context, q postgres.Querier, names []string) (was string, err error) {
	if len(names) == 0 {
		return "", nil
	}
	err = q.QueryRow(ctx, `WITH gone AS (DELETE FROM `+t.name()+` WHERE migration_name = ANY ($1) RETURNING *)
SELECT 'In place of:' || coalesce(pg_catalog.string_agg(pg_catalog.concat(E'\n', migration_name, ' ', checksum, ' ', coalesce(finished_at, started_at)), '' ORDER BY started_at), '')
FROM gone WHERE rolled_back_at IS NULL`, names).Scan(&was)
	if err != nil {
		err = fmt.Errorf("remove the rows of the replaced migrations: %w", err)
	}
	return was, err
}

// newID returns a random UUID (version 4 of RFC 9562).
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
