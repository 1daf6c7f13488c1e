package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// lockNotAvailable is the SQLSTATE of a lock_timeout.
const lockNotAvailable = "55P03"

// tables are all that a swap locks, quoted: those within, and those elsewhere that a link ties to them.
func (l *links) tables() []string {
	list := slices.Clone(l.Tables)
	for _, k := range l.In {
		list = append(list, k.From.Quoted())
	}
	for _, k := range l.Out {
		list = append(list, k.To.Quoted())
	}
	for _, c := range l.Columns {
		list = append(list, c.Table.Quoted())
	}
	for _, d := range l.Dependents {
		if d.Table != "" {
			list = append(list, d.Table)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// lock takes every lock that the swap needs, at once and in a fixed order.
func (s *swap) lock(ctx context.Context, tables []string) error {
	if err := schemaplan.LockOut(ctx, s.tx); err != nil {
		return err
	}
	if len(tables) == 0 {
		return nil
	}
	return s.exec(ctx, "LOCK TABLE "+strings.Join(tables, ", ")+" IN ACCESS EXCLUSIVE MODE")
}

// Blocker is a session that holds a lock on what is to be changed.
type Blocker struct {
	PID         int
	Application string
	State       string
	Query       string
	Age         time.Duration // of its transaction
}

func (b Blocker) String() string {
	name := b.Application
	if name == "" {
		name = "no application name"
	}
	return fmt.Sprintf("held by pid %d (%s, %s, for %s): %s", b.PID, name, b.State, b.Age.Round(time.Second), b.Query)
}

// blockers are the sessions that hold locks on relations of the schemas, or on tables elsewhere.
func blockers(ctx context.Context, q postgres.Querier, schemas, tables []string) ([]Blocker, error) {
	rows, err := q.Query(ctx, `
SELECT DISTINCT coalesce(a.pid, 0), coalesce(a.application_name, ''), coalesce(a.state, 'prepared transaction'),
	coalesce(extract(epoch FROM clock_timestamp() - a.xact_start), 0)::float8, left(coalesce(a.query, ''), 200)
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE l.granted AND l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND (n.nspname = ANY ($1) OR c.oid IN (SELECT to_regclass(t)::oid FROM unnest($2::text[]) t))
ORDER BY 1`, schemas, tables)
	if err != nil {
		return nil, fmt.Errorf("ask who holds the locks: %w", err)
	}
	defer rows.Close()
	var list []Blocker
	for rows.Next() {
		var b Blocker
		var seconds float64
		if err := rows.Scan(&b.PID, &b.Application, &b.State, &seconds, &b.Query); err != nil {
			return nil, fmt.Errorf("ask who holds the locks: %w", err)
		}
		b.Age = time.Duration(seconds * float64(time.Second))
		list = append(list, b)
	}
	return list, rows.Err()
}

// withLocks runs f in a transaction. Where a lock is not to be had within the timeout, the sessions that hold it are
// ended and f is run again, if that was asked for; otherwise they are named.
func withLocks(ctx context.Context, db *postgres.DB, opt Options, verb string, schemas []string, f func(postgres.Tx) (tables []string, err error)) error {
	const attempts = 3
	for attempt := 1; ; attempt++ {
		var tables []string
		began := time.Now()
		err := db.InTx(ctx, func(tx postgres.Tx) (err error) {
			tables, err = f(tx)
			return err
		})
		if err == nil || !postgres.HasCode(err, lockNotAvailable) {
			return err
		}
		list, askErr := blockers(ctx, db, schemas, tables)
		if askErr != nil {
			return askErr
		}
		if !opt.TerminateBlockers || attempt == attempts || len(list) == 0 {
			return locked(err, verb, schemas, list, time.Since(began))
		}
		for _, b := range list {
			if _, err := db.TerminateBackend(ctx, b.PID); err != nil {
				return err
			}
		}
	}
}

func locked(err error, verb string, schemas []string, list []Blocker, waited time.Duration) error {
	e := remedy.New(verb+".locked", remedy.ExitBusy, "waited %s for a lock that another session holds; nothing was changed",
		waited.Round(100*time.Millisecond)).Wrap(err)
	for _, b := range list {
		e.WithSeen(b.String())
	}
	if len(list) == 0 {
		return e.WithSeen("another naap changes this database").WithFix("let it finish, then: naap dev " + verb)
	}
	what := "naap dev " + verb
	if verb == "reset" {
		what += " " + shellWords(schemas)
	}
	return e.WithFix("let it finish, or end it:", what+" --terminate-blockers")
}

// shellWords are names as a shell takes them.
func shellWords(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if strings.ContainsFunc(n, func(r rune) bool {
			return !(r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		}) {
			out[i] = "'" + strings.ReplaceAll(n, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}
