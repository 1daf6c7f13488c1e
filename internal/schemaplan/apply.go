package schemaplan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// target is what a plan is applied to: a pool, or a connection outside any transaction.
type target interface {
	postgres.Querier
	Begin(ctx context.Context) (postgres.Tx, error)
}

// ApplyOptions say how to carry out a plan.
type ApplyOptions struct {
	LockTimeout time.Duration   // how long to wait for each lock; 5 s where zero
	AllowLoss   bool            // also run what destroys
	Report      progress.Report // gets the number of statements done, under the name "push"; may be nil
	// Watch names the session that blocks a waiting push. It must not be the connection that the plan runs on. Where it
	// is nil and the target is a pool, the pool is used.
	Watch *postgres.DB
}

// Result is what was done.
type Result struct {
	Statements   int           `json:"statements"`
	Transactions int           `json:"transactions"`
	Took         time.Duration `json:"took"`
}

// pushLock is the advisory lock that keeps pushes from running at the same time: "naap" and "push" in ASCII.
const pushLock = 0x6e616170_70757368

// prismaLock is the advisory lock that Prisma's migrate and db push hold while they run (prisma-engines,
// sql-schema-connector, flavour/postgres). A push waits for it as they do, and keeps them out.
const prismaLock = 72707369

// chunk is how many statements go in one message: few round trips, and visible progress.
const chunk = 100

// Apply carries out a plan in one transaction, or in as many as the plan says. Before it changes anything it takes a
// lock, and makes sure that the database is still the one that the plan was made for and that no step loses more than
// was counted. On failure everything is as it was before the transaction. Its errors are remedies: "push.destroys"
// (exit 3) where rows or values would be lost and AllowLoss is not set, "push.blocked" where a step cannot run on the
// data, "push.stale" where the database has changed since (exit 3 where more would be lost than was counted),
// "push.locked" and "push.busy" where a lock was not available, "database.locks" where the server has no room for as many
// locks as one transaction takes, "push.failed", wrapping the *postgres.ServerError, where
// the server refused a statement.
func Apply(ctx context.Context, target target, plan *Plan, opt ApplyOptions) (Result, error) {
	start := time.Now()
	var out Result
	if err := plan.gate(opt.AllowLoss); err != nil || plan.Empty() {
		return out, err
	}
	a := &applier{plan: plan, opt: opt, total: plan.statementCount(plan.Steps)}
	if a.opt.LockTimeout <= 0 {
		a.opt.LockTimeout = patience
	}
	if db, ok := target.(*postgres.DB); ok && a.opt.Watch == nil {
		a.opt.Watch = db
	}
	parts := plan.transactions()
	for _, part := range parts {
		if err := plan.fits(part); err != nil {
			return out, err
		}
	}
	for i, part := range parts {
		if err := a.transaction(ctx, target, part, i == 0); err != nil {
			return out, a.partial(err, out)
		}
		a.kept = true
		out.Transactions++
		out.Statements = a.done
	}
	a.report(progress.Done)
	out.Took = time.Since(start)
	return out, nil
}

// ApplyIn carries out a plan within a transaction, which the caller ends. The plan must have been computed within it
// too: nothing is checked again. A plan that takes more than one transaction is refused.
func ApplyIn(ctx context.Context, tx postgres.Tx, plan *Plan, opt ApplyOptions) (Result, error) {
	start := time.Now()
	var out Result
	if err := plan.gate(opt.AllowLoss); err != nil || plan.Empty() {
		return out, err
	}
	if len(plan.commits()) > 1 {
		return out, remedy.New("push.split", remedy.ExitFailed, "an enum gets a value that is used at once, which PostgreSQL does in two transactions only").
			WithHelp(remedy.Again("dev push"))
	}
	a := &applier{plan: plan, opt: opt, total: plan.statementCount(plan.Steps)}
	if _, err := tx.Exec(ctx, setUp(plan.searchPath, opt.LockTimeout)); err != nil {
		return out, fmt.Errorf("prepare the transaction: %w", err)
	}
	if err := a.run(ctx, tx, plan.Steps); err != nil {
		return out, err
	}
	out = Result{Statements: a.done, Transactions: 1, Took: time.Since(start)}
	return out, nil
}

// setUp returns the session settings that the statements were written for; they hold until the transaction ends.
func setUp(searchPath string, lockTimeout time.Duration) string {
	sql := fmt.Sprintf(`SELECT set_config('search_path', %s, true), set_config('standard_conforming_strings', 'on', true),
		set_config('client_min_messages', 'warning', true), set_config('check_function_bodies', 'off', true),
		set_config('extra_float_digits', '1', true)`, literal(searchPath))
	if lockTimeout > 0 {
		sql += fmt.Sprintf(", set_config('lock_timeout', '%d', true)", max(1, lockTimeout.Milliseconds()))
	}
	return sql
}

func (p *Plan) statementCount(steps []*Step) int {
	n := 0
	for _, s := range steps {
		n += len(s.Statements)
	}
	return n
}

type applier struct {
	plan        *Plan
	opt         ApplyOptions
	done, total int
	kept        bool // a transaction has committed
}

func (a *applier) report(status progress.Status) {
	if a.opt.Report != nil {
		a.opt.Report(progress.Step{Name: "push", Title: "Change the database", Status: status, Done: int64(a.done), Total: int64(a.total), Unit: "statements"})
	}
}

func (a *applier) transaction(ctx context.Context, target target, part []*Step, first bool) error {
	tx, err := target.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer postgres.Rollback(ctx, tx)
	watch := watchBlockers(ctx, a.opt.Watch, postgres.BackendPID(postgres.TxConn(tx)))
	defer watch.stop()
	return lockError(a.within(ctx, tx, part, first), a.opt.LockTimeout, watch)
}

// within does what belongs in one transaction.
func (a *applier) within(ctx context.Context, tx postgres.Tx, part []*Step, first bool) error {
	if err := a.lock(ctx, tx); err != nil {
		return err
	}
	if first {
		if err := a.unchanged(ctx, tx); err != nil {
			return err
		}
	}
	if err := a.recount(ctx, tx, part); err != nil {
		return err
	}
	if err := a.run(ctx, tx, part); err != nil {
		return err
	}
	if err := postgres.Commit(ctx, tx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// lock takes the advisory locks of pushes and of Prisma.
func (a *applier) lock(ctx context.Context, tx postgres.Tx) error {
	batch := &postgres.Batch{}
	batch.Queue(setUp(a.plan.searchPath, a.opt.LockTimeout))
	batch.Queue("SELECT pg_advisory_xact_lock($1)", int64(pushLock))
	batch.Queue("SELECT pg_advisory_xact_lock($1)", int64(prismaLock))
	results := tx.SendBatch(ctx, batch)
	defer results.Close()
	if _, err := results.Exec(); err != nil {
		return fmt.Errorf("prepare the transaction: %w", err)
	}
	if _, err := results.Exec(); err != nil {
		return &busyError{err, "another push"}
	}
	if _, err := results.Exec(); err != nil {
		return &busyError{err, "Prisma's migrate or db push"}
	}
	return results.Close()
}

// unchanged makes sure that the plan still fits the database.
func (a *applier) unchanged(ctx context.Context, tx postgres.Tx) error {
	now, err := inspect(ctx, postgres.TxConn(tx), a.plan.scope, settings{})
	if err != nil {
		return err
	}
	now.setApart(a.plan.external)
	if now.fingerprint() != a.plan.fingerprint {
		return remedy.New("push.stale", remedy.ExitFailed, "the database has changed since the plan was made").
			WithHelp(remedy.Again("dev push"))
	}
	return nil
}

// recount locks the tables that lose something, and counts again: rows may have been added since.
func (a *applier) recount(ctx context.Context, tx postgres.Tx, part []*Step) error {
	var tables []string
	var again, planned []*Step
	locked := map[qName]bool{}
	for _, s := range part {
		for _, t := range s.locks {
			if !locked[t] {
				locked[t] = true
				tables = append(tables, t.sql())
			}
		}
		if len(s.locks) > 0 && len(s.checks) > 0 {
			copied := *s
			copied.Destroys, copied.Blocked = nil, nil
			again, planned = append(again, &copied), append(planned, s)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, "LOCK TABLE "+strings.Join(tables, ", ")+" IN ACCESS EXCLUSIVE MODE"); err != nil {
		return err
	}
	if err := weigh(ctx, postgres.TxConn(tx), again, a.plan.lockRoom, settings{searchPath: a.plan.searchPath, lockTimeout: a.opt.LockTimeout}); err != nil {
		return err
	}
	fresh := *a.plan
	fresh.Steps = again
	if err := fresh.gate(a.opt.AllowLoss); err != nil {
		return err
	}
	return moreLost(planned, again)
}

// moreLost refuses to destroy more than was shown to whoever allowed it.
func moreLost(planned, now []*Step) error {
	var e *remedy.Error
	for i, s := range now {
		was, is := planned[i].Destroys, s.Destroys
		if is == nil || was != nil && is.Rows <= was.Rows && is.NonNull <= was.NonNull {
			continue
		}
		if e == nil {
			e = remedy.New("push.stale", remedy.ExitRefused, "more would be destroyed than when the plan was made")
		}
		before := "nothing"
		if was != nil {
			before = was.What
		}
		e.WithSeen(fmt.Sprintf("%s%s: loses %s, and was to lose %s", s.where(), s.Summary, is.What, before))
	}
	if e == nil {
		return nil
	}
	return e.WithHelp(remedy.Again("dev push").Note("shows it again"))
}

// run sends the steps' statements, many in one message.
func (a *applier) run(ctx context.Context, tx postgres.Tx, steps []*Step) error {
	var owners []*Step
	var statements []string
	for _, s := range steps {
		for _, sql := range s.Statements {
			owners, statements = append(owners, s), append(statements, sql)
		}
	}
	for len(statements) > 0 {
		n := min(chunk, len(statements))
		a.report(progress.Running)
		failed, err := postgres.ExecStatements(ctx, postgres.TxConn(tx), statements[:n])
		if err != nil {
			return applyError(err, owners, statements, failed, a.kept)
		}
		owners, statements = owners[n:], statements[n:]
		a.done += n
	}
	return nil
}

// partial says in the error what an earlier transaction of the plan has left.
func (a *applier) partial(err error, done Result) error {
	if done.Transactions == 0 {
		return err
	}
	note := fmt.Sprintf("before that, %s of the plan %s committed", say.Count(done.Statements, "statement"), say.Form(done.Statements, "was", "were"))
	if part := a.plan.transactions()[done.Transactions-1]; part[len(part)-1].CommitAfter {
		note += ": enum values that its other steps use"
	}
	if e, ok := remedy.Of(err); ok {
		return e.WithSeen(note)
	}
	return fmt.Errorf("%w (%s)", err, note)
}
