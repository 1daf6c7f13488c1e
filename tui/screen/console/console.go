// Package console is the SQL console: a text, what running it brought, and the texts that were run before.
package console

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/widget"
)

// page is one page of the console: a text, what running it brought, and a connection of its own, so that what runs or
// waits on another page is not in its way.
type page struct {
	screen.Base
	of      *consoleScreen
	session backend.Session
	writing bool // the session was opened to write

	text     edit.Text
	query    *queries.Query // the named query that the text was opened from or saved as, or nil
	at       int            // where ↑ is in the history; −1 is the text being written
	draft    string         // that text
	editing  bool           // the keys go to the text
	scroll   int            // first line of the text seen
	textSeen draw.Area      // where the text was last drawn, for the mouse
	popup    popup

	args     postgres.Arguments // of what was run last
	outcome  *postgres.Outcome
	which    int // the result shown
	grid     table.Grid
	plan     *postgres.QueryPlan
	planAt   widget.List
	planSkip widget.Sideways
	err      error // of the run as a whole
	place    *postgres.Position
	later    func() tea.Cmd // a question that came up while another page was shown
	form     screen.Awaited // what is typed while the server is asked which parameters there are
}

// drop closes the session, outside Update: the server may be slow to answer.
func (c *page) drop() tea.Cmd {
	gone := c.session
	c.session = nil
	if gone == nil {
		return nil
	}
	return c.Jobs().Guard(func() tea.Msg { _ = gone.Close(context.Background()); return nil })
}

func (c *page) Actions() []keymap.Action {
	if c.editing {
		return append([]keymap.Action{keymap.Run, keymap.Explain, keymap.Analyze, keymap.OlderQuery, keymap.NewerQuery}, pageActions...)
	}
	return append([]keymap.Action{keymap.Edit, keymap.Run, keymap.Unlock, keymap.NextResult, keymap.CopyCell, keymap.CopyRow,
		keymap.Mark, keymap.MarkRange, keymap.MarkAll, keymap.Unmark, keymap.Export, keymap.Open, keymap.Explain, keymap.Analyze, keymap.PrevResult, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol}, pageActions...)
}

// Quiet reports whether a key has nothing to do with what is shown.
func (c *page) Quiet(a keymap.Action) bool {
	switch a {
	case keymap.NextResult, keymap.PrevResult:
		return c.outcome == nil || len(c.outcome.Results) < 2
	case keymap.Export:
		return c.plan != nil || !c.hasRows()
	case keymap.CopyCell, keymap.CopyRow, keymap.Mark, keymap.MarkRange, keymap.MarkAll, keymap.Unmark, keymap.Open:
		return c.plan != nil || !c.hasRows() || len(c.grid.Rows) == 0
	}
	return false
}

// hasRows reports whether the result that is shown is one of rows.
func (c *page) hasRows() bool {
	return c.outcome != nil && c.which < len(c.outcome.Results) && c.outcome.Results[c.which].Columns != nil
}

func (c *page) Hints() [][2]string {
	switch {
	case !c.editing:
		return nil
	case c.popup.open:
		return [][2]string{{"↑↓", "choose"}, {"tab", "takes it"}, {"esc", "closes"}}
	}
	out := [][2]string{}
	for _, a := range []keymap.Action{keymap.Run, keymap.Explain, keymap.OlderQuery, keymap.History, keymap.SaveQuery, keymap.Queries, keymap.Editor} {
		out = append(out, [2]string{c.Label(a), c.Keys().Get(a).Short})
	}
	return slices.Insert(out, 3, [2]string{"tab", "completes"}, [2]string{"esc", "result, then " + c.Label(keymap.Unlock) + " unlocks writes"})
}

func (c *page) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if c.holds(k) {
		return nil, true
	}
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
	c.suggest(k)
	return nil, true
}

// older goes back (−1) or on in the history.
func (c *page) older(by int) {
	texts := c.of.history.Texts
	if c.at < 0 {
		c.at, c.draft = len(texts), c.text.String()
	}
	next := c.at + by
	if next < 0 || next > len(texts) {
		return
	}
	c.place, c.popup.open = nil, false
	if c.at = next; next == len(texts) {
		c.at = -1
		c.text.Set(c.draft)
		return
	}
	c.text.Set(texts[next])
}

// Act runs, explains, and moves in the result.
func (c *page) Act(a keymap.Action) tea.Cmd {
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
	case keymap.Editor:
		return c.edit()
	case keymap.SaveQuery:
		return c.save("")
	case keymap.Queries:
		return OpenQueries(c.Root, c.of.history)
	case keymap.History:
		return OpenHistory(c.Root, c.of.history)
	case keymap.NewPage, keymap.NextPage, keymap.PrevPage, keymap.ClosePage:
		return c.of.turn(a)
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
func (c *page) actPlan(a keymap.Action) {
	if !c.planSkip.Move(a) {
		c.planAt.Move(a)
	}
}

// export exports all the rows of the statement whose result is shown.
func (c *page) export() tea.Cmd {
	if !c.hasRows() {
		c.Hint("run a query first: its rows are what is exported")
		return nil
	}
	return table.OpenExport(c.Root, postgres.ExportRequest{Query: c.outcome.Results[c.which].Statement.Text, Args: c.args})
}

// openValue shows the value under the cursor whole.
func (c *page) openValue() tea.Cmd {
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
func (c *page) renew() tea.Cmd {
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

// run runs the text, after it has asked for the values of its parameters.
func (c *page) run() tea.Cmd {
	text := c.text.String()
	if strings.TrimSpace(text) == "" {
		c.Hint("write a statement first")
		return nil
	}
	return c.begin(text, func(args postgres.Arguments) tea.Cmd { return c.runWith(text, args) })
}

// begin does something with a text as soon as its parameters have values.
func (c *page) begin(text string, do func(postgres.Arguments) tea.Cmd) tea.Cmd {
	if c.Jobs().Busy(c.Slot("query")) {
		c.Hint("a query runs already; " + c.Label(keymap.Interrupt) + " cancels it")
		return nil
	}
	c.err, c.place, c.popup.open = nil, nil, false
	if len(sqltext.NamedParameters(text)) > 0 {
		return c.describe(text, do)
	}
	return do(nil)
}

// connected calls f with the page's session, which is opened if there is none.
func connected[T any](ctx context.Context, b backend.Backend, session backend.Session, write bool, f func(backend.Session) (T, error)) (backend.Session, T, error) {
	var none T
	if session == nil {
		var err error
		if session, err = b.OpenSession(ctx, write); err != nil {
			return nil, none, err
		}
	}
	v, err := f(session)
	return session, v, err
}

func (c *page) runWith(text string, args postgres.Arguments) tea.Cmd {
	closing := c.renew()
	c.args = args
	b, session, write := c.Backend(), c.session, c.writing
	cmds := []tea.Cmd{closing, job.Ask(c.Jobs(), c.Slot("query"), runLimit, func(ctx context.Context) (r ran, err error) {
		r.session, r.outcome, err = connected(ctx, b, session, write, func(s backend.Session) (postgres.Outcome, error) {
			return s.Run(ctx, text, postgres.RunOptions{Args: args})
		})
		return r, err
	})}
	c.at = -1
	return tea.Batch(append(cmds, c.of.history.keep(c.Root, text))...)
}

// explained is the answer of asking for a plan.
type explained struct {
	session backend.Session
	plan    postgres.QueryPlan
}

func (c *page) explain(analyze bool) tea.Cmd {
	text, at := c.text.String(), c.text.At()
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return c.begin(text, func(args postgres.Arguments) tea.Cmd {
		closing := c.renew()
		b, session, write := c.Backend(), c.session, c.writing
		return tea.Batch(closing, job.Ask(c.Jobs(), c.Slot("query"), runLimit, func(ctx context.Context) (e explained, err error) {
			e.session, e.plan, err = connected(ctx, b, session, write, func(s backend.Session) (postgres.QueryPlan, error) {
				return s.Explain(ctx, text, at, analyze, args)
			})
			return e, err
		}))
	})
}

func (c *page) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*postgres.Completion]:
		if m.Err == nil {
			c.of.words = m.Value
		}
	case job.Answer[described]:
		return c.described(m)
	case job.Answer[screen.Edited]:
		return c.edited(m)
	case job.Answer[saved]:
		return c.saved(m)
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
func (c *page) arrived(m job.Answer[ran]) tea.Cmd {
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
		return c.ask(func() tea.Cmd { return c.askCommit(out) })
	}
	if out.Affected > 0 {
		return c.Tell(screen.ChangedNews{})
	}
	return nil
}

// misfired shows a statement's error and puts the cursor where it is in the text.
func (c *page) misfired(out postgres.Outcome, err error) {
	c.Fail("query", err)
	for _, r := range out.Results {
		if r.Err != nil {
			c.mark(r.At)
		}
	}
}

// mark puts the cursor at the place of an error, if that is known.
func (c *page) mark(at *postgres.Position) {
	if at != nil {
		c.place = at
		c.text.MoveTo(at.Offset)
	}
}

// show turns to a result.
func (c *page) show(i int) {
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
func (c *page) askCommit(out postgres.Outcome) tea.Cmd {
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

func (c *page) decide(commit bool) tea.Cmd {
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

func (c *page) closed(m job.Answer[decided]) tea.Cmd {
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
