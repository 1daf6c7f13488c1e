package rules

import (
	"context"
	"path"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// MapEntry is one schema of the workspace, as its files describe it.
type MapEntry struct {
	Schema string   `json:"schema"`
	Owner  string   `json:"owner"` // the plugin's or service's name; "" if not known
	Prefix []string `json:"prefix"`
	Learnt bool     `json:"prefix_learnt"`
	Models int      `json:"models"`
	Enums  int      `json:"enums"`
	Views  int      `json:"views"`
	Listed []string `json:"listed_in"` // the lists that name it, as file (label)
	Missed []string `json:"missing_in"`
}

// SchemaMap returns the schemas of the datasource in its order.
func SchemaMap(ctx context.Context, options Options) ([]MapEntry, error) {
	r, err := begin(ctx, options.withDefaults())
	if err != nil {
		return nil, err
	}
	if err := r.findLists(ctx); err != nil {
		return nil, err
	}
	lists, prefixes := r.lists(), r.prefixes()
	entries := []MapEntry{}
	for _, n := range r.schema.schemas {
		e := MapEntry{Schema: n.Value, Prefix: []string{}, Listed: []string{}, Missed: []string{}}
		if p, ok := prefixes[n.Value]; ok {
			e.Prefix, e.Learnt = p.names, p.learnt
		}
		if folder := r.ownerFolder(n.Value); folder != "" {
			e.Owner = path.Base(folder)
		}
		for _, l := range lists {
			label := l.file.path + " (" + l.label + ")"
			switch {
			case l.has(n.Value):
				e.Listed = append(e.Listed, label)
			case n.Value != coreSchema:
				e.Missed = append(e.Missed, label)
			}
		}
		r.countTypes(&e)
		entries = append(entries, e)
	}
	return entries, nil
}

func (r *run) countTypes(e *MapEntry) {
	for _, t := range r.schema.types {
		if t.schema.Value != e.Schema {
			continue
		}
		switch t.block.Kind {
		case prisma.ModelBlock:
			e.Models++
		case prisma.ViewBlock:
			e.Views++
		case prisma.EnumBlock:
			e.Enums++
		}
	}
}
