package verbs

import (
	"context"
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// deployScreen shows what a deploy would run, and runs just that.
type deployScreen struct {
	screen.Base
	plan *backend.DeployPlan
	err  error
	old  bool // files have changed since the plan was made; the next one is on its way
	list widget.List
}

// openDeploy shows what a deploy would run.
func openDeploy(s screen.Root) tea.Cmd { return s.Open(&deployScreen{Base: screen.NewBase(s)}) }

func (p *deployScreen) Title() string { return "deploy" }

func (p *deployScreen) Init() tea.Cmd {
	p.plan, p.err = nil, nil
	return p.again()
}

// again plans once more, and leaves what is shown until then.
func (p *deployScreen) again() tea.Cmd {
	p.old = p.plan != nil
	return job.Ask(p.Jobs(), p.Slot(planDeploy), planLimit, p.Backend().PlanDeploy)
}

func (p *deployScreen) Actions() []keymap.Action {
	if p.plan == nil || p.plan.Empty() {
		return []keymap.Action{keymap.Refresh}
	}
	return []keymap.Action{keymap.Apply, keymap.Rehearse, keymap.Refresh, keymap.Open, keymap.CopyCell}
}

func (p *deployScreen) Word(a keymap.Action) string {
	return map[keymap.Action]string{keymap.Apply: "deploy", keymap.Open: "deploy"}[a]
}

func (p *deployScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*backend.DeployPlan]:
		p.plan, p.err, p.old = m.Value, m.Err, false
		if remedy.Code(m.Err) != "migrate.failed" { // the failure itself is what the user may look for
			p.Fail(planDeploy, m.Err)
		}
	case screen.ChangedNews:
		return p.Init()
	case screen.FilesNews:
		return p.again()
	}
	return nil
}

func (p *deployScreen) Act(a keymap.Action) tea.Cmd {
	if a == keymap.Refresh {
		return p.Init()
	}
	if p.plan == nil {
		return nil
	}
	switch a {
	case keymap.Apply, keymap.Open:
		if p.old {
			p.Hint("the files have changed: looking again")
			return nil
		}
		if p.plan.Empty() {
			p.Hint("no migration is pending")
			return nil
		}
		return allowed(p.Root, p.plan, func(plan *backend.DeployPlan) tea.Cmd { return dialog.Ask(p.Root, p.question(plan)) })
	case keymap.Rehearse:
		return allowed(p.Root, p.plan, func(plan *backend.DeployPlan) tea.Cmd { return rehearse(p.Root, plan) })
	case keymap.CopyCell:
		if p.list.At < len(p.plan.Steps) {
			return p.Copy("the script", p.plan.Steps[p.list.At].SQL)
		}
	default:
		p.list.Move(a)
	}
	return nil
}

// question asks before the plan is carried out; what destroys needs a word to be typed.
func (p *deployScreen) question(plan *backend.DeployPlan) dialog.Confirmation {
	n := len(plan.Steps)
	q := dialog.Confirmation{
		Title: "Deploy " + say.Count(n, "migration") + "?",
		Text:  []string{say.Form(n, "It runs", "They run in this order") + " as of " + plan.File.AsOf.Format("15:04:05") + ", until one fails; what ran before it stays."},
		Yes:   "Deploy",
		Files: true,
	}
	for _, s := range plan.Steps {
		row := dialog.Row{Label: s.Name, Value: say.Count(s.Statements, "statement") + ", one transaction", Role: draw.Plain}
		if !s.Whole {
			row.Value, row.Role = say.Count(s.Statements, "statement")+", not one transaction: a failure leaves a part", draw.Warn
		}
		q.Rows = append(q.Rows, row)
	}
	for _, f := range plan.Destroys() {
		q.Word = "destroy"
		q.Rows = append(q.Rows, dialog.Row{Label: "destroys", Value: f.Message, Role: draw.Bad})
	}
	for _, note := range plan.Notes {
		q.Rows = append(q.Rows, dialog.Row{Label: "note", Value: note, Role: draw.Warn})
	}
	name := "before migrations " + p.Now().Format("2006-01-02 15:04:05")
	first := &dialog.Choice{Label: `save a snapshot first, "` + name + `"`, On: q.Word != ""}
	q.Choices = []*dialog.Choice{first}
	q.Do = func() tea.Cmd {
		saveAs := ""
		if first.On {
			saveAs = name
		}
		closing := p.Close(p) // what became of it, the list below says
		return tea.Batch(closing, deploying{p.Root, plan, saveAs}.run(false))
	}
	return q
}

// deploying is a deploy that was confirmed.
type deploying struct {
	screen.Root
	plan   *backend.DeployPlan
	saveAs string // of the snapshot that is saved first; "" for none
}

// run carries it out: without its snapshot, for which other sessions may have to end, nothing is run.
func (d deploying) run(end bool) tea.Cmd {
	return dialog.Task{
		Name:  "deploy",
		Again: func() tea.Cmd { return openDeploy(d.Root) },
		Retry: func() tea.Cmd { return d.run(true) },
		Do: func(ctx context.Context, report progress.Report) error {
			if d.saveAs != "" {
				if err := d.Backend().CheckDeploy(ctx, d.plan); err != nil {
					return err
				}
				if err := d.Backend().SaveSnapshot(ctx, d.saveAs, devenv.CopyOptions{Note: "before migrations", TerminateSessions: end}, report); err != nil {
					return fmt.Errorf("nothing was run: save a snapshot first: %w", err)
				}
			}
			return d.Backend().Deploy(ctx, d.plan, report)
		},
	}.Run(d.Root)
}

func (p *deployScreen) Draw(a draw.Area) {
	right := ""
	if p.plan != nil && !p.plan.Empty() {
		right = " " + say.Count(len(p.plan.Steps), "migration") + " "
	}
	title := " A deploy "
	if p.plan != nil {
		title = " A deploy of the folder as of " + p.plan.File.AsOf.Format("15:04:05") + " "
	}
	if p.old {
		right = " changed since; looking again "
	}
	in := a.Box(draw.Frame{Title: title, Right: right, Focused: true})
	switch {
	case p.err != nil:
		for y, l := range dialog.ErrorLines(p.Root, p.err, in.W) {
			l.Draw(in, 0, y)
		}
	case p.plan == nil:
		in.Text(1, 0, "looking at what is pending…", draw.Dim)
	case p.plan.Empty():
		in.Pen(1, 0).Text(in.Look().Glyphs.Check+" ", draw.Good).Text("no migration is pending", draw.Plain)
	default:
		p.drawSteps(in)
	}
}

// drawSteps lists the migrations, and below them what lint says of the chosen one, and its script.
func (p *deployScreen) drawSteps(in draw.Area) {
	y := 0
	for _, note := range p.plan.Notes {
		for _, line := range sentences(note, draw.Warn, in.W-2) {
			if y < in.H/3 {
				line.Draw(in, 1, y)
				y++
			}
		}
	}
	in = in.Sub(0, y, in.W, in.H-y)
	all := p.plan.Steps
	p.list.Size(len(all))
	below := 0
	if in.H >= 8 {
		below = in.H - min(len(all)+1, in.H/3)
	}
	widget.Table{
		Columns: []widget.Column{
			{Title: "MIGRATION", Width: 10, Flex: 1}, {Title: "STMTS", Width: 5, Right: true}, {Title: "", Width: 19, Least: 56}, {Title: "CHECKSUM", Width: 8, Least: 70},
		},
		List: &p.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) { return stepCell(all[line], col) },
	}.Draw(in.Sub(0, 0, in.W, in.H-below))
	if below > 1 {
		in.Run(0, in.H-below, in.W, in.Look().Glyphs.H, draw.Border)
		chosen := all[p.list.At]
		lines := lintLines(p.Root, findingsOf(p.plan.Lint, chosen.Path), in.W-2, false)
		lines = append(lines, scriptLines(chosen.SQL, in.W-2, below)...)
		for y, l := range lines[:min(len(lines), below-1)] {
			l.Draw(in, 1, in.H-below+1+y)
		}
	}
}

func findingsOf(all []migrate.LintFinding, path string) (list []migrate.LintFinding) {
	for _, f := range all {
		if f.Path == path {
			list = append(list, f)
		}
	}
	return list
}

func stepCell(s migrate.Step, col int) (string, draw.Role) {
	switch col {
	case 0:
		return s.Name, draw.Plain
	case 1:
		return strconv.Itoa(s.Statements), draw.Dim
	case 2:
		if s.Whole {
			return "one transaction", draw.Dim
		}
		return "not one transaction", draw.Warn
	}
	return s.Checksum[:min(len(s.Checksum), 8)], draw.Dim
}

func (p *deployScreen) Click(x, y int) tea.Cmd {
	return p.list.Click(x, y, func() tea.Cmd { return nil })
}
