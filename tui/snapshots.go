package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/widget"
)

// openSnapshots lists the copies of the database that were saved under names.
func (s *shared) openSnapshots() tea.Cmd {
	return s.open(newListScreen(s, listSpec[devenv.SavedSnapshot]{
		name: "snapshots", open: "restore", fetch: s.backend.Snapshots, empty: "no snapshots yet; " + s.label(keymap.Create) + " saves the database as it is",
		columns: []widget.Column{
			{Title: "NAME", Width: 10, Flex: 3}, {Title: "WHEN", Width: 12}, {Title: "ROWS", Width: 7, Right: true},
			{Title: "SIZE", Width: 7, Right: true}, {Title: "", Width: 6, Flex: 2, Least: 60},
		},
		cell: func(e devenv.SavedSnapshot, col int) (string, draw.Role) {
			role := dimIf(col > 0)
			return []string{e.Name, when(e.At, s.clock()), rows(estimated(e.Rows)), size(e.Bytes), snapshotNote(e)}[col], role
		},
		words:   func(e devenv.SavedSnapshot) string { return e.Name },
		actions: []keymap.Action{keymap.Create, keymap.Delete},
		do: func(a keymap.Action, e devenv.SavedSnapshot, ok bool) tea.Cmd {
			return s.actSnapshot(a, e, ok)
		},
	}))
}

// snapshotNote is what was said of a snapshot, or where it comes from.
func snapshotNote(e devenv.SavedSnapshot) string {
	if e.Replaced {
		return "what a restore replaced"
	}
	return e.Note
}

// estimated is a count by the server's statistics, which has none of tables that it has not looked at yet.
func estimated(n int64) devenv.RowCount {
	if n == 0 {
		n = -1
	}
	return known(n, false)
}

func (s *shared) actSnapshot(a keymap.Action, e devenv.SavedSnapshot, ok bool) tea.Cmd {
	switch {
	case a == keymap.Create:
		return s.open(s.newPrompt("Save a snapshot", "name", "", func(name string) (tea.Cmd, string) { return s.askNote(name), "" }))
	case !ok:
		return nil
	case a == keymap.Open:
		return s.planRestore(restoring{
			name: e.Name, what: "what it was " + when(e.At, s.clock()), do: s.backend.Restore,
			plan: func(ctx context.Context) (*devenv.RestorePlan, error) {
				return s.backend.PlanRestoreSnapshot(ctx, e.Name)
			},
		})
	case a == keymap.Delete:
		return s.open(s.newConfirm(confirmation{
			title: "Delete " + e.Name + "?", text: []string{"The saved copy of " + size(e.Bytes) + " goes for good. The database itself stays as it is."}, yes: "Delete",
			do: func() tea.Cmd {
				return s.runTask("delete "+e.Name, func(ctx context.Context, _ progress.Report) error { return s.backend.DeleteSnapshot(ctx, e.Name) }, nil)
			},
		}))
	}
	return nil
}

// askNote asks what to say of a snapshot, and saves it.
func (s *shared) askNote(name string) tea.Cmd {
	p := s.newPrompt("Save "+name, "note, if any", "", func(note string) (tea.Cmd, string) {
		return s.runTaskEnding("save "+name, func(ctx context.Context, end bool, report progress.Report) error {
			return s.backend.SaveSnapshot(ctx, name, devenv.CopyOptions{Note: note, TerminateSessions: end}, report)
		}), ""
	})
	p.optional = true
	return s.open(p)
}
