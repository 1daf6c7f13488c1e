package tui

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

func TestBootLeadsToARowThreeForeignKeysAwayAndBack(t *testing.T) {
	d := drive(t, fake.New(), 160, 45, func(o *Options) { o.Boot = true })
	d.shows("1 Schemas", "plugin_wallet", "112 tables")
	d.press(":", "type:StakeConnection", "enter").shows("StakeConnection")
	d.press("enter", "4", "l", "l", "l", "enter").shows("healthy > StakeConnection > Wallet", "where id = ")
	d.press("l", "l", "l", "enter").shows("> Wallet > User", "public.User")
	d.press("u").shows("Rows that point here", "plugin_community.Post")
	d.press("j", "enter").shows("> User > Post", "where ownerId = ")
	d.press("v").shows("points at", "public.User")
	if n := len(d.app.stack); n != 6 {
		t.Errorf("%d screens lie over each other, want 6", n)
	}
	d.press("esc", "esc", "esc", "esc", "esc").hides(">").shows("▸StakeConnection")
}

func TestAFailedBootShowsItsRemedyAndCanBeTriedAgain(t *testing.T) {
	f := fake.New()
	f.BootFail = fake.BootError()
	d := drive(t, f, 80, 24, func(o *Options) { o.Boot = true })
	d.shows("port 5432 is taken", "saw postgres, process 812", "try naap dev up --port 5433", "r try again", "l logs")
	d.press("l").shows("Server log", "ready to accept").press("esc")
	f.BootFail = nil
	d.press("r").shows("1 Schemas", "plugin_wallet")
}

func TestAResetIsRefusedUntilTheSchemasNameIsTyped(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 40)
	d.press("X").shows("Reset plugin_capacity?", "194 rows in 3 tables go", "▸ Cancel")
	d.press("enter").shows("nothing was changed")
	d.press("X", "tab", "enter").shows("type plugin_capacity first").press("esc")
	d.press("X", "type:plugin_wallet", "enter")
	if len(f.Resets) != 0 {
		t.Fatal("it was reset with another schema's name")
	}
	d.press("X", "type:plugin_capacity", "enter").shows("Move the old schema aside", "done in")
	if len(f.Resets) != 1 || f.Resets[0].Options.TerminateBlockers || f.Resets[0].Schemas[0] != "plugin_capacity" {
		t.Fatalf("the plan that was shown was not the one carried out: %v", f.Resets)
	}
	d.press("esc", "U", "enter", "tab", "enter").shows("Move it back")
	if len(f.Undone) != 1 || f.Undone[0] != "7" {
		t.Errorf("undone: %v", f.Undone)
	}
}

func TestAPushThatDestroysNeedsAWord(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("P", "a").shows("public.Team.legacy", "loses 412 values of", "Type destroy to go on").hides("rows lost")
	d.press("enter")
	if len(f.Pushed) != 0 {
		t.Fatal("it was pushed without the word")
	}
	d.press("a", "type:destroy", "enter").shows("Commit")
	if len(f.Pushed) != 1 || !slices.Contains(f.Planned, f.Pushed[0]) {
		t.Errorf("pushed: %v", f.Pushed)
	}
}

// Where the migrations are to make the tables, the screen of a push offers the migration, and says what a push is.
func TestAPushBesideTheMigrationsIsSaidToBeOne(t *testing.T) {
	f := fake.New()
	f.Teams()
	f.Beside = true
	d := drive(t, f, 120, 30)
	d.press("P").shows("c write a migration of it", "a push beside the migrations")
	d.press("a").shows("Push beside the migrations?", "what is pushed is in none of the migrations", "Push anyway")
	d.press("type:destroy", "enter").shows("Commit")
	if len(f.Pushed) != 1 || !f.Pushed[0].Beside {
		t.Errorf("pushed: %v", f.Pushed)
	}
	d.press("esc", "c").shows("what it does, such as add_teams")
	f.Beside = false
	drive(t, f, 120, 30).press("P").hides("write a migration", "beside").press("c").hides("add_teams")
}

func TestAPushThatDropsMostTablesNeedsAWordWhereNoneHasARow(t *testing.T) {
	f := fake.New()
	f.Wiped = []schemaplan.Wipe{{Schema: "public", Tables: 32, Of: 32}}
	d := drive(t, f, 100, 30)
	d.press("P").shows("drops all 32 tables of schema public")
	d.press("a").shows("drops all 32 tables of schema public", "Type destroy to go on", "save a snapshot first")
	d.press("enter")
	if len(f.Pushed) != 0 {
		t.Fatal("it was pushed without the word")
	}
	d.press("a", "type:destroy", "enter").shows("Commit")
	if len(f.Pushed) != 1 {
		t.Errorf("pushed: %v", f.Pushed)
	}
}

func TestAPushThatDestroysOffersASnapshotFirst(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("P", "a").shows(`[x] save a snapshot first, "before push 2025-03-14 14:02:07"`)
	d.press("type:destroy", "enter").shows("Copy the database as before push", "Commit")
	if len(f.Saved) != 1 || !strings.HasSuffix(f.Saved[0], ": before a push that destroys") || len(f.Pushed) != 1 {
		t.Errorf("saved %q, pushed %d times", f.Saved, len(f.Pushed))
	}
	d.press("esc", "a", "tab", "tab", "space").shows("[ ] save a snapshot first").press("type:destroy", "enter").shows("Commit")
	if len(f.Saved) != 1 || len(f.Pushed) != 2 {
		t.Errorf("unticked: saved %q, pushed %d times", f.Saved, len(f.Pushed))
	}
	d.press("esc", "a").click(0, "save a snapshot first").shows("[ ] save a snapshot first")
}

// What naap.toml has run after a push is shown before it, and what was not allowed runs only once it is ticked.
func TestThePushShowsWhatRunsAfterIt(t *testing.T) {
	for _, size := range [][2]int{{120, 40}, {80, 24}} {
		f := fake.New()
		var known, held trust.Standing
		known.Text, known.Allowed, held.Text = "npx prisma generate", true, "make \x1b[2J after"
		f.Hooks = []trust.Standing{known, held}
		d := drive(t, f, size[0], size[1])
		d.press("P", "a").shows("then run", "npx prisma generate", "not allowed yet", "make ␛[2J after", "[ ] allow what naap.toml has run after it")
		d.press("type:destroy", "enter").shows("Commit")
		if len(f.Pushed) != 1 || f.Hooks[1].Allowed {
			t.Fatalf("pushed %d times, allowed without a tick: %v", len(f.Pushed), f.Hooks[1].Allowed)
		}
		d.press("esc", "a", "tab", "tab", "tab", "space").shows("[x] allow what naap.toml has run after it").press("type:destroy", "enter").shows("Commit")
		if len(f.Pushed) != 2 || !f.Hooks[1].Allowed {
			t.Errorf("pushed %d times, allowed: %v", len(f.Pushed), f.Hooks[1].Allowed)
		}
		d.press("esc", "a").shows("then run", "make ␛[2J after").hides("not allowed yet")
	}
}

func TestALostServerIsShownAndItsDataStays(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	f.Fail(errors.New("connection refused"))
	d.now = d.now.Add(3 * time.Second)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("lost, data 3s old", "stale", "plugin_wallet", "connection refused")
	f.Fail(nil)
	d.now = d.now.Add(600 * time.Millisecond)
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	d.shows("healthy", "the server is back").hides("stale")
}

func TestWhatHelpsALostServerFollowsWhatBecomesOfIt(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	look := func(err error) {
		f.Fail(err)
		d.now = d.now.Add(3 * time.Second)
		d.handle(tickMsg{d.app.ticking})
		d.settle()
	}
	look(remedy.New("database.starting", remedy.ExitNoServer, "it is shutting down").WithHelp(remedy.Naap("dev logs")))
	d.press("!").shows("Last error, ", "naap dev logs")
	look(remedy.New("database.unreachable", remedy.ExitNoServer, "nothing listens there").WithHelp(remedy.Naap("dev up")))
	d.shows("nothing listens there", "naap dev up").hides("naap dev logs")
	look(nil)
	d.shows("healthy", "Last error, ", "naap dev up")
}

func TestAnEventOfTheEngineMarksTheLossAtOnce(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	f.Fail(errors.New("connection refused"))
	gen := d.app.jobs.Generation(eventsSlot)
	d.handle(job.Batch[server.Event]{Slot: eventsSlot, Generation: gen, Items: []server.Event{{Kind: "die", Text: "naap-db"}}})
	d.shows("lost, data")
	d.settle()
}

func TestPausedAndHiddenItAsksNothing(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 80, 24)
	d.press("space").shows("paused")
	asked := f.Asked()
	for range 20 {
		d.now = d.now.Add(5 * time.Second)
		d.handle(tickMsg{d.app.ticking})
		d.settle()
	}
	if f.Asked() != asked {
		t.Errorf("paused it asked %d times", f.Asked()-asked)
	}
	d.press("space").shows("healthy")
	d.app.live.Hidden = true
	asked = f.Asked()
	for range 20 {
		d.now = d.now.Add(5 * time.Second)
		d.handle(tickMsg{d.app.ticking})
		d.settle()
	}
	if f.Asked() != asked {
		t.Errorf("hidden it asked %d times", f.Asked()-asked)
	}
	d.handle(tea.FocusMsg{})
	d.settle()
	if f.Asked() == asked {
		t.Error("seen again it asked nothing")
	}
}

func TestWithoutTheFocusItGoesOnSlowly(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 160, 45)
	d.handle(tea.BlurMsg{})
	asked := f.Asked()
	for range 100 {
		d.now = d.now.Add(time.Second)
		d.handle(tickMsg{d.app.ticking})
		d.settle()
	}
	if n := f.Asked() - asked; n < 9 || n > 11 {
		t.Errorf("%d questions in 100 s", n)
	}
	d.shows("every 10 s")
	d.handle(tea.FocusMsg{})
	d.settle()
	d.shows("every 2 s")
}

// TestTheTicksComeWhenSomethingIsDue follows the timer as the program does: with a silent server that no engine tells
// of, the time from its last answer to the notice, and the second look, is less than two seconds.
func TestTheTicksComeWhenSomethingIsDue(t *testing.T) {
	f := fake.New()
	f.Lacks.Events = "nobody tells"
	d := drive(t, f, 120, 35)
	timers := map[time.Time]tea.Msg{}
	d.app.timer = func(wait time.Duration, msg tea.Msg) tea.Cmd { timers[d.now.Add(wait)] = msg; return nil }
	d.handle(tickMsg{d.app.ticking})
	d.settle()
	answered := d.now
	defer f.Stall()()
	d.async = true
	for !d.app.live.Slow {
		next := slices.MinFunc(slices.Collect(maps.Keys(timers)), time.Time.Compare)
		d.now = next
		msg := timers[next]
		delete(timers, next)
		d.handle(msg)
		if d.now.Sub(answered) > 10*time.Second {
			t.Fatal("it was never noticed")
		}
	}
	if spent := d.now.Sub(answered); spent > 2*time.Second {
		t.Errorf("noticed after %s", spent)
	}
}

func TestCountingEverythingTakesItsTime(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 35)
	release := f.Stall()
	d.async = true
	d.handle(keyMsg("R"))
	d.app.jobs.Cancel(snapshotSlot)
	d.now = d.now.Add(time.Second)
	d.handle(tickMsg{d.app.ticking})
	d.shows("healthy")
	release()
	d.settle()
	d.shows("counted 112 tables")
}

func TestAtRestItAsksAtMostOnceInTwoSeconds(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 80, 24)
	asked := f.Asked()
	for range 40 {
		d.now = d.now.Add(500 * time.Millisecond)
		d.handle(tickMsg{d.app.ticking})
		d.settle()
	}
	if n := f.Asked() - asked; n < 9 || n > 11 {
		t.Errorf("%d questions in 20 s", n)
	}
}

func TestAnOldAnswerIsDropped(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	old := job.Answer[*postgres.Snapshot]{Slot: snapshotSlot, Generation: 1, Value: &postgres.Snapshot{}}
	d.handle(old)
	d.shows("plugin_wallet")
	d.press("2", "enter", "4")
	rows := job.Slot{Owner: d.app.Top().ID(), Name: "rows"}
	if d.app.jobs.Generation(rows) < 2 {
		t.Fatal("no rows were asked for")
	}
	d.handle(job.Answer[table.PageOf]{Slot: rows, Generation: 1, Err: errors.New("too late")})
	d.hides("too late")
}

// silent is a server of which nothing is told: it must not be asked.
type silent struct {
	*fake.Backend
	t *testing.T
}

func (s silent) Events(context.Context, func(server.Event) bool) error {
	s.t.Error("events were asked for")
	return nil
}

func (s silent) Logs(context.Context, int, func(string) bool) error {
	s.t.Error("the log was asked for")
	return nil
}

func (s silent) EngineStats(context.Context) (*server.Stats, error) {
	s.t.Error("figures were asked for")
	return nil, nil
}

func (s silent) Stop(context.Context, progress.Report) error {
	s.t.Error("it was stopped")
	return nil
}

func TestWhatAServerCannotDoIsSaidWithItsReason(t *testing.T) {
	f := fake.New()
	f.Lacks = engine.Lacks{Stop: "it is another's", Logs: "its log is elsewhere", Events: "nobody tells", Stats: "nobody measures"}
	d := drive(t, f, 100, 30)
	d.app.backend = silent{f, t}
	for key, why := range map[string]string{"o": "logs: its log is elsewhere", "Q": "stop: it is another's"} {
		d.app.status = screen.Note{}
		d.press(key)
		if len(d.app.stack) != 1 || d.app.status.Text != why {
			t.Errorf("%s: %q, %d screens", key, d.app.status.Text, len(d.app.stack))
		}
	}
	asked := f.Asked()
	for range 3 {
		d.now = d.now.Add(unheardEvery)
		d.handle(tickMsg{d.app.ticking})
		d.settle()
	}
	if n := f.Asked() - asked; n < 3 {
		t.Errorf("a server of which nobody tells was asked %d times in %s", n, 3*unheardEvery)
	}
}

func TestAPanicInAKeyClosesTheScreenAndLeavesACrashFile(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.app.Open(&brokenScreen{Base: screen.NewBase(d.app.shared)})
	d.press("j").shows("naap has a mistake in it: broken key", "1 Schemas")
	crashed(t, d, "broken key")
}

func TestAPanicInDrawingLeavesAWayBack(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.app.Open(&brokenScreen{Base: screen.NewBase(d.app.shared), draws: true})
	d.shows("This screen can't be drawn", "broken drawing")
	d.press("esc").shows("1 Schemas")
	crashed(t, d, "broken drawing")
}

func TestAPanicInACommandBecomesAnError(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	d.run(dialog.Task{Name: "explode", Do: func(context.Context, progress.Report) error { panic("broken command") }}.Run(d.app.shared))
	d.settle()
	d.shows("broken command")
	crashed(t, d, "broken command")
}

func crashed(t *testing.T, d *driver, text string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(d.app.stateDir, "crash-*"))
	if len(files) == 0 {
		t.Fatal("no crash file")
	}
	if body, err := os.ReadFile(files[0]); err != nil || !strings.Contains(string(body), text) || !strings.Contains(string(body), "goroutine") {
		t.Errorf("the crash file is %q, %v", body, err)
	}
}

type brokenScreen struct {
	screen.Base
	draws bool
}

func (b *brokenScreen) Title() string { return "broken" }

func (b *brokenScreen) Raw(tea.KeyMsg) (tea.Cmd, bool) {
	if !b.draws {
		panic("broken key")
	}
	return nil, false
}

func (b *brokenScreen) Draw(draw.Area) {
	if b.draws {
		panic("broken drawing")
	}
}

func TestCtrlCCancelsFirstAndDetachesNext(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("2", "enter", "1", "R")
	release := f.Stall()
	d.async = true
	d.handle(keyMsg("4"))
	d.handle(keyMsg("ctrl+c"))
	d.settle()
	d.shows("the query was cancelled")
	release()
	d.now = d.now.Add(10 * time.Second)
	d.press("ctrl+c").shows("again detaches")
	if d.quit {
		t.Fatal("one ctrl+c detached")
	}
	d.press("ctrl+c")
	if !d.quit {
		t.Error("the second ctrl+c did not detach")
	}
}

func TestStoppingAsksFirst(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 100, 30)
	d.press("Q").shows("Stop the database?").press("enter")
	if f.Stopped || d.quit {
		t.Fatal("it stopped without a yes")
	}
	d.press("Q", "tab", "enter")
	if !f.Stopped || !d.quit {
		t.Errorf("stopped %v, left %v", f.Stopped, d.quit)
	}
}

func TestWrongKeysAreAnErrorOfRun(t *testing.T) {
	_, err := Run(t.Context(), fake.New(), Options{Keys: map[string][]string{"open": {"ctrl+m"}}, In: strings.NewReader(""), Out: os.Stderr})
	if remedy.Code(err) != "keys.forbidden" {
		t.Errorf("got %v", err)
	}
}

func TestTheLastErrorIsShownOnAFailedTaskAndAFailedBoot(t *testing.T) {
	f := fake.New()
	f.BootFail = fake.BootError()
	d := drive(t, f, 100, 30, func(o *Options) { o.Boot = true })
	d.press("!").shows("Last error, ", "port 5432 is taken")
	d = drive(t, fake.New(), 100, 30)
	d.run(dialog.Task{Name: "fail", Do: func(context.Context, progress.Report) error { return fake.BootError() }}.Run(d.app.shared))
	d.settle()
	d.press("!").shows("Last error, ", "port 5432 is taken")
}

func TestAFailedBootSaysSoAndItsClockStandsStill(t *testing.T) {
	f := fake.New()
	f.BootFail = fake.BootError()
	d := drive(t, f, 100, 30, func(o *Options) { o.Boot = true })
	d.shows("not started").hides("starting")
	took := d.text()
	d.now = d.now.Add(time.Hour)
	if now := d.text(); strings.Split(now, "\n")[1] != strings.Split(took, "\n")[1] {
		t.Errorf("the clock ran on:\n%s", now)
	}
}

// stubborn starts a verb that goes on after it was cancelled, until the test ends.
func stubborn(t *testing.T, d *driver) {
	t.Helper()
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	d.async = true
	d.run(dialog.Task{Name: "dig in", Do: func(context.Context, progress.Report) error { <-end; return nil }}.Run(d.app.shared))
}

func TestCtrlCAgainDetachesWhileTheCancelIsPending(t *testing.T) {
	d := drive(t, fake.New(), 100, 30)
	stubborn(t, d)
	d.handle(keyMsg("ctrl+c"))
	d.shows("cancelling; ctrl+c again detaches")
	d.run(d.app.key(keyMsg("ctrl+c")))
	for msg := range d.msgs {
		if _, ok := msg.(tea.QuitMsg); ok {
			return
		}
	}
}

func TestAStubbornVerbTrapsNobody(t *testing.T) {
	for _, key := range []string{"esc", "q"} {
		d := drive(t, fake.New(), 100, 30)
		stubborn(t, d)
		d.handle(keyMsg(key))
		d.shows("dig in", "working…")
		d.handle(keyMsg(key))
		d.hides("working…").shows("dig in was cancelled and is stopping")
	}
}

func TestAVerbsResultStaysWhenTheRowsAreCountedAfterIt(t *testing.T) {
	d := drive(t, fake.New(), 100, 40)
	d.press("X", "type:plugin_capacity", "enter", "esc")
	if !strings.HasPrefix(d.app.status.Text, "reset plugin_capacity: done") {
		t.Errorf("the status line says %q", d.app.status.Text)
	}
	d.press("R").shows("✓ 14:02:07 counted 112 tables")
}

func TestARefusedResetCanBeMadeToCascade(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 110, 40)
	d.press(":", "type:reset plugin_gateway", "enter").shows("a view depends on Gateway", "[ ] cascade:", "Close")
	d.press("tab", "tab", "space").shows("[x] cascade:", "Type plugin_gateway to go on").hides("a view depends")
	d.press("type:plugin_gateway", "enter").shows("done in")
	if len(f.Resets) != 1 {
		t.Errorf("%d resets", len(f.Resets))
	}
	d.press("esc", "X").hides("cascade:")
}

func TestWhatIsInTheWayIsNamedAndEndedAfterAYes(t *testing.T) {
	f := fake.New()
	f.Blocked = true
	d := drive(t, f, 110, 40)
	d.press("X", "type:plugin_capacity", "enter").shows("End what is in the way?", "pid 812", "▸ Cancel")
	d.press("tab", "enter").shows("Type plugin_capacity to go on", "[x] end the sessions that hold locks on it")
	d.press("type:plugin_capacity", "enter").shows("done in").press("esc")
	if len(f.Resets) != 2 || !f.Resets[1].Options.TerminateBlockers {
		t.Errorf("resets: %+v", f.Resets)
	}
	d.press("U", "enter").shows("Undo the reset of plugin_wallet?", "brings back plugin_wallet", "! 3 rows of public.Team deleted")
	d.press("tab", "enter").shows("End what is in the way?").press("enter").hides("End what").press("esc")
	if len(f.Undone) != 0 {
		t.Fatalf("undone without a yes: %q", f.Undone)
	}
	d.press("enter", "tab", "enter", "tab", "enter").shows("Move it back").press("esc", "esc")
	d.press(":", "type:snap", "enter", "c", "type:mine", "enter").shows("Save mine", "note, if any").press("type:a note", "enter")
	d.shows("End what is in the way?").press("tab", "enter").shows("Copy the database as mine")
	if len(f.Undone) != 1 || len(f.Saved) != 1 || f.Saved[0] != "mine: a note" {
		t.Errorf("undone %q, saved %q", f.Undone, f.Saved)
	}
}

func TestAnUndoIsPlannedAndCanBeGivenUp(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 110, 40)
	d.press("U", "j", "j", "enter").shows("rows elsewhere refer to what would be gone", "3 rows of public.Team", "[ ] cascade:")
	d.press("tab", "tab", "enter").shows("brings back", "[x] cascade:").press("tab", "enter").shows("Move it back").press("esc")
	d.press("d").shows("Give up what undo keeps of").press("enter")
	if len(f.Undone) != 1 {
		t.Fatalf("given up without a yes: %q", f.Undone)
	}
	d.press("d", "y", "enter").shows("Drop it")
	if len(f.Undone) != 2 || f.Undone[0] != "5" || !strings.HasPrefix(f.Undone[1], "dropped ") {
		t.Errorf("got %q", f.Undone)
	}
}
