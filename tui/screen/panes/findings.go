package panes

import (
	"context"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
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
func worstFirst(fetch func(context.Context) ([]remedy.Finding, error)) func(context.Context) ([]remedy.Finding, error) {
	order := map[remedy.Severity]int{remedy.Broken: 0, remedy.Warning: 1, remedy.Notable: 2, remedy.Fine: 3}
	return func(ctx context.Context) ([]remedy.Finding, error) {
		all, err := fetch(ctx)
		slices.SortStableFunc(all, func(a, b remedy.Finding) int { return order[a.Severity] - order[b.Severity] })
		return all, err
	}
}

func findings(s screen.Root, name string, fetch func(context.Context) ([]remedy.Finding, error), empty string) dialog.ListSpec[remedy.Finding] {
	return dialog.ListSpec[remedy.Finding]{
		Name: name, Fetch: fetch, Empty: empty, Files: dialog.SpeaksOf,
		Columns: []widget.Column{{Title: "", Width: 1}, {Title: "WHAT", Width: 20, Flex: 4}, {Title: "WHERE", Width: 10, Flex: 2, Least: 70}, {Title: "CODE", Width: 18, Least: 60}},
		Cell:    func(f remedy.Finding, col int) (string, draw.Role) { return findingCell(s.Look().Glyphs, f, col) },
		Words:   func(f remedy.Finding) string { return f.Title + " " + f.Code + " " + f.File },
		About:   func(f remedy.Finding, w int) []draw.Line { return aboutFinding(s, f, w) },
		Do:      func(a keymap.Action, f remedy.Finding, ok bool) tea.Cmd { return actFinding(s, a, f, ok) },
		Sum:     sumFindings,
		Actions: []keymap.Action{keymap.Fix},
	}
}

func findingCell(g *draw.Glyphs, f remedy.Finding, col int) (string, draw.Role) {
	switch col {
	case 0:
		switch f.Severity {
		case remedy.Broken:
			return g.Cross, draw.Bad
		case remedy.Warning:
			return g.Warn, draw.Warn
		case remedy.Notable:
			return g.Middle, draw.Info
		}
		return g.Check, draw.Good
	case 1:
		if f.Severity == remedy.Fine {
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

func aboutFinding(s screen.Root, f remedy.Finding, w int) []draw.Line {
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
func actFinding(s screen.Root, a keymap.Action, f remedy.Finding, ok bool) tea.Cmd {
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
func fix(s screen.Root, f remedy.Finding) tea.Cmd {
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
		case "migrate status", "migrate deploy", "migrate resolve":
			return verbs.OpenMigrations(s)
		}
	}
	return s.Copy("the command", visible.String(s.Target().Line(last)))
}

func sumFindings(all []remedy.Finding) string {
	bad, warn := 0, 0
	for _, f := range all {
		switch f.Severity {
		case remedy.Broken:
			bad++
		case remedy.Warning:
			warn++
		}
	}
	if bad+warn == 0 {
		return "all well"
	}
	return say.Count(bad, "error") + ", " + say.Count(warn, "warning")
}
