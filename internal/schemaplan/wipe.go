package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// Wipe is most of a database that a plan drops. It needs permission whether there are rows in it or not: it is more
// likely a sign of an incomplete schema file than intended.
type Wipe struct {
	Schema string `json:"schema,omitempty"` // the one that loses every table; "" where it is about all schemas of the plan
	Tables int    `json:"tables"`           // those dropped
	Of     int    `json:"of"`               // those that exist
}

// String returns the wipe for people: "all 32 tables of schema public", "17 of all 30 tables".
func (w Wipe) String() string {
	switch {
	case w.Schema == "":
		return fmt.Sprintf("%d of all %d tables", w.Tables, w.Of)
	case w.Of == 1:
		return "the only table of schema " + w.Schema
	}
	return fmt.Sprintf("all %s of schema %s", say.Count(w.Of, "table"), w.Schema)
}

// wipes returns the Plan's Wipes.
func (p *Plan) wipes() []Wipe {
	gone := map[string]int{}
	for _, s := range p.Steps {
		if s.Kind == DropTable {
			gone[s.table.Schema]++
		}
	}
	var out []Wipe
	var dropped, found, told int
	for schema, n := range p.found {
		dropped, found = dropped+gone[schema], found+n
		if n > 0 && gone[schema] == n {
			out, told = append(out, Wipe{schema, n, n}), told+n
		}
	}
	slices.SortFunc(out, func(a, b Wipe) int { return strings.Compare(a.Schema, b.Schema) })
	if 2*dropped > found && dropped > told {
		out = append(out, Wipe{Tables: dropped, Of: found})
	}
	return out
}

// WipeLines returns the wipes as sentences.
func (p *Plan) WipeLines() []string {
	return say.Each(p.Wipes, func(w Wipe) string { return "drops " + w.String() })
}

// tablesFound returns the number of tables that a plan may drop, by schema.
func (d *differ) tablesFound() map[string]int {
	out := map[string]int{}
	for _, t := range d.have.Tables {
		if t.Unmanaged == "" && d.in(t.Schema) {
			out[t.Schema]++
		}
	}
	return out
}
