package table

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
)

// conflicts says which rows are not what was shown, and who changed them to what. Its yes looks at the rows as they are
// now, and asks once more.
func (c *commit) conflicts(res *rowedit.Result) tea.Cmd {
	q := dialog.Confirmation{
		Title: "Nothing was changed", Keep: "Leave it pending",
		Text: []string{unmade(res.Conflicts)},
		No:   c.left,
	}
	if c.back != nil {
		q.Title, q.Keep, q.Text = "It cannot be taken back", "Close", []string{"Somebody has changed what the commit left. Nothing was changed now."}
	}
	renewable := true
	for _, x := range res.Conflicts {
		x.Back = c.back != nil
		q.Rows = append(q.Rows, dialog.Row{Value: x.String(), Role: draw.Bad})
		for _, line := range x.Lines() {
			q.Rows = append(q.Rows, dialog.Row{Value: "  " + line, Role: draw.Warn})
		}
		renewable = renewable && x.Renewable()
	}
	if renewable {
		q.Yes = "Go on from what is there now"
		q.Do = func() tea.Cmd { return c.renew(res.Conflicts) }
	}
	return dialog.Ask(c.Root, q)
}

// unmade says what kept changes from being made, in a sentence.
func unmade(list []rowedit.Conflict) string {
	for _, x := range list {
		if !x.Stale() {
			return say.Count(len(list), "change") + " cannot be made."
		}
	}
	if len(list) == 1 {
		return "1 row is not what was shown when it was changed here."
	}
	return say.Count(len(list), "row") + " are not what was shown when they were changed here."
}

// left is what is done where the user leaves a question.
func (c *commit) left() tea.Cmd {
	if c.no == nil {
		return nil
	}
	return c.no()
}

// renew has the changes go on from the rows as they are now, and tries again.
func (c *commit) renew(conflicts []rowedit.Conflict) tea.Cmd {
	for _, x := range conflicts {
		c.Live().Edits.Renew(x.Change, x.Now)
	}
	if c.Live().Edits.Len() == 0 {
		c.Say(draw.Good, "the rows are as they were to be already")
		return c.over(true)
	}
	return c.try(c.Live().Edits.Plan())
}

// keyConditions select a row.
func keyConditions(row *rowedit.Row) (out []postgres.Condition) {
	for _, k := range row.Table.Key {
		out = append(out, postgres.Condition{Column: k, Op: postgres.Equal, Value: row.Cell(k).Text})
	}
	return out
}
