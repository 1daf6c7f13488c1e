package table

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// beginTyping goes on with the filter about the column under the cursor that was typed last, or begins one; also begins
// another one.
func (r *Grid) beginTyping(also bool) {
	r.begin(r.columnHere(), -1)
	for i, f := range r.typed {
		if f.column == r.about && !also {
			r.begin(f.column, i)
		}
	}
}

// begin types a filter: the one at an index of those that are there, or (−1) another.
func (r *Grid) begin(column string, i int) {
	r.line.Single, r.typOn, r.about, r.editing = true, true, column, i
	r.line.Set("")
	if i >= 0 {
		r.line.Set(r.typed[i].text)
	}
}

// applyTyped makes what is typed one of the filters; the others stay.
func (r *Grid) applyTyped(wait time.Duration) tea.Cmd {
	f := typedFilter{r.about, r.line.String()}
	cond, raw := condition(f.column, f.text)
	some := cond != nil || raw != "" // half of one, as ">=", is none yet
	typed := slices.Clone(r.typed)
	switch {
	case some && r.editing >= 0:
		typed[r.editing] = f
	case some:
		r.editing, typed = len(typed), append(typed, f)
	case r.editing >= 0:
		typed, r.editing = slices.Delete(typed, r.editing, r.editing+1), -1
	}
	r.typed = typed
	return r.restart(wait)
}

// filterHere adds the value under the cursor to the conditions, or takes that condition back.
func (r *Grid) filterHere() tea.Cmd {
	c, cell, ok := r.Cell()
	if !ok {
		return nil
	}
	cond := postgres.Condition{Column: c.Name, Op: postgres.Equal, Value: cell.Text}
	if cell.Truncated {
		r.Hint("the value is too long to filter by")
		return nil
	}
	if cell.Null {
		cond = postgres.Condition{Column: c.Name, Op: postgres.IsNull}
	}
	same := func(w postgres.Condition) bool {
		return w.Column == cond.Column && w.Op == cond.Op && w.Value == cond.Value
	}
	if i := slices.IndexFunc(r.Given, same); i >= 0 {
		r.Given = slices.Delete(slices.Clone(r.Given), i, i+1)
	} else {
		r.Given = append(slices.Clone(r.Given), cond)
	}
	return r.restart(0)
}

// conditionTexts are the conditions in force as people read them, those that were given first.
func (r *Grid) conditionTexts() []string {
	var list []string
	for _, w := range r.Given {
		list = append(list, whereText([]postgres.Condition{w}, ""))
	}
	for _, f := range r.typed {
		list = append(list, f.String())
	}
	return list
}

// dropCondition takes one of the conditions back.
func (r *Grid) dropCondition(i int) tea.Cmd {
	if i < len(r.Given) {
		r.Given = slices.Delete(slices.Clone(r.Given), i, i+1)
	} else {
		i -= len(r.Given)
		r.typed = slices.Delete(slices.Clone(r.typed), i, i+1)
	}
	return r.restart(0)
}

// conditionScreen lists the conditions, so that each can be changed or taken back alone.
type conditionScreen struct {
	screen.Base
	grid *Grid
	list widget.List
}

// openConditions opens the list.
func openConditions(r *Grid) tea.Cmd {
	if !r.filtered() {
		r.Hint("there is no condition; " + r.Label(keymap.Filter) + " types one, " + r.Label(keymap.FilterCell) + " takes the value under the cursor")
		return nil
	}
	c := &conditionScreen{Base: screen.NewBase(r.Root), grid: r}
	c.list.Size(len(r.conditionTexts()))
	return r.Open(c)
}

func (c *conditionScreen) Shape() screen.Shape {
	return screen.Shape{Floats: true, W: 76, H: len(c.grid.conditionTexts()) + 2}
}

func (c *conditionScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.Delete, keymap.ClearWhere}
}

// Quiet reports whether a key would only say why it does nothing here.
func (c *conditionScreen) Quiet(a keymap.Action) bool {
	return a == keymap.Open && c.list.At < len(c.grid.Given)
}

// Word says what enter does.
func (c *conditionScreen) Word(a keymap.Action) string {
	return map[keymap.Action]string{keymap.Open: "change", keymap.Delete: "drop", keymap.ClearWhere: "drop all"}[a]
}

func (c *conditionScreen) Act(a keymap.Action) tea.Cmd {
	r := c.grid
	switch a {
	case keymap.Delete:
		dropping := r.dropCondition(c.list.At)
		c.list.Size(len(r.conditionTexts()))
		if !r.filtered() {
			return tea.Batch(c.Close(c), dropping)
		}
		return dropping
	case keymap.ClearWhere:
		return tea.Batch(c.Close(c), r.act(a))
	case keymap.Open:
		i := c.list.At - len(r.Given)
		if i < 0 {
			c.Hint("this one holds a value; " + c.Label(keymap.Delete) + " drops it")
			return nil
		}
		r.begin(r.typed[i].column, i)
		return c.Close(c)
	}
	c.list.Move(a)
	return nil
}

func (c *conditionScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " Rows where all of this holds ", Focused: true})
	texts := c.grid.conditionTexts()
	c.list.Size(len(texts))
	c.list.Draw(in, true, draw.Chosen, func(i, y int) { in.Text(2, y, texts[i], draw.Match) })
}

// String is a typed filter as people read it.
func (f typedFilter) String() string {
	cond, raw := condition(f.column, f.text)
	switch {
	case cond != nil:
		return whereText([]postgres.Condition{*cond}, "")
	case strings.HasPrefix(strings.TrimSpace(f.text), "where "):
		return raw
	}
	return f.column + " " + strings.TrimSpace(f.text)
}
