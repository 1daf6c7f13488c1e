package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// How often the server is asked, for how long at a time, and how often the container is looked at while it is silent.
const (
	probeEvery   = 10 * time.Millisecond
	probeTimeout = 5 * time.Second
	lookEvery    = 500 * time.Millisecond
)

// exitWatch waits for a container's process to end. It is registered with the engine before watchExit returns.
type exitWatch struct {
	code   <-chan container.WaitResponse
	failed <-chan error
	cancel context.CancelFunc
}

func (e *Engine) watchExit(ctx context.Context, id string) *exitWatch {
	ctx, cancel := context.WithCancel(ctx)
	code, failed := e.cli.ContainerWait(ctx, id, container.WaitConditionNextExit)
	return &exitWatch{code, failed, cancel}
}

func (w *exitWatch) stop() { w.cancel() }

// ready waits until probe succeeds, the container dies, or ctx ends, and reports the step "ready".
func (e *Engine) ready(ctx context.Context, run running, probe server.Probe, report progress.Report) (server.Endpoint, error) {
	defer run.exit.stop()
	step := progress.Step{Name: "ready", Title: "Wait for PostgreSQL", Status: progress.Running}
	report(step)
	began := time.Now()
	tell := func(last error) {
		step.Detail = fmt.Sprintf("not yet: %s", visible.String(mask(last.Error(), run.plan.spec)))
		report(step)
	}
	err := e.await(ctx, run, probe, tell)
	if at := &run.Endpoint; err == nil && at.Identity == "" && at.SystemID == "" {
		// It had no data yet when it was looked at. Now it has, and the answer can be compared with it.
		if at.SystemID = e.systemID(ctx, at.ContainerID, run.plan.dataPath); at.SystemID != "" {
			err = e.await(ctx, run, probe, tell)
		}
	}
	if err != nil {
		step.Status, step.Detail = progress.Failed, visible.String(err.Error())
		report(step)
		return server.Endpoint{}, err
	}
	step.Status, step.Detail = progress.Done, fmt.Sprintf("answers on %s after %s", run.Endpoint.Address(), say.Took(time.Since(began)))
	report(step)
	e.syncLater(ctx, run)
	return run.Endpoint, nil
}

// await is ready without its reporting: tell gets what the probe said, about every half second.
func (e *Engine) await(ctx context.Context, run running, probe server.Probe, tell func(error)) error {
	answers := make(chan error, 1)
	ask := func() {
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		answers <- probe(ctx, run.Endpoint)
	}
	go ask()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	last := errors.New("it was not asked yet")
	for {
		select {
		case err := <-answers:
			if err == nil {
				return nil
			}
			if final := e.finalAnswer(ctx, run, err); final != nil {
				return final
			}
			last = err
			time.AfterFunc(probeEvery, ask)
		case exit := <-run.exit.code:
			return e.died(ctx, run, int(exit.StatusCode))
		case <-look.C:
			if err := e.stillThere(ctx, run); err != nil {
				return err
			}
			tell(last)
		case <-ctx.Done():
			return e.notReady(ctx, run, last)
		}
	}
}

// finalAnswer returns what a probe's error means if waiting longer is of no use; nil if it may still come right.
func (e *Engine) finalAnswer(ctx context.Context, run running, err error) error {
	if ctx.Err() != nil {
		return nil // ctx's own end is told by await
	}
	if _, ok := remedy.Of(err); !ok {
		return nil
	}
	if remedy.Code(err) == server.CodeForeign {
		return notOurs(run, err)
	}
	return run.plan.otherLogin(err)
}

// stillThere looks at the container while the server is silent: it may have been paused, removed, or have died without
// the watch seeing it, as when the engine went away.
func (e *Engine) stillThere(ctx context.Context, run running) error {
	got, err := e.cli.ContainerInspect(ctx, run.Endpoint.ContainerID)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return e.gone(ctx, run, err)
	}
	switch got.State.Status {
	case container.StatePaused:
		return pausedMeanwhile(run.plan)
	case container.StateExited, container.StateDead:
		return e.died(ctx, run, got.State.ExitCode)
	}
	return nil
}

// notReady is for a ctx that ended before the server answered: the user's own wish is passed on as it is, a deadline
// is told with what was seen.
func (e *Engine) notReady(ctx context.Context, run running, last error) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	spec := run.plan.spec
	later, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return remedy.New("server.not-ready", remedy.ExitNoServer, "PostgreSQL in container %s does not answer yet", visible.String(run.plan.Container)).
		WithSeen("last answer: "+visible.String(mask(last.Error(), spec))).
		WithSeen(e.lastLines(later, run.Endpoint.ContainerID, spec)...).
		WithHelp(remedy.Words("see what it is doing:"), remedy.Naap("dev logs", "-f"), remedy.Words("then run naap again; it goes on from where it is")).
		Wrap(ctx.Err())
}
