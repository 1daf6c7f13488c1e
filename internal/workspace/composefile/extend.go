package composefile

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/override"
	"github.com/compose-spec/compose-go/v2/paths"
)

// base is a file whose services are extended.
type base struct {
	services map[string]any
	reset    *resets
}

// reference names a service of a file.
type reference struct{ service, file string }

// extend merges the services of a document with those that they extend.
func (l *load) extend(m model, file string, dict map[string]any, reset *resets) error {
	for _, section := range []string{"services", "jobs"} {
		if dict[section] == nil {
			continue
		}
		all, ok := dict[section].(map[string]any)
		if !ok {
			return fmt.Errorf("%s must be a mapping", section)
		}
		for name := range all {
			merged, err := l.extended(m, reference{name, file}, base{all, reset}, nil)
			if err != nil {
				return err
			}
			all[name] = merged
		}
	}
	return nil
}

// extended returns a service merged with what it extends, and with what that extends. way are the services that led
// here.
func (l *load) extended(m model, at reference, in base, way []reference) (any, error) {
	if in.services[at.service] == nil {
		return nil, nil
	}
	service, ok := in.services[at.service].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("services.%s must be a mapping", at.service)
	}
	from, file, err := extendsOf(at.service, service["extends"])
	if from == "" || err != nil {
		return service, err
	}
	next, other := reference{from, at.file}, in
	if file != "" {
		next.file = absolute(m.dir, file)
		if other, err = l.base(m, at.service, next.file); err != nil {
			return nil, err
		}
	}
	if _, ok := other.services[from]; !ok {
		return nil, fmt.Errorf("cannot extend service %q in %s: service %q not found in %s", at.service, at.file, from, next.file)
	}
	if way, err = further(way, at); err != nil {
		return nil, err
	}
	found, err := l.extended(m, next, other, way)
	if err != nil || found == nil {
		return service, err
	}
	source := clone(found).(map[string]any)
	in.reset.apply(map[string]any{"services": map[string]any{at.service: source}})
	merged, err := override.ExtendService(source, service)
	if err != nil {
		return nil, err
	}
	delete(merged, "extends")
	in.services[at.service] = merged
	return merged, nil
}

// extendsOf returns the service that is extended, and its file, as they are written; "" for none.
func extendsOf(name string, extends any) (service, file string, err error) {
	switch v := extends.(type) {
	case nil:
		return "", "", nil
	case string:
		return v, "", nil
	case map[string]any:
		var ok bool
		if service, ok = v["service"].(string); !ok {
			return "", "", fmt.Errorf("extends.%s.service is required", name)
		}
		if file, ok = v["file"].(string); !ok && v["file"] != nil {
			return "", "", fmt.Errorf("services.%s.extends.file must be a string", name)
		}
		return service, file, nil
	}
	return "", "", fmt.Errorf("services.%s.extends must be a mapping or string", name)
}

// further adds a service to a way, unless it has been there.
func further(way []reference, at reference) ([]reference, error) {
	if !slices.Contains(way, at) {
		return append(slices.Clip(way), at), nil
	}
	lines := []string{"Circular reference:", fmt.Sprintf("  %s in %s", way[0].service, way[0].file)}
	for _, r := range append(way[1:], at) {
		lines = append(lines, fmt.Sprintf("  extends %s in %s", r.service, r.file))
	}
	return nil, errors.New(strings.Join(lines, "\n"))
}

// base reads the services of a file for one that extends them, each file once in a model.
func (l *load) base(m model, name, file string) (base, error) {
	b, known := m.bases[file]
	if !known {
		dict, reset, err := l.file(m, file, map[string]any{}, false)
		if err != nil {
			return b, err
		}
		all, ok := dict["services"].(map[string]any)
		if !ok {
			return b, fmt.Errorf("cannot extend service %q in %s: no services section, or not a mapping", name, file)
		}
		if err := paths.ResolveRelativePaths(dict, filepath.Dir(file), nil); err != nil {
			return b, err
		}
		b = base{all, reset}
		m.bases[file] = b
	}
	return base{clone(b.services).(map[string]any), b.reset}, nil // services are changed while they are extended
}
