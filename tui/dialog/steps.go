package dialog

import (
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
)

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

// DrawStep draws a step on one line, as it was reported at seen.
func DrawStep(line draw.Area, s progress.Step, now, seen time.Time) {
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
