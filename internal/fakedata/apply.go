package fakedata

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Result is the outcome of a Plan.
type Result struct {
	Tables int // that were filled
	Rows   int64
	Short  []Refusal // tables that got fewer rows than planned, and why
	Failed []Refusal // tables that the server rejected, with its message, and those that needed them
	Took   time.Duration
}

// atOnce is how many tables are filled at once. The server does more work for a table than we do, so more would only
// help with more cores than developers' machines give a container.
const atOnce = 3

// Apply carries out the plan. A table is filled in one transaction, together with the others of its circle of foreign
// keys, if any: when the context ends or the process dies, each table has all of its rows or none, as naap_dev.fake
// notes, and Continue goes on from there. A table that fails is named in the result, and so are those that need it,
// which fail with it; the error has the code fake.failed.
func Apply(ctx context.Context, db *postgres.DB, plan *Plan, report progress.Report) (Result, error) {
	a := &applier{db: db, plan: plan, report: report, total: plan.Rows(), began: time.Now()}
	err := db.InTx(ctx, func(tx postgres.Tx) (err error) {
		a.run, err = plan.begin(ctx, tx)
		return err
	})
	if err != nil {
		return a.result, err
	}
	if err := a.all(ctx); err != nil {
		a.result.Took = time.Since(a.began)
		return a.result, err
	}
	return a.finish(ctx)
}

type applier struct {
	db     *postgres.DB
	plan   *Plan
	report progress.Report
	run    int64
	total  int64
	began  time.Time
	result Result
	cause  error // of the last failure

	made atomic.Int64
	last atomic.Int64 // when progress was reported, in milliseconds
}

type outcome struct {
	job  *job
	done filled
	err  error
}

// all runs every job once the jobs that it needs are done.
func (a *applier) all(ctx context.Context) error {
	outcomes := make(chan outcome)
	waiting := append([]*job(nil), a.plan.jobs...)
	done, failed := map[*job]bool{}, map[*job]bool{}
	running := 0
	for {
		var rest []*job
		for _, j := range waiting {
			switch state := j.state(done, failed); {
			case j.isDone():
				done[j] = true
			case state == "failed":
				failed[j] = true
				if ctx.Err() == nil {
					a.fail(j, "it refers to a table that could not be filled")
				}
			case state == "ready" && running < atOnce && ctx.Err() == nil:
				running++
				go func() { done, err := a.fill(ctx, j); outcomes <- outcome{j, done, err} }()
			default:
				rest = append(rest, j)
			}
		}
		settled := len(rest) < len(waiting)
		waiting = rest
		if running == 0 && (!settled || len(waiting) == 0) {
			return ctx.Err()
		}
		if running == 0 {
			continue
		}
		o := <-outcomes
		running--
		if o.err != nil {
			failed[o.job] = true
			if ctx.Err() == nil {
				if postgres.EndOf(a.cause) == postgres.NotEnded {
					a.cause = o.err // an error from outside says more than what followed from it
				}
				a.fail(o.job, reasonOf(o.err))
			}
			continue
		}
		done[o.job] = true
		a.result.Tables += len(o.job.tables)
		a.result.Rows += o.done.rows
		a.result.Short = append(a.result.Short, o.done.short...)
	}
}

func (j *job) isDone() bool {
	return !slices.ContainsFunc(j.tables, func(t *table) bool { return !t.done })
}

func (j *job) state(done, failed map[*job]bool) string {
	state := "ready"
	for need := range j.needs {
		if failed[need] {
			return "failed"
		}
		if !done[need] {
			state = "waiting"
		}
	}
	for first := range j.after {
		if !done[first] && !failed[first] && state == "ready" {
			state = "waiting"
		}
	}
	return state
}

func (a *applier) fail(j *job, reason string) {
	for _, t := range j.tables {
		a.result.Failed = append(a.result.Failed, Refusal{t.ref, reason})
		a.report(progress.Step{Name: "fake " + t.ref.String(), Title: "Fill " + t.ref.String(), Status: progress.Failed, Detail: reason})
	}
}

// reasonOf returns the server's message, or ours.
func reasonOf(err error) string {
	if said, ok := postgres.AsServerError(err); ok {
		return postgres.Describe(said)
	}
	return err.Error()
}

// fill carries out one job in one transaction. Where the server rejects a row because of a constraint that we thought
// we understood, the job starts again and lets the server judge that table's rows.
func (a *applier) fill(ctx context.Context, j *job) (filled, error) {
	for {
		done, err := a.fillOnce(ctx, j)
		if done.failed == nil || done.failed.staged || !postgres.HasCode(err, checkViolation) {
			return done, err
		}
		done.failed.staged = true
	}
}

// checkViolation is the SQLSTATE of a row that violates a CHECK constraint, of its table or of a domain.
const checkViolation = "23514"

// filled is the outcome of a job.
type filled struct {
	rows   int64
	short  []Refusal
	failed *table
}

func (a *applier) fillOnce(ctx context.Context, j *job) (done filled, err error) {
	err = a.db.InTx(ctx, func(tx postgres.Tx) error {
		if err := j.suspend(ctx, tx); err != nil {
			return err
		}
		for _, t := range j.tables {
			short, err := a.fillTable(ctx, tx, t)
			if err != nil {
				done.failed = t
				return err
			}
			done.rows += t.got
			if short != "" {
				done.short = append(done.short, Refusal{t.ref, short})
			}
		}
		return j.check(ctx, tx)
	})
	return done, err
}

// fillTable fills a table, and returns why it got fewer rows than planned, or "".
func (a *applier) fillTable(ctx context.Context, tx postgres.Tx, t *table) (short string, err error) {
	t.got, t.last = 0, t.first+t.rows
	if t.got, err = t.fill(ctx, tx, a.plan, func(n int64) { a.tell(t, n) }); err != nil {
		return "", err
	}
	if t.got < t.rows {
		short = fmt.Sprintf("only %d rows instead of %d: for the others no values were found that keep to its constraints (%s)", t.got, t.rows, t.constraints())
	}
	if err := t.moveSequences(ctx, tx); err != nil {
		return "", err
	}
	return short, ledger.NoteFilled(ctx, tx, a.run, t.ref, t.got, t.last)
}

// tell reports progress, at most twenty times a second.
func (a *applier) tell(t *table, rows int64) {
	made := a.made.Add(rows)
	now := time.Since(a.began).Milliseconds()
	last := a.last.Load()
	if now-last < 50 && last != 0 || !a.last.CompareAndSwap(last, now) {
		return
	}
	a.report(progress.Step{Name: "fake", Title: "Make up rows", Status: progress.Running, Detail: t.ref.String(),
		Done: made, Total: a.total, Unit: "rows"})
}

// finish notes the end of a run that filled every table. Any other run can be continued.
func (a *applier) finish(ctx context.Context) (Result, error) {
	a.result.Took = time.Since(a.began)
	if len(a.result.Failed) > 0 {
		err := remedy.New("fake.failed", remedy.ExitFailed, "%d of %d tables could not be filled", len(a.result.Failed), len(a.plan.Tables))
		for _, f := range a.result.Failed {
			err.WithSeen(f.Table.String() + ": " + f.Reason)
		}
		return a.result, err.WithHelp(remedy.Naap("dev seed", "--continue").Note("tries these again; the others are whole")).Behind(a.cause)
	}
	return a.result, ledger.EndFakeRun(ctx, a.db, a.run)
}
