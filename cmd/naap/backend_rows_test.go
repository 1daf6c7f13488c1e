//go:build unix

package main

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
)

func editHolds(t *testing.T, b subject) {
	first := func() postgres.Cursor {
		t.Helper()
		p, err := b.Page(t.Context(), postgres.PageRequest{Table: b.child, Limit: 1})
		ok(t, err)
		return p.Cursors[0]
	}
	at := first()
	row, err := b.EditRow(t.Context(), b.child, at)
	ok(t, err)
	table, err := b.EditTable(t.Context(), b.child)
	ok(t, err)
	if table.Refused() != nil || !slices.Equal(table.Key, []string{"id"}) || row.Cell("id").Text == "" || len(row.Cells) != len(table.Columns) || !slices.Equal(row.At, at) {
		t.Fatalf("%+v of %+v", row, table)
	}
	key := table.KeyOf("ownerId")
	if key == nil || key.Table != b.parent {
		t.Fatalf("%+v", table.Keys)
	}
	choices, err := b.KeyChoices(t.Context(), *key, "")
	if ok(t, err); len(choices) < 2 || len(choices[0].Key) != 1 || choices[0].Name == "" {
		t.Fatalf("%+v", choices)
	}
	if none, err := b.KeyChoices(t.Context(), *key, "nothing is called so"); err != nil || len(none) > 0 {
		t.Errorf("%+v, %v", none, err)
	}
	if got, err := b.CheckValue(t.Context(), table.Columns[0], "abc"); err != nil || got.Text != "abc" {
		t.Errorf("%+v, %v", got, err)
	}
	to := choices[1].Key[0]
	if was := row.Cell("ownerId").Text; was == to {
		to = choices[0].Key[0]
	}
	var pending rowedit.Pending
	pending.Update(row, map[string]rowedit.Value{"ownerId": {Text: to}})
	owner := func() string {
		t.Helper()
		now, err := b.EditRow(t.Context(), b.child, at)
		ok(t, err)
		return now.Cell("ownerId").Text
	}
	if res, err := b.TryRows(t.Context(), pending.Plan()); err != nil || res.Commit != nil || len(res.Conflicts) > 0 || owner() == to {
		t.Errorf("a trial: %+v, %v", res, err)
	}
	done, err := b.ChangeRows(t.Context(), pending.Plan())
	if ok(t, err); done.Commit == nil || len(done.Commit.Back) != 1 || owner() != to {
		t.Fatalf("%+v", done)
	}
	if res, err := b.ChangeRows(t.Context(), pending.Plan()); err != nil || res.Commit != nil || len(res.Conflicts) != 1 || res.Conflicts[0].Now.Cell("ownerId").Text != to {
		t.Errorf("the same again, of the row as it was: %+v, %v", res, err)
	}
	if back, err := b.ChangeRows(t.Context(), rowedit.Plan{Changes: done.Commit.Back}); err != nil || back.Commit == nil || owner() != row.Cell("ownerId").Text {
		t.Errorf("taken back: %+v, %v", back, err)
	}
	addsAndDeletes(t, b, row)
	if happened, err := b.RowsFate(t.Context(), "4294967300000"); err != nil || happened {
		t.Errorf("a transaction that never was: %v, %v", happened, err)
	}
	if _, err := b.EditTable(t.Context(), postgres.TableRef{Schema: "public", Name: "Nowhere"}); err == nil {
		t.Error("rows of a table that is not there can be changed")
	}
}

func addsAndDeletes(t *testing.T, b subject, row *rowedit.Row) {
	t.Helper()
	count := func() int64 {
		t.Helper()
		n, err := b.Count(t.Context(), b.child, nil)
		ok(t, err)
		return n.N
	}
	before := count()
	var pending rowedit.Pending
	set := map[string]rowedit.Value{}
	for i, c := range row.Table.Columns {
		set[c.Name] = row.Cells[i].Value()
	}
	set["id"] = rowedit.Value{Text: "another"}
	pending.Insert(row.Table, set)
	pending.Delete(row)
	done, err := b.ChangeRows(t.Context(), pending.Plan())
	if ok(t, err); done.Commit == nil || count() != before {
		t.Fatalf("%d rows, then %d: %+v", before, count(), done)
	}
	_, err = b.EditRow(t.Context(), b.child, row.At)
	refused(t, err, "row.missing")
	if back, err := b.ChangeRows(t.Context(), rowedit.Plan{Changes: done.Commit.Back}); err != nil || back.Commit == nil || count() != before {
		t.Errorf("taken back: %+v, %v", back, err)
	}
}
