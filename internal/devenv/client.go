package devenv

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Clients returns the generated clients of the workspace's own Prisma file, compared with it; none where it has no
// generator of one, or mistakes. It asks no server, and reads one file a client.
func (e *Env) Clients(ctx context.Context) []*client.Client {
	if !e.ws.SchemaOnDisk() {
		return nil
	}
	want := e.desired()
	if want.err != nil {
		return nil
	}
	return e.clients.of(ctx, e.sources(), e.clientPlaces(want.generators))
}

// clientPlaces returns where the generators' clients are.
func (e *Env) clientPlaces(generators []*prisma.Generator) []client.Place {
	var places []client.Place
	for _, g := range generators {
		at := slices.IndexFunc(e.ws.SchemaFiles, func(f workspace.File) bool { return f.Name == g.Span.Start.File() })
		if at < 0 {
			continue
		}
		if p, ok := client.Find(g, e.ws.SchemaFiles[at].Path, e.codeRoot()); ok {
			places = append(places, p)
		}
	}
	return places
}

// codeRoot returns the folder that holds everything of the workspace's code: its repository where it is in one, since
// packages are often installed above the workspace.
func (e *Env) codeRoot() string {
	if r, ok := workspace.RepositoryOf(e.ws.Root); ok {
		return r.Root
	}
	return e.ws.Root
}

// InRepository returns the path of a file of the workspace in its repository, with forward slashes.
func (e *Env) InRepository(name string) string {
	if filepath.IsAbs(name) || e.ws.Root == "" {
		return name
	}
	rel, inside := files.Below(e.codeRoot(), filepath.Join(e.ws.Root, filepath.FromSlash(name)))
	if !inside {
		return name
	}
	return filepath.ToSlash(rel)
}

// StatusClients returns the clients as a status has them.
func (e *Env) StatusClients(ctx context.Context) []StatusClient {
	return say.Each(e.Clients(ctx), e.describeClient)
}

// staleModels is how many models a line names.
const staleModels = 8

// StaleLine names the models that the stale ones among clients know otherwise than the Prisma file has them, in one line
// that ends with the command that helps; "" where none is stale. It is safe to show.
func StaleLine(clients []StatusClient) string {
	var models []string
	stale, command := 0, ""
	for _, c := range clients {
		if c.State != client.Stale {
			continue
		}
		stale, command = stale+1, c.Generate
		for _, m := range c.Models {
			if name := m.Schema + "." + m.Name; !slices.Contains(models, name) {
				models = append(models, name)
			}
		}
	}
	if stale == 0 {
		return ""
	}
	return visible.String(say.Form(stale, "the generated client is", "the generated clients are") + " older than the Prisma file: " +
		say.Some(models, staleModels) + " (" + command + ")")
}

// StaleModels returns, by schema of the database, the models that a generated client knows otherwise than the Prisma
// file has them.
func (e *Env) StaleModels(ctx context.Context) map[string][]string {
	var out map[string][]string
	for _, c := range e.Clients(ctx) {
		for _, m := range c.Models { // none unless it is stale
			if out == nil {
				out = map[string][]string{}
			}
			if !slices.Contains(out[m.Schema], m.Name) {
				out[m.Schema] = append(out[m.Schema], m.Name)
			}
		}
	}
	return out
}

// generation is how Prisma's generators are run.
type generation struct {
	dir  string   // absolute: where Prisma finds its configuration
	args []string // of the command prisma
}

// generation returns how the clients are generated: in the closest folder above the schema that is a package or has a
// Prisma config, with the schema named where Prisma would not find it there.
func (e *Env) generation() generation {
	g := generation{dir: e.ws.Root, args: []string{"generate"}}
	configured := false
	for dir := range client.Upward(filepath.Dir(e.ws.SchemaPath), e.codeRoot()) {
		configured = workspace.HasPrismaConfig(dir)
		if configured || isFile(filepath.Join(dir, "package.json")) {
			g.dir = dir
			break
		}
	}
	rel, err := filepath.Rel(g.dir, e.ws.SchemaPath)
	if rel = filepath.ToSlash(rel); err == nil && !configured && rel != "schema.prisma" && rel != "prisma/schema.prisma" {
		g.args = append(g.args, "--schema", rel)
	}
	return g
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// shown returns the command for the user to paste into their shell.
func (g generation) shown() string {
	line := "npx prisma " + strings.Join(say.Each(g.args, remedy.ShellWord), " ")
	here, err := os.Getwd()
	if err != nil {
		return "cd " + remedy.ShellWord(g.dir) + " && " + line
	}
	if real, err := filepath.EvalSymlinks(g.dir); err == nil && real == here {
		return line
	}
	dir := g.dir
	if rel, inside := files.Below(here, g.dir); inside {
		dir = rel
	}
	if dir == "." {
		return line
	}
	return "cd " + remedy.ShellWord(filepath.ToSlash(dir)) + " && " + line
}

// readClients begins to read the clients for a status; the returned function waits for that.
func (e *Env) readClients(ctx context.Context) func() []StatusClient {
	done := make(chan []StatusClient, 1)
	go func() {
		done <- e.StatusClients(ctx)
	}()
	return func() []StatusClient { return <-done }
}

// describeClient returns a client as a status has it.
func (e *Env) describeClient(c *client.Client) StatusClient {
	out := StatusClient{Generator: c.Generator, Folder: filepath.ToSlash(c.Folder), State: c.State, Why: visible.String(c.Why)}
	if rel, inside := files.Below(e.ws.Root, c.Folder); inside && c.Folder != "" {
		out.Folder = filepath.ToSlash(rel)
	}
	out.Models = say.Each(c.Models, func(m client.Model) statusModel {
		return statusModel{m.Schema, m.Name, m.How, say.Each(m.Fields, client.Field.String)}
	})
	if c.State == client.Stale || c.State == client.Missing {
		out.Generate = e.generation().shown()
	}
	return out
}
