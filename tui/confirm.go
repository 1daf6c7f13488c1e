package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// confirmation is a question with Cancel in focus. With word set, that word must be typed before yes does anything.
type confirmation struct {
	title string
	text  []string
	rows  []confirmRow // figures under the text
	word  string
	yes   string
	do    func() tea.Cmd // what yes does
	no    func() tea.Cmd // what cancelling does; may be nil

	choices []*choice // that a person may tick before yes
	files   bool      // the question is about files of the workspace, as they were when it was asked
}

// choice is something that yes does or leaves.
type choice struct {
	label   string
	on      bool
	changed func() tea.Cmd // once it was ticked or unticked; may be nil
}

// confirmRow is one figure of a confirmation.
type confirmRow struct {
	label, value string
	role         draw.Role
	figure       bool // stands beside the labels, even without one of its own
}

// confirmScreen asks it.
type confirmScreen struct {
	screen.Base
	q     confirmation
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

func newConfirm(s screen.Root, q confirmation) *confirmScreen {
	c := &confirmScreen{Base: screen.NewBase(s), q: q}
	c.typed.Single = true
	return c
}

func (c *confirmScreen) Hints() [][2]string {
	if len(c.q.choices) > 0 {
		return [][2]string{{"tab", "next"}, {"space", "ticks"}, {"enter", "does it"}, {"esc", "cancels"}}
	}
	return [][2]string{{"tab", "chooses"}, {"enter", "does it"}, {"esc", "cancels"}}
}

func (c *confirmScreen) Title() string { return "" }

func (c *confirmScreen) Shape() screen.Shape {
	return screen.Shape{Floats: true, W: 74, H: len(c.body(70)) + 2 + c.foot()}
}

func (c *confirmScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.NextPane}
}

// ready tells whether the word, if one is asked for, is typed.
func (c *confirmScreen) ready() bool { return c.q.word == "" || c.typed.String() == c.q.word }

func (c *confirmScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch k.String() {
	case "tab":
		c.at = (c.at + 1) % (onChoices + len(c.q.choices))
		return nil, true
	case "shift+tab":
		c.at = (c.at + onYes + len(c.q.choices)) % (onChoices + len(c.q.choices))
		return nil, true
	case "left", "right":
		c.other()
		return nil, true
	case " ":
		if c.at >= onChoices {
			return c.tick(c.at - onChoices), true
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
	if c.q.word != "" {
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

// Update marks a question about files that have changed since. What yes does compares them itself.
func (c *confirmScreen) Update(msg tea.Msg) tea.Cmd {
	if news, ok := msg.(screen.FilesNews); ok && c.q.files {
		c.q.rows = slices.DeleteFunc(slices.Clone(c.q.rows), func(r confirmRow) bool { return r.label == changedLabel })
		c.q.rows = append([]confirmRow{{label: changedLabel, value: screen.Listed(news.Names), role: draw.Warn}}, c.q.rows...)
	}
	return nil
}

// changedLabel stands before the files that changed while a question was open.
const changedLabel = "changed since this was made"

// other goes from Cancel to yes, and back to Cancel from anywhere else.
func (c *confirmScreen) other() {
	if c.at == onCancel {
		c.at = onYes
	} else {
		c.at = onCancel
	}
}

// tick turns a choice over.
func (c *confirmScreen) tick(i int) tea.Cmd {
	ch := c.q.choices[i]
	ch.on = !ch.on
	if ch.changed == nil {
		return nil
	}
	return ch.changed()
}

func (c *confirmScreen) enter() tea.Cmd {
	switch {
	case c.at == onCancel:
		return c.cancel()
	case c.at >= onChoices:
		return c.tick(c.at - onChoices)
	case !c.ready():
		c.Hint("type " + c.q.word + " first")
		return nil
	}
	return tea.Batch(c.Close(c), c.q.do())
}

// Back answers no, by whatever key a person goes back.
func (c *confirmScreen) Back() (tea.Cmd, bool) { return c.cancel(), true }

func (c *confirmScreen) cancel() tea.Cmd {
	closing := c.Close(c)
	if c.q.no != nil {
		return tea.Batch(closing, c.q.no())
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
	if len(c.q.choices) > 0 {
		n += 1 + len(c.q.choices)
	}
	if c.q.word != "" {
		n += 2
	}
	return n
}

// body is the text and the figures as lines for a width.
func (c *confirmScreen) body(w int) []confirmRow {
	var out []confirmRow
	for _, para := range c.q.text {
		for _, line := range draw.Wrap(para, w) {
			out = append(out, confirmRow{value: line})
		}
	}
	if len(c.q.rows) > 0 {
		out = append(out, confirmRow{})
	}
	labels := slices.ContainsFunc(c.q.rows, func(r confirmRow) bool { return r.label != "" })
	room := w
	if labels {
		room -= min(34, w/2)
	}
	for _, row := range c.q.rows {
		// A figure that is a sentence goes on below its label.
		for _, line := range draw.Wrap(row.value, room) {
			out = append(out, confirmRow{label: row.label, value: line, role: row.role, figure: labels})
			row.label = ""
		}
	}
	return out
}

func (c *confirmScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + c.q.title + " ", Focused: true})
	in = in.Sub(1, 0, in.W-2, in.H)
	body := c.body(in.W)
	c.h, c.lines = max(1, in.H-c.foot()), len(body)
	c.top = max(0, min(c.top, c.lines-c.h))
	for y := 0; y < c.h && c.top+y < len(body); y++ {
		row := body[c.top+y]
		x := 0
		if row.label != "" || row.figure {
			x = min(34, in.W/2)
			in.Cut(0, y, x-1, row.label, draw.Dim)
		}
		in.Text(x, y, row.value, row.role)
	}
	if c.q.word != "" && in.H > 4 {
		p := in.Pen(0, in.H-3).Text("Type ", draw.Plain).Text(c.q.word, draw.Strong).Text(" to go on: ", draw.Plain)
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
	from := button(0, "Cancel", c.at == onCancel, draw.Plain)
	x := button(from, c.q.yes, c.at == onYes, role)
	c.seen = append(c.seen[:0], in.Sub(0, y, from-2, 1), in.Sub(from, y, x-2-from, 1))
	if c.lines > c.h {
		in.Text(x, y, "↑↓ more", draw.Dim)
	}
	c.drawChoices(in, y)
}

// drawChoices draws the choices over the word and the buttons, which stand on the last line.
func (c *confirmScreen) drawChoices(in draw.Area, last int) {
	top := last - 1 - len(c.q.choices)
	if c.q.word != "" {
		top -= 2
	}
	for i, ch := range c.q.choices {
		box := "[ ] "
		if ch.on {
			box = "[x] "
		}
		end := in.Text(2, top+i, box+ch.label, draw.Plain)
		if c.at == onChoices+i {
			in.Text(0, top+i, in.Look().Glyphs.Pick, draw.Accent)
			in.Mark(0, top+i, end, draw.Chosen)
		}
		c.seen = append(c.seen, in.Sub(0, top+i, end, 1))
	}
}
