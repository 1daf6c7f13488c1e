package table

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// pendingScreen lists what is pending, with the chosen change as SQL below.
type pendingScreen struct {
	screen.Base
	commit commit
	list   widget.List
}

// OpenPending opens the list of what is pending.
func OpenPending(s screen.Root) tea.Cmd {
	if s.Live().Edits.Len() == 0 {
		s.Hint("nothing is pending: " + s.Label(keymap.Change) + " in a table's rows changes a cell")
		return nil
	}
	p := &pendingScreen{Base: screen.NewBase(s)}
	p.list.Size(s.Live().Edits.Len())
	p.commit = commit{Root: s, owner: p.ID()}
	p.commit.over = func(done bool) tea.Cmd {
		if done || p.Live().Edits.Len() == 0 {
			return p.Close(p)
		}
		return nil
	}
	return s.Open(p)
}

func (p *pendingScreen) Title() string { return "pending" }

func (p *pendingScreen) Init() tea.Cmd { return p.commit.settle() }

func (p *pendingScreen) Actions() []keymap.Action {
	own := []keymap.Action{keymap.Apply, keymap.Delete, keymap.Discard, keymap.Open, keymap.CopyCell}
	if !p.Unlocked() {
		return append([]keymap.Action{keymap.Unlock}, own...)
	}
	return own
}

func (p *pendingScreen) Word(a keymap.Action) string {
	return map[keymap.Action]string{keymap.Apply: "commit", keymap.Delete: "drop this one", keymap.Discard: "throw all away", keymap.Open: "go there", keymap.CopyCell: "copy SQL"}[a]
}

func (p *pendingScreen) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(screen.WakeNews); ok {
		return p.commit.settle()
	}
	return p.commit.update(msg)
}

func (p *pendingScreen) chosen() *rowedit.Change {
	all := p.Live().Edits.List()
	if p.list.At >= len(all) {
		return nil
	}
	return all[p.list.At]
}

func (p *pendingScreen) Act(a keymap.Action) tea.Cmd {
	if p.list.Move(a) {
		return nil
	}
	if a == keymap.Unlock {
		p.SetUnlock(true)
		return nil
	}
	c := p.chosen()
	switch {
	case c == nil, p.Jobs().Awaited(p.ID()): // what is tried or committed stays as it is until that is over
	case a == keymap.Apply:
		if !p.Unlocked() {
			p.Hint(p.Label(keymap.Unlock) + " unlocks writes first")
			return nil
		}
		return p.commit.try(p.Live().Edits.Plan())
	case p.Live().Edits.Doubt != "":
		p.Hint("it is not known yet whether these were committed: " + p.Label(keymap.Apply) + " asks")
	case a == keymap.Delete:
		p.Live().Edits.Drop(c)
		p.list.Size(p.Live().Edits.Len())
		return p.commit.over(false)
	case a == keymap.Discard:
		return p.discard()
	case a == keymap.CopyCell:
		return p.Copy("the SQL", p.sql())
	case a == keymap.Open && c.Verb == rowedit.Insert:
		return openNewRow(p.Root, c.Table, c, func() {})
	case a == keymap.Open:
		return openRows(p.Root, c.Table.TableRef, keyConditions(c.Row))
	}
	return nil
}

// discard throws all away, after a yes.
func (p *pendingScreen) discard() tea.Cmd {
	n := p.Live().Edits.Len()
	return dialog.Ask(p.Root, dialog.Confirmation{
		Title: "Throw away what is pending?", Text: []string{say.Count(n, "change") + " that the database never saw."}, Yes: "Throw away",
		Do: func() tea.Cmd {
			p.Live().Edits.Clear()
			p.Say(draw.Warn, say.Count(n, "pending change")+" thrown away")
			return p.commit.over(true)
		},
	})
}

// sql is all that is pending as statements.
func (p *pendingScreen) sql() string {
	var b strings.Builder
	for _, c := range p.Live().Edits.List() {
		fmt.Fprintln(&b, strings.Join(c.SQL(), "\n"))
	}
	return b.String()
}

func (p *pendingScreen) Draw(a draw.Area) {
	all := p.Live().Edits.List()
	in := a.Box(draw.Frame{Title: fmt.Sprintf(" Pending (%d) ", len(all)), Right: p.right(), Focused: true})
	p.list.Size(len(all))
	if len(all) == 0 {
		in.Text(1, 0, "nothing is pending", draw.Dim)
		return
	}
	below := 0
	var sql []draw.Line
	if in.H >= 8 {
		sql = widget.SQLLines(strings.Join(p.chosen().SQL(), "\n"))
		below = min(len(sql)+1, in.H/2)
	}
	p.list.Draw(in.Sub(0, 0, in.W, in.H-below), true, draw.Chosen, func(i, y int) {
		c := all[i]
		in.Pen(1, y).Text(c.Verb.Sign()+" ", changeRole(c.Verb)).Text(c.Name(), draw.Plain).Text("  "+oneLineOf(c.What()), changeRole(c.Verb))
	})
	if below > 0 {
		in.Run(0, in.H-below, in.W, in.Look().Glyphs.H, draw.Border)
		for y, l := range sql[:min(len(sql), below-1)] {
			l.Draw(in, 1, in.H-below+1+y)
		}
	}
}

func oneLineOf(s string) string { return strings.NewReplacer("\r", "␍", "\n", "⏎").Replace(s) }

// brief is a text in the dialog, where each change has a line or two.
func brief(s string) string {
	const most = 100
	s = oneLineOf(s)
	if cut := draw.Clip(s, most); len(cut) < len(s) {
		return cut + "…"
	}
	return s
}

// right says what is to be known of all of them.
func (p *pendingScreen) right() string {
	if p.Live().Edits.Doubt != "" {
		return " not known whether committed "
	}
	return ""
}

// Click goes to a change.
func (p *pendingScreen) Click(x, y int) tea.Cmd {
	return p.list.Click(x, y, func() tea.Cmd { return nil })
}

// commit tries a plan, asks, and carries it out, for a screen. over is called in the end, with whether it was done.
type commit struct {
	screen.Root
	owner int
	back  *rowedit.Commit // what the plan takes back; nil for what is pending
	over  func(done bool) tea.Cmd
	no    func() tea.Cmd // what is done where the user leaves a question; may be nil
	plan  rowedit.Plan
}

// tried is the answer of trying a plan, made of carrying it out, and fated of asking what became of that.
type (
	tried struct{ res *rowedit.Result }
	made  struct{ res *rowedit.Result }
	fated struct{ committed bool }
)

func (c *commit) slot(name string) job.Slot { return job.Slot{Owner: c.owner, Name: name} }

// try tries a plan, to ask with what the server makes of it.
func (c *commit) try(plan rowedit.Plan) tea.Cmd {
	if c.Live().Edits.Doubt != "" {
		return c.settle()
	}
	c.plan = plan
	backend := c.Backend()
	return job.Ask(c.Jobs(), c.slot("try the changes"), tryLimit, func(ctx context.Context) (tried, error) {
		res, err := backend.TryRows(ctx, plan)
		return tried{res}, err
	})
}

// settle asks what became of a commit whose answer got lost, if there is one.
func (c *commit) settle() tea.Cmd {
	xid := c.Live().Edits.Doubt
	if xid == "" {
		return nil
	}
	backend := c.Backend()
	return job.Ask(c.Jobs(), c.slot("what became of it"), editLimit, func(ctx context.Context) (fated, error) {
		committed, err := backend.RowsFate(ctx, xid)
		return fated{committed}, err
	})
}

func (c *commit) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[tried]:
		switch {
		case m.Err != nil:
			return c.failed(m.Err)
		case len(m.Value.res.Conflicts) > 0:
			return c.conflicts(m.Value.res)
		}
		c.Settled("commit")
		return c.ask(m.Value.res)
	case job.Answer[made]:
		return c.made(m.Value.res, m.Err)
	case job.Answer[fated]:
		return c.fate(m)
	}
	return nil
}

// ask asks before it commits.
func (c *commit) ask(res *rowedit.Result) tea.Cmd {
	var rows []dialog.Row
	for _, x := range c.plan.Changes {
		rows = append(rows, dialog.Row{Label: x.Verb.Sign() + " " + x.Name(), Value: brief(x.What()), Role: changeRole(x.Verb)})
		for _, l := range res.Left {
			if l.Change == x {
				rows = append(rows, dialog.Row{Label: "  the server makes it", Value: brief(l.What()), Role: draw.Warn})
			}
		}
	}
	for _, e := range c.plan.Along(res.Effects) {
		rows = append(rows, dialog.Row{Label: "along: " + e.Table.String(), Value: e.What(), Role: draw.Bad})
	}
	if res.NoWayBack != "" {
		rows = append(rows, dialog.Row{Label: "cannot be taken back", Value: res.NoWayBack, Role: draw.Warn})
	}
	text := say.Count(len(c.plan.Changes), "change") + " in one transaction, each only while its row is what was shown."
	if c.back != nil {
		text = "It takes back what was committed " + screen.When(c.back.At, c.Now()) + ", only while the rows are what that left."
	}
	return dialog.AskCommit(c.Root, text, rows, c.carryOut, c.no)
}

func (c *commit) carryOut() tea.Cmd {
	backend, plan := c.Backend(), c.plan
	return job.Ask(c.Jobs(), c.slot("commit"), tryLimit, func(ctx context.Context) (made, error) {
		res, err := backend.ChangeRows(ctx, plan)
		return made{res}, err
	})
}

// made takes what came of a commit.
func (c *commit) made(res *rowedit.Result, err error) tea.Cmd {
	e := &c.Live().Edits
	switch {
	case remedy.Code(err) == "rows.doubt" && c.back == nil:
		e.Doubt, e.Doubtful = res.Doubt, res.Commit
		c.Fail("commit", err)
		return nil
	case err != nil:
		return c.failed(err)
	case len(res.Conflicts) > 0:
		return c.conflicts(res)
	}
	c.Settled("commit")
	said := "committed " + say.Count(len(c.plan.Changes), "change")
	if res.Asked {
		said = "the connection was lost, and the server says that it had " + said
	}
	return c.committed(res.Commit, said, res.Left...)
}

// failed shows why nothing was committed.
func (c *commit) failed(err error) tea.Cmd {
	c.Fail("commit", err)
	closing := c.over(false)
	return tea.Batch(closing, dialog.OpenError(c.Root))
}

func (c *commit) committed(done *rowedit.Commit, said string, left ...rowedit.Left) tea.Cmd {
	e, role := &c.Live().Edits, draw.Good
	if c.back != nil {
		e.TakenBack(c.back)
		pending := e.Pending
		e.Committed(done)
		e.Pending = pending
		said = "taken back: " + say.Count(len(c.back.Changes), "change")
		for _, l := range left { // it is not what it was
			said, role = said+"; the server makes "+l.Change.Name()+": "+brief(l.What()), draw.Warn
		}
	} else {
		e.Committed(done)
	}
	if done != nil && done.Back != nil {
		said += "; " + c.Label(keymap.Undo) + " takes it back until naap ends"
	}
	c.Say(role, said)
	return tea.Batch(c.over(true), c.Changed(false))
}

// fate takes what became of a commit whose answer got lost.
func (c *commit) fate(m job.Answer[fated]) tea.Cmd {
	e := &c.Live().Edits
	if m.Err != nil {
		c.Fail("commit", m.Err)
		return nil
	}
	c.Settled("commit")
	if m.Value.committed {
		return c.committed(e.Doubtful, "the connection was lost, and the server says that it had committed "+say.Count(e.Len(), "change"))
	}
	e.Doubt, e.Doubtful = "", nil
	c.Say(draw.Warn, "the connection was lost before the commit: nothing was changed, and all is still pending")
	return nil
}
