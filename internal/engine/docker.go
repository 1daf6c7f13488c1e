package engine

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

var dockerKind = Kind{
	Name: nameDocker, Title: "Docker", Inside: true, data: "this instance runs in Docker",
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
	x := docker{at, containerSpec(c), c}
	if err := x.isElsewhere(ctx); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
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
func orEmbedded(r *remedy.Error, set *workspace.Settings, hasData bool) {
	if hasData {
		r.WithSeen("the data of this instance is in Docker").
			WithHelp(remedy.Line("or start an empty embedded database beside it: ", remedy.Naap("dev up", Second(set, nameEmbedded)...)))
		return
	}
	r.WithFix("or go on without Docker:").WithHelp(remedy.Again("dev up", "--engine", nameEmbedded))
}

// WithImage are the words of an up that has the server run from an image.
func WithImage(image string) []string { return []string{"--engine", nameDocker, "--image", image} }

// containerSpec is the container that the settings and the compose service ask for.
func containerSpec(c Config) dockerctl.Spec {
	set := &c.Workspace.Settings
	spec := dockerctl.Spec{
		Wanted: wanted(set), Container: set.Container, Volume: set.Volume,
		Image: set.Image, ImagePinned: set.IsPinned("image"),
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
	// PostgreSQL takes a setting's name in any case, and with - for _.
	if !slices.ContainsFunc(spec.Args, func(arg string) bool {
		return strings.Contains(strings.ReplaceAll(strings.ToLower(arg), "-", "_"), server.LocksSetting)
	}) {
		spec.Args = append(slices.Clone(spec.Args), "-c", fmt.Sprintf("%s=%d", server.LocksSetting, server.MaxLocks))
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
	return x.at.Plan(ctx, x.spec)
}

func (x docker) Ensure(ctx context.Context, probe server.Probe, report progress.Report) (server.Endpoint, error) {
	return x.at.Ensure(ctx, x.spec, probe, report)
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
		out.Gone = remedy.New("server.paused", remedy.ExitNoServer, "the database's container is paused").WithFix(dockerctl.Unpausing(c.Name))
	}
	return out, nil
}

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
		if by := x.at.Users(ctx, x.spec.Volume); len(by) > 0 {
			out.Detail += ", which the container " + by[0] + " uses"
		}
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

// Stop stops the container. One that was given another name by hand runs on with the data: that is not to be taken for a
// server that does not run.
func (x docker) Stop(ctx context.Context, report progress.Report) (bool, error) {
	if c, err := x.at.Describe(ctx, x.spec.Container); err == nil && c == nil {
		if by := x.at.Users(ctx, x.spec.Volume); len(by) > 0 {
			return false, dockerctl.Renamed(x.spec.Container, x.spec.Volume, by[0])
		}
	}
	return x.at.Stop(ctx, x.spec.Container, report)
}

func (x docker) Deletable(ctx context.Context) (string, error) { return x.at.DataOf(ctx, x.spec) }

func (x docker) DeleteData(ctx context.Context, name string, report progress.Report) (bool, error) {
	return x.at.DeleteData(ctx, x.spec.Container, name, report)
}

func (x docker) Logs(ctx context.Context, w io.Writer, opt server.LogOptions) error {
	c, err := x.at.Describe(ctx, x.spec.Container)
	if err != nil {
		return err
	}
	if c == nil {
		return noLog(x.spec.Instance, "there is no container "+x.spec.Container)
	}
	return x.at.Logs(ctx, w, x.spec.Container, opt)
}

func (x docker) Events(ctx context.Context, emit func(server.Event) bool) error {
	return x.at.Events(ctx, x.spec.Container, emit)
}

func (x docker) Stats(ctx context.Context) (*server.Stats, error) {
	out, err := x.at.Stats(ctx, x.spec.Container)
	if free, ok := DiskFree(x.c.Folder); ok && out != nil {
		out.HostFree = free
	}
	return out, err
}

func (x docker) Memory(ctx context.Context, server Server) int64 {
	if server.Container == nil {
		return 0
	}
	return x.at.Memory(ctx, server.Container.ID)
}

func (x docker) Where() string { return x.at.Info().Host }

func (x docker) Inside() []string { return []string{"docker", "exec", "-it", x.spec.Container} }

// elsewhere are libpq's variables that win over a host that is given, or lead past it.
var elsewhere = []string{"PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS"}

// Exec runs a program as it reaches the server in the container: a compose file's environment, which nobody was asked
// about, is the container's, and its PGHOSTADDR would have the password be given elsewhere.
func (x docker) Exec(ctx context.Context, c server.Command) (int, error) {
	args := []string{"env"}
	for _, name := range elsewhere {
		args = append(args, "-u", name)
	}
	c.Args = append(args, c.Args...)
	return x.at.Exec(ctx, x.spec.Container, c)
}

func (x docker) Close() error { return x.at.Close() }
