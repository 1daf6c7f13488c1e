package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

const shop = `
CREATE SCHEMA shop; CREATE SCHEMA crm; CREATE SCHEMA naap_dev; CREATE SCHEMA naap_undo_7;
COMMENT ON SCHEMA shop IS 'what is sold';
CREATE TYPE shop.state AS ENUM ('new', 'paid', 'it''s "sent"');
CREATE TABLE crm."User" (id text PRIMARY KEY, email text UNIQUE, boss text REFERENCES crm."User");
CREATE TABLE shop."Order" (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, buyer text NOT NULL REFERENCES crm."User" ON DELETE CASCADE,
	seller text REFERENCES crm."User" ON DELETE SET NULL, state shop.state NOT NULL DEFAULT 'new', total numeric(10,2));
COMMENT ON TABLE shop."Order" IS 'one purchase';
CREATE INDEX ON shop."Order" (buyer);
CREATE TABLE shop.empty (id int);
CREATE TABLE naap_dev.seeds (id int);
CREATE TABLE naap_undo_7.old (id int);
CREATE VIEW shop.paid AS SELECT * FROM shop."Order" WHERE state = 'paid';
CREATE MATERIALIZED VIEW shop.totals AS SELECT 1 AS n UNION ALL SELECT 2;
CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE shop.log (day date NOT NULL, line text) PARTITION BY RANGE (day);
CREATE TABLE shop.log_1 PARTITION OF shop.log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE shop.log_2 PARTITION OF shop.log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO shop.log SELECT '2026-01-10'::date + i, 'x' FROM generate_series(1, 30) i;
INSERT INTO crm."User" SELECT 'u' || i, 'u' || i || '@example.org' FROM generate_series(1, 40) i;
INSERT INTO shop."Order" (buyer, total) SELECT 'u' || i, i FROM generate_series(1, 25) i;`

func snapshot(t testing.TB, db *DB, opt SnapshotOptions) *Snapshot {
	t.Helper()
	s, err := db.Snapshot(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSnapshotSeesEverySchemaTableAndCount(t *testing.T) {
	db := open(t, shop)
	s := snapshot(t, db, SnapshotOptions{})

	var names []string
	for _, sch := range s.Schemas {
		names = append(names, sch.Name)
	}
	if want := []string{"crm", "public", "shop"}; !slices.Equal(names, want) {
		t.Errorf("schemas %v, want %v", names, want)
	}
	sch, _ := s.Schema("shop")
	if sch.Comment != "what is sold" || sch.Functions != 1 || sch.Sequences != 1 || sch.TableCount() != 3 {
		t.Errorf("schema shop: %+v", sch)
	}
	if want := (enumInfo{Schema: "shop", Name: "state", Labels: []string{"new", "paid", `it's "sent"`}}); len(sch.Enums) != 1 ||
		!slices.Equal(sch.Enums[0].Labels, want.Labels) || sch.Enums[0].Name != want.Name {
		t.Errorf("enums %+v", sch.Enums)
	}
	if sch.Rows != (RowCount{N: 55, Exact: true}) {
		t.Errorf("rows of shop: %+v, want 55 exact: the partitions' rows counted once", sch.Rows)
	}
	order, ok := s.Table(TableRef{"shop", "Order"})
	if !ok || order.Rows != (RowCount{N: 25, Exact: true}) || order.Indexes != 2 || order.Columns != 5 || !order.HasKey ||
		order.Comment != "one purchase" || order.Kind != KindTable || order.Empty || order.Bytes < order.HeapBytes || order.HeapBytes == 0 {
		t.Errorf("shop.Order: %+v", order)
	}
	if want := []TableRef{{"crm", "User"}}; !slices.Equal(order.References, want) {
		t.Errorf("shop.Order points at %v, want %v", order.References, want)
	}
	if user, _ := s.Table(TableRef{"crm", "User"}); user.ReferencedBy != 3 {
		t.Errorf("crm.User is pointed at by %d foreign keys, want 3", user.ReferencedBy)
	}
	if empty, _ := s.Table(TableRef{"shop", "empty"}); !empty.Empty || !empty.Rows.Exact {
		t.Errorf("shop.empty: %+v", empty)
	}
	if log, _ := s.Table(TableRef{"shop", "log"}); log.Kind != kindPartitioned || log.Rows != (RowCount{N: 30, Exact: true}) {
		t.Errorf("shop.log: %+v", log)
	}
	if view, _ := s.Table(TableRef{"shop", "paid"}); view.Kind != KindView {
		t.Errorf("shop.paid: %+v", view)
	}
	if mat, _ := s.Table(TableRef{"shop", "totals"}); mat.Kind != kindMatView || mat.Rows != (RowCount{N: 2, Exact: true}) {
		t.Errorf("shop.totals: %+v", mat)
	}
	if s.Server.Version.Major() < 14 || s.Server.Encoding != "UTF8" || s.Server.Started.IsZero() || s.Server.Uptime() <= 0 ||
		!s.Server.Superuser || s.Server.DataFolder == "" || s.Server.InRecovery || s.Server.ReadOnly {
		t.Errorf("server: %+v", s.Server)
	}
	tables, rows, bytes := s.Totals()
	if tables != 4 || rows != (RowCount{N: 95, Exact: true}) || bytes == 0 {
		t.Errorf("totals: %d tables, %+v, %d bytes", tables, rows, bytes)
	}
	if len(s.ForeignKeys) != 3 || s.ForeignKeys[1].OnDelete != "CASCADE" || !slices.Equal(s.ForeignKeys[1].FromColumns, []string{"buyer"}) {
		t.Errorf("foreign keys: %+v", s.ForeignKeys)
	}
}

func TestSnapshotHidesInternalSchemasUnlessAsked(t *testing.T) {
	db := open(t, shop)
	s := snapshot(t, db, SnapshotOptions{Hidden: true})
	for _, name := range []string{"pg_catalog", "information_schema", "naap_dev", "naap_undo_7"} {
		if sch, ok := s.Schema(name); !ok || !sch.Hidden {
			t.Errorf("schema %s: found %v, %+v", name, ok, sch.Hidden)
		}
	}
	if sch, _ := s.Schema("shop"); sch.Hidden {
		t.Error("shop is hidden")
	}
}

func TestRefreshTakesAtMostTwoRoundTrips(t *testing.T) {
	var w wire
	db := open(t, shop, w.option)
	s := snapshot(t, db, SnapshotOptions{}) // connects

	time.Sleep(1100 * time.Millisecond) // longer than after which the pool pings
	n := w.during(func() { s = snapshot(t, db, SnapshotOptions{}) })
	if n != 2 || s.RoundTrips != 2 {
		t.Errorf("a refresh took %d round trips and says %d, want 2", n, s.RoundTrips)
	}
	n = w.during(func() { s = snapshot(t, db, SnapshotOptions{Previous: s}) })
	if n != 1 || s.RoundTrips != 1 || !s.Reused {
		t.Errorf("a refresh with nothing new took %d round trips and says %d, reused %v", n, s.RoundTrips, s.Reused)
	}
	if n = w.during(func() { _, _ = db.Health(t.Context()) }); n != 1 {
		t.Errorf("health took %d round trips, want 1", n)
	}
}

func TestRefreshSeesWhatAnyCommitChanged(t *testing.T) {
	db := open(t, shop+`CREATE UNLOGGED TABLE shop.fast (id int)`)
	s := snapshot(t, db, SnapshotOptions{})
	for _, change := range []struct {
		sql  string
		seen func(*Snapshot) bool
	}{
		{`INSERT INTO shop.empty VALUES (1)`, func(s *Snapshot) bool { x, _ := s.Table(TableRef{"shop", "empty"}); return x.Rows.N == 1 }},
		{`INSERT INTO shop.fast VALUES (1), (2)`, func(s *Snapshot) bool { x, _ := s.Table(TableRef{"shop", "fast"}); return x.Rows.N == 2 }},
		{`DELETE FROM shop.empty`, func(s *Snapshot) bool { x, _ := s.Table(TableRef{"shop", "empty"}); return x.Empty }},
		{`TRUNCATE shop.fast`, func(s *Snapshot) bool { x, _ := s.Table(TableRef{"shop", "fast"}); return x.Empty }},
		{`CREATE TABLE shop.more (id int)`, func(s *Snapshot) bool { _, ok := s.Table(TableRef{"shop", "more"}); return ok }},
		{`COMMENT ON SCHEMA crm IS 'people'`, func(s *Snapshot) bool { x, _ := s.Schema("crm"); return x.Comment == "people" }},
		{`ALTER TYPE shop.state ADD VALUE 'lost'`, func(s *Snapshot) bool { x, _ := s.Schema("shop"); return len(x.Enums[0].Labels) == 4 }},
		{`DROP SCHEMA crm CASCADE`, func(s *Snapshot) bool { _, ok := s.Schema("crm"); return !ok }},
	} {
		mustExec(t, db, change.sql)
		s = snapshot(t, db, SnapshotOptions{Previous: s})
		if !change.seen(s) {
			t.Errorf("after %s the refresh has not seen it (reused: %v)", change.sql, s.Reused)
		}
	}
	// A transaction that is open while a snapshot is taken shows up once it commits.
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO shop.empty VALUES (1), (2), (3)`); err != nil {
		t.Fatal(err)
	}
	s = snapshot(t, db, SnapshotOptions{Previous: s})
	s = snapshot(t, db, SnapshotOptions{Previous: s})
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	s = snapshot(t, db, SnapshotOptions{Previous: s})
	if x, _ := s.Table(TableRef{"shop", "empty"}); x.Rows.N != 3 {
		t.Errorf("rows committed by a transaction that was open: %+v", x.Rows)
	}
	// With other options it includes other things.
	if s = snapshot(t, db, SnapshotOptions{Previous: s, Hidden: true}); s.Reused {
		t.Error("a snapshot without hidden schemas was used for one with them")
	}
}

func TestSnapshotOutlivesLocksAndDroppedTables(t *testing.T) {
	db := open(t, shop)
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `LOCK TABLE shop."Order" IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, db, SnapshotOptions{})
	if o, _ := s.Table(TableRef{"shop", "Order"}); o.Rows.Exact || !o.Locked {
		t.Errorf("a locked table was counted: %+v", o)
	}
	if u, _ := s.Table(TableRef{"crm", "User"}); u.Rows != (RowCount{N: 40, Exact: true}) {
		t.Errorf("the tables beside a locked one: %+v", u.Rows)
	}
	_ = tx.Rollback(t.Context())

	stop := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if _, err := db.Exec(t.Context(), `CREATE TABLE shop.brief AS SELECT 1 AS one`); err != nil {
				done <- err
				return
			}
			if _, err := db.Exec(t.Context(), `DROP TABLE shop.brief`); err != nil {
				done <- err
				return
			}
		}
	}()
	for range 100 {
		s := snapshot(t, db, SnapshotOptions{})
		if u, _ := s.Table(TableRef{"crm", "User"}); u.Rows != (RowCount{N: 40, Exact: true}) {
			t.Errorf("while tables come and go: %+v", u.Rows)
		}
	}
	close(stop)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestListedSizesAreTheServersOwn(t *testing.T) {
	db := open(t, shop+`; CREATE TABLE shop.wide AS SELECT i AS id, repeat(md5(i::text), 200) AS pad FROM generate_series(1, 300) i;
		ALTER TABLE shop.wide ALTER pad SET STORAGE EXTERNAL; UPDATE shop.wide SET pad = pad || 'x'; CREATE INDEX ON shop.wide (id);
		CREATE INDEX ON ONLY shop.log (day); TRUNCATE crm."User" CASCADE`)
	mustExec(t, db, `VACUUM FULL shop.totals`) // another file
	mustExec(t, db, `VACUUM shop.wide`)        // files beside the rows'
	s := snapshot(t, db, SnapshotOptions{Hidden: true})
	checked := 0
	for _, sch := range s.Schemas {
		for _, table := range sch.Tables {
			if sch.Name == "pg_catalog" {
				continue // autovacuum changes it
			}
			var whole, heap int64
			if err := db.QueryRow(t.Context(), `SELECT coalesce(sum(pg_total_relation_size(l.oid)), 0), coalesce(sum(pg_relation_size(l.oid)), 0)
				FROM (SELECT $1::oid AS oid WHERE $2 = 'table' OR $2 LIKE '%view') l`, table.OID, string(table.Kind)).Scan(&whole, &heap); err != nil {
				t.Fatal(err)
			}
			if table.Kind != kindPartitioned && (table.Bytes != whole || table.HeapBytes != heap) {
				t.Errorf("%s: %d bytes, %d of rows; the server says %d and %d", table.Ref(), table.Bytes, table.HeapBytes, whole, heap)
			}
			checked++
		}
	}
	if checked < 10 {
		t.Errorf("only %d tables were compared", checked)
	}
}

func TestATableRewrittenWhileFilesWereListedIsNotEmpty(t *testing.T) {
	db := open(t, shop)
	mustExec(t, db, `CHECKPOINT`)
	err := db.reading(t.Context(), func(ctx context.Context, pc *pgconn.PgConn) error {
		s := &Snapshot{}
		c := newCatalogueAsks(s, SnapshotOptions{}, "", sizesListed)
		if err := exchange(ctx, pc, c.asks()...); err != nil {
			return err
		}
		for _, table := range c.tables {
			if table.info.Name == "User" {
				table.info.HeapBytes, table.info.Bytes = 0, 0 // as the former file is listed, until the next checkpoint
			}
		}
		mustExec(t, db, `VACUUM FULL crm."User"`)
		c.after = "something was committed"
		if err := c.makeSure(ctx, pc); err != nil {
			return err
		}
		for _, table := range c.tables {
			if table.info.Name == "User" && (table.info.HeapBytes == 0 || table.info.Bytes <= table.info.HeapBytes) {
				t.Errorf("a table with rows: %+v", table.info)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCountsBeyondTheBudgetAreEstimates(t *testing.T) {
	db := open(t, `CREATE TABLE big AS SELECT i, repeat('x', 200) AS pad FROM generate_series(1, 20000) i;
		CREATE TABLE small AS SELECT 1 AS one; CREATE TABLE none (id int)`)
	s := snapshot(t, db, SnapshotOptions{CountBytes: 100_000})
	big, _ := s.Table(TableRef{"public", "big"})
	if big.Rows.Exact || big.Rows.N < 2_000 || big.Rows.N > 200_000 {
		t.Errorf("rows of a table that was never analyzed: %+v", big.Rows)
	}
	if sch, _ := s.Schema("public"); sch.Rows.Exact {
		t.Error("a schema with an estimated table counts as exact")
	}
	if small, _ := s.Table(TableRef{"public", "small"}); small.Rows != (RowCount{N: 1, Exact: true}) {
		t.Errorf("small: %+v", small.Rows)
	}
	if none, _ := s.Table(TableRef{"public", "none"}); !none.Empty {
		t.Errorf("none: %+v", none.Rows)
	}
	mustExec(t, db, "ANALYZE big")
	s = snapshot(t, db, SnapshotOptions{CountBytes: -1})
	if big, _ = s.Table(TableRef{"public", "big"}); big.Rows.Exact || big.Rows.N < 19_000 || big.Rows.N > 21_000 {
		t.Errorf("rows by the planner's estimate: %+v", big.Rows)
	}
	if small, _ := s.Table(TableRef{"public", "small"}); small.Rows.Exact {
		t.Errorf("counted without a budget: %+v", small.Rows)
	}
	if n, err := db.Count(t.Context(), TableRef{"public", "big"}); err != nil || n != (RowCount{N: 20000, Exact: true}) {
		t.Errorf("Count: %+v, %v", n, err)
	}
}

func TestSnapshotOfHundredsOfTablesKeepsItsBudget(t *testing.T) {
	db := open(t, "")
	for s := range 50 {
		var b strings.Builder
		fmt.Fprintf(&b, "CREATE SCHEMA s%02d;", s)
		for i := range 8 {
			fmt.Fprintf(&b, "CREATE TABLE s%02d.t%03d (id int PRIMARY KEY, name text); INSERT INTO s%02d.t%03d VALUES (1);", s, i, s, i)
		}
		mustExec(t, db, b.String())
	}
	s := snapshot(t, db, SnapshotOptions{CountTables: 120})
	tables, rows, _ := s.Totals()
	if len(s.Schemas) != 51 || tables != 400 || rows.Exact {
		t.Errorf("%d schemas, %d tables, %+v", len(s.Schemas), tables, rows)
	}
	exact := 0
	for _, sch := range s.Schemas {
		for _, tab := range sch.Tables {
			if tab.Rows.Exact {
				exact++
			}
		}
	}
	if exact != 120 {
		t.Errorf("%d tables counted, want 120", exact)
	}
}

func TestSnapshotRecoversAfterTheConnectionIsLost(t *testing.T) {
	db, url := openURL(t, shop)
	snapshot(t, db, SnapshotOptions{})
	pgtest.Exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if s := snapshot(t, db, SnapshotOptions{}); len(s.Schemas) != 3 {
		t.Errorf("%d schemas after a lost connection", len(s.Schemas))
	}
}

func TestSnapshotWorksForAnOrdinaryUser(t *testing.T) {
	_, url := openURL(t, shop+`
		DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'naap_plain') THEN
			CREATE ROLE naap_plain LOGIN PASSWORD 'plain'; END IF; END $$;
		GRANT USAGE ON SCHEMA crm TO naap_plain; GRANT SELECT ON ALL TABLES IN SCHEMA crm TO naap_plain`)
	db, err := Open(t.Context(), withUser(t, url, "naap_plain", "plain"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	s := snapshot(t, db, SnapshotOptions{})
	if u, _ := s.Table(TableRef{"crm", "User"}); u.Rows != (RowCount{N: 40, Exact: true}) {
		t.Errorf("a table the user may read: %+v", u.Rows)
	}
	if o, ok := s.Table(TableRef{"shop", "Order"}); !ok || o.Rows.Exact {
		t.Errorf("a table the user may not read: %+v", o.Rows)
	}
	if s.Health.WALBytes != -1 || s.Server.Superuser || s.Server.DataFolder != "" {
		t.Errorf("what an ordinary user may not know: %+v", s.Server)
	}
}
