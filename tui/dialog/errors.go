package dialog

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// OpenError shows the last error in full: what happened, what was seen, what helps. It follows what becomes of that: a server
// that was shutting down has stopped, and what helps is another thing.
func OpenError(s screen.Root) tea.Cmd {
	doing, _, err := s.LastError()
	if err == nil {
		s.Hint("no error so far")
		return nil
	}
	p := &pageScreen{Base: screen.NewBase(s), w: 100, h: 24}
	p.renew = func() {
		now, at, err := s.LastError()
		if now != doing {
			return // it is over, or another one came: this one is still being read
		}
		p.name, p.raws = "Last error, "+at.Format("15:04:05"), s.Target().Text(err)
		p.lines = func(w int) []draw.Line { return ErrorLines(s, err, w) }
	}
	p.renew()
	return s.Open(p)
}

// Advice is what helps, a line each, for what the application was started on.
func Advice(s screen.Root, all []remedy.Advice) []string {
	lines := s.Target().Lines(all)
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

// DrawWaiting says why there is no snapshot to draw yet.
func DrawWaiting(s screen.Root, in draw.Area) {
	err := s.Live().Lost
	if err == nil {
		err = s.Live().Stuck
	}
	if err == nil {
		in.Text(1, 0, "asking the server…", draw.Dim)
		if s.Live().Slow {
			in.Text(1, 1, "it is there, and takes its time", draw.Dim)
		}
		return
	}
	for y, line := range ErrorLines(s, err, in.W) {
		line.Draw(in, 0, y)
	}
}

// ErrorLines is an error at length for a width.
func ErrorLines(s screen.Root, err error, w int) []draw.Line {
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
	for i, line := range Advice(s, e.Fix) {
		if i == 0 {
			out = append(out, nil)
		}
		add(line, "try ", draw.Good)
	}
	return append(out, nil, draw.Line{draw.Text(" code ", draw.Dim), draw.Text(e.Code, draw.Dim)})
}
