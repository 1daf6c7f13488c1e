package table

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/screen"
)

// awaited is a choice that was made before the server had answered what it depends on: it is carried out then.
type awaited struct {
	made  bool
	ahead []tea.KeyMsg // what was typed since, which is for whatever comes then
}

// holds keeps a key for later, if there is something to wait for.
func (w *awaited) holds(k tea.KeyMsg) bool {
	if w.made {
		w.ahead = append(w.ahead, k)
	}
	return w.made
}

// over ends the waiting, and returns what types the keys that were held. It is nil where there are none.
func (w *awaited) over() tea.Cmd {
	keys := w.ahead
	*w = awaited{}
	if len(keys) == 0 {
		return nil
	}
	return func() tea.Msg { return screen.Ahead(keys) }
}

// holds keeps a key that is typed while a row is read to be changed: it is for what opens then, and no action on the rows.
// Escape gives that up.
func (e editor) holds(k tea.KeyMsg) bool {
	if k.String() == "esc" || !e.Jobs().Busy(e.slot) {
		*e.ahead = awaited{}
	}
	return e.ahead.holds(k)
}

// opened passes the keys that were held to what an answer has opened. Where it has opened nothing, they are dropped: they
// were meant for that.
func (e editor) opened(open func() tea.Cmd) tea.Cmd {
	before := e.Top()
	cmd := open()
	if keys := e.ahead.over(); e.Top() != before {
		return tea.Batch(cmd, keys)
	}
	return cmd
}
