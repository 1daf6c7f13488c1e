package devenv

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// docker makes an Engine of the one container.
type docker struct {
	*dockerctl.Engine
	spec dockerctl.Spec
}

func (e *Env) dockerEngine(ctx context.Context) (Engine, error) {
	if err := e.mayUse(trust.DockerContext); err != nil {
		return nil, err
	}
	opt := dockerctl.FindOptions{Programs: e.Programs()}
	if name := e.ws.Settings.Docker.Context; name != "" {
		opt.Env = func(key string) string {
			switch key {
			case "DOCKER_CONTEXT":
				return name
			case "DOCKER_HOST": // it would win over the context
				return ""
			}
			return getenv(key)
		}
	}
	eng, err := dockerctl.Find(ctx, opt)
	if err != nil {
		return nil, err
	}
	return docker{Engine: eng, spec: e.containerSpec()}, nil
}

// containerSpec is the container that the settings and the compose service ask for.
func (e *Env) containerSpec() dockerctl.Spec {
	set := &e.ws.Settings
	spec := dockerctl.Spec{
		Instance: set.Instance, Container: set.Container, Volume: set.Volume,
		Image: set.Image, ImagePinned: pinned(set, "image"),
		Port: set.Port, PortPinned: pinned(set, "port"),
		User: set.User, Password: set.Password, Database: set.Database,
	}
	// A container that was removed by hand comes back where its clients know it.
	if rec := readRecord(e.stateDir()); rec.Engine == EngineDocker && e.keepsPort(rec) {
		spec.Port = rec.Port
	}
	if init := e.ws.Init; init != nil && !e.isHeldSQL(init.Name) {
		spec.Init.Content = []byte(init.Text)
		if init.OnDisk() {
			spec.Init.Path = init.Path
		}
	}
	if c := e.ws.Compose; c != nil && set.Instance == workspace.DefaultInstance {
		likeService(&spec, c)
	}
	return spec
}

// keepsPort tells whether the port of the last start is to be taken again: nothing asks for another one now. The compose
// file's port is that of the container naap-db where nobody chose another, and no other instance's.
func (e *Env) keepsPort(rec record) bool {
	set := &e.ws.Settings
	if rec.Port == 0 || pinned(set, "port") {
		return false
	}
	return !set.IsSet("port") || rec.Asked || set.Instance != workspace.DefaultInstance
}

func (x docker) Name() string { return EngineDocker }

func (x docker) Plan(ctx context.Context) (string, error) {
	state, err := x.Observe(ctx, x.spec)
	if err != nil {
		return "", err
	}
	plan := dockerctl.Decide(*state, x.spec)
	if plan.Refusal != nil {
		return plan.String(), plan.Refusal
	}
	return plan.String(), nil
}

func (x docker) Ensure(ctx context.Context, probe Probe, report progress.Report) (Endpoint, error) {
	got, err := x.Engine.Ensure(ctx, x.spec, func(ctx context.Context, at dockerctl.Endpoint) error {
		err := probe(ctx, fromDocker(at))
		if remedy.Code(err) == codeForeign {
			return fmt.Errorf("%w: %v", dockerctl.ErrNotOurs, err)
		}
		return err
	}, report)
	return fromDocker(got), err
}

func fromDocker(at dockerctl.Endpoint) Endpoint {
	return Endpoint{Host: at.Host, Port: at.Port, Identity: at.Identity, SystemID: at.SystemID, Created: at.Created, Warnings: at.Warnings}
}

func (x docker) Look(ctx context.Context) (EngineState, error) {
	out := EngineState{State: Absent, Host: dockerctl.BindHost, Port: x.spec.Port}
	c, err := x.Describe(ctx, x.spec.Container)
	if err != nil {
		return out, err
	}
	if c == nil {
		return x.lookForVolume(ctx, out)
	}
	out.Container = &StatusContainer{
		Name: c.Name, ID: c.ID, Image: c.Image, Status: c.Status, Restarts: c.Restarts,
	}
	out.Identity, out.Started = c.Identity, c.StartedAt
	if c.Port != 0 {
		out.Port = c.Port
	}
	out.State, out.Detail = containerState(c)
	return out, nil
}

// lookForVolume tells an instance that was never made from one whose container is gone and whose data is not.
func (x docker) lookForVolume(ctx context.Context, out EngineState) (EngineState, error) {
	there, err := x.HasVolume(ctx, x.spec.Volume)
	if err != nil {
		return out, err
	}
	if there {
		out.State, out.Detail = Stopped, "no container; the "+dockerctl.DataPlace(x.spec.Volume)+" has the data"
	}
	return out, nil
}

func containerState(c *dockerctl.Description) (State, string) {
	switch c.Status {
	case "running":
		return Running, ""
	case "restarting":
		return Starting, fmt.Sprintf("restarting, exit code %d", c.ExitCode)
	case "paused":
		return Unhealthy, "the container is paused"
	case "dead", "removing":
		return Unhealthy, "the container is " + c.Status
	}
	detail := c.Status
	if c.Status == "exited" {
		detail = fmt.Sprintf("exited with code %d", c.ExitCode)
		if c.OOMKilled {
			detail += ", killed for lack of memory"
		}
	}
	return Stopped, detail
}

func (x docker) Stop(ctx context.Context, report progress.Report) (bool, error) {
	return x.Engine.Stop(ctx, x.spec.Container, report)
}

func (x docker) DataName() string { return x.spec.Volume }

func (x docker) Deletable(ctx context.Context) (string, error) { return x.DataOf(ctx, x.spec) }

func (x docker) DeleteData(ctx context.Context, name string, report progress.Report) (bool, error) {
	return x.Engine.DeleteData(ctx, x.spec.Container, name, report)
}

func (x docker) Logs(ctx context.Context, w io.Writer, opt LogOptions) error {
	c, err := x.Describe(ctx, x.spec.Container)
	if err != nil {
		return err
	}
	if c == nil {
		return noLog(x.spec.Instance, "there is no container "+x.spec.Container)
	}
	r, err := x.Engine.Logs(ctx, x.spec.Container, dockerctl.LogOptions{Follow: opt.Follow, Tail: opt.Tail})
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}

// getenv reads the environment that the process was started with.
func getenv(key string) string {
	for _, kv := range environ() {
		if name, value, ok := strings.Cut(kv, "="); ok && name == key {
			return value
		}
	}
	return ""
}
