package mcpserver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

type schemaMapArguments struct {
	Schema string `json:"schema,omitempty" jsonschema:"only this schema, with all of its tables; all schemas if absent"`
}

type schemaMapAnswer struct {
	Schemas []schemaEntry `json:"schemas"`
	Cut     string        `json:"cut,omitempty" jsonschema:"what is missing, and how to ask for it"`
}

type schemaEntry struct {
	Name   string       `json:"name"`
	Owner  string       `json:"owner,omitempty" jsonschema:"the plugin or service that it belongs to"`
	Count  int          `json:"count" jsonschema:"how many tables it has"`
	Rows   int64        `json:"rows"`
	Exact  bool         `json:"rows_exact"`
	Tables []tableEntry `json:"tables" jsonschema:"as many as fit"`
}

type tableEntry struct {
	Name  string `json:"name"`
	Model string `json:"model,omitempty" jsonschema:"the model of the Prisma file, where it is called otherwise"`
	Kind  string `json:"kind,omitempty" jsonschema:"what it is, if not a table"`
	Rows  int64  `json:"rows"`
}

func schemaMapTool() tool {
	return define(tool{
		name: "schema_map", title: "Schemas and tables", kind: reads,
		about: "Every schema of the database: the plugin or service that owns it, its tables with their Prisma models and rows. Give a schema to see all of its tables.",
	}, looks, func(ctx context.Context, env *devenv.Env, in schemaMapArguments) (schemaMapAnswer, error) {
		snap, err := env.Snapshot(ctx, postgres.SnapshotOptions{Brief: true})
		if err != nil {
			return schemaMapAnswer{}, err
		}
		schemas := snap.Schemas
		if in.Schema != "" {
			i := slices.IndexFunc(schemas, func(s postgres.SchemaInfo) bool { return s.Name == in.Schema })
			if i < 0 {
				return schemaMapAnswer{}, noSchema(in.Schema, say.Each(schemas, func(s postgres.SchemaInfo) string { return s.Name }))
			}
			schemas = schemas[i : i+1]
		}
		return mapOf(env, schemas), nil
	})
}

// mapOf lists the schemas, and then as many of their tables as fit: a map without tables still says where they are.
func mapOf(env *devenv.Env, schemas []postgres.SchemaInfo) schemaMapAnswer {
	left, models := room(roomSize), modelsOf(env)
	out := schemaMapAnswer{Schemas: []schemaEntry{}}
	for _, s := range schemas {
		out.Schemas = append(out.Schemas, schemaEntry{
			Name: visible.String(s.Name), Owner: visible.String(env.Workspace().OwnerOf(s.Name)), Count: s.TableCount(),
			Rows: s.Rows.N, Exact: s.Rows.Exact, Tables: []tableEntry{},
		})
	}
	var missing int
	if out.Schemas, missing = fill(&left, out.Schemas); missing > 0 {
		out.Cut = say.Count(missing, "schema") + " more; query pg_namespace for their names"
		return out
	}
	cut := 0
	for i, s := range schemas {
		tables := say.Each(s.Tables, func(t postgres.TableInfo) tableEntry { return tableOf(t, models[t.Ref()]) })
		out.Schemas[i].Tables, missing = fill(&left, tables)
		cut += missing
	}
	if cut > 0 {
		out.Cut = say.Count(cut, "table") + " more: give a schema, or query information_schema.tables"
	}
	return out
}

func tableOf(t postgres.TableInfo, model string) tableEntry {
	e := tableEntry{Name: visible.String(t.Name), Rows: t.Rows.N}
	if t.Kind != postgres.KindTable {
		e.Kind = string(t.Kind)
	}
	if model != t.Name {
		e.Model = visible.String(model)
	}
	return e
}

func noSchema(name string, there []string) error {
	r := remedy.New("schema.unknown", remedy.ExitUsage, "the database has no schema %q", name).
		WithSeen("schemas: " + visible.String(say.Some(there, 40)))
	if near := say.Nearest(name, there); near != "" {
		r.WithFix("did you mean: " + visible.String(near))
	}
	return r
}

func (m schemaMapAnswer) text() string {
	var b strings.Builder
	for _, s := range m.Schemas {
		owner, about := "", ""
		if s.Owner != "" {
			owner = " (" + s.Owner + ")"
		}
		if !s.Exact {
			about = "about "
		}
		fmt.Fprintf(&b, "%s%s: %s, %s%s\n", s.Name, owner, say.Count(s.Count, "table"), about, say.Count(s.Rows, "row"))
		for _, t := range s.Tables {
			fmt.Fprintf(&b, "  %s", t.Name)
			if t.Model != "" {
				fmt.Fprintf(&b, " (model %s)", t.Model)
			}
			if t.Kind != "" {
				fmt.Fprintf(&b, ", a %s\n", t.Kind)
				continue
			}
			fmt.Fprintf(&b, " %s\n", say.Number(t.Rows))
		}
	}
	return b.String() + note(m.Cut)
}
