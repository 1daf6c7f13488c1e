package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// How often the server is asked, for how long at a time, and how often the container is looked at while it is silent.
const (
	probeEvery   = 25 * time.Millisecond
	probeTimeout = 5 * time.Second
	lookEvery    = 500 * time.Millisecond
)

// exitWatch waits for a container's process to end. It is registered with the engine before watchExit returns.
type exitWatch struct {
	code   <-chan container.WaitResponse
	failed <-chan error
	cancel context.CancelFunc
}

// Endpoint is where the server answers, and what proves that it is the right one.
type Endpoint struct {
	Host        string
	Port        int
	ContainerID string

	// Identity is the server's cluster_name (SHOW cluster_name). Empty for a container that naap did not make; then
	// SystemID, if not empty, is its database system identifier (system_identifier of pg_control_system(), in decimal).
	Identity string
	SystemID string

	Created  bool     // the container was made just now
	Adopted  string   // what was found and kept: "made by docker compose (project shop)"; empty for our own
	Warnings []string // of the plan
}

// Probe asks once whether a server answers SQL at an endpoint, over TCP, from the server with its identity. It is called about
// every 25 ms and must heed ctx. An error with a remedy ends the waiting; so does ErrNotOurs. Any other error means not yet.
type Probe func(ctx context.Context, at Endpoint) error

// ErrNotOurs is what a Probe returns (wrapped or not) when a server answered that has another identity: something else
// on this machine listens on the same port.
var ErrNotOurs = errors.New("another server answers on this port")

// Addr is host:port.
func (a Endpoint) Addr() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

func (e *Engine) watchExit(ctx context.Context, id string) *exitWatch {
	ctx, cancel := context.WithCancel(ctx)
	code, failed := e.cli.ContainerWait(ctx, id, container.WaitConditionNextExit)
	return &exitWatch{code, failed, cancel}
}

func (w *exitWatch) stop() { w.cancel() }

// ready waits until probe succeeds, the container dies, or ctx ends, and reports the step "ready".
func (e *Engine) ready(ctx context.Context, run Running, probe Probe, report progress.Report) (Endpoint, error) {
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
		return Endpoint{}, err
	}
	step.Status, step.Detail = progress.Done, fmt.Sprintf("answers on %s after %s", run.Endpoint.Addr(), say.Took(time.Since(began)))
	report(step)
	e.syncLater(ctx, run)
	return run.Endpoint, nil
}

// await is ready without its reporting: tell gets what the probe said, about every half second.
func (e *Engine) await(ctx context.Context, run Running, probe Probe, tell func(error)) error {
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
func (e *Engine) finalAnswer(ctx context.Context, run Running, err error) error {
	if ctx.Err() != nil {
		return nil // ctx's own end is told by await
	}
	if errors.Is(err, ErrNotOurs) {
		return notOurs(run, err)
	}
	if _, ok := remedy.Of(err); ok {
		return run.plan.otherLogin(err)
	}
	return nil
}

// stillThere looks at the container while the server is silent: it may have been paused, removed, or have died without
// the watch seeing it, as when the engine went away.
func (e *Engine) stillThere(ctx context.Context, run Running) error {
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
func (e *Engine) notReady(ctx context.Context, run Running, last error) error {
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
