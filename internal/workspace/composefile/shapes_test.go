package composefile

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
)

var update = flag.Bool("update", false, "write shapes.go, from compose-go's JSON schema")

// A newer compose-go may know more than shapes.go.
func TestTheShapesAreThoseOfComposesSchema(t *testing.T) {
	want := shapesOf(t, schema.Schema)
	if *update {
		if err := os.WriteFile("shapes.go", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("shapes.go"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("shapes.go is of another schema (%v); -update writes it", err)
	}
}

// shapesOf returns shapes.go for a schema.
func shapesOf(t *testing.T, schema string) []byte {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(schema), &root); err != nil {
		t.Fatal(err)
	}
	all := &table{t: t, defs: root["$defs"].(map[string]any), known: map[string]int{}}
	all.add("{}") // 0: anything
	all.shape(root)
	var out bytes.Buffer
	out.WriteString("// Code generated from compose-go's JSON schema by go test -run Shapes -update. DO NOT EDIT.\n\npackage composefile\n\n")
	fmt.Fprintf(&out, "// wholeFile is the shape of a compose file.\nconst wholeFile = %d\n\n", len(all.lines)-1)
	out.WriteString("var shapes = [...]shape{\n")
	for i, line := range all.lines {
		fmt.Fprintf(&out, "%d: %s,\n", i, line)
	}
	out.WriteString("}\n")
	text, err := format.Source(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// forms are the variables for what keys may be called.
var forms = map[string]string{"^[a-zA-Z0-9._-]+$": "&usualName", "^[a-z]+$": "&lowerName"}

// table numbers the shapes, each after those that it refers to. Equal shapes are one.
type table struct {
	t     *testing.T
	defs  map[string]any
	lines []string
	known map[string]int
}

func (t *table) add(line string) int {
	at, ok := t.known[line]
	if !ok {
		at = len(t.lines)
		t.lines, t.known[line] = append(t.lines, line), at
	}
	return at
}

// shape returns the number of a schema's shape. It fails at a keyword that it does not know.
func (t *table) shape(s map[string]any) int {
	s = t.whole(s)
	var fields []string
	field := func(name string, value any) { fields = append(fields, fmt.Sprintf("%s: %v", name, value)) }
	keys := map[string]int{}
	for _, word := range slices.Sorted(maps.Keys(s)) {
		switch v := s[word]; word {
		case "type":
			var kinds []string
			list, many := v.([]any)
			if !many {
				list = []any{v}
			}
			for _, kind := range list {
				kinds = append(kinds, "a"+strings.ToUpper(kind.(string)[:1])+kind.(string)[1:])
			}
			slices.Sort(kinds)
			field("kinds", strings.Join(kinds, "|"))
		case "properties":
			all := v.(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(all)) {
				keys[name] = t.shape(all[name].(map[string]any))
			}
		case "patternProperties":
			all := v.(map[string]any)
			for _, pattern := range slices.Sorted(maps.Keys(all)) {
				switch p := all[pattern]; pattern {
				case "^x-":
					field("extras", true)
				case ".+", "^.+$":
					field("rest", t.shape(p.(map[string]any)))
				default:
					if forms[pattern] == "" {
						t.t.Fatalf("the pattern %s is new", pattern)
					}
					field("rest", t.shape(p.(map[string]any)))
					field("names", forms[pattern])
				}
			}
		case "additionalProperties", "unevaluatedProperties":
			if more, ok := v.(map[string]any); ok {
				field("rest", t.shape(more))
			} else if v == false && !takesAny(s) {
				field("closed", true)
			}
		case "items":
			field("items", t.shape(v.(map[string]any)))
		case "oneOf", "anyOf":
			var list []string
			for _, one := range v.([]any) {
				list = append(list, fmt.Sprint(t.shape(one.(map[string]any))))
			}
			field("oneOf", "[]int16{"+strings.Join(list, ", ")+"}")
		case "required", "enum":
			field(word, "[]string{"+quoted(v.([]any))+"}")
		case "uniqueItems":
			field("unique", v)
		case "minimum":
			field("least", v)
			field("bounded", true)
		case "maximum":
			field("most", fmt.Sprintf("%.0f", v))
		case "pattern":
			field("pattern", fmt.Sprintf("%q", v))
		case "title", "description", "default", "deprecated", "$schema", "$id", "$defs":
		default:
			t.t.Fatalf("the keyword %s is new", word)
		}
	}
	if len(keys) > 0 {
		var list []string
		for _, name := range slices.Sorted(maps.Keys(keys)) {
			list = append(list, fmt.Sprintf("{%q, %d}", name, keys[name]))
		}
		field("keys", "[]key{"+strings.Join(list, ", ")+"}")
	}
	return t.add("{" + strings.Join(fields, ", ") + "}")
}

// takesAny reports whether a pattern matches any key.
func takesAny(s map[string]any) bool {
	patterns, _ := s["patternProperties"].(map[string]any)
	return patterns[".+"] != nil || patterns["^.+$"] != nil
}

// whole returns a schema with what it refers to, and with the keys of all those that it is made of.
func (t *table) whole(s map[string]any) map[string]any {
	out := maps.Clone(s)
	delete(out, "allOf")
	delete(out, "$ref")
	var parts []any
	if ref, ok := s["$ref"].(string); ok {
		parts = append(parts, t.defs[strings.TrimPrefix(ref, "#/$defs/")])
	}
	all, _ := s["allOf"].([]any)
	for _, p := range append(parts, all...) {
		for word, v := range t.whole(p.(map[string]any)) {
			mine, both := out[word].(map[string]any)
			if more, ok := v.(map[string]any); ok && both {
				mine = maps.Clone(mine)
				maps.Copy(mine, more)
				out[word] = mine
			} else if _, set := out[word]; !set {
				out[word] = v
			}
		}
	}
	return out
}

func quoted(list []any) string {
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprintf("%q", v))
	}
	return strings.Join(out, ", ")
}
