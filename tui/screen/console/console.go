// Package console is the SQL console: a text, what running it brought, and the texts that were run before.
package console

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/widget"
)

// consoleScreen is the SQL console: a text, and what running it brought.
type consoleScreen struct {
	screen.Base
	history *History
	session backend.Session
	writing bool // the session was opened to write

	text     edit.Text
	editing  bool      // the keys go to the text
	scroll   int       // first line of the text seen
	textSeen draw.Area // where the text was last drawn, for the mouse
	words    *postgres.Completion
	popup    popup

	outcome  *postgres.Outcome
	which    int // the result shown
	grid     table.Grid
	plan     *postgres.QueryPlan
	planAt   widget.List
	planSkip widget.Sideways
	err      error // of the run as a whole
	place    *postgres.Position
}

// Open opens the console, with a text or with the one that was left in it.
func Open(s screen.Root, h *History, text string) tea.Cmd {
	c := &consoleScreen{Base: screen.NewBase(s), history: h, editing: true}
	if text == "" {
		text = h.draft
	}
	c.text.Set(text)
	c.grid = table.Grid{Root: s, Owner: c.ID()}
	return s.Open(c)
}

func (c *consoleScreen) Title() string { return "SQL" }

func (c *consoleScreen) Init() tea.Cmd {
	return job.AskQuietly(c.Jobs(), c.Slot("words"), table.DetailLimit, c.Backend().Completion)
}

// Leave keeps the text and closes the session.
func (c *consoleScreen) Leave() tea.Cmd {
	c.history.draft = c.text.String()
	return c.drop()
}

// drop closes the session, outside Update: the server may be slow to answer.
func (c *consoleScreen) drop() tea.Cmd {
	gone := c.session
	c.session = nil
	if gone == nil {
		return nil
	}
	return c.Jobs().Guard(func() tea.Msg { _ = gone.Close(context.Background()); return nil })
}

func (c *consoleScreen) Actions() []keymap.Action {
	if c.editing {
		return []keymap.Action{keymap.Run, keymap.Explain, keymap.Analyze, keymap.OlderQuery, keymap.NewerQuery}
	}
	return []keymap.Action{keymap.Edit, keymap.Run, keymap.Unlock, keymap.NextResult, keymap.CopyCell, keymap.CopyRow,
		keymap.Mark, keymap.MarkRange, keymap.MarkAll, keymap.Unmark, keymap.Export, keymap.Open, keymap.Explain, keymap.Analyze, keymap.PrevResult, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol}
}

func (c *consoleScreen) Hints() [][2]string {
	switch {
	case !c.editing:
		return nil
	case c.popup.open:
		return [][2]string{{"↑↓", "choose"}, {"tab", "takes it"}, {"esc", "closes"}}
	}
	out := [][2]string{}
	for _, a := range []keymap.Action{keymap.Run, keymap.Explain, keymap.OlderQuery} {
		out = append(out, [2]string{c.Label(a), c.Keys().Get(a).Short})
	}
	return append(out, [2]string{"tab", "completes"}, [2]string{"esc", "result, then " + c.Label(keymap.Unlock) + " unlocks writes"})
}

func (c *consoleScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if !c.editing {
		return nil, false
	}
	name := k.String()
	if c.popup.open {
		if done := c.popupKey(name); done {
			return nil, true
		}
	}
	if act, ok := c.Keys().Find(name, c.Actions()); ok {
		return c.Act(act), true
	}
	switch name {
	case "esc":
		if c.Jobs().Awaited(c.ID()) {
			return nil, false
		}
		c.editing = false
		return nil, true
	case "tab":
		c.complete()
		return nil, true
	case "enter":
		text := strings.TrimSpace(c.text.String())
		if strings.HasSuffix(text, ";") && strings.TrimSpace(c.text.String()[c.text.At():]) == "" {
			return c.run(), true
		}
		c.text.Insert("\n")
		return nil, true
	case "up", "down":
		if c.text.Key(k) {
			return nil, true
		}
		if name == "up" {
			c.older(-1)
		} else {
			c.older(1)
		}
		return nil, true
	}
	if !c.text.Key(k) {
		return nil, false
	}
	c.place = nil
	if c.popup.open {
		c.complete()
	}
	return nil, true
}

func (c *consoleScreen) older(by int) {
	if text, ok := c.history.move(by, c.text.String()); ok {
		c.text.Set(text)
		c.place = nil
	}
}

// Act runs, explains, and moves in the result.
func (c *consoleScreen) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Run:
		return c.run()
	case keymap.Explain:
		return c.explain(false)
	case keymap.Analyze:
		return c.explain(true)
	case keymap.OlderQuery:
		c.older(-1)
		return nil
	case keymap.NewerQuery:
		c.older(1)
		return nil
	case keymap.Edit:
		c.editing = true
		return nil
	case keymap.Unlock:
		c.SetUnlock(!c.Unlocked())
		return nil
	case keymap.NextResult:
		c.show(c.which + 1)
		return nil
	case keymap.PrevResult:
		c.show(c.which - 1)
		return nil
	case keymap.Export:
		return c.export()
	}
	if c.plan != nil {
		c.actPlan(a)
		return nil
	}
	switch a {
	case keymap.Open:
		return c.openValue()
	case keymap.CopyCell:
		return c.grid.CopyCell()
	case keymap.CopyRow:
		return c.grid.CopyGiven()
	case keymap.Mark, keymap.MarkRange, keymap.MarkAll, keymap.Unmark:
		return c.grid.Mark(a)
	case keymap.Left, keymap.Right, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol:
		c.grid.Sideways(a)
	default:
		c.grid.List.Move(a)
	}
	return nil
}

// actPlan moves in the plan.
func (c *consoleScreen) actPlan(a keymap.Action) {
	if !c.planSkip.Move(a) {
		c.planAt.Move(a)
	}
}

// export exports all the rows of the statement whose result is shown.
func (c *consoleScreen) export() tea.Cmd {
	if c.outcome == nil || c.which >= len(c.outcome.Results) || c.outcome.Results[c.which].Columns == nil {
		c.Hint("run a query first: its rows are what is exported")
		return nil
	}
	return table.OpenExport(c.Root, postgres.ExportRequest{Query: c.outcome.Results[c.which].Statement.Text})
}

// openValue shows the value under the cursor whole.
func (c *consoleScreen) openValue() tea.Cmd {
	col, cell, ok := c.grid.Cell()
	if !ok {
		return nil
	}
	return dialog.OpenPage(c.Root, col.Name+" "+col.Type, cell.Text, 100, 30, func(w int) []draw.Line {
		if col.Kind == postgres.JSONKind {
			if lines, ok := widget.JSONLines(cell.Text); ok {
				return lines
			}
		}
		text, role := table.ShowValue(c.Look(), cell, col)
		var lines []draw.Line
		for _, l := range draw.Wrap(text, w) {
			lines = append(lines, draw.Line{draw.Text(l, role)})
		}
		return lines
	})
}

// renew closes a session that was opened in another mode than the one in force, so that the server itself refuses what
// the screen says is refused.
func (c *consoleScreen) renew() tea.Cmd {
	var closing tea.Cmd
	if c.writing != c.Unlocked() {
		closing = c.drop()
	}
	c.writing = c.Unlocked()
	return closing
}

// ran is the answer of running a text.
type ran struct {
	session backend.Session
	outcome postgres.Outcome
}

// runLimit bounds a run that nobody cancels.
const runLimit = 30 * time.Minute

func (c *consoleScreen) run() tea.Cmd {
	text := c.text.String()
	if strings.TrimSpace(text) == "" {
		c.Hint("write a statement first")
		return nil
	}
	if c.Jobs().Busy(c.Slot("query")) {
		c.Hint("a query runs already; " + c.Label(keymap.Interrupt) + " cancels it")
		return nil
	}
	c.err, c.place, c.popup.open = nil, nil, false
	closing := c.renew()
	session, write := c.session, c.writing
	cmds := []tea.Cmd{closing, job.Ask(c.Jobs(), c.Slot("query"), runLimit, func(ctx context.Context) (ran, error) {
		var err error
		if session == nil {
			if session, err = c.Backend().OpenSession(ctx, write); err != nil {
				return ran{}, err
			}
		}
		outcome, err := session.Run(ctx, text, postgres.RunOptions{})
		return ran{session, outcome}, err
	})}
	if c.history.add(text) {
		path := c.history.path
		cmds = append(cmds, c.Jobs().Guard(func() tea.Msg { return historyKeptMsg{keepHistory(path, text)} }))
	}
	return tea.Batch(cmds...)
}

// historyKeptMsg says whether the history could be written.
type historyKeptMsg struct{ err error }

// explained is the answer of asking for a plan.
type explained struct {
	session backend.Session
	plan    postgres.QueryPlan
}

func (c *consoleScreen) explain(analyze bool) tea.Cmd {
	text, at := c.text.String(), c.text.At()
	if strings.TrimSpace(text) == "" || c.Jobs().Busy(c.Slot("query")) {
		return nil
	}
	c.place, c.popup.open = nil, false
	closing := c.renew()
	session, write := c.session, c.writing
	return tea.Batch(closing, job.Ask(c.Jobs(), c.Slot("query"), runLimit, func(ctx context.Context) (explained, error) {
		var err error
		if session == nil {
			if session, err = c.Backend().OpenSession(ctx, write); err != nil {
				return explained{}, err
			}
		}
		plan, err := session.Explain(ctx, text, at, analyze)
		return explained{session, plan}, err
	}))
}

func (c *consoleScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*postgres.Completion]:
		if m.Err == nil {
			c.words = m.Value
		}
	case job.Answer[ran]:
		return c.arrived(m)
	case job.Answer[explained]:
		if m.Value.session != nil {
			c.session = m.Value.session
		}
		c.err = m.Err
		plan := m.Value.plan
		if m.Err != nil {
			c.Fail("explain", m.Err)
			c.plan, c.outcome = nil, nil
			c.mark(plan.At)
			return nil
		}
		c.Settled("explain")
		c.plan, c.planAt, c.planSkip, c.editing = &plan, widget.List{}, widget.Sideways{}, false
	case job.Answer[decided]:
		return c.closed(m)
	case screen.ChangedNews:
		return c.Init()
	}
	return nil
}

// arrived takes what a run brought. A failure of the run as a whole may have broken the session: it is opened again.
func (c *consoleScreen) arrived(m job.Answer[ran]) tea.Cmd {
	if m.Value.session != nil {
		c.session = m.Value.session
	}
	c.plan, c.err = nil, m.Err
	if m.Err != nil && len(m.Value.outcome.Results) == 0 {
		c.outcome = nil
		c.Fail("query", m.Err)
		return c.drop()
	}
	out := m.Value.outcome
	c.outcome = &out
	c.show(len(out.Results) - 1)
	if err := out.Err(); err != nil {
		c.misfired(out, err)
	} else {
		c.Settled("query")
		c.editing = false
		c.Hint(say.Count(len(out.Results), "statement") + " in " + say.Took(out.Took))
	}
	if out.Pending {
		return c.askCommit(out)
	}
	if out.Affected > 0 {
		return c.Tell(screen.ChangedNews{})
	}
	return nil
}

// misfired shows a statement's error and puts the cursor where it is in the text.
func (c *consoleScreen) misfired(out postgres.Outcome, err error) {
	c.Fail("query", err)
	for _, r := range out.Results {
		if r.Err != nil {
			c.mark(r.At)
		}
	}
}

// mark puts the cursor at the place of an error, if that is known.
func (c *consoleScreen) mark(at *postgres.Position) {
	if at != nil {
		c.place = at
		c.text.MoveTo(at.Offset)
	}
}

// show turns to a result.
func (c *consoleScreen) show(i int) {
	if c.outcome == nil || len(c.outcome.Results) == 0 {
		return
	}
	c.which = max(0, min(i, len(c.outcome.Results)-1))
	r := c.outcome.Results[c.which]
	c.grid = table.GivenGrid(c.Root, c.ID(), r.Columns, r.Rows)
}

// decided is the answer of a commit or a rollback.
type decided struct{ committed bool }

// askCommit asks before it commits what was written. Anything but yes rolls back.
func (c *consoleScreen) askCommit(out postgres.Outcome) tea.Cmd {
	var figures []dialog.Row
	for _, r := range out.Results {
		if r.Affected > 0 || r.Columns == nil {
			figures = append(figures, dialog.Row{Label: r.Tag, Value: firstLine(r.Statement.Text), Role: draw.Warn})
		}
	}
	text := say.Count(out.Affected, "row") + " written, in a transaction that is still open. Cancel rolls it back."
	return dialog.AskCommit(c.Root, text, figures, func() tea.Cmd { return c.decide(true) }, func() tea.Cmd { return c.decide(false) })
}

func firstLine(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i] + " …"
	}
	return s
}

func (c *consoleScreen) decide(commit bool) tea.Cmd {
	session := c.session
	if session == nil {
		return nil
	}
	return job.Ask(c.Jobs(), c.Slot("transaction"), time.Minute, func(ctx context.Context) (decided, error) {
		if commit {
			return decided{true}, session.Commit(ctx)
		}
		return decided{false}, session.Rollback(ctx)
	})
}

func (c *consoleScreen) closed(m job.Answer[decided]) tea.Cmd {
	switch {
	case m.Err != nil:
		c.Fail("end the transaction", m.Err)
		return c.drop()
	case m.Value.committed:
		c.Say(draw.Good, "committed "+say.Count(c.outcome.Affected, "row"))
		return c.Changed(false)
	}
	c.Say(draw.Warn, "rolled back; nothing was changed")
	return nil
}
