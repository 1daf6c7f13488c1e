package dockerctl

import (
	"context"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
)

func TestAServerThatMovesToAnotherPortIsShutDownProperly(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	at := ensure(t, e, spec)
	// Recovery after a crash empties unlogged tables: nothing else tells so surely that the server was killed.
	ask(t, spec, at, "CREATE UNLOGGED TABLE kept AS SELECT 'still here' AS word")
	for _, put := range []string{"running", "paused"} {
		if put == "paused" {
			must(t, e.cli.ContainerPause(t.Context(), at.ContainerID))
		}
		spec.Port, spec.PortPinned = freeTestPort(t), true
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
	moved.Port, moved.PortPinned = freeTestPort(t), true
	state, err := e.Observe(t.Context(), moved)
	must(t, err)
	plan := Decide(*state, moved)
	if plan.Action != Recreate {
		t.Fatalf("%s", plan)
	}
	// A shutdown waits for a backend that is stopped in its tracks.
	freeze := func(signal string) {
		_, _ = e.Exec(t.Context(), ExecOptions{Container: spec.Container, User: "postgres",
			Cmd: []string{"sh", "-c", "for p in /proc/[0-9]*; do read -r n < $p/comm; [ \"$n\" = postgres ] && [ ${p#/proc/} != 1 ] && kill -" + signal + " ${p#/proc/}; done"}})
	}
	freeze("STOP")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	_, err = e.Do(ctx, plan, progress.Discard)
	cancel()
	freeze("CONT")
	if err == nil {
		t.Fatal("it was made anew")
	}
	got, err := e.cli.ContainerInspect(t.Context(), spec.Container)
	if err != nil || got.ID != at.ContainerID {
		t.Fatalf("the container is gone: %v", err)
	}
	waitFor(t, func() bool { s := status(t, e, spec.Container); return s == "exited" || s == "running" })
	_ = e.cli.ContainerStop(context.Background(), at.ContainerID, container.StopOptions{})
	stillSeeded(t, spec, ensure(t, e, spec))
}
