package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
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

// offered reports whether an action does anything on the top screen, for the footer and the help.
func (a *app) offered(act keymap.Action) bool {
	top := a.Top()
	if a.live.Starting && (act == keymap.Refresh || act == keymap.Pause) {
		return false
	}
	if slices.Contains(top.Actions(), act) || slices.Contains(moving, act) || slices.Contains(anywhere, act) {
		return true
	}
	verb := a.keys.Get(act)
	if verb.Group != keymap.Verbs || top.Shape().Floats && !a.finished() || a.live.Starting || act == keymap.Start && !a.canStart() {
		return false
	}
	return slices.ContainsFunc(verb.Keys, func(key string) bool { // the screen's own keys come first
		_, taken := a.keys.Find(key, top.Actions())
		return !taken
	})
}

// finished reports whether the top screen is about something that has ended.
func (a *app) finished() bool {
	f, ok := a.Top().(finisher)
	return ok && f.Finished()
}

// leaveFinished closes the top screen where it has nothing more to say than what it shows.
func (a *app) leaveFinished() tea.Cmd {
	if !a.finished() {
		return nil
	}
	return a.Close(a.Top())
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
