package screen

import tea "github.com/charmbracelet/bubbletea"

// Ahead are keys that were typed while a screen waited for an answer. They are for whatever is on top then.
type Ahead []tea.KeyMsg

// Awaited is something that was chosen before the server had answered what it depends on. It is carried out once the
// answer is there; what is typed until then is for what comes of it.
type Awaited struct {
	Made  bool
	ahead Ahead
}

// Holds keeps a key for later, if there is something to wait for.
func (w *Awaited) Holds(k tea.KeyMsg) bool {
	if w.Made {
		w.ahead = append(w.ahead, k)
	}
	return w.Made
}

// HoldsWhile is Holds for a choice whose question may have ended without an answer. Escape gives the choice up.
func (w *Awaited) HoldsWhile(busy bool, k tea.KeyMsg) bool {
	if k.String() == "esc" || !busy {
		*w = Awaited{}
	}
	return w.Holds(k)
}

// Over ends the waiting, and returns what types the keys that were held. It is nil where there are none.
func (w *Awaited) Over() tea.Cmd {
	keys := w.ahead
	*w = Awaited{}
	if len(keys) == 0 {
		return nil
	}
	return func() tea.Msg { return keys }
}

// Opened passes the keys that were held to what an answer opens. Where that is nothing, they are dropped: they were meant
// for it.
func (w *Awaited) Opened(s Root, open func() tea.Cmd) tea.Cmd {
	before := s.Top()
	cmd := open()
	if keys := w.Over(); s.Top() != before {
		return tea.Batch(cmd, keys)
	}
	return cmd
}
