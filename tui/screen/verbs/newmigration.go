package verbs

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// newMigrationScreen shows the migration that the folder lacks of the Prisma file, and writes and runs just that.
type newMigrationScreen struct {
	screen.Base
	opt  devenv.NewMigrationOptions
	plan *backend.MigrationPlan
	err  error
	old  bool // files have changed since the plan was made; the next one is on its way
	list widget.List

	lines []draw.Line // of the plan, for a width
	width int
}

const planMigration = "plan the migration"

// askMigration asks what the new migration is called, and shows it.
func askMigration(s screen.Root) tea.Cmd {
	return dialog.Prompt{Name: "A new migration", Label: "what it does, such as add_teams:", Do: func(called string) tea.Cmd {
		return scriptsAllowed(s, func() tea.Cmd {
			return s.Open(&newMigrationScreen{Base: screen.NewBase(s), opt: devenv.NewMigrationOptions{Called: called}})
		})
	}}.Ask(s)
}

func (p *newMigrationScreen) Title() string { return "new migration" }

func (p *newMigrationScreen) Init() tea.Cmd {
	p.plan, p.err, p.lines = nil, nil, nil
	return p.again()
}

// again plans once more, and leaves what is shown until then.
func (p *newMigrationScreen) again() tea.Cmd {
	p.old = p.plan != nil
	opt, b := p.opt, p.Backend()
	return job.Ask(p.Jobs(), p.Slot(planMigration), planLimit, func(ctx context.Context) (*backend.MigrationPlan, error) { return b.PlanMigration(ctx, opt) })
}

// drifted reports whether only a migration that is written and not run can be made now.
func (p *newMigrationScreen) drifted() bool { return remedy.Code(p.err) == "migrate.drift" }

func (p *newMigrationScreen) Actions() []keymap.Action {
	switch {
	case p.drifted():
		return []keymap.Action{keymap.Create, keymap.Refresh}
	case p.plan == nil:
		return []keymap.Action{keymap.Refresh}
	}
	var can []keymap.Action
	if p.runs() {
		can = append(can, keymap.Apply)
	}
	can = append(can, keymap.Create)
	if len(p.plan.Change.Renames) > 0 || len(p.opt.Renames) > 0 {
		can = append(can, keymap.Fix)
	}
	return append(can, keymap.Refresh, keymap.CopyCell)
}

// runs reports whether there is something to run, or to record.
func (p *newMigrationScreen) runs() bool {
	return !p.plan.Options.CreateOnly && (p.plan.Name != "" || len(p.plan.Pending) > 0)
}

func (p *newMigrationScreen) Word(a keymap.Action) string {
	switch a {
	case keymap.Apply:
		switch {
		case p.plan != nil && p.plan.Recorded:
			return "write and record"
		case p.plan != nil && p.plan.Name == "":
			return "run what is pending"
		}
		return "write and run"
	case keymap.Create:
		if p.plan != nil && p.plan.Name == "" {
			return "write an empty one"
		}
		return "only write"
	case keymap.Fix:
		return "rename"
	case keymap.CopyCell:
		return "copy the SQL"
	}
	return ""
}

func (p *newMigrationScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*backend.MigrationPlan]:
		p.plan, p.err, p.old, p.lines = m.Value, m.Err, false, nil
		if m.Err == nil || !p.drifted() { // which is explained here, and no mistake
			p.Fail(planMigration, m.Err)
		}
	case screen.ChangedNews:
		return p.Init()
	case screen.FilesNews:
		return p.again()
	}
	return nil
}

func (p *newMigrationScreen) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Refresh:
		return p.Init()
	case keymap.Create:
		return p.only()
	}
	if p.plan == nil {
		return nil
	}
	switch a {
	case keymap.Apply:
		if p.old {
			p.Hint("the files have changed: looking again")
			return nil
		}
		return dialog.Ask(p.Root, p.question(p.plan))
	case keymap.Fix:
		return p.chooseRename()
	case keymap.CopyCell:
		return p.Copy("the migration", p.plan.SQL)
	}
	p.scroll(a)
	return nil
}

// scroll moves the text: reading has no cursor.
func (p *newMigrationScreen) scroll(a keymap.Action) {
	switch a {
	case keymap.Down:
		p.list.At = max(p.list.At, p.list.Top+p.list.Height-1)
	case keymap.Up:
		p.list.At = p.list.Top
	}
	p.list.Move(a)
}

// only writes the migration and leaves the database alone. Where it was refused, or there is nothing to write, it is planned
// for that and shown first.
func (p *newMigrationScreen) only() tea.Cmd {
	switch {
	case p.old:
		p.Hint("the files have changed: looking again")
		return nil
	case p.drifted(), p.plan != nil && p.plan.Name == "":
		p.opt.CreateOnly = true
		return p.Init()
	case p.plan == nil:
		return nil
	}
	return making{p.Root, p, p.plan, "", true}.run(false)
}

// chooseRename offers the renames that the plan may be made with.
func (p *newMigrationScreen) chooseRename() tea.Cmd {
	var items []dialog.MenuItem
	with := func(text, detail string, keys []string) {
		items = append(items, dialog.MenuItem{Text: text, Detail: detail, Do: func() tea.Cmd {
			p.opt.Renames = keys
			return p.Init()
		}})
	}
	for _, r := range p.plan.Change.Renames {
		keys := slices.Clone(p.opt.Renames)
		for _, key := range append(slices.Clone(r.With), r.Key) {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		with(r.From+" is now called "+r.To, cmp.Or(r.Keeps, r.Kind), keys)
	}
	if len(p.opt.Renames) > 0 {
		with("nothing was renamed", "what is gone is dropped", nil)
	}
	return dialog.OpenMenu(p.Root, "What was renamed?", items)
}

// question asks before the migration is written and run; what destroys needs a word to be typed.
func (p *newMigrationScreen) question(plan *backend.MigrationPlan) dialog.Confirmation {
	q := dialog.Confirmation{Title: "Write and run the migration?", Text: []string{plan.Path, "From " + screen.AsOf(plan.File) + "."}, Yes: "Write and run", Files: true}
	switch {
	case plan.Recorded:
		q.Title, q.Yes = "Write and record the migration?", "Write and record"
		q.Text = append(q.Text, "The database already is what schema.prisma says: it is recorded as applied, and not run.")
	case plan.Name == "":
		q.Title, q.Text, q.Yes = "Run what is pending?", nil, "Run"
	}
	for _, name := range plan.Pending {
		q.Rows = append(q.Rows, dialog.Row{Label: "runs first", Value: name, Role: draw.Plain})
	}
	for _, w := range plan.Warnings {
		q.Rows = append(q.Rows, dialog.Row{Label: "note", Value: w, Role: draw.Warn})
	}
	destroys := plan.Name != "" && !plan.Recorded && plan.Change.Destructive()
	if destroys {
		q.Word = "destroy"
		for _, w := range plan.Change.WipeLines() {
			q.Rows = append(q.Rows, dialog.Row{Label: "the schema file", Value: w, Role: draw.Bad})
		}
		for _, s := range plan.Change.Losses() {
			q.Rows = append(q.Rows, dialog.Row{Label: s.Object, Value: s.Note(), Role: draw.Bad})
		}
	}
	name := "before migrations " + p.Now().Format("2006-01-02 15:04:05")
	first := &dialog.Choice{Label: `save a snapshot first, "` + name + `"`, On: destroys}
	if !plan.Recorded {
		q.Choices = []*dialog.Choice{first}
	}
	q.Do = func() tea.Cmd {
		m := making{p.Root, p, plan, "", false}
		if first.On {
			m.saveAs = name
		}
		return m.run(false)
	}
	return q
}

// making is a new migration that is made.
type making struct {
	screen.Root
	page   *newMigrationScreen
	plan   *backend.MigrationPlan
	saveAs string // of the snapshot that is saved first; "" for none
	only   bool   // it is written, and the database left alone
}

func (m making) run(end bool) tea.Cmd {
	do := func(ctx context.Context, report progress.Report) error {
		if m.saveAs != "" {
			if err := m.Backend().SaveSnapshot(ctx, m.saveAs, devenv.CopyOptions{Note: "before migrations", TerminateSessions: end}, report); err != nil {
				return fmt.Errorf("nothing was written: save a snapshot first: %w", err)
			}
		}
		return m.Backend().MakeMigration(ctx, m.plan, m.only, m.plan.Change.Destructive(), report)
	}
	closing := m.Close(m.page) // what was written is in the list below
	again := func() tea.Cmd {
		return m.Open(&newMigrationScreen{Base: screen.NewBase(m.Root), opt: m.page.opt})
	}
	return tea.Batch(closing, dialog.Task{Name: "migrate", Do: do, Again: again, Retry: func() tea.Cmd { return m.run(true) }}.Run(m.Root))
}

func (p *newMigrationScreen) Draw(a draw.Area) {
	title, right := " A new migration ", ""
	if p.plan != nil {
		title = " A new migration from " + screen.AsOf(p.plan.File) + " "
	}
	if p.old {
		right = " changed since; looking again "
	}
	in := a.Box(draw.Frame{Title: title, Right: right, Focused: true})
	if p.plan == nil && p.err == nil {
		in.Text(1, 0, "comparing what the migrations make with schema.prisma, on a shadow database…", draw.Dim)
		return
	}
	if p.lines == nil || p.width != in.W {
		p.lines, p.width = p.text(in.W), in.W
	}
	p.list.Size(len(p.lines))
	from, to := p.list.In(in)
	for y, line := range p.lines[from:to] {
		line.Draw(in, 0, y)
	}
}

// text is what is to be said of the plan, or why there is none.
func (p *newMigrationScreen) text(w int) (out []draw.Line) {
	add := func(text string, role draw.Role) {
		out = append(out, indented(sentences(text, role, w-2))...)
	}
	if p.err != nil {
		out = dialog.ErrorLines(p.Root, p.err, w)
		if p.drifted() {
			out = append(out, nil)
			add(p.Label(keymap.Create)+" shows the migration as one that is only written. "+p.Label(keymap.Push)+" shows the push that would bring the database up to schema.prisma.", draw.Info)
		}
		return out
	}
	m := p.plan
	for _, name := range m.Pending {
		add("runs first: "+name, draw.Info)
	}
	for _, warning := range m.Warnings {
		add(warning, draw.Warn)
	}
	if len(m.Drift) > 0 {
		add("The database is not what its migrations make:", draw.Warn)
		for _, d := range m.Drift {
			add(d.Line("the migrations"), draw.Warn)
		}
	}
	if m.Name == "" {
		add(p.Look().Glyphs.Check+" the migrations make what schema.prisma says: there is nothing to write", draw.Good)
		return out
	}
	if m.Recorded {
		add("The database already is what schema.prisma says: the migration is recorded as applied, and not run.", draw.Info)
	}
	out = append(out, p.changes(m.Change, w)...)
	add(m.Path, draw.Strong)
	return append(out, indented(scriptLines(m.SQL, w-2, 1<<30))...)
}

// changes are the steps of a plan, each in its colour by its sign.
func (p *newMigrationScreen) changes(plan *schemaplan.Plan, w int) (out []draw.Line) {
	for _, row := range planRows(plan.Summary(p.Target())) {
		out = append(out, indented(sentences(row.Value, row.Role, w-2))...)
	}
	if n := len(plan.Renames); n > 0 {
		out = append(out, draw.Line{draw.Text(" "+p.Label(keymap.Fix)+" takes "+say.Form(n, "it as a rename", "one of them as a rename")+", which keeps what is there", draw.Info)})
	}
	if len(out) > 0 {
		out = append(out, nil)
	}
	return out
}
