package verbs

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// askResolve asks how a migration that failed is to be recorded. One that is pending can only be recorded as applied, where
// its tables were there before.
func askResolve(s screen.Root, m migrate.Entry, script bool) tea.Cmd {
	as := func(applied bool) func() tea.Cmd { return func() tea.Cmd { return planResolve(s, m.Name, applied) } }
	if m.State != migrate.Failed {
		return planResolve(s, m.Name, true)
	}
	if !script {
		return planResolve(s, m.Name, false) // without its script it can only be given up
	}
	return dialog.OpenMenu(s, "What became of "+m.Name+"?", []dialog.MenuItem{
		{Text: "nothing of it is in the database", Detail: "rolled back: it runs again", Do: as(false)},
		{Text: "it was completed by hand", Detail: "applied: it counts as done", Do: as(true)},
	})
}

func planResolve(s screen.Root, name string, applied bool) tea.Cmd {
	return look[*migrate.Resolution]{
		title: "Resolve " + name, says: "looking at what is recorded…", doing: "plan the resolution", limit: planLimit,
		plan: func(ctx context.Context) (*migrate.Resolution, error) {
			return s.Backend().PlanResolve(ctx, name, applied)
		},
		next: func(r *migrate.Resolution) tea.Cmd { return dialog.Ask(s, resolveQuestion(s, r)) },
	}.open(s)
}

func resolveQuestion(s screen.Root, r *migrate.Resolution) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Record " + r.Name + " as rolled back?", Yes: "Record it",
		Text: []string{"Only the record is changed: nothing is run. The next deploy runs the migration again, where the folder has it."},
		Do: func() tea.Cmd {
			return dialog.Task{Name: "resolve " + r.Name, Do: func(ctx context.Context, report progress.Report) error {
				return s.Backend().Resolve(ctx, r, report)
			}}.Run(s)
		},
	}
	if r.Applied {
		q.Title = "Record " + r.Name + " as applied?"
		q.Text = []string{"Only the record is changed: nothing is run. Deploys pass the migration over from now on, so the database should have all that it makes."}
	}
	for _, name := range r.Replaces {
		q.Rows = append(q.Rows, dialog.Row{Label: "in place of", Value: name, Role: draw.Plain})
	}
	for _, w := range r.Warnings {
		q.Rows = append(q.Rows, dialog.Row{Label: "note", Value: w, Role: draw.Warn})
	}
	if r.Now != "" {
		q.Rows = append(q.Rows, dialog.Row{Label: "there now", Value: r.Now, Role: draw.Strong})
	}
	if r.GivesUp > 0 {
		q.Rows = append(q.Rows, dialog.Row{Label: "given up", Value: say.Count(r.GivesUp, "attempt") + " that did not end", Role: draw.Plain})
	}
	if r.Table {
		q.Rows = append(q.Rows, dialog.Row{Label: "created", Value: "the table _prisma_migrations", Role: draw.Plain})
	}
	return q
}
