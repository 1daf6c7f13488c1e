package composefile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/errdefs"
	"github.com/compose-spec/compose-go/v2/graph"
	"github.com/compose-spec/compose-go/v2/types"
)

// consistent checks what no single value shows: that what is named exists, and that no two values contradict.
func consistent(project *types.Project) error {
	for _, name := range slices.Sorted(maps.Keys(project.Services)) {
		s := project.Services[name]
		for _, check := range []func(*types.Project, *types.ServiceConfig) error{runnable, attached, dependent, limited, mounted} {
			if err := check(project, &s); err != nil {
				return err
			}
		}
		project.Services[name] = s
	}
	for name := range project.AllJobs() {
		if _, ok := project.AllServices()[name]; ok {
			return fmt.Errorf("%q is declared both as a service and a job: service and job names must be unique", name)
		}
	}
	for name, j := range project.Jobs {
		for needed, how := range j.DependsOn {
			if _, isJob := project.Jobs[needed]; !isJob && !isThere(project, needed, how) {
				return fmt.Errorf("job %q depends on undefined service or job %q", name, needed)
			}
		}
	}
	for name, secret := range project.Secrets {
		if !bool(secret.External) && secret.File == "" && secret.Environment == "" {
			return fmt.Errorf("secret %q must declare either `file` or `environment`", name)
		}
	}
	return graph.CheckCycle(project)
}

// runnable checks what a service runs.
func runnable(project *types.Project, s *types.ServiceConfig) error {
	b := s.Build
	switch {
	case b == nil && s.Image == "" && s.Provider == nil:
		return fmt.Errorf("service %q has neither an image nor a build context specified", s.Name)
	case b == nil:
	case b.DockerfileInline != "" && b.Dockerfile != "":
		return fmt.Errorf("service %q declares mutualy exclusive dockerfile and dockerfile_inline", s.Name)
	case len(b.Platforms) > 0 && s.Platform != "" && !slices.Contains(b.Platforms, s.Platform):
		return fmt.Errorf("service.build.platforms MUST include service.platform %q", s.Platform)
	default:
		for name, place := range b.AdditionalContexts {
			if from, ok := strings.CutPrefix(place, types.ServicePrefix); ok {
				if other, known := project.AllServices()[from]; !known || other.Build == nil {
					return fmt.Errorf("service %q declares unknown or non-buildable service %q as additional contexts %s", s.Name, from, name)
				}
			}
		}
		for _, secret := range b.Secrets {
			if _, ok := project.Secrets[secret.Source]; !ok {
				return fmt.Errorf("service %q refers to undefined build secret %s", s.Name, secret.Source)
			}
		}
	}
	if h := s.HealthCheck; h != nil && len(h.Test) > 0 && !slices.Contains([]string{"CMD", "CMD-SHELL", "NONE"}, h.Test[0]) {
		return errors.New(`healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"`)
	}
	if s.Develop != nil {
		for _, w := range s.Develop.Watch {
			if w.Target == "" && w.Action != types.WatchActionRebuild && w.Action != types.WatchActionRestart {
				return fmt.Errorf("services.%s.develop.watch: target is required for non-rebuild actions", s.Name)
			}
		}
	}
	return nil
}

// attached checks that what a service uses is defined.
func attached(project *types.Project, s *types.ServiceConfig) error {
	if s.NetworkMode != "" && len(s.Networks) > 0 {
		return fmt.Errorf("service %s declares mutually exclusive `network_mode` and `networks`", s.Name)
	}
	undefined := func(kind, name string) error {
		return fmt.Errorf("service %q refers to undefined %s %s", s.Name, kind, name)
	}
	for name := range s.Networks {
		if _, ok := project.Networks[name]; !ok {
			return undefined("network", name)
		}
	}
	for _, v := range s.Volumes {
		if _, ok := project.Volumes[v.Source]; !ok && v.Type == types.VolumeTypeVolume && v.Source != "" {
			return undefined("volume", v.Source)
		}
	}
	for _, c := range s.Configs {
		if _, ok := project.Configs[c.Source]; !ok {
			return undefined("config", c.Source)
		}
	}
	for name := range s.Models {
		if _, ok := project.Models[name]; !ok {
			return undefined("model", name)
		}
	}
	for _, secret := range s.Secrets {
		if _, ok := project.Secrets[secret.Source]; !ok {
			return undefined("secret", secret.Source)
		}
	}
	return nil
}

// dependent checks that the services exist that a service depends on.
func dependent(project *types.Project, s *types.ServiceConfig) error {
	for name, how := range s.DependsOn {
		_, isJob := project.Jobs[name]
		switch {
		case isThere(project, name, how):
		case isJob:
			return fmt.Errorf("service %q cannot depend on job %q: services can only depend on other services", s.Name, name)
		default:
			return fmt.Errorf("service %q depends on undefined service %q", s.Name, name)
		}
	}
	if name, ok := strings.CutPrefix(s.NetworkMode, types.ServicePrefix); ok {
		if _, err := project.GetServices(name); err != nil {
			return fmt.Errorf("service %q not found for network_mode 'service:%s'", name, name)
		}
	}
	return nil
}

// isThere reports whether a service exists that another one depends on, or need not.
func isThere(project *types.Project, name string, how types.ServiceDependency) bool {
	_, err := project.GetService(name)
	return err == nil || errors.Is(err, errdefs.ErrDisabled) && !how.Required
}

// limited checks limits that are given in two places, and the number of containers.
func limited(_ *types.Project, s *types.ServiceConfig) error {
	if d := s.Deploy; d != nil {
		limits, reserved := d.Resources.Limits, d.Resources.Reservations
		distinct := func(one, other string) error {
			return fmt.Errorf("services.%s: can't set distinct values on '%s' and 'deploy.%s'", s.Name, one, other)
		}
		switch {
		case s.Scale != nil && d.Replicas != nil && *s.Scale != *d.Replicas:
			return distinct("scale", "replicas")
		case s.CPUS != 0 && limits != nil && limits.NanoCPUs.Value() != s.CPUS:
			return distinct("cpus", "resources.limits.cpus")
		case s.MemLimit != 0 && limits != nil && limits.MemoryBytes != s.MemLimit:
			return distinct("mem_limit", "resources.limits.memory")
		case s.MemReservation != 0 && reserved != nil && reserved.MemoryBytes != s.MemReservation:
			return distinct("mem_reservation", "resources.reservations.memory")
		case s.PidsLimit != 0 && limits != nil && limits.Pids != s.PidsLimit:
			return distinct("pids_limit", "resources.limits.pids")
		}
		if s.Scale != nil {
			d.Replicas = s.Scale
		}
	}
	switch n := s.GetScale(); {
	case n < 0:
		return fmt.Errorf("services.%s.scale: must be greater than or equal to 0", s.Name)
	case n > 1 && s.ContainerName != "":
		return fmt.Errorf("services.%s: can't run %d containers and set container_name, as container names must be unique", s.Name, n)
	}
	return nil
}

// mounted checks that a service has one mount at each place.
func mounted(_ *types.Project, s *types.ServiceConfig) error {
	there := map[string]string{}
	mount := func(target, at string) error {
		if other, ok := there[target]; ok {
			return fmt.Errorf("%s: target %s already mounted as %s", at, target, other)
		}
		there[target] = at
		return nil
	}
	for i, t := range s.Tmpfs {
		target, _, _ := strings.Cut(t, ":")
		if err := mount(target, fmt.Sprintf("services.%s.tmpfs[%d]", s.Name, i)); err != nil {
			return err
		}
	}
	for i, v := range s.Volumes {
		if err := mount(v.Target, fmt.Sprintf("services.%s.volumes[%d]", s.Name, i)); err != nil {
			return err
		}
	}
	return nil
}
