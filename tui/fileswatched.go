package tui

import (
	"path"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
)

var filesSlot = job.Slot{Name: "files"}

// filesNews tells every screen that files of the workspace have changed: what it says of them may be old.
type filesNews struct{ names []string }

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
	a.note(note{at: a.clock(), role: draw.Info, text: "changed: ", files: names})
	cmds := []tea.Cmd{a.Tell(filesNews{names})}
	switch {
	case a.live.paused || a.live.hidden || a.booting():
	case a.jobs.Busy(factsSlot):
		a.live.factsOld = true // those that are under way may have read the file before
	default:
		cmds = append(cmds, a.askFacts())
	}
	return tea.Batch(cmds...)
}

// listed is a few names, and how many more there are.
func listed(names []string) string { return say.Some(names, 3) }

// listedIn is listed in w cells, as far as paths can be cut at their beginning: whole folders go, the longest path's first,
// and names stay.
func listedIn(names []string, w int, dots string) string {
	names = slices.Clone(names)
	cut := make([]string, len(names)) // what is left of each
	copy(cut, names)
	for draw.Width(listed(names)) > w {
		longest := -1
		for i, path := range cut {
			if strings.Contains(path, "/") && (longest < 0 || draw.Width(path) > draw.Width(cut[longest])) {
				longest = i
			}
		}
		if longest < 0 {
			break
		}
		_, cut[longest], _ = strings.Cut(cut[longest], "/")
		names[longest] = dots + "/" + cut[longest]
	}
	return listed(names)
}

// asOf names a Prisma file with the moment that an answer speaks of: "schema.prisma as of 14:02:07".
func asOf(f devenv.FileState) string {
	name := path.Base(f.Name)
	switch {
	case f.Name == "":
		return "schema.prisma"
	case f.AsOf.IsZero():
		return "the built-in " + name
	}
	return name + " as of " + f.AsOf.Format("15:04:05")
}
