package workspace

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// composeGuard checks each file before compose-go, which has no limits, reads it. It is registered as a loader of
// remote resources: compose-go asks it about every file that another one includes or extends. It accepts none, and
// fails to load what must not be read. compose-go does not say which folder such a name is relative to, so a name is
// checked in every folder that it may be relative to, and a device or a file of gigabytes that happens to be there is
// refused too.
type composeGuard struct {
	ctx     context.Context // of the load
	lookup  func(name string) (string, bool)
	folders []string // that names may be relative to
	names   []string // as written, with variables filled in
	checked map[string]bool
	read    []string // the existing ones of these
	refused error
}

// composeLimit is for a compose file; YAML takes about fifty times its size in memory.
const composeLimit files.Limit = 1 << 20

// mostComposeFiles limits how many files a compose file may bring in. Docker's own examples bring in a handful.
const mostComposeFiles = 200

// guarded returns the guard of a load that begins with these files.
func guarded(ctx context.Context, folder string, list []string, variables map[string]string) *composeGuard {
	g := &composeGuard{ctx: ctx, checked: map[string]bool{}, lookup: func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}}
	g.folder(folder)
	for _, file := range list {
		if g.refused == nil {
			g.refused = readable(ctx, absolute(folder, file)) // may also be a folder, which relative names are joined to
		}
		g.name(file)
	}
	return g
}

// load loads the project if all of its files may be read.
func (g *composeGuard) load(options *cli.ProjectOptions) (*types.Project, error) {
	if err := cli.WithResourceLoader(g)(options); err != nil {
		return nil, err
	}
	if g.refused != nil {
		return nil, g.refused
	}
	return files.Await(g.ctx, func() (*types.Project, error) {
		project, err := options.LoadProject(g.ctx)
		if g.refused != nil {
			return nil, g.refused
		}
		return project, err
	})
}

// Accept records what must not be read, so that Load can fail.
func (g *composeGuard) Accept(name string) bool {
	g.name(name)
	return g.refused != nil
}

func (g *composeGuard) Load(context.Context, string) (string, error) { return "", g.refused }
func (g *composeGuard) Dir(string) string                            { return "" }

func (g *composeGuard) name(name string) {
	if slices.Contains(g.names, name) {
		return
	}
	g.names = append(g.names, name)
	for _, folder := range slices.Clone(g.folders) {
		g.file(absolute(folder, name))
	}
}

func (g *composeGuard) folder(folder string) {
	if folder = filepath.Clean(folder); slices.Contains(g.folders, folder) {
		return
	}
	g.folders = append(g.folders, folder)
	g.file(filepath.Join(folder, ".env"))
	for _, name := range slices.Clone(g.names) {
		g.file(absolute(folder, name))
	}
}

// file checks one place where a file may be, and what that file names in turn.
func (g *composeGuard) file(path string) {
	if g.refused != nil || g.checked[path] || isFolder(path) {
		return
	}
	text, err := files.Read(g.ctx, path, composeLimit)
	if e, refused := files.Refused(err); refused {
		g.refused = e
		return
	}
	if g.refused = g.ctx.Err(); g.refused != nil {
		return
	}
	g.checked[path] = true
	if err != nil {
		return // none, or one that compose-go cannot read either
	}
	g.read = append(g.read, path)
	if len(g.checked) > mostComposeFiles*8 || len(g.folders) > mostComposeFiles {
		g.refused = remedy.New("compose.invalid", remedy.ExitFailed, "the compose file draws in more files than %d", mostComposeFiles).
			WithSeen(visible.String(path)).WithFix("name the database's own compose file: compose.files = [\"…\"]    (a line for naap.toml)")
		return
	}
	if filepath.Base(path) == ".env" {
		return
	}
	g.folder(filepath.Dir(path))
	g.scan(text)
}

// scan finds the folders and the env files that a compose file names, anywhere in it.
func (g *composeGuard) scan(text []byte) {
	var doc yaml.Node
	if yaml.Unmarshal(text, &doc) != nil {
		return // compose-go fails at it too
	}
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 1 {
				switch n.Content[i-1].Value {
				case "project_directory":
					g.each(child, func(value string) {
						for _, folder := range slices.Clone(g.folders) {
							g.folder(absolute(folder, value))
						}
					})
				case "env_file", "label_file":
					g.each(child, g.name)
				}
			}
			walk(child)
		}
	}
	walk(&doc)
}

// each calls f with every text in a node, with variables filled in.
func (g *composeGuard) each(n *yaml.Node, f func(string)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.ScalarNode {
		if value, err := template.Substitute(n.Value, g.lookup); err == nil && value != "" {
			f(value)
		}
		return
	}
	for _, child := range n.Content {
		if child.Kind != yaml.AliasNode || child.Alias.Kind == yaml.ScalarNode {
			g.each(child, f)
		}
	}
}

// readable returns the error for a file that compose-go must not read, or nil.
func readable(ctx context.Context, path string) error {
	err := files.Check(ctx, path, composeLimit)
	if e, refused := files.Refused(err); refused {
		return e
	}
	return ctx.Err()
}
