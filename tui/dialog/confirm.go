// Package dialog is the screens that others are made of: a question, a verb at work, a text to read, a line to type, a menu,
// a list of things.
package dialog

import (
	"cmp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Confirmation is a question with Cancel in focus. With word set, that word must be typed before yes does anything.
type Confirmation struct {
	Title string
	Text  []string
	Rows  []Row // figures under the text
	Word  string
	Yes   string         // "" for a question that has no yes
	Keep  string         // the button that does nothing, where Cancel would be read as the deed; "" for Cancel
	Do    func() tea.Cmd // what yes does
	No    func() tea.Cmd // what cancelling does; may be nil

	Choices []*Choice // that the user may tick before yes
	Files   bool      // the question is about files of the workspace, as they were when it was asked
}

// Choice is something that yes does or leaves.
type Choice struct {
	Label   string
	On      bool
	Instead func(on bool) tea.Cmd // takes the question's place once it was ticked or unticked; may be nil
}

// Row is one figure of a confirmation.
type Row struct {
	Label, Value string
	Role         draw.Role
	figure       bool // stands beside the labels, even without one of its own
}

// confirmScreen asks it.
type confirmScreen struct {
	screen.Base
	q     Confirmation
	typed edit.Text
	at    int // where the focus is: onCancel, onYes, then the choices
	top   int // first line seen
	h     int // lines of room
	lines int

	seen []draw.Area // where Cancel, yes and the choices were last drawn, for the mouse
}

const (
	onCancel = iota
	onYes
	onChoices
)

// Ask opens a question.
func Ask(s screen.Root, q Confirmation) tea.Cmd {
	c := &confirmScreen{Base: screen.NewBase(s), q: q}
	c.typed.Single = true
	return s.Open(c)
}

func (c *confirmScreen) Hints() [][2]string {
	if c.q.Yes == "" {
		return [][2]string{{"enter", "closes"}}
	}
	if len(c.q.Choices) > 0 {
		return [][2]string{{"tab", "next"}, {"space", "ticks"}, {"enter", "does it"}, {"esc", "cancels"}}
	}
	return [][2]string{{"tab", "chooses"}, {"enter", "does it"}, {"esc", "cancels"}}
}

// The cells of a question: as few as those, and as many as these where its figures need them.
const narrowest, widest = 74, 110

func (c *confirmScreen) Shape() screen.Shape {
	labels, values := c.columns()
	frame, _ := c.Size()
	w := max(narrowest, min(labels+values+4, widest, frame))
	return screen.Shape{Floats: true, W: w, H: len(c.body(w-4)) + 2 + c.foot()}
}

// columns are the cells that the figures need with each on a line: their labels with a gap, and their values.
func (c *confirmScreen) columns() (labels, values int) {
	for _, row := range c.q.Rows {
		if row.Label != "" {
			labels = max(labels, draw.Width(row.Label)+2)
		}
		for _, line := range strings.Split(row.Value, "\n") {
			values = max(values, draw.Width(line))
		}
	}
	return labels, values
}

// indent is where the values begin in so many cells: behind the labels where both fit, and where they do not, about in the
// middle at the latest.
func (c *confirmScreen) indent(w int) int {
	labels, values := c.columns()
	if labels == 0 || labels+values <= w {
		return labels
	}
	return min(labels, w*11/20)
}

func (c *confirmScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.NextPane}
}

// ready reports whether the word, if one is asked for, is typed.
func (c *confirmScreen) ready() bool { return c.q.Word == "" || c.typed.String() == c.q.Word }

func (c *confirmScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if c.q.Yes == "" {
		switch k.String() {
		case "tab", "shift+tab", "y", "Y":
			return nil, true
		}
	}
	switch k.String() {
	case "tab":
		c.at = (c.at + 1) % (onChoices + len(c.q.Choices))
		return nil, true
	case "shift+tab":
		c.at = (c.at + onYes + len(c.q.Choices)) % (onChoices + len(c.q.Choices))
		return nil, true
	case "left", "right":
		c.other()
		return nil, true
	case " ":
		if c.at >= onChoices {
			return c.tick(c.at - onChoices), true
		}
		if c.q.Word == "" {
			return nil, true // not the app's, which pauses: it was meant for a choice
		}
	case "esc":
		return c.cancel(), true
	case "enter":
		return c.enter(), true
	case "up", "pgup":
		c.top = max(0, c.top-1)
		return nil, true
	case "down", "pgdown":
		c.top++
		return nil, true
	}
	if c.q.Word != "" {
		if c.typed.Key(k) {
			c.at = onCancel
			if c.ready() {
				c.at = onYes
			}
			return nil, true
		}
		return nil, false
	}
	switch k.String() {
	case "y", "Y":
		c.at = onYes
		return nil, true
	case "n", "N", "q":
		return c.cancel(), true
	case "h", "l":
		c.other()
		return nil, true
	}
	return nil, false
}

// Unsaved is the question, whose answer would be no.
func (c *confirmScreen) Unsaved() string { return "the answer to: " + c.q.Title }

// Update marks a question about files that have changed since. What yes does compares them itself.
func (c *confirmScreen) Update(msg tea.Msg) tea.Cmd {
	if news, ok := msg.(screen.FilesNews); ok && c.q.Files {
		c.q.Rows = slices.DeleteFunc(slices.Clone(c.q.Rows), func(r Row) bool { return r.Label == changedLabel })
		c.q.Rows = append([]Row{{Label: changedLabel, Value: screen.Listed(news.Names), Role: draw.Warn}}, c.q.Rows...)
	}
	return nil
}

// changedLabel stands before the files that changed while a question was open.
const changedLabel = "changed since this was made"

// other goes from Cancel to yes, and back to Cancel from anywhere else.
func (c *confirmScreen) other() {
	if c.at == onCancel && c.q.Yes != "" {
		c.at = onYes
	} else {
		c.at = onCancel
	}
}

// tick turns a choice over.
func (c *confirmScreen) tick(i int) tea.Cmd {
	ch := c.q.Choices[i]
	ch.On = !ch.On
	if ch.Instead == nil {
		return nil
	}
	return tea.Batch(c.Close(c), ch.Instead(ch.On))
}

func (c *confirmScreen) enter() tea.Cmd {
	switch {
	case c.at == onCancel:
		return c.cancel()
	case c.at >= onChoices:
		return c.tick(c.at - onChoices)
	case !c.ready():
		c.Hint("type " + c.q.Word + " first")
		return nil
	}
	return tea.Batch(c.Close(c), c.q.Do())
}

// Back answers no, by whatever key the user goes back.
func (c *confirmScreen) Back() (tea.Cmd, bool) { return c.cancel(), true }

func (c *confirmScreen) cancel() tea.Cmd {
	closing := c.Close(c)
	if c.q.No != nil {
		return tea.Batch(closing, c.q.No())
	}
	c.Hint("cancelled; nothing was changed")
	return closing
}

// Click presses a button.
func (c *confirmScreen) Click(x, y int) tea.Cmd {
	for i, b := range c.seen {
		if b.Holds(x, y) {
			c.at = i
			return c.enter()
		}
	}
	return nil
}

func (c *confirmScreen) Wheel(_, _, by int) tea.Cmd { c.top = max(0, c.top+by); return nil }

// foot is how many lines the choices, the word and the buttons take.
func (c *confirmScreen) foot() int {
	n := 2
	if len(c.q.Choices) > 0 {
		n += 1 + len(c.q.Choices)
	}
	if c.q.Word != "" {
		n += 2
	}
	return n
}

// body is the text and the figures as lines for a width.
func (c *confirmScreen) body(w int) []Row {
	var out []Row
	for _, para := range c.q.Text {
		for _, line := range draw.Wrap(para, w) {
			out = append(out, Row{Value: line})
		}
	}
	if len(c.q.Rows) > 0 {
		out = append(out, Row{})
	}
	indent := c.indent(w)
	room := w - indent
	for _, row := range c.q.Rows {
		// A figure that is a sentence goes on below its label.
		for _, line := range draw.Wrap(row.Value, room) {
			out = append(out, Row{Label: row.Label, Value: line, Role: row.Role, figure: indent > 0})
			row.Label = ""
		}
	}
	return out
}

func (c *confirmScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + c.q.Title + " ", Focused: true})
	in = in.Sub(1, 0, in.W-2, in.H)
	body := c.body(in.W)
	c.h, c.lines = max(1, in.H-c.foot()), len(body)
	c.top = max(0, min(c.top, c.lines-c.h))
	for y := 0; y < c.h && c.top+y < len(body); y++ {
		row := body[c.top+y]
		x := 0
		if row.Label != "" || row.figure {
			x = c.indent(in.W)
			in.Cut(0, y, x-1, draw.Middle(row.Label, x-1, in.Look().Glyphs.Ellipsis), draw.Dim)
		}
		in.Text(x, y, row.Value, row.Role)
	}
	if c.q.Word != "" && in.H > 4 {
		p := in.Pen(0, in.H-3).Text("Type ", draw.Plain).Text(c.q.Word, draw.Strong).Text(" to go on: ", draw.Plain)
		widget.DrawInput(in, p.X, in.H-3, in.W-p.X, &c.typed, true)
	}
	c.buttons(in)
}

func (c *confirmScreen) buttons(in draw.Area) {
	g := in.Look().Glyphs
	y := in.H - 1
	button := func(x int, text string, on bool, role draw.Role) int {
		label := "  " + text + "  "
		if on {
			label = g.Pick + " " + text + "  "
		}
		end := in.Text(x, y, label, role)
		if on {
			in.Mark(x, y, end-x, draw.Chosen)
		}
		return end + 2
	}
	role := draw.Strong
	if !c.ready() {
		role = draw.Dim
	}
	from := button(0, cmp.Or(c.q.Keep, "Cancel"), c.at == onCancel, draw.Plain)
	x := from
	if c.q.Yes != "" {
		x = button(from, c.q.Yes, c.at == onYes, role)
	}
	c.seen = append(c.seen[:0], in.Sub(0, y, from-2, 1), in.Sub(from, y, x-2-from, 1))
	if c.lines > c.h {
		in.Text(x, y, "↑↓ more", draw.Dim)
	}
	c.drawChoices(in, y)
}

// drawChoices draws the choices over the word and the buttons, which stand on the last line.
func (c *confirmScreen) drawChoices(in draw.Area, last int) {
	top := last - 1 - len(c.q.Choices)
	if c.q.Word != "" {
		top -= 2
	}
	for i, ch := range c.q.Choices {
		box := "[ ] "
		if ch.On {
			box = "[x] "
		}
		end := in.Text(2, top+i, box+ch.Label, draw.Plain)
		if c.at == onChoices+i {
			in.Text(0, top+i, in.Look().Glyphs.Pick, draw.Accent)
			in.Mark(0, top+i, end, draw.Chosen)
		}
		c.seen = append(c.seen, in.Sub(0, top+i, end, 1))
	}
}
