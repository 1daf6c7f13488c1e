package verbs

import (
	"context"
	"path/filepath"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// OpenBackup writes the database to a file, and asks for its name where there is none yet.
func OpenBackup(s screen.Root, path string) tea.Cmd {
	write := func(path string) tea.Cmd { return writeBackup(s, path, false) }
	if path != "" {
		return write(path)
	}
	name := s.Live().Instance() + "-" + s.Now().Format("2006-01-02-150405") + ".dump"
	return dialog.Prompt{Name: "Write the database to a file", Label: "file", Text: name, Do: write}.Ask(s)
}

// writeBackup writes the file. Where there is one already, it is asked whether to replace it.
func writeBackup(s screen.Root, path string, force bool) tea.Cmd {
	return dialog.Task{
		Name: "backup to " + path,
		Do: func(ctx context.Context, report progress.Report) error {
			return s.Backend().Backup(ctx, dialog.AtHome(path), force, report)
		},
		Refused: func(err error) (q dialog.Confirmation, ok bool) {
			e, ok := remedy.Of(err)
			if !ok || e.Code != "backup.exists" || force {
				return q, false
			}
			q = dialog.Confirmation{Title: "Replace " + filepath.Base(path) + "?", Text: []string{e.Message + "."}, Yes: "Replace"}
			for _, line := range e.Seen {
				q.Rows = append(q.Rows, dialog.Row{Value: line, Role: draw.Warn})
			}
			q.Do = func() tea.Cmd { return writeBackup(s, path, true) }
			return q, true
		},
	}.Run(s)
}

// OpenRestoreFile restores the database from a file, once the plan was seen and the file's name typed.
func OpenRestoreFile(s screen.Root, path string) tea.Cmd {
	if path == "" {
		return dialog.Prompt{Name: "Read the database from a file", Label: "file", Do: func(path string) tea.Cmd { return OpenRestoreFile(s, path) }}.Ask(s)
	}
	return restoring{
		name: filepath.Base(path), what: "what " + path + " holds",
		plan: func(ctx context.Context) (*backup.Plan, error) {
			return s.Backend().PlanRestoreFile(ctx, dialog.AtHome(path))
		},
	}.open(s)
}
