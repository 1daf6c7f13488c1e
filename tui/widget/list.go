// Package widget is what screens are made of: a cursor in a list, a table, a filter that narrows one, an unfolded JSON text.
// It keeps no data of its own, and asks for none.
package widget

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// List is a cursor in so many lines, and the part of them that is seen.
type List struct {
	At, Top int
	N       int
	Height  int       // lines seen at the last drawing
	Seen    draw.Area // where they were, for the mouse
}

// Under is the line at a place of the frame.
func (l *List) Under(x, y int) (line int, ok bool) {
	_, top := l.Seen.At()
	line = y - top + l.Top
	return line, l.Seen.Holds(x, y) && line < l.N
}

// Click goes to the line at a place of the frame, and opens the one that the cursor is on already.
func (l *List) Click(x, y int, open func() tea.Cmd) tea.Cmd {
	line, ok := l.Under(x, y)
	if !ok {
		return nil
	}
	if l.At == line {
		return open()
	}
	l.At = line
	return nil
}

// Size sets how many lines there are.
func (l *List) Size(n int) {
	l.N = n
	l.At = max(0, min(l.At, n-1))
}

// Move follows a moving action, and reports whether it was one.
func (l *List) Move(a keymap.Action) bool {
	page := max(1, l.Height-1)
	switch a {
	case keymap.Up, keymap.PrevMatch:
		l.At--
	case keymap.Down, keymap.NextMatch:
		l.At++
	case keymap.HalfUp:
		l.At -= max(1, page/2)
	case keymap.HalfDown:
		l.At += max(1, page/2)
	case keymap.PageUp:
		l.At -= page
	case keymap.PageDown:
		l.At += page
	case keymap.Top:
		l.At = 0
	case keymap.Bottom:
		l.At = l.N - 1
	default:
		return false
	}
	l.At = max(0, min(l.At, l.N-1))
	return true
}

// In is window for an area that the lines are drawn into.
func (l *List) In(a draw.Area) (from, to int) {
	l.Seen = a
	return l.window(a.H)
}

// Draw draws the lines that are seen, each by its number and its place, and the mark of the cursor's line where it is picked.
func (l *List) Draw(a draw.Area, picked bool, mark draw.Mark, line func(i, y int)) {
	from, to := l.In(a)
	for i := from; i < to; i++ {
		line(i, i-from)
	}
	if y := l.At - from; picked && from < to {
		if mark != draw.Unmarked {
			a.Mark(0, y, a.W, mark)
		}
		a.Text(0, y, a.Look().Glyphs.Pick, draw.Accent)
	}
}

// window is the first line seen and the one after the last, for so many lines of room.
func (l *List) window(height int) (from, to int) {
	l.Height = height
	l.At = max(0, min(l.At, l.N-1))
	if l.At < l.Top {
		l.Top = l.At
	}
	if l.At >= l.Top+height {
		l.Top = l.At - height + 1
	}
	l.Top = max(0, min(l.Top, l.N-height))
	return l.Top, min(l.N, l.Top+height)
}

// Sideways is how far lines of text are scrolled to the left, where they are wider than the area.
type Sideways struct {
	At   int // cells that are out of sight
	most int // that can be, at the last drawing
}

const sidewaysStep = 20

// Move follows an action that scrolls sideways, and reports whether it scrolled: at the edge it does not.
func (s *Sideways) Move(a keymap.Action) bool {
	was := s.At
	switch a {
	case keymap.Left, keymap.ColsLeft:
		s.At -= sidewaysStep
	case keymap.Right, keymap.ColsRight:
		s.At += sidewaysStep
	case keymap.FirstCol:
		s.At = 0
	case keymap.LastCol:
		s.At = s.most
	}
	s.At = max(0, min(s.At, s.most))
	return s.At != was
}

// Size sets how wide the area and the lines are.
func (s *Sideways) Size(w int, lines []string) {
	s.most = 0
	for _, l := range lines {
		s.most = max(s.most, draw.Width(l)-w)
	}
	s.At = min(s.At, s.most)
}

// Column is one column of a table that is drawn.
type Column struct {
	Title  string
	Width  int  // its cells; with flex, the least
	Flex   int  // its share of the room that is left
	Right  bool // numbers stand to the right
	Middle bool // what does not fit is cut in its middle, as keys whose ends tell them apart
	Least  int  // how wide the area must be for the column to be there
}

// Table draws lines in columns, with the cursor's line chosen. A title line is drawn where there is room.
type Table struct {
	Columns []Column
	List    *List
	Focused bool
	Match   string // what the filter found, in lower case
	Sorted  int    // 1 + the column that orders the lines
	Cell    func(line, col int) (string, draw.Role)
}

// Draw draws the table.
func (t Table) Draw(a draw.Area) {
	widths := t.layout(a.W - 1)
	if a.H > 2 {
		t.heads(a, widths)
		a = a.Sub(0, 1, a.W, a.H-1)
	}
	mark := draw.ChosenAside
	if t.Focused {
		mark = draw.Chosen
	}
	t.List.Draw(a, true, draw.Unmarked, func(i, y int) {
		t.row(a, widths, y, t.Match, func(col int) (string, draw.Role) { return t.Cell(i, col) })
	})
	if t.List.N > 0 {
		a.Mark(0, t.List.At-t.List.Top, a.W, mark)
	}
}

// layout gives each column its width; 0 leaves it out.
func (t Table) layout(room int) []int {
	widths := make([]int, len(t.Columns))
	used, flex := 0, 0
	for i, c := range t.Columns {
		if c.Least > room {
			continue
		}
		widths[i] = c.Width
		used += c.Width + 1
		flex += c.Flex
	}
	left := room - used
	for i, c := range t.Columns {
		if widths[i] == 0 || c.Flex == 0 {
			continue
		}
		share := left * c.Flex / flex
		left, flex = left-share, flex-c.Flex
		widths[i] = max(widths[i]+share, 4)
	}
	return widths
}

func (t Table) heads(a draw.Area, widths []int) {
	t.row(a, widths, 0, "", func(col int) (string, draw.Role) {
		title := t.Columns[col].Title
		if t.Sorted == col+1 {
			title += a.Look().Glyphs.Down
		}
		return title, draw.Head
	})
}

// Cells draws a line under the columns that is none of the list's.
func (t Table) Cells(a draw.Area, y int, cell func(col int) (string, draw.Role)) {
	t.row(a, t.layout(a.W-1), y, "", cell)
}

// row draws one line of cells.
func (t Table) row(a draw.Area, widths []int, y int, match string, cell func(col int) (string, draw.Role)) {
	x := 1
	for c, w := range widths {
		if w == 0 {
			continue
		}
		text, role := cell(c)
		if t.Columns[c].Middle {
			text = draw.Middle(text, w, a.Look().Glyphs.Ellipsis)
		}
		if t.Columns[c].Right {
			a.Right(x+w, y, w, text, role)
		} else {
			a.Cut(x, y, w, text, role)
			highlight(a, x, y, w, text, match)
		}
		x += w + 1
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
