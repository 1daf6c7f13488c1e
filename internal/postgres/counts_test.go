package postgres

import (
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// The record of migrations is listed, since it can be looked at, and counts nowhere as a table of the developer's.
func TestTheRecordOfMigrationsIsNoneOfTheTables(t *testing.T) {
	url := pgtest.NewDatabase(t, pgtest.With(`CREATE TABLE "A" (id int); INSERT INTO "A" VALUES (1), (2); CREATE VIEW v AS SELECT 1;
CREATE TABLE _prisma_migrations (id text); INSERT INTO _prisma_migrations SELECT g::text FROM generate_series(1, 7) g`))
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	snap, err := db.Snapshot(t.Context(), SnapshotOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := snap.Schema("public")
	tables, rows, _ := snap.Totals()
	if !ok || len(s.Tables) != 3 || s.TableCount() != 1 || s.Rows.N != 2 || tables != 1 || rows.N != 2 {
		t.Errorf("of %d relations, %d are tables with %d rows; in all %d with %d", len(s.Tables), s.TableCount(), s.Rows.N, tables, rows.N)
	}
	if record, ok := snap.Table(TableRef{"public", "_prisma_migrations"}); !ok || record.Rows.N != 7 || record.Counts() {
		t.Errorf("the record itself has %+v", record)
	}
}
