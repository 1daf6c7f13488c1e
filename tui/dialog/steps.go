package dialog

import (
	"context"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Steps is what a verb has reported so far. Its list moves over them.
type Steps struct {
	widget.List
	all  []progress.Step
	seen map[string]time.Time // when a step was last reported, for the time of what runs
}

// StreamSteps carries out a verb; its steps arrive in batches, and at last its end.
func StreamSteps(b *screen.Base, name string, do func(context.Context, progress.Report) error) tea.Cmd {
	watch := b.Jobs().Watch
	return job.Stream(b.Jobs(), b.Slot(name), false, func(ctx context.Context, emit func(progress.Step) bool) error {
		return do(ctx, progress.ClockBy(watch, func(s progress.Step) { emit(s) }))
	})
}

// Report takes a step, in the place of what was reported of it before.
func (s *Steps) Report(step progress.Step, now time.Time) {
	if s.seen == nil {
		s.seen = map[string]time.Time{}
	}
	s.seen[step.Name] = now
	if i := slices.IndexFunc(s.all, func(other progress.Step) bool { return other.Name == step.Name }); i >= 0 {
		s.all[i] = step
		return
	}
	s.all = append(s.all, step)
	s.Size(len(s.all))
	s.At = len(s.all) - 1
}

// Count is how many steps there are.
func (s *Steps) Count() int { return len(s.all) }

// Draw draws as many steps as there is room for, a line each.
func (s *Steps) Draw(a draw.Area, now time.Time) {
	s.List.Draw(a, false, draw.Unmarked, func(i, y int) {
		drawStep(a.Sub(0, y, a.W, 1), s.all[i], now, s.seen[s.all[i].Name])
	})
}

// StepRole is the role of a step in that state.
func StepRole(s progress.Status) draw.Role {
	switch s {
	case progress.Done:
		return draw.Good
	case progress.Failed:
		return draw.Bad
	case progress.Warned:
		return draw.Warn
	case progress.Skipped:
		return draw.Dim
	}
	return draw.Info
}

// drawStep draws a step on one line, as it was reported at seen.
func drawStep(line draw.Area, s progress.Step, now, seen time.Time) {
	g := line.Look().Glyphs
	role := StepRole(s.Status)
	sign := map[progress.Status]string{
		progress.Done: g.Check, progress.Failed: g.Cross, progress.Warned: g.Warn, progress.Skipped: g.Middle,
	}[s.Status]
	spent := s.Elapsed
	if s.Status == progress.Running {
		sign = g.Spin[int(now.UnixMilli()/125)%len(g.Spin)]
		if !seen.IsZero() {
			spent += now.Sub(seen)
		}
	}
	end := line.W - 1
	if spent >= time.Millisecond && line.W > 40 {
		end = line.Right(line.W-1, 0, 9, say.Took(spent), draw.Dim) - 1
	}
	p := line.Sub(0, 0, end, 1).Pen(1, 0)
	title := draw.Plain
	if s.Status == progress.Skipped {
		title = draw.Dim
	}
	p.Text(sign+" ", role).Text(s.Title, title).To(min(34, line.W/2)).Text("  ", draw.Plain)
	if s.Total > 0 && s.Status == progress.Running {
		width := min(24, p.Left()/3)
		p.Text(g.Bar(float64(s.Done)/float64(s.Total), width)+" ", draw.Info).Text(s.Amount(), draw.Plain).Text("  ", draw.Plain)
	} else if s.Done > 0 && s.Status == progress.Running {
		p.Text(s.Amount()+"  ", draw.Plain)
	}
	detail := draw.Dim
	if s.Status == progress.Failed || s.Status == progress.Warned {
		detail = role
	}
	p.Text(s.Detail, detail)
}
