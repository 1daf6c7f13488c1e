package postgres

import "slices"

// What one refresh reads at most to count rows: it takes a server that has them in its cache about 100 ms.
const (
	defaultCountBytes  = 64 << 20
	defaultCountTables = 1000
)

// bytesPerRow is assumed for a table of which the server has no statistics.
const bytesPerRow = 100

// chooseCounts gives every table the best number that costs nothing, and returns the tables worth counting.
func chooseCounts(tables []*tableRow, sized bool, opt SnapshotOptions) []*tableRow {
	if opt.CountBytes == 0 {
		opt.CountBytes = defaultCountBytes
	}
	if opt.CountTables <= 0 {
		opt.CountTables = defaultCountTables
	}
	var candidates []*tableRow
	for _, t := range tables {
		switch {
		case !sized || t.info.Locked || t.hidden:
			t.info.Rows = t.estimate()
		case t.info.Kind == KindTable && t.info.HeapBytes == 0:
			t.info.Rows = RowCount{Exact: true} // no blocks means no rows: a heap grows before its first row is written
		case t.info.Kind == KindTable || t.info.Kind == kindMatView && t.populated:
			t.info.Rows = t.estimate()
			candidates = append(candidates, t)
		case t.info.Kind == kindForeign:
			t.info.Rows = t.estimate() // counting would query another server
		}
	}
	slices.SortStableFunc(candidates, func(a, b *tableRow) int { return int(a.info.HeapBytes - b.info.HeapBytes) })
	for i, t := range candidates {
		opt.CountBytes -= t.info.HeapBytes
		if i >= opt.CountTables || opt.CountBytes < 0 {
			return candidates[:i]
		}
	}
	return candidates
}

// estimate returns the planner's estimate: the density of rows when the table was last analyzed, times its current
// size. reltuples is −1 before that, and right after a load; then the cumulative statistics say how many rows were
// inserted and, without these, the size is all there is.
func (t *tableRow) estimate() RowCount {
	const block = 8192
	switch {
	case t.reltuples > 0 && t.relpages > 0:
		return RowCount{N: int64(t.reltuples / float64(t.relpages) * float64(t.info.HeapBytes) / block)}
	case t.reltuples > 0: // for a foreign table, which has no pages
		return RowCount{N: int64(t.reltuples)}
	case t.live > 0:
		return RowCount{N: t.live}
	}
	return RowCount{N: t.info.HeapBytes / bytesPerRow}
}
