package mcpserver

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// modelsOf returns the Prisma models by the tables that they are; none where the file has mistakes, which diff says.
func modelsOf(env *devenv.Env) map[postgres.TableRef]string {
	sources := say.Each(env.Workspace().SchemaFiles, func(f workspace.File) prisma.Source { return prisma.Source{Name: f.Name, Text: f.Text} })
	schema, err := prisma.Parse(sources...)
	if err != nil {
		return nil
	}
	out := map[postgres.TableRef]string{}
	for _, m := range slices.Concat(schema.Models, schema.Views) {
		in := m.Schema
		if in == "" {
			in = "public"
		}
		out[postgres.TableRef{Schema: in, Name: m.DBName}] = m.Name
	}
	return out
}

// findTable returns the table that a name means: schema.table, with or without quotes, a table's name alone, or a
// model's.
func findTable(ctx context.Context, env *devenv.Env, name string) (postgres.TableRef, error) {
	var all []postgres.TableRef
	err := env.Read(ctx, func(db *postgres.DB) (err error) {
		all, err = postgres.Collect(ctx, db, func(t *postgres.TableRef) []any { return []any{&t.Schema, &t.Name} },
			`SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ $1 ORDER BY 1, 2`, hidden.Schemas)
		return err
	})
	if err != nil {
		return postgres.TableRef{}, err
	}
	models := modelsOf(env)
	asked := strings.ReplaceAll(strings.TrimSpace(name), `"`, "")
	for _, means := range []func(postgres.TableRef) bool{
		func(t postgres.TableRef) bool { return t.String() == asked },
		func(t postgres.TableRef) bool { return t.Name == asked },
		func(t postgres.TableRef) bool { return models[t] == asked },
		func(t postgres.TableRef) bool { return strings.EqualFold(t.String(), asked) },
		func(t postgres.TableRef) bool {
			return strings.EqualFold(t.Name, asked) || strings.EqualFold(models[t], asked)
		},
	} {
		found := slices.DeleteFunc(slices.Clone(all), func(t postgres.TableRef) bool { return !means(t) })
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return postgres.TableRef{}, remedy.New("table.ambiguous", remedy.ExitUsage, "several tables are called %s", visible.String(asked)).
				WithSeen("they are: " + say.Some(names(found), 20)).WithFix("give its schema too: " + names(found)[0])
		}
	}
	return postgres.TableRef{}, noTable(asked, all)
}

func noTable(asked string, all []postgres.TableRef) error {
	r := remedy.New("table.unknown", remedy.ExitUsage, "the database has no table %s", visible.String(asked))
	near := say.Nearest(asked, names(all))
	if near == "" {
		bare := say.Each(all, func(t postgres.TableRef) string { return t.Name })
		if i := slices.Index(bare, say.Nearest(asked, bare)); i >= 0 {
			near = names(all)[i]
		}
	}
	if near != "" {
		r.WithFix("did you mean: " + near)
	}
	return r.WithFix("the tool schema_map lists the tables; diff says which of the Prisma file are missing")
}

func names(tables []postgres.TableRef) []string {
	return say.Each(tables, func(t postgres.TableRef) string { return visible.String(t.String()) })
}
