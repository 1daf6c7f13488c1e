package schemaplan

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// ApplyError is a statement that the server refused.
type ApplyError struct {
	Step      *Step
	Statement string
	Server    *postgres.ServerError
}

// Error is the server's own message.
func (e *ApplyError) Error() string { return postgres.Describe(e.Server) }

// Unwrap gives the server's error.
func (e *ApplyError) Unwrap() error { return e.Server }

// applyError names the statement and the place in the schema file that a failure is about.
func applyError(err error, owners []*Step, statements []string, failed int) error {
	server, ok := postgres.AsServerError(err)
	if !ok || failed < 0 {
		return fmt.Errorf("change the database: %w", err)
	}
	e := &ApplyError{Step: owners[failed], Statement: statements[failed], Server: server}
	out := remedy.New("push.failed", remedy.ExitFailed, "could not %s", e.Step.Summary).Wrap(e)
	if e.Step.At != "" {
		out.WithSeen(e.Step.At + ": " + e.Step.Line)
	}
	statement := e.Statement
	if line, column, found := postgres.Locate(statement, server); found {
		statement += fmt.Sprintf("  -- at line %d, column %d", line, column)
	}
	out.WithSeen(statement + ";")
	if server.Where != "" {
		out.WithSeen(server.Where)
	}
	out.WithSeen("nothing was changed: the transaction was rolled back")
	return out.WithFix("correct the schema file or the data, then: naap dev push")
}

// busyError is the failure to get the lock of pushes.
type busyError struct{ error }

func (e *busyError) Unwrap() error { return e.error }

// lockNotAvailable is the SQLSTATE of a lock_timeout.
const lockNotAvailable = "55P03"

// lockError names who holds the lock that a push did not get.
func (a *applier) lockError(err error, watch *blockerWatch) error {
	if !postgres.HasCode(err, lockNotAvailable) {
		return err
	}
	busy := (*busyError)(nil)
	var e *remedy.Error
	if errors.As(err, &busy) {
		e = remedy.New("push.busy", remedy.ExitBusy, "another push is at work on this database")
	} else {
		e = remedy.New("push.locked", remedy.ExitBusy, "waited %s for a lock that another session holds", a.opt.LockTimeout)
		if r, ok := remedy.Of(err); ok {
			e.WithSeen(r.Message)
			e.WithSeen(r.Seen...)
		}
	}
	for _, b := range watch.last() {
		e.WithSeen(fmt.Sprintf("held by pid %d (%s, %s, for %s): %s", b.PID, nameOf(b.Application), b.State,
			b.InTx.Round(time.Second), b.Query))
		e.WithFix(fmt.Sprintf("end it: SELECT pg_terminate_backend(%d)", b.PID))
	}
	return e.WithFix("let it finish, then: naap dev push").Wrap(err)
}

func nameOf(application string) string {
	if application == "" {
		return "no application name"
	}
	return application
}

// blockerWatch looks, from another connection, at who holds up a session; once the wait has failed it is too late to ask.
type blockerWatch struct {
	mu     sync.Mutex
	seen   []postgres.Activity
	cancel context.CancelFunc
	done   chan struct{}
}

// watchEvery is how often the watch looks; a wait shorter than that is not worth a word.
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
				if found, err := db.Blockers(ctx, pid); err == nil && len(found) > 0 {
					w.mu.Lock()
					w.seen = found
					w.mu.Unlock()
				}
			}
		}
	}()
	return w
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
