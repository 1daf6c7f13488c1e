package schemaplan

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// refusedStatement reports a statement that the server refused.
type refusedStatement struct {
	Step      *Step
	Statement string
	Server    *postgres.ServerError
}

// Error returns the server's own message.
func (e *refusedStatement) Error() string { return postgres.Describe(e.Server) }

// Unwrap returns the server's error.
func (e *refusedStatement) Unwrap() error { return e.Server }

// applyError names the statement that failed and its place in the schema file. kept reports that an earlier transaction
// of the plan has committed.
func applyError(err error, owners []*Step, statements []string, failed int, kept bool) error {
	server, ok := postgres.AsServerError(err)
	if !ok || failed < 0 {
		return fmt.Errorf("change the database: %w", err)
	}
	e := &refusedStatement{Step: owners[failed], Statement: statements[failed], Server: server}
	undone := "nothing was changed: the transaction was rolled back"
	if kept {
		undone = "the transaction in which it failed was rolled back: of it, nothing was changed"
	}
	return e.remedy("could not %s", e.Step.Summary).WithSeen(undone).
		WithHelp(remedy.Line("correct the schema file or the data, then: ", remedy.Again("dev push")))
}

// countError returns the error for a step whose effect could not be counted: the step itself would most likely fail for
// the same reason.
func countError(err error, step *Step, statement string) error {
	server, ok := postgres.AsServerError(err)
	if !ok || server.Code == lockNotAvailable {
		return fmt.Errorf("count what %q meets: %w", step.Summary, err)
	}
	e := &refusedStatement{Step: step, Statement: statement, Server: server}
	return e.remedy("can't tell whether the data allows to %s", step.Summary).
		WithHelp(remedy.Line("correct the schema file, then: ", remedy.Again("dev push")))
}

// remedy shows the line in the schema file, the statement, and the server's own message.
func (e *refusedStatement) remedy(format string, args ...any) *remedy.Error {
	out := remedy.New("push.failed", remedy.ExitFailed, format, args...).Wrap(e)
	if e.Step.At != "" {
		out.WithSeen(e.Step.At + ": " + e.Step.Line)
	}
	statement := e.Statement
	if line, column, found := postgres.Locate(statement, e.Server); found {
		statement += fmt.Sprintf("  -- at line %d, column %d", line, column)
	}
	out.WithSeen(statement + ";")
	if e.Server.Where != "" {
		out.WithSeen(e.Server.Where)
	}
	return out
}

// busyError is the failure to get the lock of pushes, or Prisma's.
type busyError struct {
	error
	who string // that is at work
}

func (e *busyError) Unwrap() error { return e.error }

// lockNotAvailable is the SQLSTATE of a lock_timeout.
const lockNotAvailable = "55P03"

// lockError names the session that holds a lock which was not available within that time. It returns any other error
// unchanged.
func lockError(err error, waited time.Duration, watch *blockerWatch) error {
	if !postgres.HasCode(err, lockNotAvailable) {
		return err
	}
	busy := (*busyError)(nil)
	var e *remedy.Error
	if errors.As(err, &busy) {
		e = remedy.New("push.busy", remedy.ExitBusy, "%s is at work on this database", busy.who)
	} else {
		e = remedy.New("push.locked", remedy.ExitBusy, "waited %s for a lock that another session holds", waited)
		if r, ok := remedy.Of(err); ok {
			e.WithSeen(r.Message)
			e.WithSeen(r.Seen...)
		}
	}
	for _, b := range watch.last() {
		e.WithSeen(fmt.Sprintf("held by pid %d (%s, %s, for %s): %s", b.PID, nameOf(b.Application), b.State,
			say.Age(b.InTx), b.Query))
		e.WithFix(fmt.Sprintf("end it: SELECT pg_terminate_backend(%d)", b.PID))
	}
	return e.WithHelp(remedy.Line("let it finish, then: ", remedy.Again("dev push"))).Wrap(err)
}

func nameOf(application string) string {
	if application == "" {
		return "no application name"
	}
	return application
}

// blockerWatch looks, from another connection, at what blocks a session; once the wait has failed it is too late to
// ask.
type blockerWatch struct {
	mu     sync.Mutex
	seen   []postgres.Activity
	cancel context.CancelFunc
	done   chan struct{}
}

// watchEvery is how often the watch looks; a shorter wait is not worth mentioning.
const watchEvery = 250 * time.Millisecond

func watchBlockers(ctx context.Context, db *postgres.DB, pid int) *blockerWatch {
	ctx, cancel := context.WithCancel(ctx)
	w := &blockerWatch{cancel: cancel, done: make(chan struct{})}
	if db == nil {
		close(w.done)
		return w
	}
	go func() {
		defer close(w.done)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				w.look(ctx, db, pid)
			}
		}
	}()
	return w
}

// look is not cut short by the end of the watch: the cancel request might reach the server once the connection is back
// in the pool, and cancel the next query there.
func (w *blockerWatch) look(ctx context.Context, db *postgres.DB, pid int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if found, err := db.Blockers(ctx, pid); err == nil && len(found) > 0 {
		w.mu.Lock()
		w.seen = found
		w.mu.Unlock()
	}
}

func (w *blockerWatch) last() []postgres.Activity {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

func (w *blockerWatch) stop() {
	w.cancel()
	<-w.done
}
