package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/widget"
)

// pageScreen shows lines to read, over what is below: the keys, an error, a value.
type pageScreen struct {
	base
	name   string
	lines  func(w int) []draw.Line // made anew for each width
	raws   string                  // what y copies
	renew  func()                  // makes these anew before each frame; nil where they stay as they are
	list   widget.List
	filter widget.Filter
	w, h   int
}

func (s *shared) newPage(name, raw string, w, h int, lines func(w int) []draw.Line) *pageScreen {
	return &pageScreen{base: s.newBase(), name: name, raws: raw, lines: lines, w: w, h: h}
}

func (p *pageScreen) title() string { return "" }
func (p *pageScreen) shape() shape  { return shape{floats: true, w: p.w, h: p.h} }

func (p *pageScreen) actions() []keymap.Action {
	return []keymap.Action{keymap.Back, keymap.Filter, keymap.CopyCell}
}

func (p *pageScreen) raw(k tea.KeyMsg) (tea.Cmd, bool) { return nil, p.filter.Key(k) }

func (p *pageScreen) hints() [][2]string { return p.filter.Hints() }

func (p *pageScreen) act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Back:
		return p.close(p)
	case keymap.Filter:
		p.filter.Begin()
		return nil
	case keymap.CopyCell:
		return p.copy(p.name, p.raws)
	}
	// Reading has no cursor: up and down move the text.
	if a == keymap.Down {
		p.list.At = max(p.list.At, p.list.Top+p.list.Height-1)
	}
	if a == keymap.Up {
		p.list.At = p.list.Top
	}
	p.list.Move(a)
	return nil
}

func (p *pageScreen) draw(a draw.Area) {
	if p.renew != nil {
		p.renew()
	}
	in := a.Box(draw.Frame{Title: " " + p.name + " ", Focused: true})
	all := p.lines(in.W)
	chosen := p.filter.Choose(len(all), func(i int) string { return all[i].String() })
	h := in.H
	if p.filter.Draw(in, in.H-1) {
		h--
	}
	p.list.Size(len(chosen))
	from, to := p.list.Window(h)
	for y, i := range chosen[from:to] {
		all[i].Draw(in, 0, y)
	}
	if len(chosen) > h && a.W > 20 {
		a.Right(a.W-2, a.H-1, a.W-4, " "+position(to, len(chosen))+" ", draw.Dim)
	}
}

func (p *pageScreen) click(_, _ int) tea.Cmd { return nil }

func (p *pageScreen) wheel(_, _, by int) tea.Cmd {
	act := keymap.Down
	if by < 0 {
		act = keymap.Up
	}
	return tea.Batch(p.act(act), p.act(act), p.act(act))
}

// position is how far a text is read.
func position(to, n int) string {
	if to >= n {
		return "end"
	}
	return plural(int64(n-to), "line") + " more"
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
	return a.open(a.newPage("Keys", a.keys.String(), 84, 60, func(int) []draw.Line { return lines }))
}

// openError shows the last error in full: what happened, what was seen, what helps. It follows what becomes of that: a server
// that was shutting down has stopped, and what helps is another thing.
func (s *shared) openError() tea.Cmd {
	if s.failure == nil {
		s.hint("no error so far")
		return nil
	}
	doing, p := s.failing, s.newPage("", "", 100, 24, nil)
	p.renew = func() {
		if s.failing != doing {
			return // it is over, or another one came: this one is still being read
		}
		err := s.failure
		p.name, p.raws = "Last error, "+s.failed.Format("15:04:05"), s.target.Text(err)
		p.lines = func(w int) []draw.Line { return s.errorLines(err, w) }
	}
	p.renew()
	return s.open(p)
}

// advice is what helps, a line each, for what the application was started on.
func (s *shared) advice(all []remedy.Advice) []string {
	lines := s.target.Lines(all)
	for i := range lines {
		lines[i] = visible.Text(lines[i])
	}
	return lines
}

// excerptLines is the place that an error is about, with the marks below what they mark: its lines are cut and not wrapped.
func excerptLines(excerpt string) []draw.Line {
	var out []draw.Line
	for line := range strings.Lines(excerpt) {
		if out == nil {
			out = append(out, nil)
		}
		out = append(out, draw.Line{draw.Text(" "+visible.String(strings.TrimRight(line, "\r\n")), draw.Plain)})
	}
	return out
}

// errorLines is an error at length for a width.
func (s *shared) errorLines(err error, w int) []draw.Line {
	var out []draw.Line
	add := func(text, prefix string, role draw.Role) {
		for i, line := range draw.Wrap(text, max(1, w-len(prefix)-2)) {
			if i > 0 {
				prefix = draw.Pad("", len(prefix))
			}
			out = append(out, draw.Line{draw.Text(" "+prefix, draw.Dim), draw.Text(line, role)})
		}
	}
	add(err.Error(), "", draw.Bad)
	e, ok := remedy.Of(err)
	if !ok {
		return out
	}
	for i, line := range e.Seen {
		if i == 0 {
			out = append(out, nil)
		}
		add(line, "saw ", draw.Plain)
	}
	out = append(out, excerptLines(e.Excerpt)...)
	for i, line := range s.advice(e.Fix) {
		if i == 0 {
			out = append(out, nil)
		}
		add(line, "try ", draw.Good)
	}
	return append(out, nil, draw.Line{draw.Text(" code ", draw.Dim), draw.Text(e.Code, draw.Dim)})
}
