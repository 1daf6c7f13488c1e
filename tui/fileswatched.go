package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

var filesSlot = job.Slot{Name: "files"}

// listenFiles follows what becomes of the workspace's files, again if the stream broke off.
func (a *app) listenFiles() tea.Cmd {
	if a.jobs.Busy(filesSlot) {
		return nil
	}
	return job.Stream(a.jobs, filesSlot, true, a.backend.WatchFiles)
}

// filesChanged takes what the workspace's files became. The facts are asked for again at once.
func (a *app) filesChanged(changes []devenv.FileChange) tea.Cmd {
	var names []string
	for _, c := range changes {
		for _, n := range c.Names {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	a.note(screen.Note{At: a.clock(), Role: draw.Info, Text: "changed: ", Files: names})
	cmds := []tea.Cmd{a.Tell(screen.FilesNews{Names: names})}
	switch {
	case a.live.Paused || a.live.Hidden || a.booting():
	case a.jobs.Busy(factsSlot):
		a.live.FactsOld = true // those that are under way may have read the file before
	default:
		cmds = append(cmds, a.askFacts())
	}
	return tea.Batch(cmds...)
}
