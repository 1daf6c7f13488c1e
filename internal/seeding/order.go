package seeding

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// Edge is a foreign key between two tables: From's rows need To's.
type Edge struct{ From, To postgres.TableRef }

// foreignKeys reads which table needs which, except for self-references.
func foreignKeys(ctx context.Context, q postgres.Querier) ([]Edge, error) {
	edges, err := postgres.Collect(ctx, q, func(e *Edge) []any { return []any{&e.From.Schema, &e.From.Name, &e.To.Schema, &e.To.Name} }, `
SELECT DISTINCT fn.nspname, f.relname, tn.nspname, t.relname
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_class f ON f.oid = con.conrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
JOIN pg_catalog.pg_class t ON t.oid = con.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
WHERE con.contype = 'f' AND con.conrelid <> con.confrelid AND fn.nspname !~ '`+hidden.Aside+`'`)
	if err != nil {
		return nil, fmt.Errorf("read foreign keys: %w", err)
	}
	return edges, nil
}

// order sorts seeds so that a file comes after those with tables that its own tables refer to, and after those that its
// header names. Where neither decides, or they form a cycle, the file's number and name do.
func order(seeds []Seed, edges []Edge) []Seed {
	before := needs(seeds, edges)
	rest := slices.Clone(seeds)
	slices.SortStableFunc(rest, func(a, b Seed) int {
		return cmp.Or(cmp.Compare(a.File.Order, b.File.Order), publicFirst(a, b), cmp.Compare(a.Name, b.Name))
	})
	var sorted []Seed
	done := map[string]bool{}
	for len(rest) > 0 {
		i := slices.IndexFunc(rest, func(s Seed) bool {
			for name := range before[s.Name] {
				if !done[name] {
					return false
				}
			}
			return true
		})
		i = max(i, 0) // a cycle: the first by number and name goes first
		sorted = append(sorted, rest[i])
		done[rest[i].Name] = true
		rest = slices.Delete(rest, i, i+1)
	}
	return sorted
}

// needs returns the names of the seeds that must come before each.
func needs(seeds []Seed, edges []Edge) map[string]map[string]bool {
	owners := map[postgres.TableRef][]string{}
	before := map[string]map[string]bool{}
	for _, s := range seeds {
		before[s.Name] = map[string]bool{}
		for _, t := range s.File.Tables() {
			owners[postgres.TableRef(t)] = append(owners[postgres.TableRef(t)], s.Name)
		}
	}
	for _, e := range edges {
		for _, child := range owners[e.From] {
			for _, parent := range owners[e.To] {
				if child != parent {
					before[child][parent] = true
				}
			}
		}
	}
	for _, s := range seeds {
		for _, name := range s.File.After {
			for _, other := range seeds {
				if other.Name != s.Name && named(other.File, name) {
					before[s.Name][other.Name] = true
				}
			}
		}
	}
	return before
}

// named reports whether a header's after=NAME means the file, by its name or its schema.
func named(f *seedfile.File, name string) bool { return f.Name == name || f.Schema == name }

func publicFirst(a, b Seed) int {
	rank := func(s Seed) int {
		if s.Schema == "public" {
			return 0
		}
		return 1
	}
	return cmp.Compare(rank(a), rank(b))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
