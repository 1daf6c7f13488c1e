package dockerctl

import (
	"context"
	"fmt"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// stopGrace is how long a server has to write everything before it is killed, which its log makes good on the next
// start.
const stopGrace = 30 // seconds

// Stop stops a container fast and gracefully: sessions are ended, everything is written. stopped is false if there was
// nothing to stop. The container and its volume stay.
func (e *Engine) Stop(ctx context.Context, name string, report progress.Report) (stopped bool, err error) {
	c, err := e.containerState(ctx, name)
	if err != nil {
		return false, e.lost(ctx, "stop the container", err)
	}
	step := progress.Step{Name: "container", Title: "Stop container " + visible.String(name), Status: progress.Running}
	if c == nil || c.Status == "created" || c.Status == "exited" || c.Status == "dead" {
		step.Status, step.Detail = progress.Skipped, "it does not run"
		report(step)
		return false, nil
	}
	report(step)
	if err := e.stop(ctx, c); err != nil {
		err = e.lost(ctx, "stop the container", fmt.Errorf("stop container %s: %w", name, err))
		step.Status, step.Detail = progress.Failed, visible.String(err.Error())
		report(step)
		return false, err
	}
	step.Status = progress.Done
	report(step)
	return true, nil
}

func (e *Engine) stop(ctx context.Context, c *Container) error {
	if c.Status == "paused" {
		// A frozen process hears no signal, and would be killed after the grace.
		if err := e.unpause(ctx, c.ID); err != nil {
			return err
		}
	}
	grace := stopGrace
	options := container.StopOptions{Signal: "SIGINT", Timeout: &grace} // the client leaves the signal out before API 1.42
	if c.StopSignal != "SIGINT" && c.Restart != "always" && c.Restart != "unless-stopped" {
		// The image's own signal would wait for every session to end by itself. A restart policy would take this for a
		// death; then the image's signal must do.
		if err := e.interrupt(ctx, c.ID); err == nil {
			return nil
		}
	}
	nudging, stop := context.WithCancel(ctx)
	defer stop()
	go e.nudge(nudging, c.ID)
	err := e.cli.ContainerStop(ctx, c.ID, options)
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	return err
}

// nudge asks for a fast shutdown again each second. In a container that boots, process 1 is the entrypoint's shell, which
// hears no signal: the engine's only one would be lost, and the server killed after the grace. A server that is shutting
// down already takes no notice.
func (e *Engine) nudge(ctx context.Context, id string) {
	for server.Wait(ctx, time.Second) == nil {
		_ = e.cli.ContainerKill(ctx, id, "SIGINT")
	}
}

// interrupt asks for a fast shutdown and waits for the end.
func (e *Engine) interrupt(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, stopGrace*time.Second)
	defer cancel()
	exit := e.watchExit(ctx, id)
	defer exit.stop()
	go e.nudge(ctx, id)
	if err := e.cli.ContainerKill(ctx, id, "SIGINT"); err != nil {
		return err
	}
	select {
	case <-exit.code:
		return nil
	case err := <-exit.failed:
		return err
	}
}

// unpause fails rather than wait for ever on an engine whose runtime is stuck: one that was told to pause a container
// while a command was just being started in it never gets out of that by itself.
func (e *Engine) unpause(ctx context.Context, id string) error {
	short, cancel := context.WithTimeout(ctx, unpauseWithin)
	defer cancel()
	err := e.cli.ContainerUnpause(short, id)
	if err == nil || short.Err() == nil || ctx.Err() != nil {
		return err
	}
	return remedy.New("docker.stuck", remedy.ExitNoServer, "the engine does not unpause the container within %s", unpauseWithin).
		WithFix("restart the engine; where systemd runs it:", "sudo systemctl restart docker").Wrap(err)
}
