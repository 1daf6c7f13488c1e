package dockerctl

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/go-connections/nat"

	"github.com/livepeer/naap-dev/internal/loopback"
)

// createAndStart makes the plan's container and starts it. Ended at any moment, what it leaves is a container that the
// next plan starts.
func (e *Engine) createAndStart(ctx context.Context, run running) (running, error) {
	p := run.plan
	if p.image == nil {
		return run, errLookAgain
	}
	if p.NewVolume && !isFolder(p.Volume) {
		if err := e.createVolume(ctx, p.spec, p.Volume, p.Image, *p.image); err != nil {
			return run, err
		}
	}
	if err := e.createFurtherVolumes(ctx, p.spec); err != nil {
		return run, err
	}
	run.Endpoint.Identity = loopback.NewIdentity(p.spec.Instance)
	id, how, err := e.createVerified(ctx, p, run.Endpoint.Identity)
	if cerrdefs.IsConflict(err) || cerrdefs.IsNotFound(err) {
		return run, errLookAgain // another naap was faster, or the image went away
	}
	if err != nil {
		return run, fmt.Errorf("make container %s: %w", p.Container, err)
	}
	if err := e.connectFurther(ctx, id, p.spec); err != nil {
		// Whoever started it, by whatever command, would have it without the network.
		_ = e.cli.ContainerRemove(context.WithoutCancel(ctx), id, container.RemoveOptions{Force: true})
		return run, err
	}
	run.Endpoint.ContainerID, run.Endpoint.Created = id, true
	run.plan.Init = how
	err = e.start(ctx, &run)
	return run, err
}

// createVerified makes the container. Where the init script is mounted it reads it back through the engine: a virtual
// machine, another host behind a socket, or a file of the same name elsewhere would show something else, and then the
// script is copied in instead.
func (e *Engine) createVerified(ctx context.Context, p containerPlan, identity string) (string, initWay, error) {
	if p.Init != initMounted {
		id, err := e.create(ctx, p, identity, p.Init)
		return id, p.Init, err
	}
	id, err := e.create(ctx, p, identity, initMounted)
	if err == nil {
		if e.sees(ctx, id, p.spec) {
			return id, initMounted, nil
		}
		err := e.cli.ContainerRemove(ctx, id, container.RemoveOptions{Force: true})
		if err != nil && !cerrdefs.IsNotFound(err) {
			return "", "", err
		}
	} else if !mountFailed(err) {
		return "", "", err
	}
	id, err = e.create(ctx, p, identity, initCopied)
	return id, initCopied, err
}

// sees reports whether the engine mounts the very file that was meant.
func (e *Engine) sees(ctx context.Context, id string, spec Spec) bool {
	want, err := spec.script()
	if err != nil {
		return false
	}
	got, err := e.readFile(ctx, id, spec.Init.Target)
	return err == nil && bytes.Equal(got, want)
}

func (e *Engine) create(ctx context.Context, p containerPlan, identity string, how initWay) (string, error) {
	networking, err := e.networks(ctx, p.spec)
	if err != nil {
		return "", err
	}
	made, err := e.cli.ContainerCreate(ctx, containerConfig(p, identity, how), hostConfig(p, how, networking), networking, nil, p.Container)
	if err != nil {
		return "", err
	}
	return made.ID, nil
}

func containerConfig(p containerPlan, identity string, how initWay) *container.Config {
	config := &container.Config{
		Image:        p.Image,
		Cmd:          serverCommand(p.spec.Args, identity),
		Entrypoint:   p.spec.Entrypoint,
		Env:          serverEnv(p.spec),
		Labels:       containerLabels(p.spec, identity, p.image.ID, how),
		ExposedPorts: nat.PortSet{containerPort: struct{}{}},
		StopSignal:   "SIGINT", // fast shutdown: sessions are ended, everything is written
	}
	if c := p.spec.Compose; c != nil && !p.image.isFor(p.spec.Platform) {
		config.Labels[composeConfigHash] = ownHash(c)
	}
	if h := p.spec.Health; h != nil {
		config.Healthcheck = &container.HealthConfig{
			Test: h.Test, Interval: h.Interval, Timeout: h.Timeout, StartPeriod: h.StartPeriod, Retries: h.Retries,
		}
	}
	return config
}

var containerPort = nat.Port(strconv.Itoa(serverPort) + "/tcp")

// serverCommand runs the server under the identity. The image's entrypoint initialises the data directory only for the
// command postgres.
func serverCommand(args []string, identity string) []string {
	if len(args) > 0 && path.Base(args[0]) == "postgres" {
		args = args[1:]
	}
	return append(append([]string{"postgres"}, args...), "-c", "cluster_name="+identity)
}

// serverEnv returns the environment that the image's entrypoint reads on an empty volume, sorted so that it is the same
// each time. The first boot writes without syncing, which is made up for once it is ready; see syncLater.
func serverEnv(spec Spec) []string {
	env := map[string]string{}
	maps.Copy(env, spec.Env)
	env["POSTGRES_USER"], env["POSTGRES_PASSWORD"], env["POSTGRES_DB"] = spec.User, spec.Password, spec.Database
	if args := env["POSTGRES_INITDB_ARGS"]; !strings.Contains(args, noSync) {
		env["POSTGRES_INITDB_ARGS"] = strings.TrimSpace(args + " " + noSync)
	}
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

func hostConfig(p containerPlan, how initWay, networking *network.NetworkingConfig) *container.HostConfig {
	config := &container.HostConfig{
		PortBindings: nat.PortMap{containerPort: {{HostIP: loopback.Host, HostPort: strconv.Itoa(p.Port)}}},
		RestartPolicy: container.RestartPolicy{
			Name: container.RestartPolicyMode(p.spec.Restart),
		},
		ShmSize:   p.spec.ShmSize,
		Resources: container.Resources{Memory: p.spec.Memory},
	}
	mountData(config, p.Volume, p.spec.dataTarget(p.image))
	for _, m := range p.spec.Mounts {
		mountFurther(config, m)
	}
	if how == initMounted {
		config.Mounts = append(config.Mounts, mount.Mount{
			Type: mount.TypeBind, Source: p.spec.Init.Path, Target: p.spec.Init.Target, ReadOnly: true,
		})
	}
	for name := range networking.EndpointsConfig {
		config.NetworkMode = container.NetworkMode(name)
	}
	return config
}

func (s Spec) hasScript() bool { return s.Init.Path != "" || len(s.Init.Content) > 0 }

// copyScript puts the init script into a container that has not started yet.
func (e *Engine) copyScript(ctx context.Context, id string, spec Spec) error {
	text, err := spec.script()
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	folder := strings.TrimPrefix(path.Dir(spec.Init.Target), "/")
	// The folder too: not every image has it.
	_ = w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: folder + "/", Mode: 0o755, ModTime: time.Now()})
	_ = w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(spec.Init.Target, "/"), Mode: 0o644, Size: int64(len(text)), ModTime: time.Now()})
	_, _ = w.Write(text) // a bytes.Buffer takes everything
	if err := w.Close(); err != nil {
		return fmt.Errorf("pack the init script: %w", err)
	}
	if err := e.cli.CopyToContainer(ctx, id, "/", &archive, container.CopyToContainerOptions{}); err != nil {
		return fmt.Errorf("copy the init script into the container: %w", err)
	}
	return nil
}
