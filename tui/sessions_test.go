package tui

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
)

func TestTheOneThatHoldsOthersUpIsEndedAfterAYes(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 160, 45).press("3").shows("↵ sessions").press("enter")
	d.shows("812 gateway", "845 └ wallet", "901   └ community", "64 naap (naap)", "8 sessions, 1 idle in tx, 2 waiting", "holds up 845 wallet, for 1m")
	d.press("C").shows("session 812 runs no query that could be cancelled; K ends it")
	d.press("K").shows("End session 812?", "812 gateway, postgres in naap from 127.0.0.1", `UPDATE plugin_wallet."Wallet"`, "it holds up", "Leave it", "End the session")
	if d.press("enter"); len(f.Ended) > 0 {
		t.Fatal("ended without a yes")
	}
	d.press("K", "tab", "enter").shows("session 812 gateway was ended", "7 sessions, 1 waiting").hides("812 gateway  ")
	d.press("g").shows("▸    845 wallet").press("C").shows("Cancel the query of session 845?", "Cancel the query").press("y", "enter").shows("the query of 845 wallet was cancelled")
	if !slices.Equal(f.Ended, []int{812, 845}) {
		t.Errorf("ended %v", f.Ended)
	}
}

func TestASessionThatHasEndedMeanwhileIsSaidToHave(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40).press(":", "type:sessions", "enter", "K", "tab")
	f.Ended = []int{812}
	d.press("enter").shows("session 812 has ended meanwhile; nothing was done")
}

func TestTheSessionsAreRenewedUnderTheCursor(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40).press(":", "type:sessions", "enter", "j", "j").shows("▸    901   └ community")
	f.Ended = []int{845}
	d.run(d.app.Tell(screen.SnapshotNews{}))
	d.settle()
	d.shows("▸    901 community", "7 sessions").hides("845")
	d.press("s", "s").shows("sessions by age of the transaction", "▸    901 community")
	d.press("/", "type:autovac", "enter").shows("▸     55 autovacuum worker").hides("gateway").press("esc").shows("gateway")
}

func TestAnyVerbClosesATaskThatIsOver(t *testing.T) {
	for _, keys := range [][]string{{"D"}, {":", "type:doctor", "enter"}} {
		d := drive(t, fake.New(), 120, 40).press("X", "type:plugin_capacity", "enter").shows("done in", "↵ close").press(keys...).shows("> doctor").hides("↵ close")
		if n := len(d.app.stack); n != 2 {
			t.Errorf("%q leaves %d screens over one another", keys, n)
		}
	}
	d := drive(t, fake.New(), 120, 40)
	d.app.Open(&working{Base: screen.NewBase(d.app.shared)})
	if d.press("D"); len(d.app.stack) != 2 || d.app.offered("doctor") {
		t.Error("a task at work is closed by a verb")
	}
}

// working is a dialog about something that is not over.
type working struct{ screen.Base }

func (w *working) Shape() screen.Shape { return screen.Shape{Floats: true, W: 20, H: 5} }
func (w *working) Finished() bool      { return false }
func (w *working) Draw(draw.Area)      {}

func TestAServerThatDiedIsStartedAgainWithAKey(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40).press("B").hides("Start naap-db")
	f.Gone(remedy.New("server.stopped", remedy.ExitNoServer, "the server does not run"))
	f.Fail(remedy.New("server.stopped", remedy.ExitNoServer, "the server does not run"))
	d.press("R").shows("B start", "lost")
	f.Gone(nil)
	f.Fail(nil)
	d.press("B").shows("start naap", "Start naap-db", "done in", "healthy").press("esc").hides("B start")

	f = fake.New()
	f.Lacks.Stop = "naap did not start this server"
	d = drive(t, f, 120, 40)
	f.Fail(remedy.New("server.gone", remedy.ExitNoServer, "connection refused"))
	d.press("R").hides("B start").press(":", "type:start", "enter").shows("naap did not start this server")
}

func TestADialogInWhichTheNameWasTypedFocusesItsButton(t *testing.T) {
	f := fake.New()
	d := drive(t, f, 120, 40).press("X", "type:plugin_capacit").shows("▸ Cancel").press("type:y").shows("▸ Reset")
	d.press("type:x").shows("▸ Cancel").press("enter")
	if len(f.Resets) > 0 {
		t.Error("reset by another name")
	}
	if d.press("X", "type:plugin_capacity", "enter"); len(f.Resets) != 1 {
		t.Error("enter behind the right name does nothing")
	}
}
