package tui

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/tui/fake"
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
