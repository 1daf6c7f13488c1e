package composefile

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/override"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/livepeer/naap-dev/internal/files"
)

// include adds to a document what the files that it includes contain.
func (l *load) include(m model, file string, dict map[string]any, reset *resets) error {
	list, err := includes(dict["include"])
	if err != nil {
		return err
	}
	m.within = append(slices.Clip(m.within), file)
	for _, one := range list {
		sub, err := l.included(m, one)
		if err != nil {
			return err
		}
		contents, err := l.model(sub)
		if err != nil {
			return err
		}
		for _, section := range []string{"services", "jobs", "volumes", "networks", "secrets", "configs", "models"} {
			if err := importSection(dict, contents, section, reset); err != nil {
				return err
			}
		}
	}
	delete(dict, "include")
	return nil
}

func includes(source any) ([]types.IncludeConfig, error) {
	if source == nil {
		return nil, nil
	}
	list, ok := source.([]any)
	if !ok {
		return nil, fmt.Errorf("`include` must be a list, got %s", source)
	}
	for i, one := range list {
		if path, ok := one.(string); ok {
			list[i] = map[string]any{"path": path}
		}
	}
	var configs []types.IncludeConfig
	return configs, decode(list, &configs)
}

// included returns the model that an entry of include names: its files, its folder, and the variables of its env files,
// which are those of its folder unless it names others.
func (l *load) included(m model, config types.IncludeConfig) (model, error) {
	sub := model{within: m.within}
	for _, path := range config.Path {
		sub.files = append(sub.files, absolute(m.dir, path))
	}
	if len(sub.files) > 0 {
		sub.dir = filepath.Dir(sub.files[0])
		if slices.Contains(m.within, sub.files[0]) {
			return sub, fmt.Errorf("include cycle detected:\n%s\n include %s", m.within[0], strings.Join(append(m.within[1:], sub.files[0]), "\n include "))
		}
	}
	if config.ProjectDirectory != "" {
		sub.dir = absolute(m.dir, config.ProjectDirectory)
	}
	var envFiles []string
	for _, f := range config.EnvFile {
		if f != os.DevNull {
			envFiles = append(envFiles, absolute(m.dir, f))
		}
	}
	if len(config.EnvFile) == 0 {
		usual := filepath.Join(sub.dir, ".env")
		if err := files.MayOpen(usual); err != nil { // to ask whether it is there is to ask another machine, if it names one
			return sub, err
		}
		if isFile(usual) {
			envFiles = []string{usual}
		}
	}
	if _, err := l.readAll(envFiles); err != nil { // before compose-go does, which has no limits
		return sub, err
	}
	values, err := dotenv.GetEnvFromFile(m.environment, envFiles)
	if err != nil {
		return sub, err
	}
	sub.environment = m.environment.Clone().Merge(values)
	return sub, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func absolute(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// importSection adds what an included file has in a section. What the document has as well is merged over it.
func importSection(dict, contents map[string]any, section string, reset *resets) error {
	from, ok := contents[section].(map[string]any)
	if !ok {
		return nil
	}
	if dict[section] == nil {
		dict[section] = map[string]any{}
	}
	to, ok := dict[section].(map[string]any)
	if !ok {
		return fmt.Errorf("%s must be a mapping", section)
	}
	for name, theirs := range from {
		ours, both := to[name]
		switch {
		case !both:
			to[name] = theirs
			continue
		case reflect.DeepEqual(theirs, ours): // included by two ways
			continue
		}
		reset.apply(map[string]any{section: map[string]any{name: theirs}})
		merged, err := override.MergeYaml(theirs, ours, tree.NewPath(section, name))
		if err != nil {
			return err
		}
		to[name] = merged
	}
	return nil
}
