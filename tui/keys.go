package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/keymap"
)

// key turns a key into what it means: to the root first where it must work always, then to what is being typed into,
// then as an action of the top screen, then as one of the root's.
func (a *app) key(k tea.KeyMsg) tea.Cmd {
	if a.looks.reply(k, a.clock()) {
		a.look = a.looks.make()
		return nil
	}
	if k.Type == tea.KeyRunes && !k.Paste && len(k.Runes) > 1 {
		return a.burst(k)
	}
	if k.Type == tea.KeyEsc && k.Alt {
		// Two escapes that come at once.
		return tea.Batch(a.key(tea.KeyMsg{Type: tea.KeyEsc}), a.key(tea.KeyMsg{Type: tea.KeyEsc}))
	}
	name := k.String()
	switch {
	case a.keys.Is(name, keymap.Interrupt):
		return a.interrupt()
	case a.keys.Is(name, keymap.Suspend):
		a.live.Hidden = true
		return tea.Suspend
	case a.fallen > 0:
		return a.leaveFallen(name)
	}
	top := a.Top()
	if cmd, done := top.Raw(k); done {
		return cmd
	}
	if k.Paste {
		return nil
	}
	for _, wanted := range [][]keymap.Action{top.Actions(), moving} {
		if act, ok := a.keys.Find(name, wanted); ok {
			return top.Act(act)
		}
	}
	if act, ok := a.keys.Find(name, anywhere); ok {
		return a.do(act)
	}
	for _, o := range openers {
		if a.keys.Is(name, o.act) && a.offered(o.act) {
			return tea.Batch(a.leaveFinished(), a.openBy(o))
		}
	}
	return nil
}

// burst takes the keys that a fast hand or a slow line brings at once, which bubbletea reads as one.
func (a *app) burst(k tea.KeyMsg) tea.Cmd {
	cmds := make([]tea.Cmd, 0, len(k.Runes))
	for _, r := range k.Runes {
		one := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: k.Alt}
		if r == ' ' {
			one.Type = tea.KeySpace
		}
		cmds = append(cmds, a.key(one))
	}
	return tea.Batch(cmds...)
}

// leaveFallen is what keys do while the top screen can't be drawn.
func (a *app) leaveFallen(name string) tea.Cmd {
	a.fallen = 0
	if a.keys.Is(name, keymap.Detach) || len(a.stack) == 1 {
		return tea.Quit
	}
	return a.Close(a.Top())
}

// pointed passes the mouse to the top screen.
func (a *app) pointed(m tea.MouseMsg) tea.Cmd {
	if a.fallen > 0 {
		return nil
	}
	switch {
	case m.Button == tea.MouseButtonWheelUp:
		return a.wheel(m, keymap.Up, -1)
	case m.Button == tea.MouseButtonWheelDown:
		return a.wheel(m, keymap.Down, 1)
	case m.Button == tea.MouseButtonLeft && m.Action == tea.MouseActionPress:
		if top, ok := a.Top().(clicker); ok {
			return top.Click(m.X, m.Y)
		}
	}
	return nil
}

func (a *app) wheel(m tea.MouseMsg, step keymap.Action, by int) tea.Cmd {
	top := a.Top()
	if w, ok := top.(wheeler); ok {
		return w.Wheel(m.X, m.Y, by)
	}
	return tea.Batch(top.Act(step), top.Act(step), top.Act(step))
}
