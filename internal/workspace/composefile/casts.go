package composefile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/sirupsen/logrus"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// castKeys are the places whose texts become another kind once their variables are filled in. They are below the
// prefixes; @ stands for what the specification calls a container (a service, a job, what runs before one), + for a
// service or a job.
const castKeys = `
	int64 @cpu_count @cpu_period @cpu_quota @cpu_rt_period @cpu_rt_runtime @cpu_shares @oom_score_adj @pids_limit
	float @cpu_percent services.*.deploy.update_config.max_failure_ratio services.*.deploy.rollback_config.max_failure_ratio
	float32 @cpus
	umask @umask
	int @ulimits.* @ulimits.*.hard @ulimits.*.soft +healthcheck.retries +ports.[].target services.*.deploy.replicas
		services.*.deploy.update_config.parallelism services.*.deploy.rollback_config.parallelism services.*.scale
		services.*.deploy.restart_policy.max_attempts services.*.deploy.placement.max_replicas_per_node
	bool @init @networks.*.use_service_name_alias @oom_kill_disable @privileged @read_only @volumes.[].read_only
		@volumes.[].volume.nocopy +depends_on.*.required +depends_on.*.restart +healthcheck.disable +stdin_open +tty
		networks.*.external networks.*.internal networks.*.attachable networks.*.enable_ipv4 networks.*.enable_ipv6
		volumes.*.external secrets.*.external configs.*.external`

// castTree has the casts by the keys that lead to them: compose-go compares every text of a file with every one of its
// patterns, which took a third of a load.
type castTree struct {
	below map[string]*castTree
	cast  func(string) (any, error)
}

var casts = lazy.Value[*castTree]{Make: func() *castTree {
	byName := map[string]func(string) (any, error){
		"int":     func(s string) (any, error) { return strconv.Atoi(s) },
		"int64":   func(s string) (any, error) { return strconv.ParseInt(s, 10, 64) },
		"float":   func(s string) (any, error) { return strconv.ParseFloat(s, 64) },
		"float32": toFloat32,
		"umask":   func(s string) (any, error) { return strconv.ParseUint(s, 0, 32) }, // octal with a 0 before it, as in YAML
		"bool":    toBoolean,
	}
	all := &castTree{}
	var to func(string) (any, error)
	for word := range strings.FieldsSeq(castKeys) {
		if cast, ok := byName[word]; ok {
			to = cast
			continue
		}
		prefixes := []string{""}
		switch word[0] {
		case '@':
			prefixes = []string{"services.*.", "jobs.*.", "services.*.pre_start.*."}
		case '+':
			prefixes = []string{"services.*.", "jobs.*."}
		}
		for _, prefix := range prefixes {
			all.add(strings.Split(prefix+strings.TrimLeft(word, "@+"), "."), to)
		}
	}
	return all
}}

func (t *castTree) add(path []string, cast func(string) (any, error)) {
	for _, part := range path {
		if t.below == nil {
			t.below = map[string]*castTree{}
		}
		if t.below[part] == nil {
			t.below[part] = &castTree{}
		}
		t = t.below[part]
	}
	t.cast = cast
}

// castTexts casts the texts in a value, which is at a path that leads to these parts of the tree.
func castTexts(value any, at []*castTree, path tree.Path) (any, error) {
	step := func(one any, part string) (any, error) {
		var next []*castTree
		for _, t := range at {
			for _, key := range []string{part, tree.PathMatchAll} {
				if below := t.below[key]; below != nil {
					next = append(next, below)
				}
			}
		}
		if len(next) == 0 {
			return one, nil
		}
		return castTexts(one, next, path.Next(part))
	}
	var err error
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if v[key], err = step(v[key], key); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = step(v[i], tree.PathMatchList); err != nil {
				return nil, err
			}
		}
	case string:
		for _, t := range at {
			if t.cast != nil {
				if value, err = t.cast(v); err != nil {
					return nil, fmt.Errorf("error while interpolating %s: failed to cast to expected type: %w", path, err)
				}
				return value, nil
			}
		}
	}
	return value, nil
}

func toFloat32(s string) (any, error) {
	f, err := strconv.ParseFloat(s, 32)
	return float32(f), err
}

// toBoolean reads what compose takes for a boolean: the words of YAML 1.1 too, with a warning.
func toBoolean(s string) (any, error) {
	switch strings.ToLower(s) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "y", "yes", "on":
		logrus.Warnf("%q for boolean is not supported by YAML 1.2, please use `true`", s)
		return true, nil
	case "n", "no", "off":
		logrus.Warnf("%q for boolean is not supported by YAML 1.2, please use `false`", s)
		return false, nil
	}
	return nil, fmt.Errorf("invalid boolean: %s", s)
}
