package verbs

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenSnapshots lists the copies of the database that were saved under names.
func OpenSnapshots(s screen.Root) tea.Cmd {
	return dialog.OpenList(s, dialog.ListSpec[backup.Snapshot]{
		Name: "snapshots", Open: "restore", Fetch: s.Backend().Snapshots, Empty: "no snapshots yet; " + s.Label(keymap.Create) + " saves the database as it is",
		Columns: []widget.Column{
			{Title: "NAME", Width: 10, Flex: 3}, {Title: "WHEN", Width: 12}, {Title: "ROWS", Width: 7, Right: true},
			{Title: "SIZE", Width: 7, Right: true}, {Title: "", Width: 6, Flex: 2, Least: 60},
		},
		Cell: func(e backup.Snapshot, col int) (string, draw.Role) {
			role := dimIf(col > 0)
			return []string{e.Name, screen.When(e.At, s.Now()), screen.Rows(estimated(e.Rows)), screen.Size(e.Bytes), snapshotNote(e)}[col], role
		},
		Words:   func(e backup.Snapshot) string { return e.Name },
		Actions: []keymap.Action{keymap.Create, keymap.Delete},
		Do: func(a keymap.Action, e backup.Snapshot, ok bool) tea.Cmd {
			return actSnapshot(s, a, e, ok)
		},
	})
}

// snapshotNote is what was said of a snapshot, or where it comes from.
func snapshotNote(e backup.Snapshot) string {
	if e.Replaced {
		return "what a restore replaced"
	}
	return e.Note
}

// estimated is a count by the server's statistics, which has none of tables that it has not looked at yet.
func estimated(n int64) postgres.RowCount {
	if n == 0 {
		n = -1
	}
	return known(n, false)
}

func actSnapshot(s screen.Root, a keymap.Action, e backup.Snapshot, ok bool) tea.Cmd {
	switch {
	case a == keymap.Create:
		return dialog.Prompt{Name: "Save a snapshot", Label: "name", Do: func(name string) tea.Cmd { return askNote(s, name) }}.Ask(s)
	case !ok:
		return nil
	case a == keymap.Open:
		return restoring{
			name: e.Name, what: "what it was " + screen.When(e.At, s.Now()),
			plan: func(ctx context.Context) (*backup.Plan, error) {
				return s.Backend().PlanRestoreSnapshot(ctx, e.Name)
			},
		}.open(s)
	case a == keymap.Delete:
		return dialog.Ask(s, dialog.Confirmation{
			Title: "Delete " + e.Name + "?", Text: []string{"The saved copy of " + screen.Size(e.Bytes) + " goes for good. The database itself stays as it is."}, Yes: "Delete",
			Do: func() tea.Cmd {
				return dialog.Task{Name: "delete " + e.Name, Do: func(ctx context.Context, _ progress.Report) error { return s.Backend().DeleteSnapshot(ctx, e.Name) }}.Run(s)
			},
		})
	}
	return nil
}

// askNote asks what to say of a snapshot, and saves it.
func askNote(s screen.Root, name string) tea.Cmd {
	return dialog.Prompt{Name: "Save " + name, Label: "note, if any", Optional: true, Do: func(note string) tea.Cmd {
		return dialog.RunEnding(s, "save "+name, func(ctx context.Context, end bool, report progress.Report) error {
			return s.Backend().SaveSnapshot(ctx, name, devenv.CopyOptions{Note: note, TerminateSessions: end}, report)
		})
	}}.Ask(s)
}
