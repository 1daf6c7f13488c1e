package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// errLookAgain says that what the plan was made for is no longer so, or was only its first half.
var errLookAgain = errors.New("look again")

// carryOut carries a plan out and decides nothing. What it starts is watched from before its start, so that no death is
// missed. A refused plan yields its refusal.
func (e *Engine) carryOut(ctx context.Context, p containerPlan, report progress.Report) (running, error) {
	if p.Action == toRefuse {
		return running{}, p.Refusal
	}
	if p.Action == toPull {
		if err := e.pull(ctx, p.Image, p.spec.Platform, report); err != nil {
			return running{}, err
		}
		return running{}, errLookAgain
	}
	if p.Action == toCreate || p.Action == toRecreate {
		report(progress.Step{Name: "image", Title: "Image " + visible.String(p.Image), Status: progress.Skipped, Detail: "already here"})
	}
	step := progress.Step{Name: "container", Title: p.title(), Status: progress.Running}
	report(step)
	run, err := e.do(ctx, p)
	switch {
	case errors.Is(err, errLookAgain):
		step.Status, step.Detail = progress.Skipped, "another process changed it, looking again"
	case err != nil:
		err = e.lost(ctx, string(p.Action)+" the container", err)
		step.Status, step.Detail = progress.Failed, visible.String(err.Error())
	case len(p.Warnings) > 0:
		step.Status, step.Detail = progress.Warned, visible.String(strings.Join(p.Warnings, "; "))
	case p.Action == toLeave:
		step.Status, step.Detail = progress.Skipped, "already running"
	default:
		step.Status, step.Detail = progress.Done, visible.String(p.Reason)
	}
	report(step)
	return run, err
}

// title returns the plan in a few words.
func (p containerPlan) title() string {
	verb := map[action]string{toCreate: "Create", toRecreate: "Recreate", toStart: "Start", toUnpause: "Unpause", toRestart: "Restart",
		toAdopt: "Adopt", toLeave: "Use"}[p.Action]
	return verb + " container " + visible.String(p.Container)
}

func (e *Engine) do(ctx context.Context, p containerPlan) (running, error) {
	run := running{plan: p, Endpoint: server.Endpoint{
		Host: p.Host, Port: p.Port, ContainerID: p.ContainerID,
		Identity: p.Identity, SystemID: p.SystemID, Adopted: p.Adopted, Warnings: p.Warnings,
	}}
	switch p.Action {
	case toRecreate:
		if err := e.removeStopped(ctx, p); err != nil {
			return run, err
		}
		return e.createAndStart(ctx, run)
	case toCreate:
		return e.createAndStart(ctx, run)
	case toStart:
		err := e.start(ctx, &run) // not in the return statement, which may copy run before
		return run, err
	}
	return e.rouse(ctx, run)
}

// removeStopped removes a container that is to be recreated. One that has its process is stopped as `down` does it
// before, as a killed server loses what its unlogged tables hold; where that fails nothing is removed.
func (e *Engine) removeStopped(ctx context.Context, p containerPlan) error {
	c, err := e.containerState(ctx, p.Container)
	if err != nil {
		return err
	}
	if c == nil || c.ID != p.ContainerID {
		return errLookAgain
	}
	if live(c.Status) {
		if err := e.stop(ctx, c); err != nil {
			return fmt.Errorf("stop container %s, to recreate it: %w", p.Container, err)
		}
	}
	// Without RemoveVolumes, so that the data stays whatever the volume's kind; by force only what is no longer a process.
	err = e.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: c.Status == "dead"})
	if cerrdefs.IsConflict(err) {
		return errLookAgain // somebody started it again, or removes it
	}
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("remove container %s: %w", p.Container, err)
	}
	return nil
}

// rouse is for a container that has its process, or had it a moment ago.
func (e *Engine) rouse(ctx context.Context, run running) (running, error) {
	id := run.plan.ContainerID
	run.exit = e.watchExit(ctx, id)
	var err error
	switch run.plan.Action {
	case toUnpause:
		err = e.unpause(ctx, id)
		if err != nil && strings.Contains(err.Error(), "not paused") {
			err = errLookAgain
		}
	case toRestart:
		err = e.cli.ContainerRestart(ctx, id, container.StopOptions{})
	}
	if cerrdefs.IsNotFound(err) {
		err = errLookAgain
	}
	if err != nil {
		run.exit.stop()
		return run, err
	}
	if run.plan.Action == toRestart {
		// What the watch saw may have been the stop that belongs to restarting.
		run.exit.stop()
		run.exit = e.watchExit(ctx, id)
	}
	return run, nil
}

// unpauseWithin is for how long an engine may take to unpause a container, which is a matter of milliseconds.
const unpauseWithin = 20 * time.Second

// start starts a container that was made earlier, by this naap or another.
func (e *Engine) start(ctx context.Context, run *running) error {
	p := run.plan
	p.ContainerID = run.Endpoint.ContainerID // one that was made just now is not the plan's
	if p.Init == initCopied && p.spec.hasScript() {
		// Also for one that another naap made: it may have been killed between creating and copying.
		if err := e.copyScript(ctx, p.ContainerID, p.spec); err != nil {
			return lookAgainIfGone(err)
		}
	}
	if p.Adopted == "" {
		if err := e.connectFurther(ctx, p.ContainerID, p.spec); err != nil {
			return lookAgainIfGone(err)
		}
	}
	run.exit = e.watchExit(ctx, p.ContainerID)
	err := e.cli.ContainerStart(ctx, p.ContainerID, container.StartOptions{})
	if err == nil {
		return nil
	}
	run.exit.stop()
	if mountFailed(err) && p.Adopted == "" && p.Action == toStart {
		return e.remakeUnmounted(ctx, run, err)
	}
	return e.startError(ctx, p, err)
}

func lookAgainIfGone(err error) error {
	if cerrdefs.IsNotFound(err) {
		return errLookAgain
	}
	return err
}

// remakeUnmounted recreates a container of ours whose init script is gone; its data lies in its volume.
func (e *Engine) remakeUnmounted(ctx context.Context, run *running, cause error) error {
	p := run.plan
	if p.Volume == "" || anonymous(p.Volume) || p.image == nil {
		return e.startError(ctx, p, cause)
	}
	if err := e.cli.ContainerRemove(ctx, p.ContainerID, container.RemoveOptions{Force: true}); err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("remove container %s: %w", p.Container, err)
	}
	return errLookAgain
}

// startError turns the engine's refusal to start a container into a remedy.
func (e *Engine) startError(ctx context.Context, p containerPlan, err error) error {
	if cerrdefs.IsNotFound(err) {
		return errLookAgain
	}
	text := err.Error()
	if strings.Contains(text, "address already in use") || strings.Contains(text, "port is already allocated") {
		// Somebody took it between looking and starting.
		if running, lookErr := e.running(ctx); lookErr == nil {
			port := e.portState(running, p.Port, p.ContainerID)
			return portTaken(port, p.spec).Wrap(err)
		}
	}
	return startFailed(p, err)
}
