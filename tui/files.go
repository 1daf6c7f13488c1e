package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/progress"
)

// openBackup writes the database to a file, and asks for its name where there is none yet.
func (s *shared) openBackup(path string) tea.Cmd {
	k, ok := s.backend.(Keeper)
	if !ok {
		return s.notHere("backup")
	}
	write := func(path string) tea.Cmd {
		return s.runTask("backup to "+path, func(ctx context.Context, report progress.Report) error { return k.Backup(ctx, atHome(path), report) }, nil)
	}
	if path != "" {
		return write(path)
	}
	name := s.instance() + "-" + s.clock().Format("2006-01-02-150405") + ".dump"
	return s.open(s.newPrompt("Write the database to a file", "file", name, func(path string) (tea.Cmd, string) { return write(path), "" }))
}

// openRestoreFile makes the database be what a file holds, once the file's name was typed.
func (s *shared) openRestoreFile(path string) tea.Cmd {
	k, ok := s.backend.(Keeper)
	if !ok {
		return s.notHere("restore")
	}
	if path == "" {
		return s.open(s.newPrompt("Read the database from a file", "file", "", func(path string) (tea.Cmd, string) { return s.openRestoreFile(path), "" }))
	}
	return s.open(s.newConfirm(confirmation{
		title: "Restore " + filepath.Base(path) + "?",
		text: []string{
			"The whole database becomes what " + path + " holds. What is in it now is kept as (replaced) until the next restore, and can be restored in turn.",
		},
		word: filepath.Base(path), yes: "Restore",
		do: func() tea.Cmd {
			return s.runTaskEnding("restore "+path, func(ctx context.Context, end bool, report progress.Report) error {
				return k.RestoreFile(ctx, atHome(path), end, report)
			})
		},
	}))
}

// atHome is a path with ~ as shells read it.
func atHome(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	return path
}
