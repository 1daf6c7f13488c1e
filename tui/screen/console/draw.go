package console

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Draw draws the text over the result.
func (c *page) Draw(a draw.Area) {
	lines := len(c.text.Lines())
	h := min(max(lines+2, 5), max(3, a.H*45/100))
	if a.H < 8 {
		h = a.H
		if !c.editing {
			h = 0
		}
	}
	c.drawText(a.Sub(0, 0, a.W, h))
	c.drawResult(a.Sub(0, h, a.W, a.H-h))
	if c.popup.open && c.editing {
		c.drawPopup(a, h)
	}
}

func (c *page) drawText(a draw.Area) {
	c.textSeen = a
	if a.H < 1 {
		return
	}
	mode := "read-only"
	if c.session != nil && c.session.Powers() != "" {
		mode += ", though " + visible.String(c.session.Powers())
	}
	if c.Unlocked() {
		mode = "WRITES UNLOCKED"
	}
	f := draw.Frame{Title: c.of.title(), Right: " " + mode + " ", Focused: c.editing}
	if c.Unlocked() {
		f.Role = draw.Warn
	}
	in := a.Box(f)
	at, offset := c.text.Cursor()
	if at < c.scroll {
		c.scroll = at
	}
	if at >= c.scroll+in.H {
		c.scroll = at - in.H + 1
	}
	c.scroll = max(0, min(c.scroll, len(c.text.Lines())-in.H))
	if c.text.String() == "" {
		in.Text(3, 0, "SELECT …;   tab completes   enter after ; runs   esc goes to the result", draw.Dim)
	}
	colours := widget.SQLLines(c.text.String())
	for n, line := range c.text.Lines() {
		y := n - c.scroll
		if y < 0 || y >= in.H {
			continue
		}
		c.drawTextLine(in, y, n, line, colours[n], n == at && c.editing, offset)
	}
}

// drawTextLine draws one line of the text, scrolled if the cursor is beyond the right edge, with the place of an error.
func (c *page) drawTextLine(in draw.Area, y, n int, line string, l draw.Line, cursor bool, offset int) {
	skip := 0
	if cursor {
		skip = max(0, draw.Width(line[:offset])-(in.W-3))
	}
	l.DrawFrom(in, 1, y, skip)
	if c.place != nil && c.place.Line == n+1 {
		c.drawPlace(in, y, line, skip)
	}
	if cursor {
		under, _ := draw.FirstCluster(line[offset:])
		if under == "" || under == "\t" {
			under = " "
		}
		in.Text(1+draw.Width(line[:offset])-skip, y, under, draw.Cursor)
	}
}

// drawPlace marks the word at the place of an error.
func (c *page) drawPlace(in draw.Area, y int, line string, skip int) {
	start, col := 0, 1
	for i := range line {
		if col == c.place.Column {
			start = i
			break
		}
		col++
		start = len(line)
	}
	if start >= len(line) {
		in.Text(1+draw.Width(line)-skip, y, " ", draw.Error)
		return
	}
	wrong := sqltext.Lexer{Text: line[start:]}
	wrong.Next()
	x := 1 + draw.Width(line[:start]) - skip
	if x >= 1 {
		in.Text(x, y, wrong.Text[:wrong.At], draw.Error)
	}
}

func (c *page) drawResult(a draw.Area) {
	if a.H < 1 {
		return
	}
	f := draw.Frame{Title: " Result ", Focused: !c.editing}
	switch {
	case c.plan != nil:
		c.drawPlan(a)
		return
	case c.outcome != nil && len(c.outcome.Results) > 0:
		r := c.outcome.Results[c.which]
		f.Title = " " + strings.TrimSpace(r.Tag+" "+say.Took(r.Took)) + " "
		if r.Err != nil {
			f.Title = " Error "
		}
		if n := len(c.outcome.Results); n > 1 {
			f.Title = " Result " + strconv.Itoa(c.which+1) + " of " + strconv.Itoa(n) + ": " + strings.TrimSpace(f.Title) + " "
			f.Right = " " + c.Label("previous-result") + " " + c.Label("next-result") + " "
		}
	}
	in := a.Box(f)
	if c.Jobs().Busy(c.Slot("query")) {
		in.Text(1, 0, "running… "+c.Label("interrupt")+" cancels it on the server", draw.Info)
		return
	}
	if c.outcome == nil || len(c.outcome.Results) == 0 {
		if c.err != nil {
			for y, l := range dialog.ErrorLines(c.Root, c.err, in.W) {
				l.Draw(in, 0, y)
			}
			return
		}
		in.Text(1, 0, "nothing was run yet", draw.Dim)
		return
	}
	c.drawRows(in)
}

func (c *page) drawRows(in draw.Area) {
	r := c.outcome.Results[c.which]
	y := 0
	for _, n := range r.Notices {
		in.Text(1, y, n.Severity+": "+n.Message, draw.Warn)
		y++
	}
	if r.Err != nil {
		for _, l := range dialog.ErrorLines(c.Root, r.Err, in.W) {
			l.Draw(in, 0, y)
			y++
		}
		if strings.Contains(r.Err.Error(), "SQLSTATE 25006") && !c.Unlocked() {
			in.Text(1, y+1, c.Label("unlock")+" unlocks writes, once esc has left the text", draw.Info)
			y++
		}
		if c.outcome.Skipped > 0 {
			in.Text(1, y+1, say.Count(c.outcome.Skipped, "statement")+" after it not run; everything was rolled back", draw.Dim)
		}
		return
	}
	if r.Columns == nil {
		in.Text(1, y, r.Tag, draw.Good)
		return
	}
	more := ""
	if r.More {
		more = ", and there are more: " + c.Label(keymap.Export) + " exports all"
	}
	foot := 0
	if in.H > 3 {
		foot = 1
		in.Text(1, in.H-1, say.Count(len(r.Rows), "row")+more, draw.Dim)
	}
	c.grid.DrawGrid(in.Sub(0, y, in.W, in.H-y-foot), !c.editing)
}

func (c *page) drawPlan(a draw.Area) {
	title := " Plan "
	if c.plan.Analyzed {
		title = " Plan, measured: what it changed was undone "
	}
	in := a.Box(draw.Frame{Title: title, Right: " " + say.Took(c.plan.Took) + " ", Focused: !c.editing})
	c.planAt.Size(len(c.plan.Lines))
	c.planSkip.Size(in.W-1, c.plan.Lines)
	c.planAt.Draw(in, !c.editing, draw.Unmarked, func(i, y int) {
		role := draw.Plain
		if strings.Contains(c.plan.Lines[i], "Seq Scan") {
			role = draw.Warn
		}
		draw.Line{draw.Text(c.plan.Lines[i], role)}.DrawFrom(in, 1, y, c.planSkip.At)
	})
}

// Click goes to the text, or to a cell of the result or a line of the plan.
func (c *page) Click(x, y int) tea.Cmd {
	if c.textSeen.Holds(x, y) {
		c.editing = true
		return nil
	}
	c.editing = false
	if c.plan != nil {
		return c.planAt.Click(x, y, func() tea.Cmd { return nil })
	}
	if line, ok := c.grid.List.Under(x, y); ok && line < len(c.grid.Rows) {
		c.grid.GoTo(x, line)
	}
	return nil
}
