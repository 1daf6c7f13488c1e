package migrate

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Wait is a session of the database itself that a deploy would wait for now: everybody who then asks for the table
// waits behind the deploy.
type Wait struct {
	Table       string   `json:"table"`
	Needs       lockMode `json:"needs"`
	Holds       lockMode `json:"holds"`
	PID         int      `json:"pid"`
	Application string   `json:"application"`
	State       string   `json:"state"`
	ForMS       float64  `json:"for_ms"` // since its transaction began
}

// lockModeOf returns the mode that pg_locks calls AccessExclusiveLock.
func lockModeOf(name string) lockMode {
	for m := accessShare; m <= accessExclusive; m++ {
		if strings.EqualFold(strings.ReplaceAll(m.String(), " ", "")+"Lock", name) {
			return m
		}
	}
	return 0
}

// Await asks the database itself which of its sessions the deploy that was rehearsed would wait for now.
func Await(ctx context.Context, db *postgres.DB, r *Rehearsal) error {
	strongest := map[string]lockMode{}
	for _, m := range r.Migrations {
		for _, st := range m.Statements {
			for _, l := range st.Locks {
				strongest[l.Table] = max(strongest[l.Table], l.Mode)
			}
		}
	}
	if len(strongest) == 0 {
		return nil
	}
	err := postgres.Each(ctx, db, func(row postgres.Rows) error {
		var w Wait
		var mode string
		var seconds float64
		if err := row.Scan(&w.Table, &mode, &w.PID, &w.Application, &w.State, &seconds); err != nil {
			return err
		}
		w.Holds, w.Needs = lockModeOf(mode), strongest[w.Table]
		w.ForMS = milliseconds(time.Duration(seconds * float64(time.Second)))
		if w.Needs > 0 && w.Needs.conflicts(w.Holds) {
			r.Waits = append(r.Waits, w)
		}
		return nil
	}, `SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), l.mode, a.pid, coalesce(a.application_name, ''), coalesce(a.state, ''),
	coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start), 0)::float8
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid() AND c.relkind IN ('r', 'p', 'm')
	AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) ORDER BY 1, 3`)
	if err != nil {
		return fmt.Errorf("ask who uses the tables: %w", err)
	}
	return nil
}
