package tui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// moving are the actions that every screen with something to move in understands.
var moving = []keymap.Action{
	keymap.Up, keymap.Down, keymap.Top, keymap.Bottom, keymap.HalfUp, keymap.HalfDown, keymap.PageUp, keymap.PageDown,
	keymap.Left, keymap.Right,
}

// anywhere are the actions of the root that work on every screen and dialog.
var anywhere = []keymap.Action{
	keymap.Back, keymap.Help, keymap.LastError, keymap.Mouse, keymap.Refresh, keymap.Pause, keymap.Palette, keymap.Detach, keymap.Stop,
}

// openers are the actions of the root that open another screen; dialogs don't offer them.
var openers = []keymap.Action{
	keymap.SQL, keymap.Psql, keymap.Push, keymap.Reset, keymap.Undo, keymap.Doctor, keymap.Relations, keymap.Seeds, keymap.Logs,
}

// key turns a key into what it means: to the root first where it must work always, then to what is being typed into,
// then as an action of the top screen, then as one of the root's.
func (a *app) key(k tea.KeyMsg) tea.Cmd {
	if a.looks.reply(k, a.clock()) {
		a.applyLook()
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
	if act, ok := a.keys.Find(name, openers); ok && !top.Shape().Floats && !a.booting() {
		return a.do(act)
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

// interrupt cancels what a person waits for; without anything new to cancel, the second press detaches.
func (a *app) interrupt() tea.Cmd {
	now := a.clock()
	again := now.Sub(a.cancels) < 2*time.Second
	a.cancels = now
	if a.jobs.InterruptOne(-1) {
		a.Hint("cancelling; " + a.Label(keymap.Interrupt) + " again detaches")
		return nil
	}
	if again {
		return tea.Quit
	}
	a.Hint(a.Label(keymap.Interrupt) + " again detaches; the database stays up")
	return nil
}

// do carries out an action of the root.
func (a *app) do(act keymap.Action) tea.Cmd {
	switch act {
	case keymap.Back:
		return a.goBack()
	case keymap.Help:
		return a.openHelp()
	case keymap.LastError:
		return dialog.OpenError(a.shared)
	case keymap.Palette:
		return a.openPalette("")
	case keymap.Mouse:
		return a.toggleMouse()
	case keymap.Refresh:
		a.Hint("refreshing")
		return tea.Batch(a.refresh(true), a.Tell(screen.ChangedNews{}))
	case keymap.Pause:
		return a.togglePause()
	case keymap.Detach:
		if a.Top().Shape().Floats {
			return a.goBack()
		}
		return tea.Quit
	case keymap.Stop:
		return a.askStop()
	}
	return a.verb(act)
}

// goBack is esc: a question under way is cancelled first, then the screen may step back inside, then it closes.
func (a *app) goBack() tea.Cmd {
	top := a.Top()
	if a.jobs.InterruptOne(top.ID()) {
		return nil
	}
	if b, ok := top.(screen.Backer); ok {
		if cmd, did := b.Back(); did {
			return cmd
		}
	}
	if len(a.stack) == 1 {
		a.Hint(a.Label(keymap.Detach) + " detaches; the database stays up")
		return nil
	}
	return a.Close(top)
}

func (a *app) togglePause() tea.Cmd {
	a.live.Paused = !a.live.Paused
	if a.live.Paused {
		a.Say(draw.Warn, "paused: the server is asked nothing until "+a.Label(keymap.Pause))
		return nil
	}
	a.Say(draw.Good, "going on")
	return a.refresh(false)
}

func (a *app) toggleMouse() tea.Cmd {
	a.mouse = !a.mouse
	if a.mouse {
		a.Hint("mouse on; " + a.Label(keymap.Mouse) + " gives it back to the terminal")
		return a.takeMouse()
	}
	a.Hint("mouse off; the terminal selects text again")
	return tea.DisableMouse
}

// takeMouse takes the mouse, if it is ours: bubbletea gives it back while another program has the terminal, and leaves it
// there.
func (a *app) takeMouse() tea.Cmd {
	if !a.mouse {
		return nil
	}
	return tea.EnableMouseCellMotion
}

// pointed passes the mouse to the top screen.
func (a *app) pointed(m tea.MouseMsg) tea.Cmd {
	top, ok := a.Top().(screen.Clicker)
	if !ok || a.fallen > 0 {
		return nil
	}
	switch {
	case m.Button == tea.MouseButtonWheelUp:
		return top.Wheel(m.X, m.Y, -1)
	case m.Button == tea.MouseButtonWheelDown:
		return top.Wheel(m.X, m.Y, 1)
	case m.Button == tea.MouseButtonLeft && m.Action == tea.MouseActionPress:
		return top.Click(m.X, m.Y)
	}
	return nil
}

// offered tells whether an action does anything on the top screen, for the footer and the help.
func (a *app) offered(act keymap.Action) bool {
	top := a.Top()
	if a.booting() && (act == keymap.Refresh || act == keymap.Pause) {
		return false
	}
	if slices.Contains(top.Actions(), act) || slices.Contains(moving, act) || slices.Contains(anywhere, act) {
		return true
	}
	return slices.Contains(openers, act) && !top.Shape().Floats && !a.booting()
}

// openHelp lists the keys that do something here, made from the bindings.
func (a *app) openHelp() tea.Cmd {
	var lines []draw.Line
	var group keymap.Group
	for _, b := range a.keys.All() {
		if !a.offered(b.Action) && b.Action != keymap.Interrupt && b.Action != keymap.Suspend {
			continue
		}
		if b.Group != group {
			if group != "" {
				lines = append(lines, nil)
			}
			group = b.Group
			lines = append(lines, draw.Line{draw.Text(" "+string(group), draw.Head)})
		}
		keys := " " + a.keys.Labels(b.Action)
		lines = append(lines, draw.Line{draw.Text(draw.Pad(keys, 20), draw.Key), draw.Text(b.Help, draw.Plain), draw.Text("  "+string(b.Action), draw.Dim)})
	}
	lines = append(lines, nil, draw.Line{draw.Text(" The last word of a line is the name that [keys] in naap.toml knows it by.", draw.Dim)})
	return dialog.OpenPage(a.shared, "Keys", a.keys.String(), 84, 60, func(int) []draw.Line { return lines })
}
