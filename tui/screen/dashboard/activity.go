package dashboard

import (
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// drawActivity shows what naap did, newest first, and under it the end of the server's own log.
func (d *Screen) drawActivity(a draw.Area) {
	in := a.Box(d.frame(activityPane, "Activity", ""))
	share := in.H
	if len(d.Live().Log) > 0 && in.H >= 8 {
		share = max(3, in.H-min(len(d.Live().Log), in.H/2)-1)
	}
	d.activity.Size(len(d.Live().Notes))
	if d.Focus != activityPane {
		d.activity.At = 0
	}
	d.activity.Draw(in.Sub(0, 0, in.W, share), d.Focus == activityPane, draw.Unmarked, func(i, y int) {
		n := d.Live().Notes[len(d.Live().Notes)-1-i]
		x := in.Text(1, y, n.At.Format("15:04:05")+" ", draw.Dim)
		in.Text(x, y, n.Within(in.W-x, d.Look().Glyphs.Ellipsis), n.Role)
	})
	if share == in.H {
		return
	}
	in.Run(0, share, in.W, d.Look().Glyphs.H, draw.Border)
	in.Text(1, share, " server log ", draw.Dim)
	room := in.H - share - 1
	from := max(0, len(d.Live().Log)-room)
	for y, line := range d.Live().Log[from:] {
		drawLog(in, share+1+y, line, d.Live().LogMarks[from+y].Role)
	}
}

// drawLog draws a line of the server's log in the colour of its entry's level.
func drawLog(a draw.Area, y int, line string, role draw.Role) {
	a.Text(1, y, screen.ShortLog(line), role)
}
