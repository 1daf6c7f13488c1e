package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// prismaLock is the advisory lock that Prisma's migrate holds, in its session, while it runs (prisma-engines,
// flavour/postgres.rs), and lockWait is how long Prisma waits for it (P1002).
const (
	prismaLock = 72707369
	lockWait   = 10 * time.Second
)

// lockNotAvailable is the SQLSTATE of a lock_timeout.
const lockNotAvailable = "55P03"

// Options say how a plan is carried out.
type Options struct {
	LockTimeout time.Duration // how long a statement waits for a lock on a table; 0 for no limit
	Report      progress.Report
}

// Result is what a deploy did.
type Result struct {
	Applied []Done `json:"applied"`
}

// Done is a migration that was run.
type Done struct {
	Name   string  `json:"name"`
	TookMS float64 `json:"took_ms"`
}

// Deploy carries out a plan: each migration in its turn, on one session, until one fails. What another tool has applied
// since the plan was made is left out.
func Deploy(ctx context.Context, db *postgres.DB, plan *Plan, opt Options) (Result, error) {
	result := Result{Applied: []Done{}}
	if plan.Empty() && !plan.Table {
		return result, nil
	}
	err := alone(ctx, db, plan.table.schema, opt, func(c *session) error {
		applied, err := plan.begin(ctx, c)
		if err != nil {
			return err
		}
		for i, s := range plan.Steps {
			if applied[s.Name] {
				continue
			}
			opt.Report(progress.Step{Name: "migrate", Title: "Run migrations", Status: progress.Running, Detail: s.Name,
				Done: int64(i), Total: int64(len(plan.Steps)), Unit: "migrations"})
			done, err := plan.run(ctx, db, c, s)
			if err != nil {
				return err
			}
			result.Applied = append(result.Applied, done)
		}
		return nil
	})
	return result, err
}

// session is the server's session that scripts run in.
type session struct {
	*postgres.Conn
	began time.Time // which, with the process's number, identifies it
}

// alone runs f on a session of its own that holds Prisma's lock. What scripts leave in a session ends with it.
func alone(ctx context.Context, db *postgres.DB, schema string, opt Options, f func(*session) error) error {
	pooled, err := db.Acquire(ctx)
	if err != nil {
		return err
	}
	c := &session{Conn: pooled.Hijack()}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if !c.IsClosed() && c.PgConn().TxStatus() == 'I' { // the server may take a while to notice that the session is over
			_, _ = postgres.ExecScript(ending, c.Conn, "SELECT pg_catalog.pg_advisory_unlock_all()")
		}
		_ = c.Close(ending)
	}()
	if err := lock(ctx, c.Conn); err != nil {
		return err
	}
	if err := c.QueryRow(ctx, "SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid()").Scan(&c.began); err != nil {
		return fmt.Errorf("prepare the session of the migrations: %w", err)
	}
	if err := prepare(ctx, c.Conn, schema, opt.LockTimeout); err != nil {
		return err
	}
	return f(c)
}

// prepare makes a session be like Prisma's: what a script does not qualify is in that schema, and only the server's
// limits hold.
func prepare(ctx context.Context, c *postgres.Conn, schema string, lockTimeout time.Duration) error {
	set := fmt.Sprintf("SET search_path = %s; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = %d",
		postgres.Ident(schema), lockTimeout.Milliseconds())
	if _, err := postgres.ExecScript(ctx, c, set); err != nil {
		return fmt.Errorf("prepare the session of the migrations: %w", err)
	}
	return nil
}

func lock(ctx context.Context, c *postgres.Conn) error {
	ask := fmt.Sprintf("SET lock_timeout = %d; SELECT pg_catalog.pg_advisory_lock(%d)", lockWait.Milliseconds(), prismaLock)
	_, err := postgres.ExecScript(ctx, c, ask)
	if !postgres.HasCode(err, lockNotAvailable) {
		return err
	}
	r := remedy.New("migrate.locked", remedy.ExitBusy, "another program is migrating this database (Prisma's P1002)").
		WithHelp(remedy.Again("migrate deploy").Note("when it has finished"))
	if who, held, err := lockHolder(ctx, c); err == nil && held {
		r.WithSeen(who)
	}
	return r
}

// lockHolder reports whether a session holds Prisma's lock on the database, and which.
func lockHolder(ctx context.Context, q postgres.Querier) (who string, held bool, err error) {
	err = postgres.Each(ctx, q, func(row postgres.Rows) error {
		var pid int
		var name string
		var since *time.Time // what another role's session does may not be seen
		err := row.Scan(&pid, &name, &since)
		held, who = true, fmt.Sprintf("the server's process %d (%s) holds Prisma's lock", pid, visible.String(name))
		if since != nil {
			who += ", connected " + say.Moment(*since)
		}
		return err
	}, `SELECT l.pid, coalesce(a.application_name, ''), a.backend_start FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = 0 AND l.objid = $1::bigint::oid
	AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`, prismaLock)
	if err != nil {
		err = fmt.Errorf("look who is migrating: %w", err)
	}
	return who, held, err
}

// begin makes the table of migrations, where it is missing, and returns what is applied by now. From here on the lock keeps
// other tools out.
func (p *Plan) begin(ctx context.Context, c *session) (applied map[string]bool, err error) {
	if err := MayRecord(ctx, c, p.table.schema); err != nil {
		return nil, err
	}
	if err := p.table.ensure(ctx, c); err != nil {
		return nil, err
	}
	rows, err := p.table.read(ctx, c)
	if err != nil {
		return nil, err
	}
	applied = map[string]bool{}
	for _, r := range rows {
		if r.Failed() {
			return nil, (&History{}).failedBefore(summary(r.Name, []Row{r}))
		}
		applied[r.Name] = applied[r.Name] || r.RolledBackAt == nil
	}
	return applied, nil
}

// run applies one migration.
func (p *Plan) run(ctx context.Context, db *postgres.DB, c *session, s Step) (Done, error) {
	began := time.Now()
	logs := ""
	if s.Whole {
		logs = unfinished
	}
	id, err := p.table.begin(ctx, c.Conn, s.migration, logs)
	if err != nil {
		return Done{}, err
	}
	if n, err := p.send(ctx, c, s, id); err != nil {
		return Done{}, p.failed(ctx, db, c, s, id, n, err)
	}
	return Done{Name: s.Name, TookMS: float64(time.Since(began).Microseconds()) / 1000}, nil
}

// unfinished is recorded while a script runs that is one transaction with the end of its row: whoever finds it knows
// that nothing of the script is in the database.
const unfinished = "naap began this migration and did not end it. Its script is one transaction: nothing of it is in the database."

// errOpen is the error for a script that left its transaction open.
var errOpen = errors.New("the script begins a transaction and does not end it")

// send runs a script and records its end: in the same transaction, where the script is one, so that a process that dies
// leaves both or neither. It returns how many statements had succeeded.
func (p *Plan) send(ctx context.Context, c *session, s Step, id string) (int, error) {
	end := p.table.finished(id)
	if s.Whole && s.script.closed && s.Statements > 0 {
		return postgres.ExecCounted(ctx, c.Conn, s.SQL+"\n;"+end)
	}
	n, err := s.exec(ctx, c.Conn)
	if err != nil {
		return n, err
	}
	_, err = c.Exec(ctx, end)
	return n, err
}

// exec sends a script as it is. It returns how many statements had succeeded.
func (s Step) exec(ctx context.Context, c *postgres.Conn) (int, error) {
	n, err := postgres.ExecCounted(ctx, c, s.SQL)
	if err == nil && c.PgConn().TxStatus() != 'I' {
		err = errOpen
	}
	return n, err
}
