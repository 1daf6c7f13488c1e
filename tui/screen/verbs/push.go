package verbs

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// pushScreen shows what a push of schema.prisma would do, and does just that.
type pushScreen struct {
	screen.Base
	plan *backend.PushPlan
	sql  []statement // of the plan
	err  error
	old  bool // files have changed since the plan was made; the next one is on its way
	list widget.List
}

// statement is one of a step's. What is to be known of a step stands at its first.
type statement struct {
	*schemaplan.Step
	sql   string
	first bool
}

func statementsOf(plan *backend.PushPlan) []statement {
	var out []statement
	for _, s := range plan.Steps {
		for i, sql := range s.Statements {
			out = append(out, statement{s, sql, i == 0})
		}
	}
	return out
}

// note is what the step loses, or why it cannot run.
func (s statement) note() string {
	if !s.first {
		return ""
	}
	return s.Note()
}

// OpenPush shows what a push would do.
func OpenPush(s screen.Root) tea.Cmd {
	return s.Open(&pushScreen{Base: screen.NewBase(s)})
}

func (p *pushScreen) Title() string { return "drift" }

func (p *pushScreen) Init() tea.Cmd {
	p.plan, p.err = nil, nil
	return p.again()
}

// again plans once more, and leaves what is shown until then.
func (p *pushScreen) again() tea.Cmd {
	p.old = p.plan != nil
	return job.Ask(p.Jobs(), p.Slot("plan the push"), planLimit, p.Backend().PlanPush)
}

func (p *pushScreen) Actions() []keymap.Action {
	if p.plan != nil && p.plan.Beside {
		return []keymap.Action{keymap.Create, keymap.Apply, keymap.Refresh, keymap.Open, keymap.CopyCell, keymap.CopyRow}
	}
	return []keymap.Action{keymap.Apply, keymap.Refresh, keymap.Open, keymap.CopyCell, keymap.CopyRow}
}

// Quiet reports whether an action has nothing to be about: where nothing differs, or that is not known yet.
func (p *pushScreen) Quiet(a keymap.Action) bool {
	return len(p.sql) == 0 && a != keymap.Refresh
}

// Word says what a push is where the migrations are to make the tables.
func (p *pushScreen) Word(a keymap.Action) string {
	switch {
	case a == keymap.Create:
		return "write a migration of it"
	case a == keymap.Apply && p.plan != nil && p.plan.Beside:
		return "push beside the migrations"
	}
	return ""
}

func (p *pushScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*backend.PushPlan]:
		p.plan, p.err, p.old = m.Value, m.Err, false
		if p.sql = nil; m.Err != nil {
			p.Fail("plan the push", m.Err)
		} else {
			p.sql = statementsOf(p.plan)
			p.Settled("plan the push")
		}
	case screen.ChangedNews:
		return p.Init()
	case screen.FilesNews:
		return p.again()
	}
	return nil
}

func (p *pushScreen) Act(a keymap.Action) tea.Cmd {
	if a == keymap.Refresh {
		return p.Init()
	}
	if p.plan == nil {
		return nil
	}
	switch a {
	case keymap.Create:
		if p.plan.Beside {
			return askMigration(p.Root)
		}
	case keymap.Apply, keymap.Open:
		return p.confirm()
	case keymap.CopyCell:
		if p.list.At < len(p.sql) {
			return p.Copy("the statement", p.sql[p.list.At].sql+";")
		}
	case keymap.CopyRow:
		return p.Copy("the plan", p.planSQL())
	default:
		p.list.Move(a)
	}
	return nil
}

func (p *pushScreen) planSQL() string {
	var b strings.Builder
	for _, s := range p.sql {
		b.WriteString(s.sql + ";\n")
	}
	return b.String()
}

// confirm asks before the plan is carried out; what destroys needs a word to be typed.
func (p *pushScreen) confirm() tea.Cmd {
	plan := p.plan
	if p.old {
		p.Hint("the files have changed: comparing again")
		return nil
	}
	if plan.Empty() {
		p.Hint("nothing to push")
		return nil
	}
	q := dialog.Confirmation{
		Title: "Push?",
		Text:  []string{say.Count(len(p.sql), "statement") + " in one transaction, from " + screen.AsOf(plan.File) + "."},
		Yes:   "Push",
		Files: true,
	}
	if plan.Beside {
		q.Title, q.Yes = "Push beside the migrations?", "Push anyway"
		q.Text = append(q.Text, "migrate.use is migrate: what is pushed is in none of the migrations, and a database that is made from them does not get it. "+
			"The next migration that is written is then recorded as applied here, and not run.")
	}
	if plan.Destructive() {
		q.Text = append(q.Text, "What no push brings back:")
		q.Word = "destroy"
		for _, w := range plan.WipeLines() {
			q.Rows = append(q.Rows, dialog.Row{Label: "the schema file", Value: w, Role: draw.Bad})
		}
		for _, s := range plan.Losses() {
			q.Rows = append(q.Rows, dialog.Row{Label: s.Object, Value: s.Note(), Role: draw.Bad})
		}
	}
	var first dialog.Choice
	name := "before push " + p.Now().Format("2006-01-02 15:04:05")
	if plan.Destructive() {
		first = dialog.Choice{Label: `save a snapshot first, "` + name + `"`, On: true}
		q.Choices = []*dialog.Choice{&first}
	}
	var hooks dialog.Choice
	allowed, held := plan.After()
	for _, text := range allowed {
		q.Rows = append(q.Rows, dialog.Row{Label: "then run", Value: text, Role: draw.Plain})
	}
	if len(held) > 0 {
		for _, text := range held {
			q.Rows = append(q.Rows, dialog.Row{Label: "not allowed yet", Value: text, Role: draw.Warn})
		}
		hooks = dialog.Choice{Label: "allow what naap.toml has run after it, as you, and run it"}
		q.Choices = append(q.Choices, &hooks)
	}
	q.Do = func() tea.Cmd {
		if !first.On {
			name = ""
		}
		return p.push(plan, name, hooks.On)
	}
	return dialog.Ask(p.Root, q)
}

// push carries out the plan, after a snapshot under a name if there is one: without the snapshot nothing is pushed. With
// allow, the commands that run afterwards are allowed first.
func (p *pushScreen) push(plan *backend.PushPlan, saveAs string, allow bool) tea.Cmd {
	return dialog.Task{
		Name:  "push",
		Again: func() tea.Cmd { return nil }, // the plan below has been made again already
		Do: func(ctx context.Context, report progress.Report) error {
			if saveAs != "" {
				if err := p.Backend().CheckPush(ctx, plan); err != nil {
					return err
				}
				if err := p.Backend().SaveSnapshot(ctx, saveAs, devenv.CopyOptions{Note: "before a push that destroys"}, report); err != nil {
					return fmt.Errorf("nothing was pushed: save a snapshot first: %w", err)
				}
			}
			if allow {
				if err := p.Backend().AllowHooks(ctx, plan); err != nil {
					return err
				}
			}
			return p.Backend().Push(ctx, plan, plan.Destructive(), report)
		},
	}.Run(p.Root)
}

func (p *pushScreen) Draw(a draw.Area) {
	right := ""
	if p.plan != nil && !p.plan.Empty() {
		right = fmt.Sprintf(" %s, %d destructive ", say.Count(len(p.sql), "statement"), len(p.plan.Losses()))
	}
	if p.old {
		right = " changed since; comparing again "
	}
	in := a.Box(draw.Frame{Title: " A push of " + p.file() + " ", Right: right, Focused: true})
	switch {
	case p.err != nil:
		for y, l := range dialog.ErrorLines(p.Root, p.err, in.W) {
			l.Draw(in, 0, y)
		}
		return
	case p.plan == nil:
		in.Text(1, 0, "comparing…", draw.Dim)
		return
	case p.plan.Empty():
		in.Pen(1, 0).Text(in.Look().Glyphs.Check+" ", draw.Good).Text("the database is what "+p.file()+" says", draw.Plain)
		return
	}
	y := 0
	for _, w := range p.plan.Warnings(p.Target()) {
		for _, l := range draw.Wrap(w, max(8, in.W-4)) {
			if y < in.H/3 {
				in.Pen(1, y).Text(in.Look().Glyphs.Warn+" ", draw.Warn).Text(l, draw.Warn)
				y++
			}
		}
	}
	p.drawStatements(in.Sub(0, y, in.W, in.H-y))
}

// file is the file that is shown, and its state.
func (p *pushScreen) file() string {
	if p.plan == nil {
		return screen.AsOf(backend.FileState{})
	}
	return screen.AsOf(p.plan.File)
}

// drawStatements lists the statements, and below them the chosen one whole.
func (p *pushScreen) drawStatements(in draw.Area) {
	all := p.sql
	p.list.Size(len(all))
	below := 0
	var whole []draw.Line
	if in.H >= 8 {
		whole = widget.SQLLines(strings.Join(draw.Wrap(all[p.list.At].sql, max(8, in.W-3)), "\n"))
		if note := all[p.list.At].note(); note != "" {
			whole = append(whole, draw.Line{draw.Text(note, draw.Warn)})
		}
		below = min(len(whole)+1, in.H/2)
	}
	widget.Table{
		Columns: []widget.Column{{Title: "", Width: 8}, {Title: "WHAT", Width: 10, Flex: 2}, {Title: "SQL", Width: 10, Flex: 4, Least: 50}, {Title: "ROWS", Width: 7, Right: true, Least: 70}},
		List:    &p.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) { return statementCell(all[line], col) },
	}.Draw(in.Sub(0, 0, in.W, in.H-below))
	if below > 1 {
		in.Run(0, in.H-below, in.W, in.Look().Glyphs.H, draw.Border)
		for y, l := range whole[:min(len(whole), below-1)] {
			l.Draw(in, 1, in.H-below+1+y)
		}
	}
}

func statementCell(s statement, col int) (string, draw.Role) {
	switch col {
	case 0:
		class := s.Class
		if class == schemaplan.Destroys && !s.first {
			class = schemaplan.Changes // one step is one loss, however many statements it takes
		}
		return string(class), map[schemaplan.Class]draw.Role{schemaplan.Destroys: draw.Bad, schemaplan.Changes: draw.Warn, schemaplan.Adds: draw.Good}[class]
	case 1:
		return s.Object, draw.Plain
	case 2:
		return strings.Join(strings.Fields(s.sql), " "), draw.Dim
	}
	if s.Lost() == 0 || !s.first {
		return "", draw.Dim
	}
	return screen.Count(s.Lost()), draw.Bad
}

func (p *pushScreen) Click(x, y int) tea.Cmd {
	p.list.Click(x, y, func() tea.Cmd { return nil })
	return nil
}
