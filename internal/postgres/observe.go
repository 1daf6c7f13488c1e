package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// SnapshotOptions bounds what a Snapshot costs. The zero value is right for a dashboard.
type SnapshotOptions struct {
	// Previous is the last Snapshot of the same database, or nil. If nothing was committed since, it is used again: one
	// round trip, no table is read. Statistics of tables (Scans, Dead) are then as old as Previous.
	Previous *Snapshot
	// Hidden includes the server's own schemas and naap's.
	Hidden bool
	// Brief leaves out what tables have beside rows and sizes, enums, foreign keys and extensions, and what is damaged. Such
	// a Snapshot is nobody's Previous.
	Brief bool
	// Tables are counted exactly, small ones first, as long as their heaps are at most CountBytes together (64 MiB if
	// zero; if negative, only empty tables are counted) and at most CountTables of them (1,000 if zero) are not empty.
	CountBytes  int64
	CountTables int
	// CountTimeout is for one table; beyond it, its number of rows is an estimate. 300 ms if zero.
	CountTimeout time.Duration

	// CountIn opens the pool in which tables are counted, if that is another one: even planning a query over a table may
	// run functions of its indexes and partitions. It is called only if there is something to count.
	CountIn func(context.Context) (*DB, error)

	quiet bool // see Options.Quiet
}

// Snapshot reads the state of the server: one round trip if nothing has changed since opt.Previous, else two, and one
// more if something is committed meanwhile. If a table is dropped or locked meanwhile, only its own count is missing. After a
// restart of the server it reconnects by itself.
func (db *DB) Snapshot(ctx context.Context, opt SnapshotOptions) (*Snapshot, error) {
	var s *Snapshot
	opt.quiet = db.quiet
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) (err error) {
		s, err = observe(ctx, pc, opt, sizesOn(pc))
		if HasCode(err, lockNotAvailable) { // another session locked a table between the two round trips
			s, err = observe(ctx, pc, opt, sizesGuessed)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	return s, nil
}

func observe(ctx context.Context, pc *pgconn.PgConn, opt SnapshotOptions, sizes string) (*Snapshot, error) {
	began := time.Now()
	s := &Snapshot{TakenAt: began, RoundTrips: 1}
	previous := ""
	if opt.Previous != nil {
		previous = opt.Previous.mark
	}
	health := newHealthAsks(&s.Health, &s.Server, began)
	cat := newCatalogueAsks(s, opt, previous, sizes)

	asks := append(health.asks(), cat.asks()...)
	if err := exchange(ctx, pc, asks...); err != nil {
		return nil, err
	}
	if err := firstError(append(health.required(), cat.asks()...)...); err != nil {
		return nil, err
	}
	health.finish()
	if previous != "" && s.mark == previous {
		s.reuse(opt.Previous)
		s.Took = time.Since(began)
		return s, nil
	}
	cat.finish()
	if err := cat.makeSure(ctx, pc); err != nil {
		return nil, err
	}
	counts := chooseCounts(cat.tables, cat.sized, opt)
	if len(counts) > 0 {
		s.RoundTrips++
		if err := opt.count(ctx, pc, counts); err != nil {
			return nil, err
		}
	}
	cat.assemble()
	if slices.ContainsFunc(cat.tables, func(t *tableRow) bool { return t.info.Locked }) || !cat.sized || opt.Brief {
		s.mark = "" // what was hidden behind a lock may appear without a commit
	}
	s.Took = time.Since(began)
	return s, nil
}

// reuse takes from an earlier snapshot what only a commit can change.
func (s *Snapshot) reuse(p *Snapshot) {
	s.Reused = true
	s.Schemas = p.Schemas
	s.ForeignKeys = p.ForeignKeys
	s.Extensions = p.Extensions
	s.Health.DatabaseBytes = p.Health.DatabaseBytes
	s.Health.InvalidIndexes = p.Health.InvalidIndexes
}

// Count counts a table's rows exactly, however long that takes; ctx ends it.
func (db *DB) Count(ctx context.Context, table TableRef) (RowCount, error) {
	var n RowCount
	a := newAsk("SELECT pg_catalog.count(*) FROM "+table.Quoted(), func(r textRow) { n = RowCount{N: r.int(0), Exact: true} })
	if err := db.readOnly(ctx, a); err != nil {
		return RowCount{}, fmt.Errorf("count the rows of %s: %w", table, err)
	}
	return n, nil
}

// count counts the tables of a snapshot, in the pool that is for that, or else on the snapshot's own connection.
func (opt SnapshotOptions) count(ctx context.Context, pc *pgconn.PgConn, tables []*tableRow) error {
	if opt.CountIn == nil {
		return countTables(ctx, pc, tables, opt.CountTimeout, opt.quiet)
	}
	db, err := opt.CountIn(ctx)
	if err != nil {
		return err
	}
	return db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		return countTables(ctx, pc, tables, opt.CountTimeout, opt.quiet)
	})
}

// countTables counts the tables of one snapshot, each in a transaction of its own, so that one that was dropped or is
// locked keeps its estimate and the others are counted.
func countTables(ctx context.Context, pc *pgconn.PgConn, tables []*tableRow, timeout time.Duration, quiet bool) error {
	if timeout <= 0 {
		timeout = 300 * time.Millisecond
	}
	ms := strconv.FormatInt(max(1, timeout.Milliseconds()), 10)
	asks := make([]*ask, 0, len(tables)+2)
	if quiet && !mayHush(pc) {
		// A count that takes too long would be a line in the log. On an idle server, small ones never take that long.
		tables, ms = slices.DeleteFunc(slices.Clone(tables), func(t *tableRow) bool { return t.info.HeapBytes > defaultCountBytes }), "0"
	}
	asks = append(asks, newAsk(`SELECT pg_catalog.set_config('statement_timeout', $1, false), pg_catalog.set_config('lock_timeout', '100', false)`, nil, ms))
	if !pooled(pc) { // there it would make others' sessions read-only
		asks = append(asks, newAsk("SET default_transaction_read_only = on", nil))
	}
	first := len(asks)
	for _, t := range tables {
		asks = append(asks, newAsk("SELECT pg_catalog.count(*) FROM "+t.info.Ref().Quoted(), func(r textRow) {
			t.info.Rows = RowCount{N: r.int(0), Exact: true}
		}))
	}
	asks = append(asks, newAsk("RESET statement_timeout", nil), newAsk("RESET lock_timeout", nil))
	if !pooled(pc) {
		asks = append(append(asks, newAsk("RESET default_transaction_read_only", nil)), letGo(pc)...)
	}
	if err := exchange(ctx, pc, asks...); err != nil {
		return err
	}
	for i, t := range tables {
		t.info.Locked = HasCode(asks[first+i].err, lockNotAvailable)
	}
	return nil
}
