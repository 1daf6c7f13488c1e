package embedpg

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// stopGrace is how long a shutdown may take before the server is stopped without a last checkpoint, which its next
// start makes good.
const stopGrace = 30 * time.Second

// Stop shuts the server down, ending its connections, and waits until it is gone. One that doesn't run is
// stopped already. stopped reports whether it ran.
func (e *Engine) Stop(ctx context.Context, report progress.Report) (stopped bool, err error) {
	if missing(e.at.home) {
		return false, nil
	}
	unlock, err := e.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	return e.stop(ctx, report)
}

func (e *Engine) stop(ctx context.Context, report progress.Report) (stopped bool, err error) {
	say := func(status progress.Status, detail string) {
		report(progress.Step{Name: stepServer, Title: "PostgreSQL", Status: status, Detail: detail})
	}
	server, _ := e.at.readServer()
	if server == nil {
		say(progress.Skipped, "it doesn't run")
		return false, nil
	}
	say(progress.Running, fmt.Sprintf("shut down pid %d", server.PID))
	if err := stopFast(server.PID); err != nil && servesData(server.PID, e.at.data()) {
		return true, remedy.New("server.permission", remedy.ExitFailed, "the server can't be stopped").Wrap(err).
			WithFix(fmt.Sprintf("kill -INT %d    (as the server's user or root)", server.PID))
	}
	graceful, cancel := context.WithTimeout(ctx, stopGrace)
	defer cancel()
	if err := e.awaitGone(graceful, server.PID); err == nil {
		say(progress.Done, "stopped")
		return true, nil
	}
	if ctx.Err() != nil {
		return true, ctx.Err()
	}
	say(progress.Running, fmt.Sprintf("pid %d doesn't shut down; stop it at once", server.PID))
	_ = stopImmediate(server.PID) // if it is gone by now, so much the better
	if err := e.awaitGone(ctx, server.PID); err != nil {
		return true, err
	}
	say(progress.Warned, "stopped at once; the next start recovers")
	return true, nil
}

// awaitGone returns when the process no longer serves the data.
func (e *Engine) awaitGone(ctx context.Context, pid int) error {
	for servesData(pid, e.at.data()) {
		if err := server.Wait(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
