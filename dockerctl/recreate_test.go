package dockerctl

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"

	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestAServerThatMovesToAnotherPortIsShutDownProperly(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	filled(t, e, spec)
	at := ensure(t, e, spec)
	// Recovery after a crash empties unlogged tables: nothing else tells so surely that the server was killed.
	ask(t, spec, at, "CREATE UNLOGGED TABLE kept AS SELECT 'still here' AS word")
	for _, put := range []string{"running", "paused"} {
		if put == "paused" {
			must(t, pause(t.Context(), e, at.ContainerID))
		}
		spec.Port, spec.PortPinned = porttest.Free(), true
		moved := ensure(t, e, spec)
		if !moved.Created || moved.Port != spec.Port {
			t.Fatalf("%s: it was not moved: %+v", put, moved)
		}
		at = moved
		stillSeeded(t, spec, at)
	}
}

func TestAContainerThatCannotBeStoppedIsNotRemoved(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	at := seeded(t, e, spec)
	moved := spec
	moved.Port, moved.PortPinned = porttest.Free(), true
	state, err := e.Observe(t.Context(), moved)
	must(t, err)
	plan := decide(*state, moved)
	if plan.Action != toRecreate {
		t.Fatalf("%s", plan)
	}
	// A shutdown waits for a backend that is stopped in its tracks.
	freeze := func(signal string) {
		_, _ = e.Exec(t.Context(), spec.Container, server.Command{
			Args: []string{"sh", "-c", "for p in /proc/[0-9]*; do read -r n < $p/comm; [ \"$n\" = postgres ] && [ ${p#/proc/} != 1 ] && kill -" + signal + " ${p#/proc/}; done"}})
	}
	freeze("STOP")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	_, err = e.carryOut(ctx, plan, progress.Discard)
	cancel()
	freeze("CONT")
	if err == nil {
		t.Fatal("it was made again")
	}
	got, err := e.cli.ContainerInspect(t.Context(), spec.Container)
	if err != nil || got.ID != at.ContainerID {
		t.Fatalf("the container is gone: %v", err)
	}
	waitFor(t, func() bool { s := status(t, e, spec.Container); return s == "exited" || s == "running" })
	_ = e.cli.ContainerStop(context.Background(), at.ContainerID, container.StopOptions{})
	stillSeeded(t, spec, ensure(t, e, spec))
}

// withoutImage is a stopped container of ours, with data, whose image was removed and can't be had again.
func withoutImage(t *testing.T, e *Engine) (Spec, server.Endpoint) {
	t.Helper()
	spec := newSpec(t, e)
	spec.Image = "localhost:1/" + spec.Instance + "/postgres:16"
	made, err := e.cli.ContainerCreate(t.Context(), &container.Config{Image: defaultImage}, &container.HostConfig{NetworkMode: "none"}, nil, nil, "")
	must(t, err)
	_, err = e.cli.ContainerCommit(t.Context(), made.ID, container.CommitOptions{Reference: spec.Image, Config: &container.Config{Env: []string{"PG_MAJOR=16"}}})
	must(t, err)
	must(t, e.cli.ContainerRemove(t.Context(), made.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
	at := seeded(t, e, spec)
	_, err = e.Stop(t.Context(), spec.Container, progress.Discard)
	must(t, err)
	_, err = e.cli.ImageRemove(t.Context(), spec.Image, image.RemoveOptions{Force: true})
	must(t, err)
	return spec, at
}

func TestAContainerWhoseImageIsGoneIsNotRemoved(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec, at := withoutImage(t, e)
	moved := spec
	moved.Port, moved.PortPinned = porttest.Free(), true
	if _, err := e.Ensure(t.Context(), moved, never, progress.Discard); !strings.HasPrefix(remedy.Code(err), "image.") {
		t.Errorf("error %s", remedy.Text(err))
	}
	got, err := e.cli.ContainerInspect(t.Context(), spec.Container)
	if err != nil || got.ID != at.ContainerID {
		t.Fatalf("the container is gone: %v", err)
	}
	stillSeeded(t, spec, ensure(t, e, spec))
}
