package composefile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/tree"
	"go.yaml.in/yaml/v4"
)

// resets reads a document and keeps the places that are tagged !reset, which are removed from the files before, and
// !override, which replace what is there instead of being merged with it.
type resets struct {
	target any // where the document goes
	paths  []tree.Path
	visits int
	within []*yaml.Node // what aliases on the way here stand for
}

// mostNodes limits how many values a document may have, with those that aliases stand for: aliases of aliases make a
// few lines grow beyond bounds.
const mostNodes = 100_000

// UnmarshalYAML implements yaml.Unmarshaler.
func (r *resets) UnmarshalYAML(node *yaml.Node) error {
	if err := r.collect(node, tree.NewPath()); err != nil {
		return err
	}
	if node.Tag == "!reset" {
		return nil
	}
	strip(node)
	return node.Decode(r.target)
}

// collect finds the tagged places, also where they are by an alias.
func (r *resets) collect(node *yaml.Node, path tree.Path) error {
	if r.visits++; r.visits > mostNodes {
		return fmt.Errorf("compose file exceeds maximum node visit limit (%d)", mostNodes)
	}
	if text := path.String(); strings.Contains(text, ".<<") { // what is merged is in the place of the merge key
		path = tree.NewPath(strings.Replace(text, ".<<", "", 1))
	}
	if node.Kind == yaml.AliasNode {
		if slices.Contains(r.within, node.Alias) {
			return fmt.Errorf("line %d: %s contains itself", node.Line, node.Value)
		}
		node = node.Alias
		r.within = append(r.within, node)
		defer func() { r.within = r.within[:len(r.within)-1] }()
	}
	if isTagged(node) {
		r.paths = append(r.paths, path)
		return nil
	}
	switch node.Kind {
	case yaml.SequenceNode:
		for i, item := range node.Content {
			if err := r.collect(item, path.Next(strconv.Itoa(i))); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		lines := map[string]int{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if line, seen := lines[key.Value]; seen {
				return fmt.Errorf("line %d: mapping key %#v already defined at line %d", key.Line, key.Value, line)
			}
			lines[key.Value] = key.Line
			if err := r.collect(node.Content[i+1], path.Next(key.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func isTagged(node *yaml.Node) bool { return node.Tag == "!reset" || node.Tag == "!override" }

// strip removes what is to be reset from a document.
func strip(node *yaml.Node) {
	isReset := func(n *yaml.Node) bool {
		return n.Tag == "!reset" || n.Kind == yaml.AliasNode && n.Alias.Tag == "!reset"
	}
	switch {
	case node.Tag == "!override":
		return
	case node.Kind == yaml.SequenceNode:
		node.Content = slices.DeleteFunc(node.Content, isReset)
	case node.Kind == yaml.MappingNode:
		var kept []*yaml.Node
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			if key.Value == "<<" && value.Kind == yaml.AliasNode {
				value = value.Alias // the library takes a list of mappings here, but no alias of one
			}
			if !isReset(value) {
				kept = append(kept, key, value)
			}
		}
		node.Content = kept
	}
	for _, child := range node.Content {
		strip(child)
	}
}

// apply removes what was found from what the files before said.
func (r *resets) apply(dict map[string]any) {
	if len(r.paths) > 0 {
		r.remove(dict, tree.NewPath())
	}
}

func (r *resets) remove(value any, path tree.Path) {
	switch v := value.(type) {
	case map[string]any:
		for key, one := range v {
			next := path.Next(key)
			if slices.ContainsFunc(r.paths, next.Matches) {
				delete(v, key)
			} else {
				r.remove(one, next)
			}
		}
	case []any:
		for i, one := range v {
			if next := path.Next(fmt.Sprintf("[%d]", i)); !slices.ContainsFunc(r.paths, next.Matches) {
				r.remove(one, next)
			}
		}
	}
}
