package tui

import (
	"context"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
)

// teams is the application on a history with two pending migrations, the first of which destroys.
func teams(t *testing.T, change ...func(*fake.Backend)) (*fake.Backend, *driver) {
	t.Helper()
	f := fake.New()
	f.Teams()
	for _, c := range change {
		c(f)
	}
	return f, drive(t, f, 120, 35)
}

func TestADeployThatDestroysNeedsAWordAndSavesASnapshotFirst(t *testing.T) {
	f, d := teams(t)
	d.press("m", "a").shows("A deploy of the folder", "20250301120000_drop_legacy", "DROP COLUMN", "drops the column Team.legacy")
	d.press("a").shows("Deploy 2 migrations?", "[x] save a snapshot first", "Type destroy to go on", "was edited after it was applied")
	if d.press("tab", "enter").shows("type destroy first"); len(f.Deployed) != 0 {
		t.Fatal("it was deployed without the word")
	}
	d.press("type:destroy", "enter").shows("deploy: done in").press("esc").shows("20250312093000_teams").hides("2 pending", "a deploy")
	if strings.Join(f.Deployed, " ") != "20250301120000_drop_legacy 20250312093000_teams" || len(f.Saved) != 1 || !strings.HasSuffix(f.Saved[0], "before migrations") {
		t.Errorf("deployed %q after the snapshots %q", f.Deployed, f.Saved)
	}
}

func TestADeployOfAFormerFolderIsShownAgainAndNotRun(t *testing.T) {
	f, d := teams(t)
	d.press("m", "a", "a", "type:destroy")
	f.AddMigration("20250401000000_later", "SELECT 1;")
	d.changes("prisma/migrations/20250401000000_later/migration.sql").shows("changed since this was made")
	d.press("enter").shows("has changed since; nothing was done", "A deploy of the folder", "20250401000000_later")
	if len(f.Deployed) != 0 || len(f.Saved) != 0 {
		t.Errorf("deployed %q, saved %q", f.Deployed, f.Saved)
	}
}

// TestScriptsThatReachOutAreAskedAboutOnce deploys, rehearses and compares with scripts that the user has not allowed.
func TestScriptsThatReachOutAreAskedAboutOnce(t *testing.T) {
	reaches := func(f *fake.Backend) {
		f.Reaches = []trust.Standing{{Item: trust.Item{Kind: trust.SQL, Where: "prisma/migrations/x/migration.sql:1", Text: "COPY t TO PROGRAM 'sh'"}}}
	}
	for name, keys := range map[string][]string{"deploy": {"m", "a", "a"}, "rehearse": {"m", "t"}, "compare": {"m", "v"}, "create": {"m", "c", "type:x", "enter"}} {
		f, d := teams(t, reaches)
		d.press(keys...).shows("Allow what the repository's files do?", "COPY t TO PROGRAM 'sh'").press("esc")
		if f.Reaches[0].Allowed || len(f.Deployed) != 0 {
			t.Fatalf("%s: allowed without a yes", name)
		}
		d.press("esc", "esc", "esc").press(keys...).press("y", "enter")
		if !f.Reaches[0].Allowed {
			t.Errorf("%s: not allowed after a yes", name)
		}
		d.shows(map[string]string{"deploy": "Deploy 2 migrations?", "rehearse": "34 MB of WAL", "compare": "The migrations differ", "create": "public.Badge"}[name])
	}
}

func TestARehearsalIsCancelledByEscAndAsksBeforeItEndsSessions(t *testing.T) {
	f := fake.New()
	f.Teams()
	d := begin(t, f, 120, 35, true)
	d.settle()
	d.press("m", "t").shows("A rehearsal of 2 migrations", "2.4 s", "destroys the column", "A deploy would wait now for pid 812")
	d.press("esc", "a").shows("A deploy of the folder")
	release := f.Stall()
	d.handle(keyMsg("t"))
	d.shows("the database itself stays as it is; esc cancels")
	d.handle(keyMsg("esc"))
	d.settle()
	release()
	d.shows("cancelled: the copy is dropped", "rehearse was cancelled").press("esc").shows("A deploy of the folder")

	f, d = teams(t, func(f *fake.Backend) { f.Blocked = true })
	d.press("m", "t").shows("End what is in the way?", "pid 812", "▸ Cancel")
	f.Blocked = false
	d.press("y", "enter").shows("34 MB of WAL")
}

func TestAFailureIsResolvedAndDeployedAgain(t *testing.T) {
	f, d := teams(t, (*fake.Backend).FailMigration)
	d.shows("! 1 migration failed").press("m").shows("▸20250301120000_drop_legacy", "migration.sql:2:1", `statement: ALTER TABLE "Team"`, "now: nothing of this").hides("a deploy", "c new")
	d.press("g", "x").shows("What became of 20250301120000_drop_legacy?").press("enter").shows("as rolled back?", "there now", "1 attempt that did not end")
	d.press("enter").shows("nothing was changed").press("x", "enter", "y", "enter", "esc").shows("rolled back", "a deploy")
	if m := f.History[4]; m.State != migrate.Pending || m.RolledBack != 1 {
		t.Fatalf("%+v", m.Entry)
	}
	d.press("a", "a", "type:destroy", "enter", "esc").hides("pending")
	if len(f.Deployed) != 2 {
		t.Errorf("deployed: %q", f.Deployed)
	}
}

func TestANewMigrationIsShownRenamedAndRun(t *testing.T) {
	f, d := teams(t)
	d.press("m", "c", "enter").shows("A new migration") // it needs a name
	d.press("type:badges", "enter").shows("runs first: 20250312093000_teams", "loses 31 values", "x takes it as a rename", `DROP COLUMN "note"`)
	d.press("x").shows("public.User.note is now called remark", "31 values").press("enter").shows("RENAME COLUMN").hides("loses 31 values")
	d.press("a").shows("Write and run the migration?", "20250314140207_badges/migration.sql", "[ ] save a snapshot").hides("Type destroy")
	d.press("y", "enter").shows("Write the migration", "done in").press("esc").shows("20250314140207_badges").hides("pending")
	if got := f.History[len(f.History)-1]; got.State != migrate.Applied || !strings.Contains(got.SQL, "RENAME") {
		t.Errorf("%+v", got)
	}
	d.press("c", "type:more", "enter").shows("there is nothing to write", "c write an empty one").press("c").shows("-- This is an empty migration.").press("c").shows("done in")
	if got := f.History[len(f.History)-1]; got.State != migrate.Pending || len(f.Deployed) != 3 {
		t.Errorf("%+v, deployed %q", got, f.Deployed)
	}
}

func TestADatabaseThatDriftedGetsAMigrationThatIsOnlyWritten(t *testing.T) {
	f, d := teams(t, func(f *fake.Backend) { f.Drifted = true })
	d.press("m", "c", "type:badges", "enter").shows("is not what its migrations make", "column public.User.nick: only in the database").hides("last error", "a write")
	d.press("c").shows("public.User.nick: only in the database", `CREATE TABLE "Badge"`).hides("a write and run")
	if d.press("c").shows("done in"); f.History[len(f.History)-1].State != migrate.Pending || len(f.Deployed) != 0 {
		t.Errorf("%+v, deployed %q", f.History[len(f.History)-1], f.Deployed)
	}
}

// TestTheListFollowsOthersAndKeepsItsPlace has another program deploy, and a file saved.
func TestTheListFollowsOthersAndKeepsItsPlace(t *testing.T) {
	f, d := teams(t)
	d.press("m", "G").shows("▸20250312093000_teams", "2 pending")
	f.AddMigration("20250313000000_late", "SELECT 1;")
	d.changes("prisma/migrations/20250313000000_late/migration.sql").shows("▸20250312093000_teams", "3 pending", "20250313000000_late")
	plan, err := f.PlanDeploy(context.Background())
	if err == nil {
		err = f.Deploy(t.Context(), plan, progress.Discard)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.app.live.Snap.Reused = true
	d.run(d.app.Tell(screen.SnapshotNews{}))
	d.settle()
	d.shows("3 pending")
	d.app.live.Snap.Reused = false // something was committed
	d.run(d.app.Tell(screen.SnapshotNews{}))
	if waits := d.app.jobs.Waiting(); len(waits) > 0 {
		t.Errorf("the user is told to wait for %v", waits)
	}
	d.settle()
	d.shows("▸20250312093000_teams").hides("pending")
}

func TestADatabaseMadeByPushesIsNotWarnedOfItsMigrations(t *testing.T) {
	_, d := teams(t)
	d.shows("! 2 migrations pending")
	_, d = teams(t, func(f *fake.Backend) { f.Recorded, f.History = false, f.History[4:] })
	d.hides("migrations pending")
}
