package verbs

import (
	"context"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenSeeds lists the seed files with where each stands, and offers made-up rows.
func OpenSeeds(s screen.Root) tea.Cmd {
	schema, table := s.Before()
	return dialog.OpenList(s, dialog.ListSpec[seeding.Seed]{
		Name: "seeds", Open: "apply", Fetch: s.Backend().Seeds, Files: dialog.FollowsThem, Empty: "no seed files; " + s.Label(keymap.Fake) + " makes up rows",
		Columns: []widget.Column{
			{Title: "SEED", Width: 10, Flex: 3}, {Title: "SCHEMA", Width: 8, Flex: 1, Least: 100}, {Title: "STATE", Width: 8},
			{Title: "APPLIED", Width: 12, Least: 44}, {Title: "ROWS", Width: 7, Right: true}, {Title: "", Width: 6, Flex: 3, Least: 100},
		},
		Cell: func(e seeding.Seed, col int) (string, draw.Role) {
			role := draw.Plain
			if col == 2 {
				role = map[string]draw.Role{"applied": draw.Good, "pending": draw.Info, "changed": draw.Warn, "missing": draw.Warn, "found": draw.Dim}[string(e.State)]
			}
			return []string{e.Name, e.Schema, string(e.State), screen.When(e.AppliedAt, s.Now()), seededRows(e), e.Detail()}[col], role
		},
		Words:   func(e seeding.Seed) string { return e.Name + " " + string(e.State) },
		Actions: []keymap.Action{keymap.Apply, keymap.Fake},
		Do: func(a keymap.Action, e seeding.Seed, ok bool) tea.Cmd {
			switch {
			case a == keymap.Fake:
				return openFake(s, schema, table)
			case a == keymap.Apply:
				return applying{Root: s}.open()
			case a == keymap.Open && ok:
				return applySeed(s, e)
			}
			return nil
		},
	})
}

// seededRows is how many rows a seed brought; nothing while it brought none.
func seededRows(e seeding.Seed) string {
	if e.AppliedAt.IsZero() {
		return ""
	}
	return screen.Rows(known(e.Rows, true))
}

// applySeed runs one seed; one that was applied already again. One that nothing chose does not run: it shows how to
// choose it.
func applySeed(s screen.Root, e seeding.Seed) tea.Cmd {
	if e.State == seeding.Found && e.Command != nil {
		return openChoosing(s, e)
	}
	return applying{Root: s, names: []string{e.Name}, force: e.State == "applied" || e.State == "changed"}.open()
}

// openChoosing shows the lines of naap.toml that choose a command, to be copied.
func openChoosing(s screen.Root, e seeding.Seed) tea.Cmd {
	lines := []draw.Line{
		{draw.Text(e.Command.Shown, draw.Strong)},
		{draw.Text("was found in "+e.Command.Origin+", and nothing chooses it.", draw.Plain)},
		nil,
		{draw.Text("To choose it, in naap.toml ("+s.Label(keymap.CopyCell)+" copies the lines):", draw.Dim)},
		nil,
	}
	for _, line := range e.Command.Choosing {
		lines = append(lines, draw.Line{draw.Text(line, draw.Plain)})
	}
	return dialog.OpenPage(s, "not chosen", strings.Join(e.Command.Choosing, "\n"), 90, len(lines)+2, func(int) []draw.Line { return lines })
}

// applying is an application of seeds.
type applying struct {
	screen.Root
	names []string // none for all that are pending or changed
	force bool

	allowed *backend.SeedsPlan // what it asks for was allowed, and is kept first; or nil
}

func (p applying) open() tea.Cmd {
	return look[*backend.SeedsPlan]{
		title: "Seeds", says: "looking at the rows that they brought…", doing: "plan the seeds", limit: planLimit,
		plan: func(ctx context.Context) (*backend.SeedsPlan, error) {
			if p.allowed != nil {
				if err := p.Backend().AllowSeeds(ctx, p.allowed); err != nil {
					return nil, err
				}
			}
			return p.Backend().PlanSeeds(ctx, p.names, p.force)
		},
		next: func(plan *backend.SeedsPlan) tea.Cmd {
			switch {
			case len(plan.Asks()) > 0:
				return dialog.Ask(p.Root, permission(plan.Asks(), func() tea.Cmd {
					p.allowed = plan
					return p.open()
				}))
			case !plan.Replaces():
				return p.apply(plan)
			}
			return dialog.Ask(p.Root, p.question(plan))
		},
	}.open(p.Root)
}

func (p applying) question(plan *backend.SeedsPlan) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Apply the seeds?",
		Text:  []string{"The rows that they brought before are replaced, all others stay; if a file fails, nothing of it is changed."},
		Yes:   "Apply",
		Files: true,
		Do:    func() tea.Cmd { return p.apply(plan) },
	}
	if len(p.names) == 1 {
		q.Title = "Apply " + p.names[0] + " again?"
	}
	for line := range strings.Lines(plan.String()) {
		q.Rows = append(q.Rows, dialog.Row{Value: strings.TrimRight(line, "\n"), Role: draw.Plain})
	}
	return q
}

// apply does what the plan says; where files have changed since, the plan is shown once more.
func (p applying) apply(plan *backend.SeedsPlan) tea.Cmd {
	t := dialog.Task{Name: "seed", Do: func(ctx context.Context, report progress.Report) error {
		return p.Backend().ApplySeeds(ctx, plan, report)
	}}
	if len(p.names) > 0 {
		t.Name += " " + strings.Join(p.names, ", ")
	}
	if plan.Replaces() {
		p.allowed = nil
		t.Again = p.open
	}
	return t.Run(p.Root)
}

// openFake asks how many rows to make up, and for what.
func openFake(s screen.Root, schema string, table postgres.TableRef) tea.Cmd {
	var ofSchema, ofTable devenv.FakeOptions
	ofSchema.Schemas, ofTable.Tables = []string{schema}, []postgres.TableRef{table}
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
	return dialog.OpenMenu(s, "Make up rows for", items)
}

func askFake(s screen.Root, req devenv.FakeOptions) tea.Cmd {
	rows := func(text string) (int64, bool) {
		n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "", " ", "").Replace(text), 10, 64)
		return n, err == nil && 0 < n && n <= 100_000_000
	}
	return dialog.Prompt{Name: "Make up rows", Label: "rows a table", Text: "100",
		Wrong: func(text string) string {
			if _, ok := rows(text); !ok {
				return "that is not a number of rows: 1 to 100,000,000"
			}
			return ""
		},
		Do: func(text string) tea.Cmd {
			req.Rows, _ = rows(text)
			req.Seed = 1
			return chooseFake(s, req)
		},
	}.Ask(s)
}

// chooseFake asks what is to become of tables that have rows: made-up ones are never mixed with others unasked.
func chooseFake(s screen.Root, req devenv.FakeOptions) tea.Cmd {
	run := func(add, edge bool) func() tea.Cmd {
		return func() tea.Cmd {
			req := req
			req.Append, req.Edge = add, edge
			return dialog.Task{Name: "make up rows", Do: func(ctx context.Context, report progress.Report) error {
				return s.Backend().FakeData(ctx, req, report)
			}}.Run(s)
		}
	}
	return dialog.OpenMenu(s, "Tables that have rows", []dialog.MenuItem{
		{Text: "are not touched", Detail: "one among them, and nothing is done", Do: run(false, false)},
		{Text: "get more", Detail: "what is there stays", Do: run(true, false)},
		{Text: "get more, with extremes", Detail: "NULL, empty and longest texts, emoji, infinity", Do: run(true, true)},
	})
}
