package tui

import (
	"errors"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/watch"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
)

// changes tells the application that files have changed.
func (d *driver) changes(names ...string) *driver {
	d.t.Helper()
	d.handle(job.Batch[watch.Change]{Slot: filesSlot, Generation: d.app.jobs.Generation(filesSlot), Items: []watch.Change{{At: d.now, Names: names}}})
	d.settle()
	return d
}

func TestAFileThatChangesIsComparedAgain(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	d.press("P").shows("A push of schema.prisma as of 14:02:07", "3 statements")
	asked := f.Asked()
	d.changes("prisma/schema.prisma")
	if f.Asked() != asked+2 {
		t.Errorf("%d questions, not one for the plan and one for the facts", f.Asked()-asked)
	}
	d.shows("3 statements").press("esc", ":", "type:doctor", "enter").shows("doctor as of 14:02:07").changes("naap.toml").
		shows("doctor as of 14:02:07, files changed since: R").press("R").shows("doctor as of 14:02:07 ").hides("changed since")
}

func TestAPlanOfAFormerFileIsShownAgainAndNotPushed(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	d.press("P", "a", "tab", "tab", "space", "type:destroy").shows("from schema.prisma as of 14:02:07")
	d.changes("prisma/schema.prisma").shows("changed since this was made", "prisma/schema.prisma")
	f.Stale = true
	d.press("enter").shows("schema.prisma has changed since; nothing was done", "A push of schema.prisma", "public.Team.legacy")
	if len(f.Pushed) != 0 {
		t.Error("the former plan was carried out")
	}
	f.Stale = false
	d.press("a", "tab", "tab", "space", "type:destroy", "enter").shows("push: done in").hides("last error")
	if len(f.Pushed) != 1 {
		t.Error("the new plan was not carried out")
	}
}

// What is saved before a push is saved for a push that comes.
func TestNoSnapshotIsSavedBeforeAPushThatIsRefused(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	d.press("P", "a", "type:destroy").shows("[x] save a snapshot first")
	f.Stale = true
	d.press("enter").shows("schema.prisma has changed since; nothing was done")
	if len(f.Saved) != 0 || len(f.Pushed) != 0 {
		t.Errorf("saved %q, pushed %d times", f.Saved, len(f.Pushed))
	}
}

func TestAResetOfFormerFilesIsShownAgainAndNotDone(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40)
	d.press("X", "type:plugin_capacity").shows("The new tables are those of schema.prisma as of 14:02:07")
	f.Stale = true
	d.press("enter").shows("Reset plugin_capacity?", "schema.prisma has changed since")
	if len(f.Resets) != 0 {
		t.Error("the former plan was carried out")
	}
	f.Stale = false
	d.press("type:plugin_capacity", "enter").shows("done in")
	if len(f.Resets) != 1 {
		t.Error("the new plan was not carried out")
	}
}

func TestSeedsOfFormerFilesAreShownAgainAndNotApplied(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40)
	d.press("S", "a").shows("Apply the seeds?")
	f.Stale = true
	d.changes("seeds/public.sql").shows("changed since this was made", "seeds/public.sql").press("y", "enter").shows("Apply the seeds?", "has changed since")
	if len(f.Applied) != 0 {
		t.Error("the former plan was carried out")
	}
}

func TestTheLastErrorOfTheFilesGoesOnceTheyAreMended(t *testing.T) {
	mistakes := func(n string) error {
		return remedy.New("schema.invalid", remedy.ExitFailed, "%s in prisma/schema.prisma", n).WithSeen("the " + n)
	}
	f := fake.New()
	d := drive(t, f, 200, 50)
	f.Broken = mistakes("1 mistake")
	d.changes("prisma/schema.prisma").press("P").shows("plan the push: 1 mistake in").press("esc").shows("last error", "drift      1 mistake in")
	f.Broken = mistakes("2 mistakes")
	d.changes("prisma/schema.prisma").shows("last error", "drift      2 mistakes in", "✗ 14:02:07 plan the push: 2 mistakes in").
		press("!").shows("2 mistakes in", "the 2 mistakes").press("esc")
	f.Broken = nil
	d.changes("prisma/schema.prisma").shows("drift      3 to push").hides("last error", "✗")
}

func TestFilesThatAreMendedLeaveAnotherLastErrorBe(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	d.app.Fail("psql", errors.New("no psql here"))
	d.changes("prisma/schema.prisma").shows("last error", "psql: no psql here")
	// Facts that were asked for before it failed know nothing of it.
	d.now = d.now.Add(time.Second)
	d.app.Fail("plan the push", remedy.New("schema.invalid", remedy.ExitFailed, "1 mistake in schema.prisma"))
	d.run(d.app.informed(job.Answer[*backend.Facts]{Slot: factsSlot, Value: d.app.live.Facts}))
	d.shows("last error", "1 mistake in schema.prisma")
}

func TestTheNameOfAFileThatChangesIsReadAtEveryWidth(t *testing.T) {
	for w, want := range map[int]string{
		72: "changed: …/schema.prisma", 80: "changed: …/prisma/schema.prisma", 200: "changed: packages/database/prisma/schema.prisma",
	} {
		drive(t, fake.New(), w, 30).changes("packages/database/prisma/schema.prisma").press("4").shows(want)
	}
}
