package dialog

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// pageScreen shows lines to read, over what is below: the keys, an error, a value.
type pageScreen struct {
	screen.Base
	name   string
	lines  func(w int) []draw.Line // for a width
	raws   string                  // what y copies
	renew  func()                  // brings these up to date before each frame; nil where they never change
	list   widget.List
	filter widget.Filter
	w, h   int
}

// OpenPage opens a text whose lines are made for a width; raw is what is copied of it.
func OpenPage(s screen.Root, name, raw string, w, h int, lines func(w int) []draw.Line) tea.Cmd {
	return s.Open(&pageScreen{Base: screen.NewBase(s), name: name, raws: raw, lines: lines, w: w, h: h})
}

func (p *pageScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: p.w, H: p.h} }

func (p *pageScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Back, keymap.Filter, keymap.CopyCell}
}

func (p *pageScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) { return nil, p.filter.Key(k) }

func (p *pageScreen) Hints() [][2]string { return p.filter.Hints() }

func (p *pageScreen) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Back:
		return p.Close(p)
	case keymap.Filter:
		p.filter.Begin()
		return nil
	case keymap.CopyCell:
		return p.Copy(p.name, p.raws)
	}
	// Reading has no cursor: up and down move the text.
	if a == keymap.Down {
		p.list.At = max(p.list.At, p.list.Top+p.list.Height-1)
	}
	if a == keymap.Up {
		p.list.At = p.list.Top
	}
	p.list.Move(a)
	return nil
}

func (p *pageScreen) Draw(a draw.Area) {
	if p.renew != nil {
		p.renew()
	}
	in := a.Box(draw.Frame{Title: " " + p.name + " ", Focused: true})
	all := p.lines(in.W)
	chosen := p.filter.Choose(len(all), func(i int) string { return all[i].String() })
	h := in.H
	if p.filter.Draw(in, in.H-1) {
		h--
	}
	p.list.Size(len(chosen))
	from, to := p.list.In(in.Sub(0, 0, in.W, h))
	for y, i := range chosen[from:to] {
		all[i].Draw(in, 0, y)
	}
	if len(chosen) > h && a.W > 20 {
		a.Right(a.W-2, a.H-1, a.W-4, " "+position(to, len(chosen))+" ", draw.Dim)
	}
}

// position is how far a text is read.
func position(to, n int) string {
	if to >= n {
		return "end"
	}
	return say.Count(n-to, "line") + " more"
}
