package tui

import (
	"errors"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
)

// instances opens the list, with the cursor on one of them.
func instances(t *testing.T, name string, before ...string) *driver {
	t.Helper()
	d := drive(t, fake.New(), 120, 40).press(before...).press(":", "type:instance", "enter", "/", "type:"+name, "enter")
	return d.shows("▸", name)
}

func TestOneGoesToAnotherInstance(t *testing.T) {
	d := drive(t, fake.New(), 160, 45).press(":", "type:instance", "enter")
	d.shows("demo", "naap (this)", "old", "plain", "2 of 4 running", "embedded", "5433", "31 MB", "40d", "/home/ann/demo", "built-in workspace", "?")
	d.press("enter")
	if n := d.app.next; !d.quit || n == nil || n.Instance.Name != "demo" || n.Start {
		t.Errorf("quit %v, to go to %+v", d.quit, n)
	}
	d = instances(t, "plain").press("enter").shows("Start plain and switch to it?", "Its server is stopped", "built-in workspace", "Stay here")
	if d.press("enter"); d.quit {
		t.Error("it goes there without a yes")
	}
	if d.press("enter", "tab", "enter"); !d.quit || d.app.next == nil || !d.app.next.Start {
		t.Errorf("after a yes it goes to %+v", d.app.next)
	}
}

func TestOneStaysWhereThereIsNothingToGoTo(t *testing.T) {
	for name, says := range map[string]string{"this": "", "old": "the folder of the workspace of instance"} {
		d := drive(t, fake.New(), 120, 40).press(":", "type:instance", "enter", "j")
		if name == "old" {
			d.press("j").press("enter").shows(says).press("!").shows("/home/ann/gone")
		} else {
			d.press("enter").shows("naap is the one that is open")
		}
		if d.quit || d.app.next != nil {
			t.Errorf("%s: it goes to %+v", name, d.app.next)
		}
	}
}

func TestWhatWouldBeLostIsAskedAboutFirst(t *testing.T) {
	d := instances(t, "demo", "i", "esc", "W", "i", "type:DELETE FROM x;", "enter").press("enter")
	if d.quit {
		t.Fatal("it left an open transaction behind")
	}
	d.shows("Switch to demo?", "would be lost", "the answer to: Commit?", "The server of naap keeps running")
	if d.press("tab", "enter"); !d.quit || d.app.next.Instance.Name != "demo" {
		t.Error("a yes does not go there")
	}
	d = instances(t, "demo", committed...).press("enter").shows("Switch to demo?", "would be lost", "that 1 commit of rows can be taken back", "Stay here")
	if d.press("enter"); d.quit {
		t.Error("the commit can be taken back no more")
	}
	d = instances(t, "demo", "i", "esc", "W", "i", "type:DELETE FROM x;", "enter").press("enter", "tab", "enter")
	d.app.leaveAll()
	if d.fake.Commits > 0 {
		t.Error("it was committed")
	}

	d = editing(t, fake.New()).press("l", "l", "c", "ctrl+u", "type:Rhea", "enter").shows("Pending (1)")
	if d.press(":", "type:instance", "enter", "g", "enter").shows("Switch to demo?", "1 change of rows, pending"); d.quit {
		t.Error("it leaves pending rows behind")
	}

	d = drive(t, fake.New(), 120, 40)
	d.app.Open(&atWork{Base: screen.NewBase(d.app.shared)})
	if d.press(":", "type:instance", "enter", "enter").shows("a reset is being carried out; switch when it is over"); d.quit {
		t.Error("it leaves a verb at work")
	}
}

// atWork is a dialog that carries out a verb.
type atWork struct{ screen.Base }

func (w *atWork) Working() string { return "a reset" }
func (w *atWork) Draw(draw.Area)  {}

func TestWhyAnotherInstanceWasNotGoneToIsShown(t *testing.T) {
	failed := remedy.New("instance.files", remedy.ExitFailed, "naap.toml has a mistake").WithSeen("line 3")
	drive(t, fake.New(), 120, 40, func(o *Options) { o.Failed = failed }).shows("switch: naap.toml has a mistake").press("!").shows("line 3")
	drive(t, fake.New(), 120, 40, func(o *Options) { o.Failed = errors.New("gone") }).shows("switch: gone")
}
