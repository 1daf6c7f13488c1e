package devenv

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Disagreements compares the places that list the schemas: the init script, the Prisma file's schemas = […], and the
// database. Each schema that one of them lacks is named with all places; a Prisma file without a model comes first.
func (e *Env) Disagreements(ctx context.Context) ([]string, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return e.disagreements(ctx, db, e.desired())
}

func (e *Env) disagreements(ctx context.Context, q postgres.Querier, want wanted) ([]string, error) {
	places := map[string][]string{}
	if e.ws.Init != nil {
		places[e.ws.Init.Name] = createdSchemas(e.ws.Init.Text)
	}
	if len(want.schemas) > 0 {
		places[e.ws.SchemaName()] = want.schemas
	}
	live, err := schemaNames(ctx, q)
	if err != nil {
		return nil, err
	}
	places["the database"] = live
	lines := disagree(places)
	if none := e.noModel(want); none != "" {
		lines = append([]string{none}, lines...)
	}
	return lines, nil
}

// disagree names each item that some list has and another lacks. "public" need not be listed: it always exists.
func disagree(places map[string][]string) []string {
	all := map[string]bool{}
	for _, list := range places {
		for _, item := range list {
			all[item] = true
		}
	}
	delete(all, "public")
	var out []string
	for _, item := range slices.Sorted(maps.Keys(all)) {
		var in, missing []string
		for _, place := range slices.Sorted(maps.Keys(places)) {
			if slices.Contains(places[place], item) {
				in = append(in, place)
			} else {
				missing = append(missing, place)
			}
		}
		if len(missing) > 0 {
			out = append(out, fmt.Sprintf("%s is in %s and not in %s", item, strings.Join(in, ", "), strings.Join(missing, ", ")))
		}
	}
	return out
}

// createdSchemas returns the schemas that a script creates.
func createdSchemas(script string) []string {
	list, _ := sqltext.CreatedSchemas(script)
	return say.Each(list, func(c sqltext.CreatedSchema) string { return c.Name })
}

// onlyCreatesSchemas returns the schemas that a script creates if they are missing, and whether that is all that it does.
func onlyCreatesSchemas(script string) (names []string, only bool) {
	list, closed := sqltext.CreatedSchemas(script)
	rest, at := "", 0
	for _, c := range list {
		words := strings.Join(strings.Fields(script[c.Start:c.At]), " ")
		if !strings.EqualFold(words, "CREATE SCHEMA IF NOT EXISTS") || strings.Trim(script[c.Until:c.End], " \t\r\n;") != "" {
			return nil, false
		}
		names = append(names, c.Name)
		rest += script[at:c.Start]
		at = c.End
	}
	for range sqltext.Tokens(rest + script[at:]) {
		return nil, false
	}
	return names, closed
}
