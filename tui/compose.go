package tui

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// compose draws the whole frame: header, the topmost page, dialogs over it, status line, footer.
func (a *app) compose(all draw.Area) {
	body := a.body(all)
	a.header(all.Sub(0, 0, all.W, 1))
	page := len(a.stack) - 1
	for page > 0 && a.stack[page].Shape().Floats {
		page--
	}
	a.stack[page].Draw(body)
	for _, over := range a.stack[page+1:] {
		body.Dim()
		over.Draw(centred(body, over.Shape()))
	}
	if a.h >= 10 {
		a.statusLine(all.Sub(0, all.H-2, all.W, 1))
	}
	if a.h >= 3 {
		a.footer(all.Sub(0, all.H-1, all.W, 1))
	}
}

// body is what header, status line and footer leave.
func (a *app) body(all draw.Area) draw.Area {
	switch {
	case all.H >= 10:
		return all.Sub(0, 1, all.W, all.H-3)
	case all.H >= 3:
		return all.Sub(0, 1, all.W, all.H-2)
	}
	return all.Sub(0, 1, all.W, all.H-1)
}

// centred is the place of a dialog, emptied.
func centred(body draw.Area, s screen.Shape) draw.Area {
	w, h := min(max(s.W, 20), body.W), min(max(s.H, 3), body.H)
	box := body.Sub((body.W-w)/2, (body.H-h)/3, w, h)
	box.Fill(" ", draw.Plain)
	return box
}

// header says on one line how the server is, as much of it as the width takes.
func (a *app) header(line draw.Area) {
	defer line.Mark(0, 0, line.W, draw.OnBar)
	l, g := &a.live, a.look.Glyphs
	clock := a.clock().Format("15:04:05")
	end := line.W
	if line.W >= 40 {
		end = line.Right(line.W-1, 0, 10, clock, draw.Plain) - 1
	}
	p := line.Sub(0, 0, end, 1).Pen(0, 0)
	name := l.Identity.Instance
	if name == "" {
		name = "naap"
	}
	p.Text(" "+name+" ", draw.Plain)
	state, role := a.state()
	p.Text(g.Dot+" "+state, role)
	if line.W < 30 {
		return
	}
	for _, crumb := range a.crumbs() {
		p.Text(" > ", draw.Plain).Text(crumb, draw.Plain)
	}
	gap := "  "
	if line.W < 100 {
		gap = " "
	}
	for _, part := range a.headerParts(line.W) {
		if p.Left() > draw.Width(gap+part) {
			p.Text(gap+part, draw.Plain)
		}
	}
}

// state is the server's state in a word or two.
func (a *app) state() (string, draw.Role) {
	l := &a.live
	switch {
	case l.Starting:
		if boot, ok := a.stack[0].(*bootScreen); ok && boot.err != nil {
			return "not started", draw.Bad
		}
		return "starting", draw.Warn
	case l.Paused:
		return "paused", draw.Warn
	case l.Lost != nil && !l.Seen.IsZero():
		return "lost, data " + say.Age(a.clock().Sub(l.Seen)) + " old", draw.Bad
	case l.Lost != nil:
		return "no server", draw.Bad
	case l.Slow:
		return a.slowState()
	case l.Stuck != nil && !l.Seen.IsZero():
		return "not refreshed, data " + say.Age(a.clock().Sub(l.Seen)) + " old", draw.Warn
	case l.Snap == nil:
		return "connecting", draw.Warn
	case len(l.Snap.Health.Waiting) > 0:
		return "locks waiting", draw.Warn
	}
	return "healthy", draw.Good
}

// headerParts are what else the header says, most wanted first.
func (a *app) headerParts(w int) []string {
	l, g := &a.live, a.look.Glyphs
	if l.Snap == nil {
		return nil
	}
	s := l.Snap
	var parts []string
	if l.Lost == nil {
		parts = append(parts, say.Took(s.Health.Latency))
	}
	if a.unlock {
		parts = append(parts, "WRITES UNLOCKED")
	}
	if s.Server.Version > 0 {
		parts = append(parts, "pg"+strconv.Itoa(s.Server.Version.Major()))
	}
	if e := l.Engine; e != nil {
		parts = append(parts, strings.TrimRight(g.Box+" "+e.Status+" "+screen.UpFor(e, a.clock()), " "))
	}
	tables, n, _ := s.Totals()
	if w >= 120 {
		parts = append(parts, l.Identity.Address, say.Count(len(s.Schemas), "schema")+" "+say.Count(tables, "table")+" "+screen.WithNoun(n))
	}
	parts = append(parts, "conn "+strconv.Itoa(s.Health.Used)+"/"+strconv.Itoa(s.Health.Max))
	if s.Health.CacheHit >= 0 {
		parts = append(parts, "cache "+strconv.FormatFloat(100*s.Health.CacheHit, 'f', 1, 64)+"%")
	}
	if !a.unlock {
		parts = append(parts, "RO")
	}
	if w >= 120 {
		parts = append(parts, "tz "+s.Server.TimeZone, l.Identity.Workspace)
	}
	return parts
}

// crumbs are the titles of the pages above the lowest.
func (a *app) crumbs() []string {
	var out []string
	for _, sc := range a.stack[1:] {
		if t := sc.Title(); t != "" {
			out = append(out, t)
		}
	}
	if len(out) > 3 {
		out = append([]string{a.look.Glyphs.Ellipsis}, out[len(out)-3:]...)
	}
	return out
}

// statusLine is what happened last and, to the right, what runs or what went wrong last.
func (a *app) statusLine(line draw.Area) {
	g := a.look.Glyphs
	right := ""
	role := draw.Dim
	if waits := a.jobs.Waiting(); len(waits) > 0 {
		frame := g.Spin[int(a.clock().UnixMilli()/250)%len(g.Spin)]
		right, role = frame+" "+strings.Join(waits, ", ")+" ("+a.Label(keymap.Interrupt)+" cancels)", draw.Info
	} else if a.failure != nil && a.w >= 60 {
		right = "last error " + a.failed.Format("15:04:05")
		if a.hints() == nil { // else the key may be one that is typed
			right += " (" + a.Label(keymap.LastError) + " shows it)"
		}
	}
	end := line.W
	if right != "" {
		end = line.Right(line.W-1, 0, line.W/2, right, role) - 1
	}
	if a.status.Text == "" {
		return
	}
	sign := map[draw.Role]string{draw.Good: g.Check, draw.Bad: g.Cross, draw.Warn: g.Warn}[a.status.Role]
	p := line.Sub(0, 0, end, 1).Pen(1, 0)
	if sign != "" {
		p.Text(sign+" ", a.status.Role)
	}
	if a.clock().Sub(a.status.At) < 24*60*60*1e9 && a.w >= 60 {
		p.Text(a.status.At.Format("15:04:05")+" ", draw.Dim)
	}
	role = draw.Plain
	if a.status.Role == draw.Bad || a.status.Role == draw.Dim {
		role = a.status.Role
	}
	p.Text(a.status.Text, role)
}

// footer is made from the bindings: the top screen's actions, then the root's, as many as fit; the help is always there.
func (a *app) footer(line draw.Area) {
	p := line.Pen(1, 0)
	if hints := a.hints(); hints != nil {
		for _, hint := range hints {
			p.Text(hint[0], draw.Key).Text(" "+hint[1]+"  ", draw.Dim)
		}
		return
	}
	help := a.Label(keymap.Help) + " help"
	room := line.W - draw.Width(help) - 2
	acts := append([]keymap.Action{}, a.Top().Actions()...)
	if a.offered(keymap.Start) {
		acts = append([]keymap.Action{keymap.Start}, acts...)
	}
	for _, act := range []keymap.Action{keymap.Back, keymap.Palette, keymap.SQL, keymap.Refresh, keymap.Pause, keymap.Detach} {
		if act == keymap.Back && len(a.stack) == 1 {
			continue
		}
		if a.offered(act) {
			acts = append(acts, act)
		}
	}
	seen := map[keymap.Action]bool{}
	for _, act := range acts {
		key, word := a.keys.Label(act), a.Word(act)
		if key == "" || seen[act] || quietKey(act) || a.isQuiet(act) {
			continue
		}
		seen[act] = true
		if p.X+draw.Width(key+" "+word)+2 > room {
			continue
		}
		p.Text(key, draw.Key).Text(" "+word+"  ", draw.Dim)
	}
	p = line.Pen(max(1, line.W-draw.Width(help)-1), 0)
	p.Text(a.Label(keymap.Help), draw.Key).Text(" help", draw.Dim)
}

// hints are the keys of the moment of the top screen, where these are others than its actions.
func (a *app) hints() [][2]string {
	if h, ok := a.Top().(hinter); ok {
		return h.Hints()
	}
	return nil
}

// Word is what the footer calls an action.
func (a *app) Word(act keymap.Action) string {
	if w, ok := a.Top().(worder); ok {
		if own := w.Word(act); own != "" {
			return own
		}
	}
	return a.keys.Get(act).Short
}

// isQuiet reports whether an action would do nothing on the top screen but say what it needs.
func (a *app) isQuiet(act keymap.Action) bool {
	q, ok := a.Top().(quieter)
	return ok && q.Quiet(act)
}

// quietKey are actions that the help lists and the footer has no room for.
func quietKey(act keymap.Action) bool {
	switch act {
	case keymap.PrevTab, keymap.PrevPane, keymap.ZoomOut,
		keymap.NextMatch, keymap.PrevMatch, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol, keymap.PrevResult, keymap.MarkRange, keymap.MarkAll, keymap.Unmark, keymap.FilterAlso, keymap.Hide, keymap.Pin, keymap.ShowAll:
		return true
	}
	return slices.Contains(keymap.Panes[:], act)
}

// slowState is what the header says of a server whose answer is overdue.
func (a *app) slowState() (string, draw.Role) {
	waits := say.Took(a.clock().Sub(a.live.Asked).Round(100 * time.Millisecond))
	if verb := a.AtWork(); verb != "" {
		return "busy: " + verb, draw.Warn
	}
	return "slow, no answer for " + waits, draw.Warn
}
