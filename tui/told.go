package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/watch"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// logKept is how many lines of the server's log are kept.
const logKept = 2000

// filesChanged takes what the workspace's files became. The facts are asked for again at once.
func (f *feed) filesChanged(changes []watch.Change) tea.Cmd {
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
	f.note(screen.Note{At: f.clock(), Role: draw.Info, Text: "changed: ", Files: names})
	cmds := []tea.Cmd{f.Tell(screen.FilesNews{Names: names})}
	switch {
	case f.live.Paused || f.live.Hidden || f.live.Starting:
	case f.jobs.Busy(factsSlot):
		f.live.FactsOld = true // those that are under way may have read the file before
	default:
		cmds = append(cmds, f.askFacts())
	}
	return tea.Batch(cmds...)
}

func (f *feed) logged(lines []string) {
	l := &f.live
	for _, line := range lines {
		l.LogMarks = append(l.LogMarks, l.LogReads.Mark(l.LogTotal, line))
		l.Log = append(l.Log, line)
		l.LogTotal++
	}
	if extra := len(l.Log) - logKept; extra > 0 {
		l.Log, l.LogMarks = append(l.Log[:0:0], l.Log[extra:]...), append(l.LogMarks[:0:0], l.LogMarks[extra:]...)
	}
}
