package dockerctl

import (
	"context"
	"testing"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// inNetworks is spec as a service of a project of its own that is in these networks.
func inNetworks(t *testing.T, e *Engine, spec Spec, keys ...string) Spec {
	t.Helper()
	spec.Compose = &workspace.Compose{Project: spec.Instance, Service: "database"}
	for _, key := range keys {
		n := workspace.Network{Key: key, Name: spec.Instance + "_" + key, Create: true}
		spec.Compose.Networks = append(spec.Compose.Networks, n)
		must(t, leftovers.Note(leftovers.Network, n.Name))
		t.Cleanup(func() {
			removeAll(t, e, spec.Container, "")
			_ = e.cli.NetworkRemove(context.Background(), n.Name)
		})
	}
	return spec
}

func TestAContainerThatCannotBeAttachedToItsNetworkIsNotLeft(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := inNetworks(t, e, newSpec(t, e), "front")
	// The engine attaches to its own network "host" on creation only.
	spec.Compose.Networks = append(spec.Compose.Networks, workspace.Network{Key: "host", Name: "host"})
	if _, err := e.Ensure(t.Context(), spec, never, progress.Discard); err == nil {
		t.Fatal("it was attached")
	}
	if got := status(t, e, spec.Container); got != "absent" {
		t.Errorf("it was left, %s, for somebody to start it without its network", got)
	}
}

func TestAContainerThatWasLeftBeforeItsNetworksGetsThem(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := inNetworks(t, e, newSpec(t, e), "front", "back")
	// What a naap leaves that is killed after creating the container.
	state, err := e.Observe(t.Context(), spec)
	must(t, err)
	p := decide(*state, spec)
	must(t, e.createVolume(t.Context(), p.spec, p.Volume, p.Image, *p.image))
	_, _, err = e.createVerified(t.Context(), p, loopback.NewIdentity(spec.Instance))
	must(t, err)
	at := ensure(t, e, spec)
	got, err := e.cli.ContainerInspect(t.Context(), at.ContainerID)
	must(t, err)
	for _, n := range spec.Compose.Networks {
		if got.NetworkSettings.Networks[n.Name] == nil {
			t.Errorf("it is not in %s", n.Name)
		}
	}
}
