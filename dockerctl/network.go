package dockerctl

import (
	"context"
	"fmt"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"github.com/livepeer/naap-dev/internal/workspace"
)

// networks returns what a new container is attached to. Without compose that is the engine's default network. With it,
// the networks of its service, so that the other services reach the database by name and compose finds nothing to
// change; one that is missing is made as compose would, if the file asks for nothing but a bridge. One network only can
// be named on creation (before API 1.44); connectFurther adds the rest.
func (e *Engine) networks(ctx context.Context, spec Spec) (*network.NetworkingConfig, error) {
	config := &network.NetworkingConfig{}
	if spec.Compose == nil || len(spec.Compose.Networks) == 0 {
		return config, nil
	}
	n := spec.Compose.Networks[0]
	if err := e.haveNetwork(ctx, spec.Compose, n); err != nil {
		return nil, err
	}
	config.EndpointsConfig = map[string]*network.EndpointSettings{n.Name: aliases(spec, n)}
	return config, nil
}

func aliases(spec Spec, n workspace.Network) *network.EndpointSettings {
	return &network.EndpointSettings{Aliases: append([]string{spec.Container, spec.Compose.Service}, n.Aliases...)}
}

// haveNetwork sees to it that a network is there, and makes it if it may.
func (e *Engine) haveNetwork(ctx context.Context, c *workspace.Compose, n workspace.Network) error {
	_, err := e.cli.NetworkInspect(ctx, n.Name, network.InspectOptions{})
	if err == nil {
		return nil
	}
	if !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("look at network %s: %w", n.Name, err)
	}
	if !n.Create {
		return networkMissing(n)
	}
	_, err = e.cli.NetworkCreate(ctx, n.Name, network.CreateOptions{Driver: "bridge", Labels: networkLabels(c, n)})
	if err != nil && !cerrdefs.IsConflict(err) {
		return fmt.Errorf("make network %s: %w", n.Name, err)
	}
	return nil
}

// connectFurther attaches a container that has not started yet to those of the service's networks that it is not in. It
// is part of the first start rather than of the making, so that one that was left in between is never started without.
func (e *Engine) connectFurther(ctx context.Context, id string, spec Spec) error {
	if spec.Compose == nil || len(spec.Compose.Networks) < 2 {
		return nil
	}
	got, err := e.cli.ContainerInspect(ctx, id)
	if err != nil {
		return err
	}
	if got.State.Status != container.StateCreated || got.NetworkSettings == nil {
		return nil
	}
	for _, n := range spec.Compose.Networks {
		if got.NetworkSettings.Networks[n.Name] != nil {
			continue
		}
		if err := e.haveNetwork(ctx, spec.Compose, n); err != nil {
			return err
		}
		if err := e.cli.NetworkConnect(ctx, n.Name, id, aliases(spec, n)); err != nil {
			return fmt.Errorf("attach the container to network %s: %w", n.Name, err)
		}
	}
	return nil
}
