//go:build unix

package main

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func queriesHold(t *testing.T, b subject) {
	ctx, text, other := t.Context(), "-- Of a test\nSELECT :a", "SELECT 2"
	q, err := b.SaveQuery(ctx, "contract", text, nil)
	if ok(t, err); q.Name != "contract" || q.Text != text+"\n" || q.Description != "Of a test" || q.File != "naap/queries/contract.sql" {
		t.Errorf("%+v", q)
	}
	for code, was := range map[string]*string{"query.exists": nil, "query.changed": &other} {
		if _, err := b.SaveQuery(ctx, "contract", other, was); remedy.Code(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
	_, err = b.SaveQuery(ctx, "contract", other, &q.Text)
	ok(t, err)
	list, err := b.Queries(ctx)
	ok(t, err)
	if !slices.ContainsFunc(list, func(q queries.Query) bool { return q.Name == "contract" && q.Text == other+"\n" && q.Err == nil }) {
		t.Errorf("%+v", list)
	}
	if _, err := b.SaveQuery(ctx, "../outside", text, nil); remedy.Code(err) != "query.name" {
		t.Errorf("outside: %v", err)
	}
}
