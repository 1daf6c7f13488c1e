package composefile

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/override"
	"github.com/compose-spec/compose-go/v2/types"
)

// normalize writes down what compose implies: networks, names, dependencies, and the values of variables without one.
func normalize(dict map[string]any, environment types.Mapping) error {
	impliedNetworks(dict)
	var err error
	eachContainer(dict, func(c map[string]any) {
		if c["pull_policy"] == types.PullPolicyIfNotPresent {
			c["pull_policy"] = types.PullPolicyMissing
		}
		if build, ok := c["build"].(map[string]any); ok {
			normalizeBuild(build, environment)
		}
		if c["environment"] != nil {
			c["environment"] = resolve(c["environment"], environment, true)
		}
		if needs := dependencies(c); len(needs) > 0 {
			c["depends_on"] = needs
		}
		for _, v := range list(c["volumes"]) {
			if v, ok := v.(map[string]any); ok {
				v["target"] = path.Clean(text(v["target"]))
			}
		}
		if e := completeHooks(c); e != nil {
			err = e
		}
	})
	nameResources(dict)
	return err
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func normalizeBuild(build map[string]any, environment types.Mapping) {
	if build["context"] == nil {
		build["context"] = "."
	}
	if build["dockerfile"] == nil && build["dockerfile_inline"] == nil {
		build["dockerfile"] = "Dockerfile"
	}
	if build["args"] != nil {
		build["args"] = resolve(build["args"], environment, false)
	}
}

// resolve gives variables without a value that of the environment. Those that it lacks stay only with keepEmpty.
func resolve(variables any, environment types.Mapping, keepEmpty bool) any {
	switch v := variables.(type) {
	case []any:
		var out []any
		for _, one := range v {
			name, isText := one.(string)
			value, set := environment[name]
			switch {
			case !isText:
			case set && !strings.Contains(name, "="):
				out = append(out, name+"="+value)
			case strings.Contains(name, "=") || keepEmpty:
				out = append(out, name)
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			if own, set := environment[name]; set && value == nil {
				value = own
			}
			if value != nil || keepEmpty {
				out[name] = value
			}
		}
		return out
	}
	return variables
}

// dependencies returns what a container depends on, with what it needs because it uses something of another one.
func dependencies(c map[string]any) map[string]any {
	needs, ok := c["depends_on"].(map[string]any)
	if !ok {
		needs = map[string]any{}
	}
	need := func(service string, restart bool) {
		if _, said := needs[service]; !said {
			needs[service] = map[string]any{"condition": types.ServiceConditionStarted, "restart": restart, "required": true}
		}
	}
	for _, link := range list(c["links"]) {
		name := text(link)
		if service, alias, ok := strings.Cut(name, ":"); ok && !strings.Contains(alias, ":") {
			name = service
		}
		need(name, true)
	}
	for _, namespace := range []string{"network_mode", "ipc", "pid", "uts", "cgroup"} {
		if service, ok := strings.CutPrefix(text(c[namespace]), types.ServicePrefix); ok {
			need(service, true)
		}
	}
	for _, from := range list(c["volumes_from"]) {
		if name := text(from); !strings.HasPrefix(name, types.ContainerPrefix) {
			service, _, _ := strings.Cut(name, ":")
			need(service, false)
		}
	}
	return needs
}

// completeHooks gives what runs before a service the service's own attributes of a container, except its volumes.
func completeHooks(service map[string]any) error {
	hooks := list(service["pre_start"])
	if len(hooks) == 0 {
		return nil
	}
	own := map[string]any{}
	for _, name := range types.ContainerSpecAttributes {
		if v, ok := service[name]; ok && name != "volumes" {
			own[name] = v
		}
	}
	as := func(hook any) map[string]any { return map[string]any{"services": map[string]any{"hook": hook}} }
	for i, hook := range hooks {
		merged, err := override.Merge(as(clone(own)), as(hook))
		if err != nil {
			return fmt.Errorf("resolving pre_start hook specification: %w", err)
		}
		hooks[i] = merged["services"].(map[string]any)["hook"]
	}
	return nil
}

// impliedNetworks attaches containers that name no network to the default one, which exists where one is attached.
func impliedNetworks(dict map[string]any) {
	used := false
	eachContainer(dict, func(c map[string]any) {
		if c["provider"] != nil || c["network_mode"] != nil {
			return
		}
		networks, _ := c["networks"].(map[string]any)
		if len(networks) == 0 {
			networks = map[string]any{"default": nil}
			c["networks"] = networks
		}
		if _, ok := networks["default"]; ok {
			used = true
		}
	})
	networks, ok := dict["networks"].(map[string]any)
	if !ok {
		networks = map[string]any{}
	}
	if _, ok := networks["default"]; !ok && used {
		networks["default"] = nil
	}
	if len(networks) > 0 {
		dict["networks"] = networks
	}
}

// nameResources gives resources their real names: what others created is called as in the file.
func nameResources(dict map[string]any) {
	for _, section := range []string{"networks", "volumes", "configs", "secrets"} {
		all, _ := dict[section].(map[string]any)
		for key, one := range all {
			resource, ok := one.(map[string]any)
			if !ok {
				resource = map[string]any{}
			}
			if resource["name"] == nil {
				resource["name"] = fmt.Sprintf("%s_%s", dict["name"], key)
				if external, _ := strconv.ParseBool(fmt.Sprint(resource["external"])); external {
					resource["name"] = key
				}
			}
			all[key] = resource
		}
	}
}
