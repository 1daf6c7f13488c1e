package engine

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

var dockerKind = Kind{
	Name: nameDocker, Inside: true, data: "this instance runs in Docker",
	needs: dockerNeeds, open: openDocker, otherwise: orEmbedded,
	Hints: Hints{
		Disk: remedy.Words("docker system df"), Memory: remedy.Words("docker stats --no-stream"),
		Clock: remedy.Words("restart the Docker engine: its clock stops while a laptop sleeps"),
	},
}

// docker is the one container.
type docker struct {
	at   *dockerctl.Engine
	spec dockerctl.Spec
	c    Config
}

func openDocker(ctx context.Context, c Config) (Engine, error) {
	if err := c.Allowed(trust.DockerContext); err != nil {
		return nil, err
	}
	opt := dockerctl.FindOptions{Programs: c.Programs}
	if name := c.Workspace.Settings.Docker.Context; name != "" {
		opt.Env = func(key string) string {
			switch key {
			case "DOCKER_CONTEXT":
				return name
			case "DOCKER_HOST": // it would win over the context
				return ""
			}
			return c.Getenv(key)
		}
	}
	at, err := dockerctl.Find(ctx, opt)
	if err != nil {
		return nil, err
	}
	return docker{at, containerSpec(c), c}, nil
}

// dockerNeeds: what the container is made of, and the SQL that its image runs by itself.
func dockerNeeds(ws *workspace.Workspace, item trust.Item) bool {
	switch item.Kind {
	case trust.Image, trust.Mount, trust.Volume, trust.Port:
		return true
	case trust.SQL:
		for _, script := range ws.InitScripts() {
			if script.Name == item.Subject {
				return true
			}
		}
	}
	return false
}

// orEmbedded offers the other engine. An instance whose data is in Docker while Docker is away is not started as an empty
// embedded server in its place, which would look like lost data.
func orEmbedded(r *remedy.Error, hasData bool) {
	again := remedy.Again("dev up", "--engine", nameEmbedded)
	if hasData {
		r.WithSeen("the data of this instance is in Docker").WithHelp(remedy.Line("or start an empty embedded database beside it: ", again))
		return
	}
	r.WithFix("or go on without Docker:").WithHelp(again)
}

// WithImage are the words of an up that has the server run from an image.
func WithImage(image string) []string { return []string{"--engine", nameDocker, "--image", image} }

// containerSpec is the container that the settings and the compose service ask for.
func containerSpec(c Config) dockerctl.Spec {
	set := &c.Workspace.Settings
	spec := dockerctl.Spec{
		Instance: set.Instance, Container: set.Container, Volume: set.Volume,
		Image: set.Image, ImagePinned: set.IsPinned("image"),
		Port: set.Port, PortPinned: set.IsPinned("port"),
		User: set.User, Password: set.Password, Database: set.Database,
	}
	// A container that was removed by hand comes back where its clients know it.
	if c.Last.Engine == nameDocker && keepsPort(set, c.Last) {
		spec.Port = c.Last.Port
	}
	if init := c.Workspace.Init; init != nil && !c.IsHeldSQL(init.Name) {
		spec.Init.Content = []byte(init.Text)
		if init.OnDisk() {
			spec.Init.Path = init.Path
		}
	}
	if service := c.Workspace.Compose; service != nil && set.Instance == workspace.DefaultInstance {
		likeService(&spec, service)
	}
	return spec
}

// keepsPort reports whether the port of the last start is to be taken again: nothing asks for another one now. The compose
// file's port is that of the container naap-db where nobody chose another, and no other instance's.
func keepsPort(set *workspace.Settings, last Last) bool {
	if last.Port == 0 || set.IsPinned("port") {
		return false
	}
	return !set.IsSet("port") || last.Asked || set.Instance != workspace.DefaultInstance
}

func (x docker) Kind() *Kind { return &dockerKind }

func (x docker) Plan(ctx context.Context) (string, error) {
	state, err := x.at.Observe(ctx, x.spec)
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
	got, err := x.at.Ensure(ctx, x.spec, func(ctx context.Context, at dockerctl.Endpoint) error {
		err := probe(ctx, fromDocker(at))
		if remedy.Code(err) == CodeForeign {
			return fmt.Errorf("%w: %v", dockerctl.ErrNotOurs, err)
		}
		return err
	}, report)
	return fromDocker(got), err
}

func fromDocker(at dockerctl.Endpoint) Endpoint {
	return Endpoint{Host: at.Host, Port: at.Port, Identity: at.Identity, SystemID: at.SystemID, Created: at.Created, Warnings: at.Warnings}
}

func (x docker) Look(ctx context.Context) (Server, error) {
	out := Server{State: Absent, Host: loopback.Host, Port: x.spec.Port}
	c, err := x.at.Describe(ctx, x.spec.Container)
	if err != nil {
		return out, err
	}
	if c == nil {
		return x.lookForVolume(ctx, out)
	}
	out.Container = &Container{
		Name: c.Name, ID: c.ID, Image: c.ImageRef, Status: c.Status, Restarts: c.Restarts,
	}
	out.Identity, out.Started = c.Identity, c.StartedAt
	if c.Port != 0 {
		out.Port = c.Port
	}
	out.State, out.Detail = containerState(c)
	if c.Status == "paused" {
		out.Paused = true
		out.Gone = remedy.New("server.paused", remedy.ExitNoServer, "the database's container is paused").WithFix(unpause(c.Name))
	}
	return out, nil
}

func unpause(container string) string { return "docker unpause " + remedy.ShellWord(container) }

// lookForVolume tells an instance that was never made from one whose container is gone and whose data is not.
func (x docker) lookForVolume(ctx context.Context, out Server) (Server, error) {
	there, err := x.at.HasVolume(ctx, x.spec.Volume)
	if err != nil {
		return out, err
	}
	out.Gone = remedy.New("server.removed", remedy.ExitNoServer, "the database's container was removed").
		WithHelp(remedy.Naap("dev up").Note("finds the data again, where they are in a volume"))
	if there {
		out.State, out.Detail = Stopped, "no container; the "+dockerctl.DataPlace(x.spec.Volume)+" has the data"
	}
	return out, nil
}

func containerState(c *dockerctl.Container) (State, string) {
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
	return x.at.Stop(ctx, x.spec.Container, report)
}

func (x docker) Deletable(ctx context.Context) (string, error) { return x.at.DataOf(ctx, x.spec) }

func (x docker) DeleteData(ctx context.Context, name string, report progress.Report) (bool, error) {
	return x.at.DeleteData(ctx, x.spec.Container, name, report)
}

func (x docker) Logs(ctx context.Context, w io.Writer, opt LogOptions) error {
	c, err := x.at.Describe(ctx, x.spec.Container)
	if err != nil {
		return err
	}
	if c == nil {
		return noLog(x.spec.Instance, "there is no container "+x.spec.Container)
	}
	r, err := x.at.Logs(ctx, x.spec.Container, dockerctl.LogOptions{Follow: opt.Follow, Tail: opt.Tail})
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}

func (x docker) Events(ctx context.Context, emit func(Event) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, failed := x.at.Events(ctx, x.spec.Container)
	for ev := range events {
		if !emit(x.eventOf(ev)) {
			return nil
		}
	}
	return <-failed
}

// eventOf is what the Docker engine tells, in this package's words: it says "health_status: healthy".
func (x docker) eventOf(ev dockerctl.Event) Event {
	if health, ok := strings.CutPrefix(ev.Action, "health_status: "); ok {
		return Event{At: ev.Time, Kind: "health", Text: health}
	}
	e := Event{At: ev.Time, Kind: ev.Action, Text: ev.Action, Fix: remedy.Again("dev up")}
	if ev.ExitCode != "" {
		e.Text += ", exit code " + ev.ExitCode
	}
	if ev.Action == "pause" {
		e.Fix = remedy.Words(unpause(x.spec.Container))
	}
	return e
}

func (x docker) Stats(ctx context.Context) (*Stats, error) {
	c, err := x.at.Describe(ctx, x.spec.Container)
	if err != nil || c == nil {
		return nil, err
	}
	out := &Stats{Name: c.Name, Image: c.ImageRef, Status: c.Status, Started: c.StartedAt, Health: c.Health, Restarts: c.Restarts, CPU: -1, HostFree: -1}
	if free, ok := DiskFree(x.c.Folder); ok {
		out.HostFree = free
	}
	if c.Status != "running" {
		return out, nil
	}
	st, err := x.at.Stats(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	out.Memory, out.MemoryLimit = st.MemoryBytes, st.MemoryLimit
	if st.CPUPercent >= 0 {
		out.CPU = st.CPUPercent / 100
	}
	return out, nil
}

func (x docker) Memory(ctx context.Context, server Server) int64 {
	if server.Container == nil {
		return 0
	}
	return x.at.Memory(ctx, server.Container.ID)
}

func (x docker) Inside() []string { return []string{"docker", "exec", "-it", x.spec.Container} }

// elsewhere are libpq's variables that win over a host that is given, or lead past it.
var elsewhere = []string{"PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS"}

// Exec runs a program as it reaches the server in the container: a compose file's environment, which nobody was asked
// about, is the container's, and its PGHOSTADDR would have the password be given elsewhere.
func (x docker) Exec(ctx context.Context, c Command) (int, error) {
	args := []string{"env"}
	for _, name := range elsewhere {
		args = append(args, "-u", name)
	}
	return x.at.Exec(ctx, dockerctl.ExecOptions{
		Container: x.spec.Container, Cmd: append(args, c.Args...), Env: c.Env,
		Tty: c.Tty, Stdin: c.Stdin, Stdout: c.Stdout, Stderr: c.Stderr, Size: c.Size, Resize: c.Resize,
	})
}

func (x docker) Close() error { return x.at.Close() }
