package devenv

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/prisma"
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
// file has them, and the command that generates the clients; nothing where none is stale.
func (e *Env) StaleModels(ctx context.Context) (out map[string][]string, generate string) {
	for _, c := range e.Clients(ctx) {
		for _, m := range c.Models { // none unless it is stale
			if out == nil {
				out, generate = map[string][]string{}, e.generation().shown()
			}
			if !slices.Contains(out[m.Schema], m.Name) {
				out[m.Schema] = append(out[m.Schema], m.Name)
			}
		}
	}
	return out, generate
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
