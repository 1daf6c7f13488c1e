package fake

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// CountLinks counts in the first few thousand rows, or says what Referrers does.
func (b *Backend) CountLinks(ctx context.Context, links []postgres.RecordLink) ([]postgres.LinkCount, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	out := make([]postgres.LinkCount, len(links))
	for i, l := range links {
		t, err := b.real(l.Table)
		if err != nil {
			return nil, err
		}
		if said, ok := b.Referrers[t.ref.Name]; ok {
			said.Problem = b.poisoned(said.Problem)
			out[i] = said
			continue
		}
		out[i].Rows.Exact = true
		if !l.Null {
			out[i].Rows.N = b.referring(t, l.Where[0])
		}
	}
	return out, nil
}

// referring counts the rows of a table whose foreign key has a value: that of one row in each round of the other table's.
func (b *Backend) referring(t *table, w postgres.Condition) (n int64) {
	column := slices.IndexFunc(t.columns, func(c postgres.Column) bool { return b.str(c.Name) == w.Column })
	gone := b.deleted(t.ref)
	first, round := int64(0), int64(1)
	for _, p := range t.points {
		if to := b.byName[p.to]; p.column == column && to.rows > 0 {
			round = to.rows
			for first < round && id(p.to, first) != w.Value {
				first++
			}
		}
	}
	for i := first; i < min(t.rows, 3000); i += round {
		if v := b.pointing(t, column, i); !gone[i] && b.written(t.ref, i) == nil && !v.Null && v.Text == w.Value {
			n++
		}
	}
	return n + b.rewritten(t, column, w.Value)
}

// rewritten counts the rows that were written so that a column has a value.
func (b *Backend) rewritten(t *table, column int, value string) (n int64) {
	b.Editing.mu.RLock()
	defer b.Editing.mu.RUnlock()
	for i, row := range b.Editing.rows[t.ref] {
		if !b.Editing.gone[t.ref][i] && !row[column].Null && row[column].Text == value {
			n++
		}
	}
	return n
}

// RowNames are in the third column, as those of KeyChoices.
func (b *Backend) RowNames(ctx context.Context, reqs []postgres.NameRequest) ([][]string, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.Named = append(b.Named, reqs)
	b.mu.Unlock()
	out := make([][]string, len(reqs))
	for i, r := range reqs {
		t, err := b.real(r.Table)
		if err != nil {
			return nil, err
		}
		out[i] = make([]string, len(r.Values))
		at := map[string]int{}
		for j, key := range r.Values {
			at[key[0]] = j
		}
		for n := range min(t.rows, 3000) {
			if j, ok := at[id(t.ref, n)]; ok {
				out[i][j] = b.row(t, n, 1<<20)[2].Text
			}
		}
	}
	return out, nil
}
