package tui

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/screen"
)

// TestAKeyDoesNotOpenWhatIsOnTop presses the keys that open a page twice, and once more by its name.
func TestAKeyDoesNotOpenWhatIsOnTop(t *testing.T) {
	for key, name := range map[string]string{"U": "undo", "P": "push", "D": "doctor", "o": "logs", "m": "migrations", "S": "seeds"} {
		d := drive(t, fake.New(), 160, 45)
		d.press(key)
		if len(d.app.stack) != 2 {
			t.Errorf("%s opens nothing:\n%s", key, d.text())
			continue
		}
		top := d.app.Top()
		d.press(key, ":", "type:"+name, "enter")
		if now := d.app.Top(); now != top || len(d.app.stack) != 2 {
			t.Errorf("%s: %d screens\n%s", key, len(d.app.stack), strings.SplitN(d.text(), "\n", 2)[0])
		}
	}
}

// TestEscapeLeavesAPageThatReadsByItself has news come while a page is looked at: only what a user asked for is cancelled
// before the page is left.
func TestEscapeLeavesAPageThatReadsByItself(t *testing.T) {
	for _, key := range []string{"U", "P", "m", "S"} {
		f := fake.New()
		d := drive(t, f, 160, 45).press(key)
		release := f.Stall()
		d.async = true
		d.run(d.app.Tell(screen.ChangedNews{}))
		if !d.app.jobs.Awaited(d.app.Top().ID()) {
			t.Errorf("%s: nothing is read again", key)
		}
		d.handle(keyMsg("esc"))
		if len(d.app.stack) != 1 {
			t.Errorf("%s: escape does not leave:\n%s", key, d.text())
		}
		release()
		d.settle()
	}
	f := fake.New()
	d := drive(t, f, 160, 45)
	release := f.Stall()
	d.async = true
	d.handle(keyMsg("U"))
	top := d.app.Top()
	d.handle(keyMsg("esc"))
	if d.app.Top() != top {
		t.Error("escape leaves at once what the user asked for")
	}
	release()
	d.settle()
}
