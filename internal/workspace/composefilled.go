package workspace

import (
	"context"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
)

// filled records what was read for compose files, and their texts into which variables were filled.
type filled struct {
	read  []string // absolute
	texts []filledText
}

type filledText struct {
	text, result string
	values       map[string]string // the values of its variables
}

// substitute fills variables in as compose does, and records that. It records nothing where f is nil.
func (f *filled) substitute(text string, lookup template.Mapping) (string, error) {
	values := map[string]string{}
	result, err := template.Substitute(text, func(name string) (string, bool) {
		value, ok := lookup(name)
		if ok {
			values[name] = value
		}
		return value, ok
	})
	if err == nil && len(values) > 0 && f != nil {
		f.texts = append(f.texts, filledText{text, result, values})
	}
	return result, err
}

// of returns the text that became result, and those of its variables that are not the repository's own, if any.
func (f *filled) of(result string, own map[string]string) (text string, names []string) {
	for _, t := range f.texts {
		if t.result != result {
			continue
		}
		for name, value := range t.values {
			if mine, ok := own[name]; !ok || mine != value {
				text = t.text
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return text, slices.Compact(names)
}

// ownVariables returns the variables of the .env files without the user's environment, from which a .env file may take
// values.
func (c composeSource) ownVariables(ctx context.Context, list []string) map[string]string {
	files := c.envFiles(list)
	c.env, c.filled = environment{"COMPOSE_ENV_FILES": strings.Join(files, ",")}, nil
	variables, err := c.variables(ctx, list)
	if err != nil {
		return nil
	}
	return variables
}
