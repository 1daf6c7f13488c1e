package dockerctl

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// inFolder is spec with its data in a folder that is not there yet.
func inFolder(t *testing.T, e *Engine, spec Spec) Spec {
	t.Helper()
	parent := t.TempDir()
	spec.Volume = filepath.Join(parent, "data of mine")
	t.Cleanup(func() {
		removeAll(t, e, spec.Container, "")
		// What is in it belongs to the server's user, whom this one may not be.
		made, err := e.cli.ContainerCreate(context.Background(),
			&container.Config{Image: defaultImage, Entrypoint: []string{"rm", "-rf", "/parent/data of mine"}},
			&container.HostConfig{NetworkMode: "none", Binds: []string{parent + ":/parent"}}, nil, nil, "")
		must(t, err)
		exit := e.watchExit(context.Background(), made.ID)
		defer exit.stop()
		must(t, e.cli.ContainerStart(context.Background(), made.ID, container.StartOptions{}))
		<-exit.code
		must(t, e.cli.ContainerRemove(context.Background(), made.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}))
	})
	return spec
}

func TestDataCanBeInAFolder(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := inFolder(t, e, newSpec(t, e))
	state, err := e.Observe(t.Context(), spec)
	must(t, err)
	if plan := decide(*state, spec); plan.Action != toCreate || !strings.Contains(plan.String(), "  folder "+spec.Volume+" (new)\n") {
		t.Fatalf("the plan:\n%s", plan)
	}
	first := seeded(t, e, spec)
	if _, err := os.Stat(spec.Volume); err != nil {
		t.Errorf("the folder: %v", err)
	}
	if there, err := e.HasVolume(t.Context(), spec.Volume); !there || err != nil {
		t.Errorf("the folder holds data: %v, %v", there, err)
	}

	t.Run("no second server gets it", func(t *testing.T) {
		second := newSpec(t, e)
		second.Volume = spec.Volume
		t.Cleanup(func() { removeAll(t, e, second.Container, "") })
		if _, err := e.Ensure(t.Context(), second, never, progress.Discard); remedy.Code(err) != "data.in-use" {
			t.Errorf("error %s", remedy.Text(err))
		}
	})
	t.Run("stopped and started again", func(t *testing.T) {
		_, err := e.Stop(t.Context(), spec.Container, progress.Discard)
		must(t, err)
		at := ensure(t, e, spec)
		if at.ContainerID != first.ContainerID || len(at.Warnings) > 0 {
			t.Errorf("%+v", at)
		}
		stillSeeded(t, spec, at)
	})
	t.Run("moved to another port", func(t *testing.T) {
		spec.Port, spec.PortPinned = porttest.Free(), true
		stillSeeded(t, spec, ensure(t, e, spec))
	})
	t.Run("its container gone", func(t *testing.T) {
		must(t, e.cli.ContainerRemove(t.Context(), spec.Container, container.RemoveOptions{Force: true}))
		state, err := e.Observe(t.Context(), spec)
		must(t, err)
		if d := state.Volume.Data; d == nil || d.Major != 16 || d.Libc != glibc {
			t.Errorf("seen in the folder: %+v", d)
		}
		other := *state
		other.Image = &imageState{Ref: "postgres:15", ID: "x", Major: 15, Libc: glibc, DataDir: defaultDataDir}
		if plan := decide(other, spec); remedy.Code(plan.Refusal) != "data.version" || !strings.Contains(plan.String(), "the folder "+spec.Volume) {
			t.Errorf("another version:\n%s", plan)
		}
		stillSeeded(t, spec, ensure(t, e, spec))
	})
	t.Run("never deleted", func(t *testing.T) {
		_, ofErr := e.DataOf(t.Context(), spec)
		_, err := e.DeleteData(t.Context(), spec.Container, spec.Volume, progress.Discard)
		for _, err := range []error{ofErr, err} {
			if remedy.Code(err) != "data.folder" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(remedy.Text(err), "sudo rm -rf '"+spec.Volume+"'") {
				t.Errorf("error %s", remedy.Text(err))
			}
		}
		if got := status(t, e, spec.Container); got != "running" {
			t.Errorf("container %s", got)
		}
	})
}
