package workspace

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// toldKeys are the keys of a service that Compose represents completely, and those that mean nothing for one existing
// container: how it is built, pulled, scaled and ordered among others.
const toldKeys = `
	attach build command container_name depends_on develop entrypoint env_file environment expose extends image
	label_file labels mem_limit platform profiles pull_policy pull_refresh_after restart scale shm_size`

// notTold returns the keys of a service that Compose does not represent, sorted: a container made from it is not the
// one that compose would make.
func notTold(s types.ServiceConfig, port int) []string {
	deploy, networks, volumes, ports, health := s.Deploy, s.Networks, s.Volumes, s.Ports, s.HealthCheck
	s.Deploy, s.Networks, s.Volumes, s.Ports, s.HealthCheck = nil, nil, nil, nil, nil
	data, err := json.Marshal(s)
	var keys map[string]json.RawMessage
	if err != nil || json.Unmarshal(data, &keys) != nil {
		return []string{"the service"}
	}
	for key := range strings.FieldsSeq(toldKeys) {
		delete(keys, key)
	}
	list := slices.Collect(maps.Keys(keys))
	if asksMore(deploy) {
		list = append(list, "deploy")
	}
	if health != nil && (health.StartInterval != nil || health.Disable) {
		list = append(list, "healthcheck")
	}
	for key, n := range networks {
		if n != nil && attachedOtherwise(*n) {
			list = append(list, "networks."+key)
		}
	}
	for _, v := range volumes {
		if mountedOtherwise(v) {
			list = append(list, "the mount at "+v.Target)
		}
	}
	for _, p := range ports {
		if p.Published != "" && p.Published != strconv.Itoa(port) {
			list = append(list, "port "+p.Published)
		}
	}
	slices.Sort(list)
	return list
}

// asksMore reports whether a deploy section contains more than replicas and a memory limit.
func asksMore(d *types.DeployConfig) bool {
	if d == nil {
		return false
	}
	rest := *d
	rest.Replicas = nil
	if limits := rest.Resources.Limits; limits != nil {
		less := *limits
		less.MemoryBytes = 0
		rest.Resources.Limits = &less
	}
	return !sameJSON(rest, types.DeployConfig{}) && !sameJSON(rest, types.DeployConfig{Resources: types.Resources{Limits: &types.Resource{}}})
}

// attachedOtherwise reports whether an attachment to a network has options other than names.
func attachedOtherwise(n types.ServiceNetworkConfig) bool {
	n.Aliases, n.Priority = nil, 0 // the priority is the order in which they are attached
	return !sameJSON(n, types.ServiceNetworkConfig{})
}

// mountedOtherwise reports whether a mount has a type or options that Mount does not represent.
func mountedOtherwise(v types.ServiceVolumeConfig) bool {
	if v.Type != types.VolumeTypeBind && v.Type != types.VolumeTypeVolume {
		return true
	}
	if b := v.Bind; b != nil && (b.SELinux != "" || b.Propagation != "" || b.Recursive != "") {
		return true
	}
	return v.Volume != nil && (v.Volume.NoCopy || v.Volume.Subpath != "" || len(v.Volume.Labels) > 0)
}

func sameJSON(a, b any) bool {
	one, err := json.Marshal(a)
	two, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(one) == string(two)
}
