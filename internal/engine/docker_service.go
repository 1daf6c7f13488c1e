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
	service := *c
	service.NotTold = slices.Clone(c.NotTold)
	spec.Compose = &service
	spec.Restart, spec.ShmSize, spec.Memory = c.Restart, c.ShmSize, c.Memory
	spec.Env, spec.Labels, spec.Platform = furtherEnvironment(c), c.Labels, c.Platform
	spec.DataTarget, spec.Health = c.DataTarget, c.Health
	if c.VolumeOf != nil && spec.Volume == c.Volume {
		spec.VolumeMade = *c.VolumeOf
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
		spec.Mounts = append(spec.Mounts, m)
	}
	if spec.Init.Path == "" && len(spec.Init.Content) == 0 {
		return
	}
	// A setting may have put another script in the place of the file's.
	at := cmp.Or(spec.Init.Target, dockerctl.InitTarget)
	spec.Mounts = slices.DeleteFunc(spec.Mounts, func(m workspace.Mount) bool { return m.Target == at })
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
