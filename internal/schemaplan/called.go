package schemaplan

import (
	"slices"
	"strings"
)

// besides are the kinds of steps that mostly come with another one, which says more.
var besides = []Kind{CreateSchema, createExtension, createIndex, addForeignKey, dropIndex, dropForeignKey, renameIndex, renameForeignKey, addEnumValue, addPrimaryKey}

// mostCalled is how many tables a name lists.
const mostCalled = 3

// Called returns what the plan does in a few words, as the name of a migration: "add Team", "add note to Team"; "" where it does
// nothing.
func (p *Plan) Called() string {
	steps := slices.DeleteFunc(slices.Clone(p.Steps), func(s *Step) bool { return slices.Contains(besides, s.Kind) })
	if len(steps) == 0 {
		steps = p.Steps
	}
	if len(steps) == 0 {
		return ""
	}
	made := slices.IndexFunc(steps, func(s *Step) bool { return s.Kind != CreateTable }) < 0
	if made && len(steps) <= mostCalled {
		var names []string
		for _, s := range steps {
			names = append(names, lastOf(s.Object))
		}
		return "add " + strings.Join(names, " ")
	}
	name := steps[0].called()
	if len(steps) > 1 {
		name += " and more"
	}
	return name
}

// called says what a step does.
func (s *Step) called() string {
	what := lastOf(s.Object)
	verb, with := "change", "of"
	switch kind := string(s.Kind); {
	case strings.HasPrefix(kind, "create_"), strings.HasPrefix(kind, "add_"):
		verb, with = "add", "to"
	case strings.HasPrefix(kind, "drop_"):
		verb, with = "drop", "from"
	case strings.HasPrefix(kind, "rename_"):
		verb = "rename"
	}
	if s.table.Name != "" && s.table.Name != what {
		what += " " + with + " " + s.table.Name
	}
	return verb + " " + what
}

// lastOf returns the last part of a name.
func lastOf(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
