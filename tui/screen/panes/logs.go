// Package panes is the screens that are looked at beside the work: the log of the server, its sessions, what the doctor and the
// rules found.
package panes

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// logScreen is the server's own log, followed.
type logScreen struct {
	screen.Base
	list   widget.List
	filter widget.Filter
	follow bool
	number int // of the line under the cursor, among all that ever came; the oldest are let go
	wide   int // cells that are scrolled away at the left
}

// OpenLogs follows the log of the server, where its engine keeps one.
func OpenLogs(s screen.Root) tea.Cmd {
	if why := s.Live().Identity.Lacks.Logs; why != "" {
		s.Say(draw.Warn, "logs: "+string(why))
		return nil
	}
	return s.Open(&logScreen{Base: screen.NewBase(s), follow: true})
}

func (l *logScreen) Title() string { return "log" }

func (l *logScreen) Init() tea.Cmd { return l.ListenLogs() }

func (l *logScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Follow, keymap.Filter, keymap.Open, keymap.CopyCell, keymap.NextMatch, keymap.PrevMatch}
}

func (l *logScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) { return nil, l.filter.Key(k) }

func (l *logScreen) Hints() [][2]string { return l.filter.Hints() }

func (l *logScreen) Back() (tea.Cmd, bool) {
	if l.filter.Active() {
		l.filter.Clear()
		return nil, true
	}
	return nil, false
}

// shownLines are the lines of the entries that pass the filter: an entry stays whole, its STATEMENT with its ERROR.
func (l *logScreen) shownLines() []int {
	text := map[int]string{} // of each entry
	if l.filter.Active() {
		for i, line := range l.Live().Log {
			text[l.Live().LogMarks[i].Head] += line + "\n"
		}
	}
	return l.filter.Choose(len(l.Live().Log), func(i int) string { return text[l.Live().LogMarks[i].Head] })
}

// Act moves, and opens the entry of a line.
func (l *logScreen) Act(a keymap.Action) tea.Cmd {
	at := l.shownLines()
	line := func() (string, bool) {
		if l.list.At < len(at) {
			return l.Live().Log[at[l.list.At]], true
		}
		return "", false
	}
	switch a {
	case keymap.Follow:
		l.follow = !l.follow
	case keymap.Filter:
		l.filter.Begin()
	case keymap.Left:
		l.wide = max(0, l.wide-20)
	case keymap.Right:
		l.wide += 20
	case keymap.CopyCell:
		if x, ok := line(); ok {
			return l.Copy("the line", x)
		}
	case keymap.Open:
		if l.list.At < len(at) {
			return l.openEntry(at[l.list.At])
		}
	default:
		if l.list.Move(a) {
			l.follow = l.list.At == l.list.N-1
			l.keep(at)
		}
	}
	return nil
}

// openEntry shows the entry that a line belongs to.
func (l *logScreen) openEntry(i int) tea.Cmd {
	lines := l.Live().WholeEntry(i)
	return dialog.OpenPage(l.Root, "log entry", strings.Join(lines, "\n"), 100, 12, func(w int) []draw.Line {
		var out []draw.Line
		for _, line := range lines {
			for _, t := range draw.Wrap(line, w) {
				out = append(out, draw.Line{draw.Text(t, draw.Plain)})
			}
		}
		return out
	})
}

// gone is how many lines were let go.
func (l *logScreen) gone() int { return l.Live().LogTotal - len(l.Live().Log) }

// keep notes the line under the cursor, of those shown.
func (l *logScreen) keep(shown []int) {
	if l.list.At < len(shown) {
		l.number = l.gone() + shown[l.list.At]
	}
}

// find puts the cursor on the line that it stood on, or where that line was, and leaves it as high on the screen.
func (l *logScreen) find(shown []int) {
	at, _ := slices.BinarySearch(shown, l.number-l.gone())
	at = max(0, min(at, len(shown)-1))
	l.list.Top += at - l.list.At
	l.list.At = at
}

// Draw draws the end of the log, or where the cursor stands.
func (l *logScreen) Draw(a draw.Area) {
	right := " followed "
	if !l.follow {
		right = " standing; " + l.Label(keymap.Follow) + " follows "
	}
	in := a.Box(draw.Frame{Title: " Server log ", Right: right, Focused: true})
	h := in.H
	if l.filter.Draw(in, in.H-1) {
		h--
	}
	at := l.shownLines()
	l.list.Size(len(at))
	if l.follow {
		l.list.At = max(0, len(at)-1)
		l.keep(at)
	} else {
		l.find(at)
	}
	if len(at) == 0 {
		in.Text(1, 0, "no lines yet", draw.Dim)
	}
	l.list.Draw(in.Sub(0, 0, in.W, h), true, draw.ChosenAside, func(n, y int) {
		line := draw.Text(screen.ShortLog(l.Live().Log[at[n]]), l.Live().LogMarks[at[n]].Role)
		draw.Line{line}.DrawFrom(in, 1, y, l.wide)
	})
}

// Click goes to a line, or opens its entry.
func (l *logScreen) Click(x, y int) tea.Cmd {
	defer func() { l.keep(l.shownLines()) }()
	l.follow = false
	return l.list.Click(x, y, func() tea.Cmd { return l.Act(keymap.Open) })
}
