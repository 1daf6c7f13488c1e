package fake

import (
	"context"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// findRows is how many rows of a table are looked in.
const findRows = 8

// Find looks in the first rows of each table: for what reads as a uuid in whole values, for anything else inside of them.
// One huge table is not looked in to its end.
func (b *Backend) Find(ctx context.Context, req postgres.FindRequest, emit func(postgres.FindNews) bool) error {
	if strings.Contains(req.Value, "\x00") {
		return remedy.New("find.value", remedy.ExitUsage, "nothing in the database can hold this value: no text of PostgreSQL has a NUL character")
	}
	if err := b.enter(ctx); err != nil {
		return err
	}
	way := postgres.FindWay{UUID: len(req.Value) == 36 && strings.Count(req.Value, "-") == 4, Wide: req.Wide}
	way.Inside = req.Wide || !way.UUID
	var all []*table
	for _, s := range b.schemas {
		all = append(all, s.tables...)
	}
	if !emit(postgres.FindNews{Way: way, Steps: len(all)}) {
		return nil
	}
	huge := false
	for i, t := range all {
		news := postgres.FindNews{Way: way, Step: i + 1, Steps: len(all), Table: b.ref(t.ref), Indexed: i < len(all)/3}
		for n := range min(t.rows, findRows) {
			news.Found = append(news.Found, b.found(t, n, req.Value, way)...)
		}
		if !huge && !t.exact {
			huge, news.Problem = true, "not looked in to its end: it takes longer than 10 s"
		}
		if !emit(news) {
			return nil
		}
	}
	return ctx.Err()
}

// found is where a value is in a row.
func (b *Backend) found(t *table, n int64, value string, way postgres.FindWay) (out []postgres.Found) {
	for i, cell := range b.row(t, n, 1<<20) {
		kind := t.columns[i].Kind
		inside := way.Inside && (kind == postgres.TextKind || way.Wide && kind == postgres.JSONKind) && strings.Contains(strings.ToLower(cell.Text), strings.ToLower(value))
		if cell.Null || cell.Text != value && !inside {
			continue
		}
		f := postgres.Found{
			Table: b.ref(t.ref), Column: b.str(t.columns[i].Name), Type: b.str(t.columns[i].Type), Keyed: true,
			Where: []postgres.Condition{{Column: b.str("id"), Op: postgres.Equal, Value: id(t.ref, n)}}, Piece: cell.Text,
		}
		if len(f.Piece) > 200 {
			f.Piece, f.After = f.Piece[:200], true
		}
		out = append(out, f)
	}
	return out
}
