package seeding

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

type tables map[postgres.TableRef]bool

func (a tables) meet(b tables) bool {
	for t := range a {
		if b[t] {
			return true
		}
	}
	return false
}

// reach is what seeds did when they were applied: in which tables each has rows, and in which it changed other rows.
type reach struct{ rows, changed map[string]tables }

func readReach(ctx context.Context, q postgres.Querier) (reach, error) {
	r := reach{map[string]tables{}, map[string]tables{}}
	list, err := ledger.SeedTables(ctx, q)
	for _, t := range list {
		into := r.rows
		if t.Changed {
			into = r.changed
		}
		if into[t.Seed] == nil {
			into[t.Seed] = tables{}
		}
		into[t.Seed][t.Table] = true
	}
	return r, err
}

// rename records a seed under its present name.
func (r reach) rename(s Seed) {
	r.rows[s.Name], r.changed[s.Name] = r.rows[s.Was], r.changed[s.Was]
}

// losers adds to the chosen seeds those that were applied after a seed that is to be replaced and changed rows in its
// tables: the change would be lost with the rows. It returns the reason for each. The seeds are in order.
func (r reach) losers(seeds []Seed, chosen map[string]bool) map[string]string {
	because := map[string]string{}
	for i, earlier := range seeds {
		if !chosen[earlier.Name] || earlier.State == Pending {
			continue
		}
		for _, later := range seeds[i+1:] {
			if !chosen[later.Name] && later.State == Applied && r.changed[later.Name].meet(r.rows[earlier.Name]) {
				chosen[later.Name] = true
				because[later.Name] = "which changes rows of " + earlier.Name
			}
		}
	}
	return because
}

// link groups into one transaction steps that must not be separated: two that have rows in the same table, of which one
// is to be replaced, and two to be replaced of which one refers to the other. What is between them is included.
func (r reach) link(steps []Step, edges []Edge) {
	all := make([]tables, len(steps))
	for i, s := range steps {
		all[i] = tables{}
		for _, t := range s.Seed.File.Tables() {
			all[i][postgres.TableRef(t)] = true
		}
		for _, of := range []map[string]tables{r.rows, r.changed} {
			for t := range of[s.Seed.Name] {
				all[i][t] = true
			}
		}
	}
	for j := range steps {
		for i := range j {
			if (steps[i].Replace || steps[j].Replace) && all[i].meet(all[j]) ||
				steps[i].Replace && steps[j].Replace && refer(all[i], all[j], edges) {
				for k := i + 1; k <= j; k++ {
					steps[k].Together = true
				}
				break
			}
		}
	}
}

// refer reports whether a foreign key leads from one of the tables to one of the others, in either direction.
func refer(a, b tables, edges []Edge) bool {
	return slices.ContainsFunc(edges, func(e Edge) bool { return a[e.From] && b[e.To] || b[e.From] && a[e.To] })
}
