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

// referring counts the rows of a table whose foreign key has a value.
func (b *Backend) referring(t *table, w postgres.Condition) (n int64) {
	column := slices.IndexFunc(t.columns, func(c postgres.Column) bool { return b.str(c.Name) == w.Column })
	gone := b.deleted(t.ref)
	for i := range min(t.rows, 3000) {
		v := b.pointing(t, column, i)
		if own := b.written(t.ref, i); own != nil {
			v = own[column]
		}
		if !gone[i] && !v.Null && v.Text == w.Value {
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
		for n := range min(t.rows, 3000) {
			row := b.row(t, n, 1<<20)
			if at := slices.IndexFunc(r.Values, func(key []string) bool { return key[0] == row[0].Text }); at >= 0 {
				out[i][at] = row[2].Text
			}
		}
	}
	return out, nil
}
