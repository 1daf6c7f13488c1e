package panes

import (
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenInstances shows the instances that this machine knows, and goes to the chosen one.
func OpenInstances(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[devenv.Instance]{
		Name: "instances", Empty: "no instance is known", Open: "switch", Fetch: s.Backend().Instances,
		Columns: []widget.Column{
			{Title: "", Width: 1}, {Title: "INSTANCE", Width: 12, Flex: 2}, {Title: "STATE", Width: 9}, {Title: "ENGINE", Width: 8}, {Title: "PORT", Width: 5, Right: true},
			{Title: "SIZE", Width: 8, Right: true}, {Title: "AGE", Width: 4, Right: true}, {Title: "UP", Width: 4, Right: true, Least: 90}, {Title: "WORKSPACE", Width: 14, Flex: 4},
		},
		Cell: func(i devenv.Instance, col int) (string, draw.Role) { return instanceCell(s, i, col) },
		Words: func(i devenv.Instance) string {
			return i.Name + " " + i.Engine + " " + string(i.State) + " " + workspaceOf(i)
		},
		About: func(i devenv.Instance, w int) []draw.Line { return aboutInstance(s, i, w) },
		Sum: func(all []devenv.Instance) string {
			running := 0
			for _, i := range all {
				if i.State == engine.Running {
					running++
				}
			}
			return strconv.Itoa(running) + " of " + strconv.Itoa(len(all)) + " running"
		},
		Do: func(a keymap.Action, i devenv.Instance, ok bool) tea.Cmd {
			if !ok || a != keymap.Open {
				return nil
			}
			return switchTo(s, i)
		},
		ID: func(i devenv.Instance) string { return i.Name },
	})
}

// workspaceOf names what an instance was last started for.
func workspaceOf(i devenv.Instance) string {
	if i.Root == "" {
		return "built-in workspace"
	}
	return i.Root
}

// stateText is how an instance is doing, in a word.
func stateText(i devenv.Instance) (string, draw.Role) {
	switch {
	case i.State == "":
		return "unknown", draw.Warn
	case i.State == engine.Running:
		return string(i.State), draw.Good
	case i.State == engine.Unhealthy:
		return string(i.State), draw.Bad
	}
	return string(i.State), draw.Dim
}

func instanceCell(s screen.Root, i devenv.Instance, col int) (string, draw.Role) {
	g := s.Look().Glyphs
	_, role := stateText(i)
	switch col {
	case 0:
		return g.Dot, role
	case 1:
		if i.Current {
			return i.Name + " (this)", draw.Strong
		}
		return i.Name, draw.Plain
	case 2:
		return stateText(i)
	case 3:
		return i.Engine, draw.Dim
	case 4:
		if i.Port == 0 {
			return "", draw.Dim
		}
		return strconv.Itoa(i.Port), draw.Dim
	case 5:
		return sizeOf(i), draw.Plain
	case 6:
		return since(i.Made, s.Now()), draw.Dim
	case 7:
		return since(i.Started, s.Now()), draw.Dim
	}
	if i.Other != nil {
		return workspaceOf(i), draw.Warn
	}
	return workspaceOf(i), draw.Dim
}

func sizeOf(i devenv.Instance) string {
	if i.Bytes < 0 {
		return "?"
	}
	return screen.Size(i.Bytes)
}

// since is how long ago something was; nothing where that is not known.
func since(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return say.Age(now.Sub(t))
}

func aboutInstance(s screen.Root, i devenv.Instance, w int) []draw.Line {
	state, role := stateText(i)
	if up := since(i.Started, s.Now()); up != "" {
		state += ", up " + up
	}
	if i.Bytes >= 0 {
		state += ", " + sizeOf(i)
	}
	if age := since(i.Made, s.Now()); age != "" {
		state += ", made " + age + " ago"
	}
	out := []draw.Line{{draw.Text(i.Name+"  ", draw.Strong), draw.Text(state, role)}}
	add := func(text string, role draw.Role) {
		for _, t := range draw.Wrap(text, max(8, w)) {
			out = append(out, draw.Line{draw.Text(t, role)})
		}
	}
	add(workspaceOf(i), draw.Plain)
	if i.Detail != "" {
		add(i.Detail, draw.Warn)
	}
	return out
}

// switchTo goes to an instance, after a yes where it has to be started or something here would be lost.
func switchTo(s screen.Root, i devenv.Instance) tea.Cmd {
	switch {
	case i.Current:
		s.Hint(i.Name + " is the one that is open")
		return nil
	case i.Other != nil:
		s.Fail("switch to "+i.Name, i.Other)
		return nil
	case s.AtWork() != "":
		s.Say(draw.Warn, s.AtWork()+" is being carried out; switch when it is over")
		return nil
	}
	q := dialog.Confirmation{Title: "Switch to " + i.Name + "?", Yes: "Switch", Keep: "Stay here", Do: func() tea.Cmd { return s.Switch(i, i.State != engine.Running) }}
	lost := s.Losing()
	for _, what := range lost {
		q.Rows = append(q.Rows, dialog.Row{Label: "would be lost", Value: what, Role: draw.Warn})
	}
	if i.State != engine.Running {
		state, _ := stateText(i)
		q.Title, q.Yes = "Start "+i.Name+" and switch to it?", "Start and switch"
		q.Text = []string{"Its server is " + state + ". It is started as by an up in its workspace (" + workspaceOf(i) + "), which makes what is missing."}
	} else if len(lost) == 0 {
		return q.Do()
	}
	q.Text = append(q.Text, "The server of "+s.Live().Instance()+" keeps running.")
	q.Text = []string{strings.Join(q.Text, " ")}
	return dialog.Ask(s, q)
}
