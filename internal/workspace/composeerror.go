package workspace

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

var (
	missingVariable = lazy.Regexp{Text: `required variable (\S+) is missing a value(?:: (.*))?`}
	quotedValue     = lazy.Regexp{Text: `"[^"]*"`}
	yamlLine        = lazy.Regexp{Text: `line (\d+)`}
	yamlPath        = lazy.Regexp{Text: `\b(?:services|volumes|networks|secrets|configs|include)\.[\w.\-\[\]]+`}
)

// explain turns compose-go's error into one that names file and line. compose-go gives the place as a path of keys
// (services.database.ports), and for a YAML error as a line; in neither case does it name the file where there are
// several.
func (c composeSource) explain(ctx context.Context, err error, list []string) error {
	text := err.Error()
	file, line := locate(ctx, text, list)
	where := visible.String(file)
	if line > 0 {
		where += ":" + strconv.Itoa(line)
	}
	if m := missingVariable.Get().FindStringSubmatch(text); m != nil {
		e := remedy.New("compose.variable", remedy.ExitFailed, "%s: the compose file needs the variable %s", where, visible.String(m[1]))
		if m[2] != "" {
			e.WithSeen("it says: " + visible.String(m[2]))
		}
		return e.WithFix("export "+visible.String(m[1])+"=…",
			"or put "+visible.String(m[1])+"=… in "+visible.String(absolute(c.root, ".env")))
	}
	for _, path := range c.readFrom(ctx, list) {
		if real := leadsTo(treeOf(c.root), path); real != "" {
			return withheld(remedy.New("compose.invalid", remedy.ExitFailed, "").Behind(err), relativeTo(c.root, path), real)
		}
	}
	return remedy.New("compose.invalid", remedy.ExitFailed, "%s: the compose file cannot be read", where).
		WithSeen(visible.String(strings.ReplaceAll(withoutSecrets(text), "\n", " "))).
		WithFix("docker compose config   # in " + visible.String(c.root) + ": shows the same error")
}

// withoutSecrets hides the values in an error about a password: compose-go shows the text that it could not
// interpolate, in quotes or on a line of its own.
func withoutSecrets(text string) string {
	if lower := strings.ToLower(text); strings.Contains(lower, "password") || strings.Contains(lower, "secret") {
		first, _, _ := strings.Cut(text, "\n")
		return quotedValue.Get().ReplaceAllString(first, `"…"`)
	}
	return text
}

// locate returns the file and line that an error is about; line is 0 where it names none.
func locate(ctx context.Context, text string, list []string) (string, int) {
	if len(list) == 0 {
		return "compose file", 0
	}
	file := list[0]
	for _, f := range list {
		if strings.Contains(text, f) {
			file = f
		}
	}
	if path := yamlPath.Get().FindString(text); path != "" {
		for _, f := range append([]string{file}, list...) {
			if line := lineOf(ctx, f, strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) })); line > 0 {
				return f, line
			}
		}
	}
	if m := yamlLine.Get().FindStringSubmatch(text); m != nil {
		line, _ := strconv.Atoi(m[1])
		return file, line
	}
	return file, 0
}

// lineOf returns the line of a path of keys in a YAML file: that of its deepest existing part, if that is deeper than
// the first key, and otherwise 0.
func lineOf(ctx context.Context, file string, path []string) int {
	data, err := files.Read(ctx, file, composeLimit)
	if err != nil {
		return 0
	}
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 {
		return 0
	}
	node, line := doc.Content[0], 0
	for depth, name := range path {
		next, at := child(node, name)
		if next == nil {
			break
		}
		node = next
		if depth > 0 {
			line = at
		}
	}
	return line
}

// child returns a mapping's value, or a sequence's item, with the line of its key.
func child(node *yaml.Node, name string) (*yaml.Node, int) {
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i], node.Content[i].Line
		}
	}
	return nil, 0
}

// readFrom returns the files that compose reads for these files: the files themselves, the .env files, and what they
// include, extend or take variables from, at any depth. Names that it cannot resolve, such as those with a variable in
// them, are left out.
func (c composeSource) readFrom(ctx context.Context, list []string) []string {
	all := append(slices.Clone(list), c.envFiles(list)...)
	for at := 0; at < len(all) && at < maxReadFrom; at++ {
		data, err := files.Read(ctx, all[at], composeLimit)
		var doc yaml.Node
		if err != nil || leadsTo(treeOf(c.root), all[at]) != "" || yaml.Unmarshal(data, &doc) != nil {
			continue
		}
		for _, name := range namedFiles(&doc) {
			for _, base := range []string{filepath.Dir(all[at]), c.root, c.projectFolder(list)} {
				if path := absolute(base, name); !slices.Contains(all, path) {
					if files.MayOpen(path) != nil {
						continue
					}
					if info, err := os.Stat(path); err == nil && !info.IsDir() {
						all = append(all, path)
					}
				}
			}
		}
	}
	return all
}

// maxReadFrom limits how many files are searched for others that they name.
const maxReadFrom = 100

// namedFiles returns the texts below the keys of a compose file that name other files: include, extends.file, env_file,
// label_file, and the paths in their long forms.
func namedFiles(node *yaml.Node) []string {
	var names []string
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		switch node.Content[i].Value {
		case "include", "extends", "env_file", "label_file", "file", "path":
			names = append(names, textsIn(node.Content[i+1])...)
		}
	}
	for _, child := range node.Content {
		names = append(names, namedFiles(child)...)
	}
	return names
}

// textsIn returns a scalar's text, or those of a sequence.
func textsIn(node *yaml.Node) []string {
	if node.Kind == yaml.ScalarNode {
		return []string{node.Value}
	}
	var list []string
	for _, child := range node.Content {
		if child.Kind == yaml.ScalarNode && node.Kind == yaml.SequenceNode {
			list = append(list, child.Value)
		}
	}
	return list
}
