package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

var logsSlot = job.Slot{Name: "server log"}

const logKept = 2000

// ListenLogs follows the server's log, again if it broke off.
func (s *shared) ListenLogs() tea.Cmd {
	if s.live.Identity.Lacks.Logs != "" || s.jobs.Busy(logsSlot) || s.live.Lost != nil {
		return nil
	}
	s.live.Log, s.live.LogMarks, s.live.LogReads = nil, nil, screen.LogReader{}
	return job.Stream(s.jobs, logsSlot, true, func(ctx context.Context, emit func(string) bool) error {
		return s.backend.Logs(ctx, 200, emit)
	})
}

func (s *shared) logged(lines []string) {
	l := &s.live
	for _, line := range lines {
		l.LogMarks = append(l.LogMarks, l.LogReads.Mark(l.LogTotal, line))
		l.Log = append(l.Log, line)
		l.LogTotal++
	}
	if extra := len(l.Log) - logKept; extra > 0 {
		l.Log, l.LogMarks = append(l.Log[:0:0], l.Log[extra:]...), append(l.LogMarks[:0:0], l.LogMarks[extra:]...)
	}
}
