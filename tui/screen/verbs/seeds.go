package verbs

import (
	"context"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenSeeds lists the seed files with where each stands, and offers made-up rows.
func OpenSeeds(s screen.Root) tea.Cmd {
	schema, table := s.Before()
	return s.Open(dialog.NewList(s, dialog.ListSpec[devenv.Seed]{
		Name: "seeds", Open: "apply", Fetch: s.Backend().Seeds, Files: dialog.FollowsThem, Empty: "no seed files; " + s.Label(keymap.Fake) + " makes up rows",
		Columns: []widget.Column{
			{Title: "SEED", Width: 10, Flex: 3}, {Title: "SCHEMA", Width: 8, Flex: 2, Least: 50}, {Title: "STATE", Width: 8},
			{Title: "APPLIED", Width: 12, Least: 44}, {Title: "ROWS", Width: 7, Right: true}, {Title: "", Width: 6, Flex: 3, Least: 70},
		},
		Cell: func(e devenv.Seed, col int) (string, draw.Role) {
			role := draw.Plain
			if col == 2 {
				role = map[string]draw.Role{"applied": draw.Good, "pending": draw.Info, "changed": draw.Warn, "missing": draw.Warn}[string(e.State)]
			}
			return []string{e.Name, e.Schema, string(e.State), screen.When(e.AppliedAt, s.Now()), seededRows(e), e.Detail()}[col], role
		},
		Words:   func(e devenv.Seed) string { return e.Name + " " + string(e.State) },
		Actions: []keymap.Action{keymap.Apply, keymap.Fake},
		Do: func(a keymap.Action, e devenv.Seed, ok bool) tea.Cmd {
			switch {
			case a == keymap.Fake:
				return openFake(s, schema, table)
			case a == keymap.Apply:
				return planSeeds(s, nil, false)
			case a == keymap.Open && ok:
				return applySeed(s, e)
			}
			return nil
		},
	}))
}

// seededRows is how many rows a seed brought; nothing while it brought none.
func seededRows(e devenv.Seed) string {
	if e.AppliedAt.IsZero() {
		return ""
	}
	return screen.Rows(screen.Known(e.Rows, true))
}

// applySeed runs one seed; one that was applied already again.
func applySeed(s screen.Root, e devenv.Seed) tea.Cmd {
	return planSeeds(s, []string{e.Name}, e.State == "applied" || e.State == "changed")
}

// seedsScreen waits for what applying seeds would do, and asks where rows would go.
type seedsScreen struct {
	screen.Base
	names []string // none for all that are pending or changed
	force bool

	allowed *devenv.SeedsPlan // what it asks for was allowed, and is kept first; or nil
}

func planSeeds(s screen.Root, names []string, force bool) tea.Cmd {
	return s.Open(&seedsScreen{Base: screen.NewBase(s), names: names, force: force})
}

func (p *seedsScreen) Title() string       { return "" }
func (p *seedsScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 3} }

func (p *seedsScreen) Draw(a draw.Area) {
	a.Box(draw.Frame{Title: " Seeds ", Focused: true}).Text(1, 0, "looking at the rows that they brought…", draw.Dim)
}

func (p *seedsScreen) Init() tea.Cmd {
	names, force, allowed := p.names, p.force, p.allowed
	return job.Ask(p.Jobs(), p.Slot("plan the seeds"), planLimit, func(ctx context.Context) (*devenv.SeedsPlan, error) {
		if allowed != nil {
			if err := p.Backend().AllowSeeds(ctx, allowed); err != nil {
				return nil, err
			}
		}
		return p.Backend().PlanSeeds(ctx, names, force)
	})
}

func (p *seedsScreen) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[*devenv.SeedsPlan])
	if !ok {
		return nil
	}
	closing := p.Close(p)
	switch {
	case m.Err != nil:
		p.Fail("plan the seeds", m.Err)
		return closing
	case len(m.Value.Asks()) > 0:
		return tea.Batch(closing, p.Open(dialog.NewConfirm(p.Root, p.permission(m.Value))))
	case !m.Value.Replaces():
		return tea.Batch(closing, applySeeds(p.Root, m.Value))
	}
	return tea.Batch(closing, p.Open(dialog.NewConfirm(p.Root, p.question(m.Value))))
}

// permission shows whole what the repository's files would run, and asks once.
func (p *seedsScreen) permission(plan *devenv.SeedsPlan) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Allow what the repository's files do?",
		Text:  []string{"This runs as you, or reaches out of the database. The answer is kept for this workspace and these texts."},
		Yes:   "Allow",
		Do: func() tea.Cmd {
			return p.Open(&seedsScreen{Base: screen.NewBase(p.Root), names: p.names, force: p.force, allowed: plan})
		},
	}
	for _, asked := range plan.Asks() {
		q.Rows = append(q.Rows, dialog.Row{Value: asked.Title, Role: draw.Warn})
		if asked.Was != "" {
			q.Rows = append(q.Rows, dialog.Row{Value: "allowed before:", Role: draw.Dim})
			for line := range strings.SplitSeq(strings.TrimRight(asked.Was, "\n"), "\n") {
				q.Rows = append(q.Rows, dialog.Row{Value: "  " + line, Role: draw.Dim})
			}
			q.Rows = append(q.Rows, dialog.Row{Value: "now:", Role: draw.Dim})
		}
		for line := range strings.SplitSeq(strings.TrimRight(asked.Text, "\n"), "\n") {
			q.Rows = append(q.Rows, dialog.Row{Value: "  " + line, Role: draw.Plain})
		}
	}
	return q
}

func (p *seedsScreen) question(plan *devenv.SeedsPlan) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Apply the seeds?",
		Text:  []string{"The rows that they brought before are replaced, all others stay; if a file fails, nothing of it is changed."},
		Yes:   "Apply",
		Files: true,
		Do:    func() tea.Cmd { return applySeeds(p.Root, plan) },
	}
	if len(p.names) == 1 {
		q.Title = "Apply " + p.names[0] + " again?"
	}
	for line := range strings.Lines(plan.String()) {
		q.Rows = append(q.Rows, dialog.Row{Value: strings.TrimRight(line, "\n"), Role: draw.Plain})
	}
	return q
}

// applySeeds does what the plan says; where files have changed since, the plan is shown once more.
func applySeeds(s screen.Root, plan *devenv.SeedsPlan) tea.Cmd {
	name := "seed"
	if len(plan.Options.Names) > 0 {
		name += " " + strings.Join(plan.Options.Names, ", ")
	}
	t := dialog.NewTask(s, name)
	t.Do = func(ctx context.Context, report progress.Report) error {
		return s.Backend().ApplySeeds(ctx, plan, report)
	}
	if plan.Replaces() {
		t.Again = func() tea.Cmd { return planSeeds(s, plan.Options.Names, plan.Options.Force) }
	}
	return s.Open(t)
}

// openFake asks how many rows to make up, and for what.
func openFake(s screen.Root, schema string, table devenv.TableRef) tea.Cmd {
	var ofSchema, ofTable devenv.FakeOptions
	ofSchema.Schemas, ofTable.Tables = []string{schema}, []devenv.TableRef{table}
	items := []dialog.MenuItem{{Text: "every table of every schema", Do: func() tea.Cmd { return askFake(s, devenv.FakeOptions{}) }}}
	if schema != "" {
		items = append([]dialog.MenuItem{{Text: "every table of " + schema, Do: func() tea.Cmd {
			return askFake(s, ofSchema)
		}}}, items...)
	}
	if table.Name != "" {
		items = append([]dialog.MenuItem{{Text: table.String(), Detail: "and what it needs to point at", Do: func() tea.Cmd {
			return askFake(s, ofTable)
		}}}, items...)
	}
	return s.Open(dialog.NewMenu(s, "Make up rows for", items))
}

func askFake(s screen.Root, req devenv.FakeOptions) tea.Cmd {
	return s.Open(dialog.NewPrompt(s, "Make up rows", "rows a table", "100", func(text string) (tea.Cmd, string) {
		n, err := strconv.Atoi(strings.NewReplacer(",", "", "_", "", " ", "").Replace(text))
		if err != nil || n <= 0 || n > 100_000_000 {
			return nil, "that is no number of rows: 1 to 100,000,000"
		}
		req.Rows, req.Seed = int64(n), 1
		return chooseFake(s, req), ""
	}))
}

// chooseFake asks what is to become of tables that have rows: made-up ones are never mixed with others unasked.
func chooseFake(s screen.Root, req devenv.FakeOptions) tea.Cmd {
	run := func(add, edge bool) func() tea.Cmd {
		return func() tea.Cmd {
			req := req
			req.Append, req.Edge = add, edge
			return dialog.RunTask(s, "make up rows", func(ctx context.Context, report progress.Report) error {
				return s.Backend().FakeData(ctx, req, report)
			}, nil)
		}
	}
	return s.Open(dialog.NewMenu(s, "Tables that have rows", []dialog.MenuItem{
		{Text: "are not touched", Detail: "one among them, and nothing is done", Do: run(false, false)},
		{Text: "get more", Detail: "what is there stays", Do: run(true, false)},
		{Text: "get more, with extremes", Detail: "NULL, empty and longest texts, emoji, infinity", Do: run(true, true)},
	}))
}
