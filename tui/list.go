package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// list is a cursor in so many lines, and the part of them that is seen.
type list struct {
	at, top int
	n       int
	height  int       // lines seen at the last drawing
	seen    draw.Area // where they were, for the mouse
}

// under is the line at a place of the frame.
func (l *list) under(x, y int) (line int, ok bool) {
	_, top := l.seen.At()
	line = y - top + l.top
	return line, l.seen.Holds(x, y) && line < l.n
}

// click goes to the line at a place of the frame, and opens the one that the cursor is on already.
func (l *list) click(x, y int, open func() tea.Cmd) tea.Cmd {
	line, ok := l.under(x, y)
	if !ok {
		return nil
	}
	if l.at == line {
		return open()
	}
	l.at = line
	return nil
}

// wheel moves three lines.
func (l *list) wheel(by int) { l.at = max(0, min(l.at+3*by, l.n-1)) }

// size sets how many lines there are.
func (l *list) size(n int) {
	l.n = n
	l.at = max(0, min(l.at, n-1))
}

// move follows a moving action, and tells whether it was one.
func (l *list) move(a keymap.Action) bool {
	page := max(1, l.height-1)
	switch a {
	case keymap.Up:
		l.at--
	case keymap.Down:
		l.at++
	case keymap.HalfUp:
		l.at -= max(1, page/2)
	case keymap.HalfDown:
		l.at += max(1, page/2)
	case keymap.PageUp:
		l.at -= page
	case keymap.PageDown:
		l.at += page
	case keymap.Top:
		l.at = 0
	case keymap.Bottom:
		l.at = l.n - 1
	default:
		return false
	}
	l.at = max(0, min(l.at, l.n-1))
	return true
}

// in is window for an area that the lines are drawn into.
func (l *list) in(a draw.Area) (from, to int) {
	l.seen = a
	return l.window(a.H)
}

// window is the first line seen and the one after the last, for so many lines of room.
func (l *list) window(height int) (from, to int) {
	l.height = height
	l.at = max(0, min(l.at, l.n-1))
	if l.at < l.top {
		l.top = l.at
	}
	if l.at >= l.top+height {
		l.top = l.at - height + 1
	}
	l.top = max(0, min(l.top, l.n-height))
	return l.top, min(l.n, l.top+height)
}

// sideways is how far lines of text are scrolled to the left, where they are wider than the area.
type sideways struct {
	at   int // cells that are out of sight
	most int // that can be, at the last drawing
}

const sidewaysStep = 20

// move follows an action that scrolls sideways, and tells whether it scrolled: at the edge it does not.
func (s *sideways) move(a keymap.Action) bool {
	was := s.at
	switch a {
	case keymap.Left, keymap.ColsLeft:
		s.at -= sidewaysStep
	case keymap.Right, keymap.ColsRight:
		s.at += sidewaysStep
	case keymap.FirstCol:
		s.at = 0
	case keymap.LastCol:
		s.at = s.most
	}
	s.at = max(0, min(s.at, s.most))
	return s.at != was
}

// size sets how wide the area and the lines are.
func (s *sideways) size(w int, lines []string) {
	s.most = 0
	for _, l := range lines {
		s.most = max(s.most, draw.Width(l)-w)
	}
	s.at = min(s.at, s.most)
}

// column is one column of a table that is drawn.
type column struct {
	title string
	width int  // its cells; with flex, the least
	flex  int  // its share of the room that is left
	right bool // numbers stand to the right
	least int  // how wide the area must be for the column to be there
}

// table draws lines in columns, with the cursor's line chosen. A title line is drawn where there is room.
type table struct {
	columns []column
	list    *list
	focused bool
	match   string // what the filter found, in lower case
	sorted  int    // 1 + the column that orders the lines
	cell    func(line, col int) (string, draw.Role)
}

func (t table) draw(a draw.Area) {
	widths := t.layout(a.W - 1)
	if a.H > 2 {
		t.heads(a, widths)
		a = a.Sub(0, 1, a.W, a.H-1)
	}
	from, to := t.list.in(a)
	for i := from; i < to; i++ {
		t.line(a, widths, i, i-from)
	}
}

// layout gives each column its width; 0 leaves it out.
func (t table) layout(room int) []int {
	widths := make([]int, len(t.columns))
	used, flex := 0, 0
	for i, c := range t.columns {
		if c.least > room {
			continue
		}
		widths[i] = c.width
		used += c.width + 1
		flex += c.flex
	}
	left := room - used
	for i, c := range t.columns {
		if widths[i] == 0 || c.flex == 0 {
			continue
		}
		share := left * c.flex / flex
		left, flex = left-share, flex-c.flex
		widths[i] = max(widths[i]+share, 4)
	}
	return widths
}

func (t table) heads(a draw.Area, widths []int) {
	x := 1
	for i, c := range t.columns {
		if widths[i] == 0 {
			continue
		}
		title := c.title
		if t.sorted == i+1 {
			title += a.Look().Glyphs.Down
		}
		if c.right {
			a.Right(x+widths[i], 0, widths[i], title, draw.Head)
		} else {
			a.Cut(x, 0, widths[i], title, draw.Head)
		}
		x += widths[i] + 1
	}
}

// cells draws a line under the columns that is none of the list's.
func (t table) cells(a draw.Area, y int, cell func(col int) (string, draw.Role)) {
	x := 1
	for c, w := range t.layout(a.W - 1) {
		if w == 0 {
			continue
		}
		text, role := cell(c)
		if t.columns[c].right {
			a.Right(x+w, y, w, text, role)
		} else {
			a.Cut(x, y, w, text, role)
		}
		x += w + 1
	}
}

func (t table) line(a draw.Area, widths []int, i, y int) {
	chosen := i == t.list.at
	if chosen {
		a.Text(0, y, a.Look().Glyphs.Pick, draw.Accent)
	}
	x := 1
	for c, w := range widths {
		if w == 0 {
			continue
		}
		text, role := t.cell(i, c)
		if t.columns[c].right {
			a.Right(x+w, y, w, text, role)
		} else {
			a.Cut(x, y, w, text, role)
			highlight(a, x, y, w, text, t.match)
		}
		x += w + 1
	}
	if chosen {
		mark := draw.ChosenAside
		if t.focused {
			mark = draw.Chosen
		}
		a.Mark(0, y, a.W, mark)
	}
}

// highlight draws what the filter found over a text that is drawn already.
func highlight(a draw.Area, x, y, w int, text, match string) {
	if match == "" {
		return
	}
	lower := strings.ToLower(text)
	at := strings.Index(lower, match)
	if at < 0 || len(lower) != len(text) {
		return
	}
	before := draw.Width(text[:at])
	if before+draw.Width(text[at:at+len(match)]) < w {
		a.Cut(x+before, y, w-before, text[at:at+len(match)], draw.Match)
	}
}
