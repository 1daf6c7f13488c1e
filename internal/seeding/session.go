package seeding

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// alone runs f in a transaction on a connection that is closed afterwards: what a seed leaves in its session (prepared
// statements, locks, a sequence's last value) ends with it.
func alone(ctx context.Context, db *postgres.DB, f func(postgres.Tx) error) error {
	pooled, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ending)
	}()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = tx.Rollback(ending)
		return err
	}
	return postgres.Commit(ctx, tx)
}

// session is what a seed may change in its session and the next seed in the same transaction must not find changed.
type session struct{ settings string }

// changeable is the condition for settings that a session can change. Those of the transaction itself cannot be set in
// the middle.
const changeable = `context IN ('user', 'superuser') AND name !~ '^transaction_'`

// enter notes the session's settings and makes unqualified names mean the seed's own schema.
func enter(ctx context.Context, tx postgres.Tx, schema string) (session, error) {
	var s session
	err := tx.QueryRow(ctx, `SELECT json_object_agg(name, setting)::text FROM pg_catalog.pg_settings WHERE `+changeable).Scan(&s.settings)
	if err == nil {
		_, err = tx.Exec(ctx, `SELECT set_config('search_path', pg_catalog.concat_ws(', ', pg_catalog.quote_ident($1::text), nullif('public', $1)), true)`, schema)
	}
	if err != nil {
		return s, fmt.Errorf("prepare the session of a seed: %w", err)
	}
	return s, nil
}

// leave restores the session: its user, settings and cursors, the temporary tables of the seed, and when deferred
// constraints are checked.
func (s session) leave(ctx context.Context, tx postgres.Tx) error {
	back := fmt.Sprintf(`SELECT set_config(name, was.value, false)
FROM pg_catalog.pg_settings JOIN json_each_text(%s) AS was ON was.key = name WHERE setting <> was.value AND `, postgres.Literal(s.settings)) + changeable
	_, err := postgres.ExecStatements(ctx, postgres.TxConn(tx),
		[]string{"RESET SESSION AUTHORIZATION", "RESET ROLE", "CLOSE ALL", "RESET search_path", back})
	if err != nil {
		return fmt.Errorf("put the session back: %w", err)
	}
	ends, err := postgres.CollectStrings(tx.Query(ctx, `
SELECT pg_catalog.format('DROP %s IF EXISTS pg_temp.%I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, relname)
FROM pg_catalog.pg_class WHERE relnamespace = pg_my_temp_schema() AND relkind IN ('r', 'p', 'v', 'S') AND relname !~ '^naap_'
UNION ALL
SELECT 'SET CONSTRAINTS ' || string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, k.conname), ', ') || ' DEFERRED'
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE k.condeferred HAVING count(*) > 0`))
	if err == nil {
		_, err = postgres.ExecStatements(ctx, postgres.TxConn(tx), ends)
	}
	if err != nil {
		return fmt.Errorf("put the session back: %w", err)
	}
	return nil
}
