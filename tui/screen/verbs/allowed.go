package verbs

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// permission shows whole what the repository's files would run, and asks once.
func permission(asks []devenv.Asked, allow func() tea.Cmd) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Allow what the repository's files do?",
		Text:  []string{"This runs as you, or reaches out of the database. The answer is kept for this workspace and these texts."},
		Yes:   "Allow",
		Do:    allow,
	}
	for _, asked := range asks {
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

const planDeploy = "plan the deploy"

// allowed asks for what the scripts of a plan would reach, where the user has not allowed it, and goes on.
func allowed(s screen.Root, plan *backend.DeployPlan, next func(*backend.DeployPlan) tea.Cmd) tea.Cmd {
	if len(plan.Asks()) == 0 {
		return next(plan)
	}
	return dialog.Ask(s, permission(plan.Asks(), func() tea.Cmd {
		return look[*backend.DeployPlan]{
			title: "Migrations", says: "looking at what is pending…", doing: planDeploy, limit: planLimit,
			plan: func(ctx context.Context) (*backend.DeployPlan, error) {
				if err := s.Backend().AllowScripts(ctx, plan.Standings); err != nil {
					return nil, err
				}
				return s.Backend().PlanDeploy(ctx)
			},
			next: func(plan *backend.DeployPlan) tea.Cmd { return allowed(s, plan, next) },
		}.open(s)
	}))
}

// scriptsAllowed asks for what the scripts of all migrations would reach, which a shadow database is to run, where the user
// has not allowed it, and goes on.
func scriptsAllowed(s screen.Root, next func() tea.Cmd) tea.Cmd {
	return look[*backend.ScriptsPlan]{
		title: "Migrations", says: "looking at their scripts…", doing: "look at the scripts", limit: planLimit, plan: s.Backend().PlanScripts,
		next: func(plan *backend.ScriptsPlan) tea.Cmd {
			if len(plan.Asks()) == 0 {
				return next()
			}
			return dialog.Ask(s, permission(plan.Asks(), func() tea.Cmd {
				return look[*backend.ScriptsPlan]{
					title: "Migrations", says: "noting it…", doing: "allow it", limit: planLimit,
					plan: func(ctx context.Context) (*backend.ScriptsPlan, error) {
						return nil, s.Backend().AllowScripts(ctx, plan.Standings)
					},
					next: func(*backend.ScriptsPlan) tea.Cmd { return next() },
				}.open(s)
			}))
		},
	}.open(s)
}
