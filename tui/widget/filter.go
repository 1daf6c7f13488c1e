package widget

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
)

// Filter narrows a list while it is typed. Words must all be found, whatever their case; a leading ! inverts.
type Filter struct {
	line   edit.Text
	Typing bool
}

// Begin begins to type.
func (f *Filter) Begin() {
	f.line.Single = true
	f.Typing = true
}

// Key takes a key while typing; done reports whether it was one for the filter.
func (f *Filter) Key(k tea.KeyMsg) (done bool) {
	if !f.Typing {
		return false
	}
	switch k.String() {
	case "enter":
		f.Typing = false
		return true
	case "esc":
		f.Clear()
		return true
	case "backspace", "ctrl+h":
		if f.line.String() == "" {
			f.Typing = false
			return true
		}
	case "up", "down", "pgup", "pgdown":
		return false
	}
	return f.line.Key(k)
}

// Hints are the keys while the filter is typed.
func (f *Filter) Hints() [][2]string {
	if !f.Typing {
		return nil
	}
	return [][2]string{{"enter", "keeps it"}, {"esc", "drops it"}, {"!", "first inverts"}, {"↑↓", "move"}}
}

// Clear drops what was typed.
func (f *Filter) Clear() {
	f.line.Set("")
	f.Typing = false
}

// Active reports whether the filter narrows anything.
func (f *Filter) Active() bool { return f.line.String() != "" }

// words are what must be found, in lower case, and whether the filter inverts.
func (f *Filter) words() (words []string, invert bool) {
	text := strings.ToLower(f.line.String())
	text, invert = strings.CutPrefix(text, "!")
	return strings.Fields(text), invert
}

// Match is what to highlight: the only word of a filter that does not invert.
func (f *Filter) Match() string {
	words, invert := f.words()
	if invert || len(words) != 1 {
		return ""
	}
	return words[0]
}

// Choose lists the indexes of the items that pass, of n.
func (f *Filter) Choose(n int, text func(i int) string) []int {
	out := make([]int, 0, n)
	words, invert := f.words()
	for i := range n {
		if len(words) == 0 || found(strings.ToLower(text(i)), words) != invert {
			out = append(out, i)
		}
	}
	return out
}

func found(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Draw writes the filter on one line where it is of use, and reports whether it took the line.
func (f *Filter) Draw(a draw.Area, y int) bool {
	if !f.Typing && !f.Active() {
		return false
	}
	p := a.Pen(0, y).Text("/", draw.Key)
	DrawInput(a, p.X, y, a.W-p.X, &f.line, f.Typing)
	return true
}

// DrawInput draws a single-line text within w cells, scrolled so that the cursor is seen.
func DrawInput(a draw.Area, x, y, w int, t *edit.Text, focused bool) {
	if w <= 0 {
		return
	}
	value, at := t.String(), t.At()
	left := value[:at]
	for draw.Width(left) > max(0, w-2) {
		_, left = draw.FirstCluster(left)
	}
	end := a.Cut(x, y, w, left, draw.Input)
	under, rest := " ", ""
	if at < len(value) {
		under, rest = draw.FirstCluster(value[at:])
	}
	role := draw.Input
	if focused {
		role = draw.Cursor
	}
	end = a.Cut(end, y, x+w-end, under, role)
	a.Cut(end, y, x+w-end, rest, draw.Input)
}
