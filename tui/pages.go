package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// pages are the screens that are open, one over the other, and the questions that they ask.
type pages struct {
	stack  []screen.Screen
	jobs   *job.Jobs
	lastID int
}

// Open puts a screen on top and asks its first questions.
func (p *pages) Open(sc screen.Screen) tea.Cmd {
	p.stack = append(p.stack, sc)
	return sc.Init()
}

// Close takes a screen, and what lies over it, off the stack. The lowest one stays.
func (p *pages) Close(sc screen.Screen) tea.Cmd {
	for i, other := range p.stack {
		if other.ID() != sc.ID() || i == 0 {
			continue
		}
		var cmds []tea.Cmd
		for _, gone := range p.stack[i:] {
			if l, ok := gone.(leaver); ok {
				cmds = append(cmds, l.Leave())
			}
			p.jobs.CloseOwner(gone.ID())
		}
		p.stack = p.stack[:i:i]
		return tea.Batch(cmds...)
	}
	return nil
}

func (p *pages) Top() screen.Screen { return p.stack[len(p.stack)-1] }

// find is the screen with an identity that is still on the stack.
func (p *pages) find(id int) (screen.Screen, bool) {
	for _, sc := range p.stack {
		if sc.ID() == id {
			return sc, true
		}
		if h, ok := sc.(holder); ok {
			if part, ok := h.Part(id); ok {
				return part, true
			}
		}
	}
	return nil, false
}

// Tell gives news to every screen.
func (p *pages) Tell(news tea.Msg) tea.Cmd {
	p.jobs.Unasked = true
	defer func() { p.jobs.Unasked = false }()
	var cmds []tea.Cmd
	for _, sc := range p.stack {
		cmds = append(cmds, sc.Update(news))
	}
	return tea.Batch(cmds...)
}

func (p *pages) NewID() int {
	p.lastID++
	return p.lastID
}

// Before is the schema and the table that the user is looking at.
func (p *pages) Before() (schema string, table postgres.TableRef) {
	for i := len(p.stack) - 1; i >= 0; i-- {
		if p, ok := p.stack[i].(pointer); ok {
			return p.Subject()
		}
	}
	return "", postgres.TableRef{}
}

// unsaved is what would be lost with the screens, a line for each.
func (p *pages) unsaved() []string {
	var out []string
	for _, sc := range p.stack {
		if k, ok := sc.(keeper); ok && k.Unsaved() != "" {
			out = append(out, k.Unsaved())
		}
	}
	return out
}

// AtWork is the verb of naap's own that is being carried out, or "".
func (p *pages) AtWork() string {
	for _, sc := range p.stack {
		if w, ok := sc.(worker); ok && w.Working() != "" {
			return w.Working()
		}
	}
	return ""
}
