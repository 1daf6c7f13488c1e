package engine

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// likeService makes a container that stands for a compose service be like it, but for the address: the server is
// published on loopback only, whatever the file says. What it cannot take over is named in the spec's NotTold.
func likeService(spec *dockerctl.Spec, c *workspace.Compose) {
	spec.Compose = composeOf(c)
	spec.Restart, spec.ShmSize, spec.Memory = c.Restart, c.ShmSize, c.Memory
	spec.Env, spec.Labels, spec.Platform = furtherEnvironment(c), c.Labels, c.Platform
	spec.DataTarget = c.DataTarget
	if c.VolumeOf != nil && spec.Volume == c.Volume {
		spec.VolumeMade = volumeMade(c.VolumeOf)
	}
	beyond := func(key string) { spec.Compose.NotTold = append(spec.Compose.NotTold, key) }
	var ok bool
	if spec.Args, ok = serverArgs(c.Command); !ok {
		beyond("command")
	}
	if spec.Entrypoint = c.Entrypoint; runsItsOwn(c.Entrypoint) {
		spec.Entrypoint = nil
		beyond("entrypoint")
	}
	for _, name := range append([]string{"PGPORT"}, elsewhere...) {
		if c.Environment[name] != "" {
			beyond(name)
		}
	}
	if h := c.Health; h != nil {
		spec.Health = &dockerctl.Healthcheck{Test: h.Test, Interval: h.Interval, Timeout: h.Timeout, StartPeriod: h.StartPeriod, Retries: h.Retries}
	}
	likeMounts(spec, c)
}

// likeMounts takes over the mounts beside the data's. The script that makes the schemas stays where the file has it, and
// the others beside it; a folder of scripts is mounted whole, and none of its own is put into it.
func likeMounts(spec *dockerctl.Spec, c *workspace.Compose) {
	for _, m := range slices.Concat(c.InitMounts, c.Mounts) {
		if !m.IsVolume && m.Source == spec.Init.Path && path.Ext(m.Target) == ".sql" {
			spec.Init.Target = m.Target
			continue
		}
		if m.Target == workspace.InitFolder {
			spec.Init = dockerctl.InitScript{}
		}
		further := dockerctl.Mount{Source: m.Source, Target: m.Target, ReadOnly: m.ReadOnly, IsVolume: m.IsVolume}
		if m.Volume != nil {
			further.Made = volumeMade(m.Volume)
		}
		spec.Mounts = append(spec.Mounts, further)
	}
	if spec.Init.Path == "" && len(spec.Init.Content) == 0 {
		return
	}
	// A setting may have put another script in the place of the file's.
	at := cmp.Or(spec.Init.Target, dockerctl.InitTarget)
	spec.Mounts = slices.DeleteFunc(spec.Mounts, func(m dockerctl.Mount) bool { return m.Target == at })
}

func volumeMade(v *workspace.Volume) dockerctl.VolumeMade {
	return dockerctl.VolumeMade{Key: v.Key, External: v.External, Driver: v.Driver, Options: v.Options}
}

// furtherEnvironment is the service's environment without what the settings decide, without another port inside the
// container than the one that is published, and without what would lead the image's own psql to another server.
func furtherEnvironment(c *workspace.Compose) map[string]string {
	env := map[string]string{}
	for name, value := range c.Environment {
		switch strings.TrimSuffix(name, "_FILE") {
		case "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "PGPORT":
		default:
			if !slices.Contains(elsewhere, name) {
				env[name] = value
			}
		}
	}
	return env
}

// serverArgs are the server's arguments of a service's command: postgres -c max_connections=200. ok is false where the
// command runs something else.
func serverArgs(command []string) (args []string, ok bool) {
	if len(command) > 0 && path.Base(command[0]) == "docker-entrypoint.sh" {
		command = command[1:]
	}
	switch {
	case len(command) == 0:
		return nil, true
	case path.Base(command[0]) == "postgres":
		return command[1:], true
	case strings.HasPrefix(command[0], "-"):
		return command, true
	}
	return nil, false
}

// runsItsOwn reports whether an entrypoint is a shell's script in the file itself, which takes no notice of the command.
func runsItsOwn(entrypoint []string) bool {
	if len(entrypoint) < 2 {
		return false
	}
	switch path.Base(entrypoint[0]) {
	case "sh", "bash", "ash", "dash":
		return slices.Contains(entrypoint[1:], "-c")
	}
	return false
}

func composeOf(c *workspace.Compose) *dockerctl.Compose {
	out := &dockerctl.Compose{
		Project: c.Project, Service: c.Service, ConfigHash: c.ConfigHash, WorkingDir: c.WorkingDir,
		ConfigFiles: c.Files, EnvFiles: c.EnvFiles, DependsOn: c.DependsOn, NotTold: slices.Clone(c.NotTold),
	}
	for _, n := range c.Networks {
		out.Networks = append(out.Networks, dockerctl.ComposeNetwork{Key: n.Key, Name: n.Name, Aliases: n.Aliases, Create: n.Plain})
	}
	return out
}
