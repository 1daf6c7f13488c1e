package postgres

import (
	"slices"
	"testing"
)

func TestCompletionKnowsEveryName(t *testing.T) {
	db := open(t, shop)
	c, err := db.Completion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(c.Tables, func(x CompletionTable) bool { return x.TableRef == TableRef{"shop", "Order"} })
	if at < 0 || c.Tables[at].Visible || len(c.Tables[at].Columns) != 5 || c.Tables[at].Columns[4] != (CompletionColumn{"total", "numeric(10,2)"}) {
		t.Errorf("shop.Order: %d, %+v", at, c.Tables[at])
	}
	for what, found := range map[string]bool{
		"schema":   slices.Contains(c.Schemas, "crm") && !slices.Contains(c.Schemas, "naap_dev"),
		"function": slices.Contains(c.Functions, "jsonb_build_object") && slices.Contains(c.Functions, "shop.f") && !slices.Contains(c.Functions, "int4pl"),
		"type":     slices.Contains(c.Types, "shop.state") && slices.Contains(c.Types, "timestamp with time zone"),
		"keyword":  slices.Contains(c.Keywords, "SELECT"),
		"setting":  slices.Contains(c.Settings, "search_path"),
		"catalog":  slices.ContainsFunc(c.Tables, func(x CompletionTable) bool { return x.Name == "pg_class" && x.Visible }),
	} {
		if !found {
			t.Errorf("%s is missing, or one is there that shouldn't be", what)
		}
	}
	for name, want := range map[string]string{"a_1": "a_1", "name": "name", "user": `"user"`, "Order": `"Order"`, "order": `"order"`, "1a": `"1a"`, "": `""`, `a"b`: `"a""b"`, "é": `"é"`} {
		if got := c.QuoteIfNeeded(name); got != want {
			t.Errorf("%q is quoted as %s, want %s", name, got, want)
		}
	}
}

func TestRelationsCountForeignKeysBetweenSchemas(t *testing.T) {
	s := snapshot(t, open(t, shop), SnapshotOptions{})
	r := s.Relations()
	want := []SchemaEdge{{"shop", "crm", 2, 1}, {"crm", "crm", 1, 1}}
	if !slices.Equal(r.Edges, want) || r.Counts["shop"] != 3 || len(r.Schemas) != 3 {
		t.Errorf("%+v", r)
	}
	n := s.Neighbours(TableRef{"crm", "User"})
	if len(n.Out) != 1 || len(n.In) != 3 {
		t.Errorf("%+v", n)
	}
}
