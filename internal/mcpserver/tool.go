package mcpserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// kind is what a tool may do to the database.
type kind int

const (
	reads    kind = iota // changes nothing
	adds                 // changes what exists only by adding to it
	destroys             // may take away what exists
)

// tool is one of the server's tools.
type tool struct {
	name, title, about string
	kind               kind
	patient            bool // its caller says how long it may take
	in, out            *jsonschema.Schema
	// bind reads a call's arguments, and returns how long it may take and what carries it out.
	bind func(arguments json.RawMessage) (time.Duration, work, error)
}

// work carries out a call; it returns the answer as a text and as a document.
type work func(context.Context, *devenv.Env) (text string, doc any, err error)

// How long a call may take: a look, and a change of tables.
const (
	looks   = time.Minute
	changes = 10 * time.Minute
)

// Tools returns the names of the tools, in the order in which they are listed, and reports of each whether it destroys.
func Tools() (names []string, destroy map[string]bool) {
	destroy = map[string]bool{}
	for _, t := range tools() {
		names = append(names, t.name)
		destroy[t.name] = t.kind == destroys
	}
	return names, destroy
}

func tools() []tool {
	return []tool{
		statusTool(), schemaMapTool(), describeTool(), sampleTool(), queryTool(), explainTool(),
		diffTool(), checkTool(), pushTool(), pushDestructiveTool(), resetTool(), undoTool(),
	}
}

// sayer is a document that can be said as a text for a model.
type sayer interface{ text() string }

// limited are arguments that say how long the call may take.
type limited interface{ limit() (time.Duration, error) }

// define makes a tool of a function. The schemas of its arguments and of its answer are those of the types.
func define[In any, Out sayer](t tool, takes time.Duration, run func(context.Context, *devenv.Env, In) (Out, error)) tool {
	t.in, t.out = plain(schemaOf[In]()), schemaOf[Out]()
	var none In
	_, t.patient = any(none).(limited)
	t.bind = func(arguments json.RawMessage) (time.Duration, work, error) {
		var in In
		if err := decode(t.name, arguments, t.in, &in); err != nil {
			return 0, nil, err
		}
		limit := takes
		if l, ok := any(in).(limited); ok {
			var err error
			if limit, err = l.limit(); err != nil {
				return 0, nil, err
			}
		}
		return limit, func(ctx context.Context, env *devenv.Env) (string, any, error) {
			out, err := run(ctx, env, in)
			if err != nil {
				return "", nil, err
			}
			return out.text(), out, nil
		}, nil
	}
	return t
}

func schemaOf[T any]() *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil { // cannot happen: the types are this package's
		panic(err)
	}
	return s
}

// plain returns the schema of arguments without what some clients' models do not take: a choice of types, and an object
// that does not say that it is empty.
func plain(s *jsonschema.Schema) *jsonschema.Schema {
	for _, p := range s.Properties {
		if len(p.Types) == 2 && p.Types[0] == "null" {
			p.Type, p.Types = p.Types[1], nil
		}
	}
	if s.Properties == nil {
		s.Properties = map[string]*jsonschema.Schema{}
	}
	return s
}

// declared returns the tool as a client sees it.
func (t tool) declared() *mcp.Tool {
	no, may := false, t.kind == destroys
	return &mcp.Tool{
		Name: t.name, Title: t.title, Description: t.about, InputSchema: t.in, OutputSchema: t.out,
		Annotations: &mcp.ToolAnnotations{
			Title: t.title, ReadOnlyHint: t.kind == reads, DestructiveHint: &may, IdempotentHint: t.kind != destroys, OpenWorldHint: &no,
		},
	}
}

// decode reads the arguments of a call. What is wrong with them is said in the words of the caller.
func decode(name string, arguments json.RawMessage, schema *jsonschema.Schema, into any) error {
	wrong := func(format string, args ...any) *remedy.Error {
		return remedy.New("usage", remedy.ExitUsage, format, args...)
	}
	if len(bytes.TrimSpace(arguments)) == 0 {
		arguments = json.RawMessage("{}")
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return wrong("the arguments of %s must be an object", name)
	}
	takes := slices.Sorted(maps.Keys(schema.Properties))
	for arg := range given {
		if !slices.Contains(takes, arg) {
			return unknownArgument(wrong("%s has no argument %q", name, arg), arg, takes)
		}
	}
	for _, arg := range schema.Required {
		if v, ok := given[arg]; !ok || string(v) == "null" {
			return wrong("%s needs the argument %q: %s", name, arg, schema.Properties[arg].Description)
		}
	}
	err := json.Unmarshal(arguments, into)
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		arg, _, _ := strings.Cut(typed.Field, ".")
		return wrong("the argument %q of %s is of the wrong type: it is a JSON %s", arg, name, typed.Value).
			WithSeen(schema.Properties[arg].Description)
	}
	if err != nil {
		return wrong("the arguments of %s can't be read: %v", name, err)
	}
	return nil
}

func unknownArgument(r *remedy.Error, arg string, takes []string) error {
	if len(takes) == 0 {
		return r.WithSeen("it takes none")
	}
	r.WithSeen("it takes: " + say.And(takes))
	if near := say.Nearest(arg, takes); near != "" {
		r.WithFix("did you mean: " + near)
	}
	return r
}
