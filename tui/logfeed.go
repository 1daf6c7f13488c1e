package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/job"
)

var logsSlot = job.Slot{Name: "server log"}

const logKept = 2000

// ListenLogs follows the server's log, again if it broke off.
func (s *shared) ListenLogs() tea.Cmd {
	if s.live.identity.Lacks.Logs != "" || s.jobs.Busy(logsSlot) || s.live.lost != nil {
		return nil
	}
	s.live.log, s.live.logMarks, s.live.logReads = nil, nil, logReader{}
	return job.Stream(s.jobs, logsSlot, true, func(ctx context.Context, emit func(devenv.LogLine) bool) error {
		return s.backend.Logs(ctx, 200, emit)
	})
}

func (s *shared) logged(lines []devenv.LogLine) {
	l := &s.live
	for _, line := range lines {
		l.logMarks = append(l.logMarks, l.logReads.mark(l.logTotal, line.Text))
		l.log = append(l.log, line)
		l.logTotal++
	}
	if extra := len(l.log) - logKept; extra > 0 {
		l.log, l.logMarks = append(l.log[:0:0], l.log[extra:]...), append(l.logMarks[:0:0], l.logMarks[extra:]...)
	}
}
