package workspace

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// serviceHash returns the fingerprint that docker compose keeps in a container's labels: SHA-256 of the service as
// JSON, without what does not affect the container, its first-level keys in compose's order (docker/compose v5,
// internal/confighash). A version of compose that computes it differently recreates the container on the same volume.
func serviceHash(s types.ServiceConfig) string {
	s.Build, s.PullPolicy, s.Scale, s.DependsOn, s.Profiles = nil, "", nil, nil, nil
	if s.Deploy != nil {
		deploy := *s.Deploy
		deploy.Replicas = nil
		s.Deploy = &deploy
	}
	data, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return ""
	}
	var ordered bytes.Buffer
	for _, name := range append(strings.Fields(composeKeyOrder), slices.Sorted(maps.Keys(fields))...) {
		value, ok := fields[name]
		if !ok {
			continue
		}
		delete(fields, name)
		if ordered.Len() > 0 {
			ordered.WriteByte(',')
		}
		ordered.WriteString(strconv.Quote(name) + ":")
		ordered.Write(value)
	}
	return sha256Hex([]byte("{" + ordered.String() + "}"))
}

// composeKeyOrder is the order of a service's keys in the text that compose hashes; keys not in it follow, sorted.
const composeKeyOrder = `
	profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count cpu_percent
	cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares command configs container_name
	credential_spec depends_on deploy device_cgroup_rules devices dns dns_opt dns_search dockerfile domainname
	entrypoint provider environment env_file expose extends external_links extra_hosts group_add gpus hostname
	healthcheck image init ipc isolation labels label_file links logging log_driver log_opt mem_limit mem_reservation
	memswap_limit mem_swappiness mac_address models net network_mode networks oom_kill_disable oom_score_adj pid
	pids_limit platform ports privileged pull_policy read_only restart runtime scale secrets security_opt shm_size
	stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
	volume_driver volumes volumes_from working_dir pre_start post_start pre_stop`

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
