package migrate

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// counted is what Count says of the bench.
func (b *bench) counted() Counts {
	b.t.Helper()
	names, err := FolderNames(b.t.Context(), b.dir)
	b.must(err)
	c, err := Count(b.t.Context(), b.db, names, "public", b.has(TableName("public")))
	b.must(err)
	return c
}

// TestAHistoryTellsWhatRanAndWhatWasOnlyRecorded follows migrations from pending to failed and resolved.
func TestAHistoryTellsWhatRanAndWhatWasOnlyRecorded(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();", "CREATE TABLE c (); SELECT 1/0;", "SELECT 1;")
	if c := b.counted(); c != (Counts{Pending: 4}) {
		t.Errorf("before anything: %+v", c)
	}
	b.must(b.resolve("1_m", true))
	if err := b.deploy(); remedy.Code(err) != "migrate.statement" {
		t.Fatal(remedy.Text(err))
	}
	if c := b.counted(); c != (Counts{Applied: 2, Pending: 1, Failed: 1, Table: true}) {
		t.Errorf("after a failure: %+v", c)
	}
	e := b.look().Entries
	if !e[0].Recorded || e[0].Took() != 0 || e[1].Recorded || e[1].Took() <= 0 || e[2].Took() != 0 || e[2].FinishedAt != nil {
		t.Errorf("recorded, run, failed: %+v", e[:3])
	}
	b.remove("3_m")
	if c := b.counted(); c.Failed != 1 {
		t.Errorf("a failed one that the folder does not have any more: %+v", c)
	}
}

// TestAFailureSaysWhatIsThereNowWhoeverRecordedIt has rows of failed attempts by naap and by Prisma, which records the
// server's message alone.
func TestAFailureSaysWhatIsThereNowWhoeverRecordedIt(t *testing.T) {
	b := newBench(t, "CREATE TABLE a (); SELECT 1/0;", "BEGIN; CREATE TABLE b (); COMMIT; SELECT 1/0;", "SELECT 1;", "SELECT 1;")
	now := func(name string) string {
		t.Helper()
		r, err := b.look().PlanRolledBack(name, b.target())
		b.must(err)
		return r.Now
	}
	if err := b.deploy(); err == nil {
		t.Fatal("it did not fail")
	}
	if got := now("1_m"); got != nothingOfIt {
		t.Errorf("by naap: %s", got)
	}
	pgtest.Exec(t, b.url, `UPDATE _prisma_migrations SET logs = 'ERROR: division by zero'`)
	if got := now("1_m"); got != nothingOfIt {
		t.Errorf("by Prisma, one transaction: %s", got)
	}
	b.write("1_m", "SELECT 2;")
	if got := now("1_m"); !strings.Contains(got, "edited since") {
		t.Errorf("edited: %s", got)
	}
	b.must(b.resolve("1_m", false))
	if err := b.deploy(); err == nil {
		t.Fatal("the second did not fail")
	}
	if got := now("2_m"); !strings.Contains(got, "up to its COMMIT in line 1") {
		t.Errorf("by naap, committed in between: %s", got)
	}
	pgtest.Exec(t, b.url, `UPDATE _prisma_migrations SET logs = 'ERROR: division by zero' WHERE migration_name = '2_m'`)
	if got := now("2_m"); !strings.Contains(got, "what it committed before it failed stays") {
		t.Errorf("by Prisma, committed in between: %s", got)
	}
	b.remove("2_m")
	if got := now("2_m"); !strings.Contains(got, "does not have its script") {
		t.Errorf("without its script: %s", got)
	}
}
