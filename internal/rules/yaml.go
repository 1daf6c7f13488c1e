package rules

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// yamlFile is a YAML file's documents, with the place of every node.
type yamlFile struct {
	docs  []*yaml.Node
	lines []int // the byte offset of each line
}

func readYAML(data []byte) (*yamlFile, error) {
	data = plainText(data)
	y := &yamlFile{lines: []int{0}}
	for i, c := range data {
		if c == '\n' {
			y.lines = append(y.lines, i+1)
		}
	}
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	for {
		var doc yaml.Node
		if err := dec.Decode(&doc); err != nil {
			if err.Error() == "EOF" {
				return y, nil
			}
			return y, err
		}
		if len(doc.Content) > 0 {
			y.docs = append(y.docs, doc.Content[0])
		}
	}
}

var placeholder = lazy.Regexp{Text: `\$?\{\{[^{}\n]*\}\}|\{%[^%\n]*%\}|<%[^%\n]*%>`}

// plainText replaces a template's placeholders, which YAML would read as mappings, with words, and lines of nothing
// else with blanks. Those of a workflow, ${{ … }}, are text already. Offsets stay.
func plainText(data []byte) []byte {
	if !bytes.Contains(data, []byte("{{")) && !bytes.Contains(data, []byte("{%")) && !bytes.Contains(data, []byte("<%")) {
		return data
	}
	out := bytes.Clone(data)
	for _, loc := range placeholder.Get().FindAllIndex(data, -1) {
		if data[loc[0]] == '$' {
			continue
		}
		fill := byte('x')
		start, end := lineStart(data, loc[0]), lineEndAt(data, loc[1])
		if len(bytes.TrimSpace(data[start:loc[0]])) == 0 && len(bytes.TrimSpace(data[loc[1]:end])) == 0 {
			fill = ' '
		}
		for i := loc[0]; i < loc[1]; i++ {
			out[i] = fill
		}
	}
	return out
}

// offset returns the byte offset at which a node begins. The reader counts columns in characters.
func (y *yamlFile) offset(data []byte, n *yaml.Node) int {
	if n.Line < 1 || n.Line > len(y.lines) {
		return 0
	}
	at := y.lines[n.Line-1]
	for column := 1; column < n.Column && at < len(data); column++ {
		at++
		for at < len(data) && data[at]&0xC0 == 0x80 {
			at++
		}
	}
	return at
}

// resolve follows an alias to its target. An anchor may contain an alias to itself, so the number of steps is limited.
func resolve(n *yaml.Node) *yaml.Node {
	for range 20 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// pair is one key of a mapping with its value, aliases resolved.
type pair struct{ key, value *yaml.Node }

// pairs returns a mapping's keys and values, including those of "<<" that the mapping does not have itself.
func pairs(n *yaml.Node) []pair {
	seen := map[string]bool{}
	var list []pair
	collect(n, seen, map[*yaml.Node]bool{}, &list)
	return list
}

func collect(n *yaml.Node, seen map[string]bool, visited map[*yaml.Node]bool, list *[]pair) {
	n = resolve(n)
	if n == nil || n.Kind != yaml.MappingNode || visited[n] {
		return
	}
	visited[n] = true
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		switch {
		case v == nil:
		case k.Value == "<<" && v.Kind == yaml.SequenceNode:
			merged = append(merged, v.Content...)
		case k.Value == "<<":
			merged = append(merged, v)
		case !seen[k.Value]:
			seen[k.Value] = true
			*list = append(*list, pair{k, v})
		}
	}
	for _, m := range merged {
		collect(m, seen, visited, list)
	}
}

// child returns the value of a mapping's key, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	for _, p := range pairs(n) {
		if p.key.Value == key {
			return p.value
		}
	}
	return nil
}

// scalar returns the text of a mapping's key, or "".
func scalar(n *yaml.Node, key string) string {
	if v := child(n, key); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}

// items returns a sequence's elements, or a scalar as the only one.
func items(n *yaml.Node) []*yaml.Node {
	n = resolve(n)
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		return nil
	}
	var list []*yaml.Node
	for _, c := range n.Content {
		if c = resolve(c); c != nil {
			list = append(list, c)
		}
	}
	return list
}

// variable is one environment variable of a YAML file.
type variable struct {
	name, value string
	node        *yaml.Node
}

// environment reads a map of variables, or a list of NAME=value.
func environment(n *yaml.Node) []variable {
	var vars []variable
	if n = resolve(n); n == nil {
		return nil
	}
	if n.Kind == yaml.SequenceNode {
		for _, c := range items(n) {
			if name, value, ok := strings.Cut(c.Value, "="); ok {
				vars = append(vars, variable{name, value, c})
			}
		}
		return vars
	}
	for _, p := range pairs(n) {
		if p.value.Kind == yaml.ScalarNode {
			vars = append(vars, variable{p.key.Value, p.value.Value, p.value})
		}
	}
	return vars
}
