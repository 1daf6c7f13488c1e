package table

import tea "github.com/charmbracelet/bubbletea"

// holds keeps a key that is typed while a row is read to be changed: it is for what opens then, and no action on the rows.
func (e editor) holds(k tea.KeyMsg) bool { return e.ahead.HoldsWhile(e.Jobs().Busy(e.slot), k) }

// opened passes the keys that were held to what an answer has opened.
func (e editor) opened(open func() tea.Cmd) tea.Cmd { return e.ahead.Opened(e.Root, open) }
