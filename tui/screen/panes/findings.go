package panes

import (
	"context"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/verbs"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenDoctor shows what is wrong with the environment, and what helps.
func OpenDoctor(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, findings(s, "doctor", worstFirst(s.Backend().Doctor), "nothing to look at"))
}

// OpenCheck shows where the workspace breaks the mandatory rules.
func OpenCheck(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, findings(s, "rules", worstFirst(s.Backend().Check), "the workspace keeps all the rules"))
}

// worstFirst puts errors before warnings before the rest, and keeps the order otherwise.
func worstFirst(fetch func(context.Context) ([]devenv.Finding, error)) func(context.Context) ([]devenv.Finding, error) {
	order := map[devenv.Severity]int{devenv.Broken: 0, devenv.Warning: 1, devenv.Notable: 2, devenv.Fine: 3}
	return func(ctx context.Context) ([]devenv.Finding, error) {
		all, err := fetch(ctx)
		slices.SortStableFunc(all, func(a, b devenv.Finding) int { return order[a.Severity] - order[b.Severity] })
		return all, err
	}
}

func findings(s screen.Root, name string, fetch func(context.Context) ([]devenv.Finding, error), empty string) dialog.ListSpec[devenv.Finding] {
	return dialog.ListSpec[devenv.Finding]{
		Name: name, Fetch: fetch, Empty: empty, Files: dialog.SpeaksOf,
		Columns: []widget.Column{{Title: "", Width: 1}, {Title: "WHAT", Width: 20, Flex: 4}, {Title: "WHERE", Width: 10, Flex: 2, Least: 70}, {Title: "CODE", Width: 18, Least: 60}},
		Cell:    func(f devenv.Finding, col int) (string, draw.Role) { return findingCell(s.Look().Glyphs, f, col) },
		Words:   func(f devenv.Finding) string { return f.Title + " " + f.Code + " " + f.File },
		About:   func(f devenv.Finding, w int) []draw.Line { return aboutFinding(s, f, w) },
		Do:      func(a keymap.Action, f devenv.Finding, ok bool) tea.Cmd { return actFinding(s, a, f, ok) },
		Sum:     sumFindings,
		Actions: []keymap.Action{keymap.Fix},
	}
}

func findingCell(g *draw.Glyphs, f devenv.Finding, col int) (string, draw.Role) {
	switch col {
	case 0:
		switch f.Severity {
		case devenv.Broken:
			return g.Cross, draw.Bad
		case devenv.Warning:
			return g.Warn, draw.Warn
		case devenv.Notable:
			return g.Middle, draw.Info
		}
		return g.Check, draw.Good
	case 1:
		if f.Severity == devenv.Fine {
			return f.Title, draw.Dim
		}
		return f.Title, draw.Plain
	case 2:
		if f.File == "" {
			return "", draw.Dim
		}
		return f.File + ":" + strconv.Itoa(f.Line), draw.Dim
	}
	return f.Code, draw.Dim
}

func aboutFinding(s screen.Root, f devenv.Finding, w int) []draw.Line {
	var out []draw.Line
	add := func(prefix, text string, role draw.Role) {
		for i, l := range draw.Wrap(text, max(8, w-5)) {
			if i > 0 {
				prefix = ""
			}
			out = append(out, draw.Line{draw.Text(draw.Pad(prefix, 4), draw.Dim), draw.Text(l, role)})
		}
	}
	add("", f.Title, draw.Strong)
	if f.File != "" {
		add("at", f.File+":"+strconv.Itoa(f.Line)+":"+strconv.Itoa(f.Column), draw.Plain)
	}
	for _, l := range f.Seen {
		add("saw", l, draw.Plain)
	}
	for _, l := range dialog.Advice(s, f.Fix) {
		add("try", l, draw.Good)
	}
	return out
}

// actFinding shows a finding whole, or goes where its remedy is.
func actFinding(s screen.Root, a keymap.Action, f devenv.Finding, ok bool) tea.Cmd {
	switch {
	case ok && a == keymap.Fix:
		return fix(s, f)
	case !ok || a != keymap.Open:
		return nil
	}
	raw := f.Title
	for _, l := range dialog.Advice(s, f.Fix) {
		raw += "\n" + l
	}
	return dialog.OpenPage(s, f.Code, raw, 90, 20, func(w int) []draw.Line { return aboutFinding(s, f, w) })
}

// fix goes to the screen that does what a finding's last remedy says, or copies that command.
func fix(s screen.Root, f devenv.Finding) tea.Cmd {
	if len(f.Fix) == 0 {
		s.Hint("no command helps with this")
		return nil
	}
	last := f.Fix[len(f.Fix)-1]
	for _, c := range last.Commands() {
		switch c.Verb {
		case "dev push", "dev diff":
			return verbs.OpenPush(s)
		case "dev seed":
			return verbs.OpenSeeds(s)
		case "dev undo":
			return verbs.OpenUndo(s)
		case "dev snapshot list":
			return verbs.OpenSnapshots(s)
		}
	}
	return s.Copy("the command", visible.String(s.Target().Line(last)))
}

func sumFindings(all []devenv.Finding) string {
	bad, warn := 0, 0
	for _, f := range all {
		switch f.Severity {
		case devenv.Broken:
			bad++
		case devenv.Warning:
			warn++
		}
	}
	if bad+warn == 0 {
		return "all well"
	}
	return say.Count(bad, "error") + ", " + say.Count(warn, "warning")
}
