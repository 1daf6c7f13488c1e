// Package composefile reads compose files as docker compose does: with variables filled in, files merged, what they
// include and extend, defaults, and checked. It is put together from the packages of compose-go, without its loader,
// which brings a compiler of JSON schemas along (shape.go says what that costs), and reads files of any size. A test
// compares it with that loader.
package composefile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/interpolation"
	"github.com/compose-spec/compose-go/v2/override"
	"github.com/compose-spec/compose-go/v2/paths"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/transform"
	"github.com/compose-spec/compose-go/v2/tree"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/compose-spec/compose-go/v2/utils"
	"github.com/compose-spec/compose-go/v2/validation"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v4"
)

// Options are what a load begins with.
type Options struct {
	Files       []string // absolute, each overriding those before it
	Dir         string   // the project's folder, absolute
	Environment types.Mapping

	// Read reads a file that belongs to the project, at an absolute path. An error that it returns ends the load.
	Read func(path string) ([]byte, error)
	// Substitute fills variables in; nil for compose's own way.
	Substitute func(text string, lookup template.Mapping) (string, error)
}

// Load reads a project. All services are enabled whatever their profiles; env_file and label_file are not read.
func Load(o Options) (*types.Project, error) {
	if o.Substitute == nil {
		o.Substitute = template.Substitute
	}
	l := &load{Options: o}
	top := model{dir: o.Dir, files: o.Files, environment: o.Environment}
	texts, err := l.readAll(top.files)
	if err != nil {
		return nil, err
	}
	name, err := l.projectName(texts)
	if err != nil {
		return nil, err
	}
	o.Environment[consts.ComposeProjectName] = name
	dict, err := l.model(top)
	switch {
	case err != nil:
		return nil, err
	case len(dict) == 0:
		return nil, errors.New("empty compose file")
	case name == "":
		return nil, errors.New("project name must not be empty")
	}
	dict["name"] = name
	if err := normalize(dict, o.Environment); err != nil {
		return nil, err
	}
	delete(dict, "name")
	gatherExtensions(dict, tree.NewPath())
	project := &types.Project{Name: name, WorkingDir: o.Dir, Environment: o.Environment, ComposeFiles: o.Files}
	if err := decode(dict, project); err != nil {
		return nil, err
	}
	if utils.StringToBool(o.Environment["COMPOSE_CONVERT_WINDOWS_PATHS"]) {
		convertWindowsPaths(project)
	}
	if project, err = project.WithProfiles([]string{"*"}); err != nil {
		return nil, err
	}
	return project, consistent(project)
}

// load is one load of a project.
type load struct {
	Options
	loaded int // models
}

// model is some files that are merged, in the folder that their relative paths begin at.
type model struct {
	dir         string
	files       []string
	environment types.Mapping
	within      []string // the files that include this one
	bases       map[string]base
}

// mostModels limits how often files are included, which files that include each other twice make grow beyond bounds.
const mostModels = 200

// load returns a model's contents, merged and in the long form, with absolute paths.
func (l *load) model(m model) (map[string]any, error) {
	if l.loaded++; l.loaded > mostModels {
		return nil, fmt.Errorf("more than %d files are included", mostModels)
	}
	m.bases = map[string]base{}
	dict := map[string]any{}
	for _, file := range m.files {
		var err error
		if dict, _, err = l.file(m, file, dict, true); err != nil {
			return nil, err
		}
	}
	dict, err := transform.SetDefaultValues(dict)
	if err != nil {
		return nil, err
	}
	if err := validation.Validate(dict); err != nil {
		return nil, err
	}
	if err := paths.ResolveRelativePaths(dict, m.dir, nil); err != nil {
		return nil, err
	}
	eachContainer(dict, func(c map[string]any) {
		if list, ok := c["environment"].([]any); ok {
			c["environment"] = resolve(list, m.environment, true)
		}
	})
	return dict, nil
}

// file merges a file's documents into dict. Where the file is not whole, it is one that is extended: what it extends
// and includes itself, and its shape, come later or do not count.
func (l *load) file(m model, file string, dict map[string]any, whole bool) (map[string]any, *resets, error) {
	text, err := l.Read(file)
	if err != nil {
		return nil, nil, err
	}
	var reset *resets
	documents := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var raw any
		reset = &resets{target: &raw}
		switch err := documents.Decode(reset); {
		case errors.Is(err, io.EOF):
			return dict, reset, nil
		case err != nil:
			return nil, nil, fmt.Errorf("failed to parse %s: %w", file, err)
		}
		if dict, err = l.document(m, file, raw, reset, dict, whole); err != nil {
			return nil, nil, err
		}
	}
}

func (l *load) document(m model, file string, raw any, reset *resets, dict map[string]any, whole bool) (_ map[string]any, err error) {
	if raw, err = withTextKeys(raw, ""); err != nil {
		return nil, err
	}
	next, ok := raw.(map[string]any)
	if !ok {
		return nil, errors.New("top-level object must be a mapping")
	}
	defer func() {
		// compose-go's packages take some kinds of values for granted that are looked at only once files are merged.
		if r := recover(); r != nil {
			err = fmt.Errorf("validating %s: %w", file, cmp.Or(fit(next), fmt.Errorf("a value is of another kind than compose takes: %v", r)))
		}
	}()
	if next, err = l.fill(next, m.environment); err != nil {
		return nil, err
	}
	if whole {
		if err := l.include(m, file, next, reset); err != nil {
			return nil, err
		}
	}
	reset.apply(dict)
	if whole {
		if err := l.extend(m, file, next, reset); err != nil {
			return nil, err
		}
	}
	if dict, err = override.Merge(dict, next); err != nil {
		return nil, err
	}
	if dict, err = override.EnforceUnicity(dict); err != nil {
		return nil, err
	}
	if whole {
		if err := fit(dict); err != nil {
			return nil, fmt.Errorf("validating %s: %w", file, err)
		}
		delete(dict, "version")
	}
	if dict, err = transform.Canonical(dict, false); err != nil {
		return nil, err
	}
	eachContainer(dict, func(c map[string]any) {
		if list, ok := c["dns"].([]any); ok {
			c["dns"] = slices.DeleteFunc(list, func(v any) bool { return v == nil || v == "" })
		}
	})
	// The long form can reveal duplicates, such as a range of ports and one of them.
	return override.EnforceUnicity(dict)
}

// fill fills variables in, and gives what needs it the kind that it has in compose.
func (l *load) fill(dict map[string]any, environment types.Mapping) (map[string]any, error) {
	details := types.ConfigDetails{Environment: environment}
	filled, err := interpolation.Interpolate(dict, interpolation.Options{LookupValue: details.LookupEnv, Substitute: func(text string, lookup template.Mapping) (string, error) {
		if !strings.Contains(text, "$") { // most texts; compose-go asks an expression of a hundred bytes
			return text, nil
		}
		return l.Substitute(text, lookup)
	}})
	if err != nil {
		return nil, err
	}
	_, err = castTexts(filled, []*castTree{casts.Get()}, tree.NewPath())
	return filled, err
}

func (l *load) readAll(files []string) ([][]byte, error) {
	var texts [][]byte
	for _, file := range files {
		text, err := l.Read(file)
		if err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// projectName returns the project's name: COMPOSE_PROJECT_NAME, or else what the files say, or else the folder's name.
func (l *load) projectName(texts [][]byte) (string, error) {
	if name := l.Environment[consts.ComposeProjectName]; name != "" {
		if normalName(name) != name {
			return "", fmt.Errorf("invalid project name %q: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number", name)
		}
		return name, nil
	}
	var said string
	for _, text := range texts {
		var file struct {
			Name string `yaml:"name"`
		}
		documents := yaml.NewDecoder(bytes.NewReader(text))
		for documents.Decode(&file) == nil { // what is wrong with the file is said when it is read
			if file.Name != "" {
				said = file.Name
			}
		}
	}
	if said != "" {
		filled, err := l.fill(map[string]any{"name": said}, l.Environment)
		if err != nil {
			return "", err
		}
		return normalName(filled["name"].(string)), nil
	}
	folder := filepath.Base(l.Dir)
	if real, err := filepath.EvalSymlinks(l.Dir); err == nil && filepath.Base(real) != folder {
		logrus.Warnf("project has been loaded without an explicit name from a symlink. Using name %q", folder)
	}
	return normalName(folder), nil
}

// normalName returns what docker compose makes of a project's name.
func normalName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	return strings.TrimLeft(s, "_-")
}

// eachContainer calls f with each service and each job.
func eachContainer(dict map[string]any, f func(container map[string]any)) {
	for _, section := range []string{"services", "jobs"} {
		all, _ := dict[section].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if c, ok := all[name].(map[string]any); ok {
				f(c)
			}
		}
	}
}

// withTextKeys returns a value whose mappings all have texts for keys, as JSON's have.
func withTextKeys(value any, at string) (any, error) {
	below := func(key string) string { return strings.TrimPrefix(at+"."+key, ".") }
	var err error
	switch v := value.(type) {
	case map[string]any:
		for key := range v {
			if v[key], err = withTextKeys(v[key], below(key)); err != nil {
				return nil, err
			}
		}
	case map[any]any:
		out := map[string]any{}
		for key, one := range v {
			text, ok := key.(string)
			if !ok {
				if at == "" {
					return nil, fmt.Errorf("non-string key at top level: %#v", key)
				}
				return nil, fmt.Errorf("non-string key in %s: %#v", at, key)
			}
			if out[text], err = withTextKeys(one, below(text)); err != nil {
				return nil, err
			}
		}
		return out, nil
	case []any:
		if v == nil {
			return []any{}, nil
		}
		for i := range v {
			if v[i], err = withTextKeys(v[i], fmt.Sprintf("%s[%d]", at, i)); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// clone returns a copy of a value that shares no mapping and no list with it.
func clone(value any) any {
	switch v := value.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = clone(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key := range v {
			out[key] = clone(v[key])
		}
		return out
	}
	return value
}
