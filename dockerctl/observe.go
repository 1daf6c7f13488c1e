package dockerctl

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"
	"golang.org/x/sync/errgroup"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Observe looks at all that decide needs and changes nothing; to look into a volume that no container has, it makes a
// container that never starts and removes it again. It waits for a container that is being removed to be gone.
func (e *Engine) Observe(ctx context.Context, spec Spec) (*State, error) {
	s, err := e.observe(ctx, spec.withDefaults())
	return s, e.lost(ctx, "look at the container", err)
}

func (e *Engine) observe(ctx context.Context, spec Spec) (*State, error) {
	s := &State{Engine: e.info, Init: initMode(e.info, spec)}
	var labels map[string]string
	var running []container.Summary
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { s.Container, err = e.containerState(gctx, spec.Container); return })
	g.Go(func() (err error) { s.Image, err = e.imageInfo(gctx, spec.Image); return })
	g.Go(func() (err error) { running, err = e.running(gctx); return })
	g.Go(func() (err error) { s.Missing, err = e.missingExternal(gctx, spec); return })
	g.Go(func() (err error) { s.Volume, labels, err = e.volumeState(gctx, spec.Volume); return })
	if err := g.Wait(); err != nil {
		return nil, err
	}
	c := s.Container
	if c == nil {
		return s, e.observeForCreation(ctx, spec, s, running, labels)
	}
	return s, e.observeContainer(ctx, spec, s, running)
}

// observeContainer looks further at what a container that exists was made with.
func (e *Engine) observeContainer(ctx context.Context, spec Spec, s *State, running []container.Summary) error {
	c := s.Container
	if s.Own = s.Image; s.Image == nil || s.Image.ID != c.ImageID {
		var err error
		if s.Own, err = e.imageInfo(ctx, c.ImageID); err != nil {
			return err
		}
		// A container outlives its image; to be recreated it takes what has the name now.
		if s.Own == nil {
			if s.Own, err = e.imageInfo(ctx, c.ImageRef); err != nil {
				return err
			}
		}
	}
	s.Volume = nil
	if c.Volume != "" {
		s.Volume = &volumeState{Name: c.Volume}
	}
	live := c.Status == "running" || c.Status == "paused"
	if !live {
		// The claim that counts is on the port it would get.
		number := c.Port
		if number == 0 || (c.Ours && number != spec.Port) {
			number = spec.Port
		}
		s.Port = e.portState(running, number, c.ID)
	} else {
		s.Port = portState{Number: c.Port}
		if e.info.Remote {
			s.Port.Tunnel = loopback.Answers(c.Port)
		}
	}
	if s.Volume == nil {
		return nil
	}
	if !live {
		s.Volume.Users = volumeUsers(running, c.Volume, c.ID)
	}
	if (c.Ours && c.Status != "created") || c.Status == "dead" {
		return nil // it was looked at before its first start, or cannot be looked into
	}
	if c.Libc == "" {
		c.Libc = e.libcInside(ctx, c.ID)
	}
	data, err := e.readData(ctx, c.ID, c.DataPath)
	if err != nil {
		return err
	}
	s.Volume.Data, c.SystemID = data, data.SystemID
	return nil
}

// observeForCreation looks at what a new container would meet.
func (e *Engine) observeForCreation(ctx context.Context, spec Spec, s *State, running []container.Summary, labels map[string]string) error {
	s.Port = e.portState(running, spec.Port, "")
	if s.Volume == nil {
		return nil
	}
	s.Volume.Users = volumeUsers(running, spec.Volume, "")
	if s.Volume.Image != "" && s.Volume.Image != spec.Image {
		var err error
		if s.Recorded, err = e.imageInfo(ctx, s.Volume.Image); err != nil {
			return err
		}
	}
	through := s.Image
	if through == nil {
		through = s.Recorded
	}
	if through == nil {
		return nil // pulled first, then looked at again
	}
	data, err := e.inspectVolume(ctx, spec, through, spec.Volume)
	if isFolder(spec.Volume) && err != nil && ctx.Err() == nil {
		if mountFailed(err) {
			s.Volume = nil // there is no such folder
		}
		return nil // not every engine may look into every folder
	}
	if err != nil {
		return err
	}
	// What naap wrote on the volume is surer than what is concluded from its files.
	if l := dataFromLabels(labels); l != nil && l.Libc != "" {
		data.Libc, data.Evidence = l.Libc, l.Evidence
	}
	s.Volume.Data = data
	return nil
}

// Describe looks at a container without touching it; nil if there is none of that name. Its SystemID is not asked for.
func (e *Engine) Describe(ctx context.Context, name string) (*Container, error) {
	c, err := e.containerState(ctx, name)
	return c, e.lost(ctx, "look at the container", err)
}

// containerState inspects a container by its name; nil if there is none.
func (e *Engine) containerState(ctx context.Context, name string) (*Container, error) {
	for began := time.Now(); ; {
		got, err := e.cli.ContainerInspect(ctx, name)
		if cerrdefs.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look at container %s: %w", name, err)
		}
		if strings.TrimPrefix(got.Name, "/") != name {
			return nil, nil // the name is a prefix of some container's id
		}
		if got.State.Status != container.StateRemoving {
			return containerOf(got), nil
		}
		if time.Since(began) > workTimes*e.cli.patience {
			return nil, remedy.New("docker.stuck", remedy.ExitNoServer, "the engine has been removing container %s for %s", visible.String(name), say.Age(time.Since(began))).
				WithFix("restart the engine:", restartCommand(e.from.Runtime, e.find.GOOS))
		}
		if err := server.Wait(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// containerOf takes what matters out of an inspection.
func containerOf(got container.InspectResponse) *Container {
	env := environment(got.Config.Env)
	c := &Container{
		ID:         got.ID,
		Name:       strings.TrimPrefix(got.Name, "/"),
		Status:     string(got.State.Status),
		ImageRef:   got.Config.Image,
		ImageID:    got.Image,
		Ours:       got.Config.Labels[labelInstance] != "",
		Compose:    got.Config.Labels[composeProject],
		Identity:   got.Config.Labels[labelIdentity],
		Init:       initWay(got.Config.Labels[labelInit]),
		Settings:   got.Config.Labels[labelSettings],
		Postgres:   isPostgres(env, got.Config.Image),
		Major:      majorOf(env, got.Config.Image),
		Libc:       libcOf(env, got.Config.Image),
		DataPath:   dataDirOf(env),
		User:       env["POSTGRES_USER"],
		Database:   env["POSTGRES_DB"],
		Restart:    string(got.HostConfig.RestartPolicy.Name),
		ExitCode:   got.State.ExitCode,
		OOMKilled:  got.State.OOMKilled,
		Restarts:   got.RestartCount,
		StopSignal: got.Config.StopSignal,
	}
	if h := got.State.Health; h != nil && h.Status != container.NoHealthcheck {
		c.Health = string(h.Status)
	}
	c.StartedAt, _ = time.Parse(time.RFC3339Nano, got.State.StartedAt)
	c.User = cmp.Or(c.User, "postgres")
	c.Database = cmp.Or(c.Database, c.User)
	c.Volume = dataVolume(got.Mounts, c.DataPath)
	c.Host, c.Port = published(got)
	c.Open = open(got)
	return c
}

// dataVolume returns the volume or folder that a data directory lies in: the one mounted nearest above it. An anonymous
// volume counts as one too; its name is a long number.
func dataVolume(mounts []container.MountPoint, dir string) string {
	name, depth := "", -1
	for _, m := range mounts {
		at := path.Clean(m.Destination)
		if at != dir && !strings.HasPrefix(dir, strings.TrimSuffix(at, "/")+"/") {
			continue
		}
		if len(at) > depth {
			depth, name = len(at), ""
			switch m.Type {
			case mount.TypeVolume:
				name = m.Name
			case mount.TypeBind:
				name = m.Source
			}
		}
	}
	return name
}

// published returns where the server's port can be reached from this machine, as far as the container's settings tell:
// what is bound now if it runs, else what will be.
func published(got container.InspectResponse) (host string, number int) {
	if got.HostConfig.NetworkMode.IsHost() {
		return loopback.Host, serverPort
	}
	for _, bindings := range []map[string][]string{liveBindings(got), wantedBindings(got)} {
		for _, b := range bindings[strconv.Itoa(serverPort)+"/tcp"] {
			ip, port, err := net.SplitHostPort(b)
			if err != nil {
				continue
			}
			n, _ := strconv.Atoi(port)
			// An IPv4 binding is preferred to the IPv6 one that Docker makes beside it.
			if n > 0 && (host == "" || strings.Contains(host, ":")) {
				host, number = ip, n
			}
		}
		if number > 0 {
			return host, number
		}
	}
	return "", 0
}

// open returns how other machines reach the server, whatever else it is published on; empty if they do not.
func open(got container.InspectResponse) string {
	if got.HostConfig.NetworkMode.IsHost() {
		return "the host's network"
	}
	bindings := liveBindings(got)
	if len(bindings) == 0 {
		bindings = wantedBindings(got)
	}
	for _, b := range bindings[strconv.Itoa(serverPort)+"/tcp"] {
		host, _, err := net.SplitHostPort(b)
		if ip := net.ParseIP(host); err == nil && ip != nil && !ip.IsLoopback() {
			return b
		}
	}
	return ""
}

func liveBindings(got container.InspectResponse) map[string][]string {
	all := map[string][]string{}
	if got.NetworkSettings == nil {
		return all
	}
	for port, bindings := range got.NetworkSettings.Ports {
		for _, b := range bindings {
			all[string(port)] = append(all[string(port)], net.JoinHostPort(b.HostIP, b.HostPort))
		}
	}
	return all
}

func wantedBindings(got container.InspectResponse) map[string][]string {
	all := map[string][]string{}
	for port, bindings := range got.HostConfig.PortBindings {
		for _, b := range bindings {
			ip := cmp.Or(b.HostIP, "0.0.0.0")
			all[string(port)] = append(all[string(port)], net.JoinHostPort(ip, b.HostPort))
		}
	}
	return all
}

// initMode returns how the init script can get into a container. It is mounted where the engine runs on this machine
// and the server's user may read the file; whether the engine really sees this file is verified once the container is
// made.
func initMode(engine Info, spec Spec) initWay {
	if spec.Init.Path == "" {
		if len(spec.Init.Content) == 0 {
			return initNone
		}
		return initCopied
	}
	info, err := os.Stat(spec.Init.Path)
	switch {
	case err != nil, !info.Mode().IsRegular():
		return initCopied
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o004 == 0:
		return initCopied // the script is read by the user postgres, who is none of its owner's group
	case !strings.HasPrefix(engine.Host, "unix://") && !strings.HasPrefix(engine.Host, "npipe://"):
		return initCopied
	case selinuxEnforces():
		return initCopied // a bind mount would need the file's label to be changed
	}
	return initMounted
}

func selinuxEnforces() bool {
	text, err := os.ReadFile("/sys/fs/selinux/enforce")
	return err == nil && strings.TrimSpace(string(text)) == "1"
}
