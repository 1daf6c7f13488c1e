package tui

import (
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// painter brings frames to the terminal: the lines that changed, as soon as the one before is written. bubbletea's own
// renderer looks for a new frame sixty times a second, which costs more than all the rest of the program at rest, and
// lets a key wait for the next look.
type painter struct {
	out io.Writer

	mu    sync.Mutex
	shown []string // what the terminal shows; nil after it was cleared
	away  bool     // the terminal is someone else's: before the start, during psql, suspended, after the end
	mouse bool

	// Update's own: whether a frame is on its way, and whether there is something newer.
	busy, dirty bool
}

// atMost is how often frames are written: 120 a second.
const atMost = 8 * time.Millisecond

const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[2J"
	leaveScreen = "\x1b[0m\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l"
	mouseOn     = "\x1b[?1002h\x1b[?1006h"
	mouseOff    = "\x1b[?1002l\x1b[?1006l"
	// Terminals that know synchronised output show such a frame at once; others ignore it.
	frameBegins = "\x1b[?2026h"
	frameEnds   = "\x1b[?2026l"
)

// painted says that a frame is written.
type painted struct{}

// enter takes the terminal.
func (p *painter) enter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.away {
		return
	}
	p.away, p.shown = false, nil
	p.write(enterScreen)
	if p.mouse {
		p.write(mouseOn)
	}
}

// leave gives the terminal back as it was.
func (p *painter) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return
	}
	p.away = true
	if p.mouse {
		p.write(mouseOff)
	}
	p.write(leaveScreen)
}

// take turns the mouse on or off.
func (p *painter) take(mouse bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mouse = mouse
	if p.away {
		return
	}
	if mouse {
		p.write(mouseOn)
	} else {
		p.write(mouseOff)
	}
}

// clear makes the next frame a whole one: the terminal's size changed, or something wrote over it.
func (p *painter) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = nil
}

// write is for what can't be helped: a terminal that is gone ends the program by its input.
func (p *painter) write(s string) { _, _ = io.WriteString(p.out, s) }

// paint writes what differs from the frame before, in one piece.
func (p *painter) paint(frame string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.away {
		return
	}
	lines := strings.Split(frame, "\n")
	var b strings.Builder
	b.WriteString(frameBegins)
	if len(p.shown) != len(lines) {
		b.WriteString("\x1b[2J")
		p.shown = nil
	}
	changed := p.shown == nil
	for y, line := range lines {
		if p.shown != nil && p.shown[y] == line {
			continue
		}
		changed = true
		b.WriteString("\x1b[" + strconv.Itoa(y+1) + ";1H")
		b.WriteString(line)
	}
	b.WriteString(frameEnds)
	p.shown = lines
	if changed {
		p.write(b.String())
	}
}

// offScreen gives the terminal to another program before cmd runs.
func (a *app) offScreen(cmd tea.Cmd) tea.Cmd {
	p := a.painter
	if p == nil {
		return cmd
	}
	return tea.Sequence(func() tea.Msg { p.leave(); return nil }, cmd)
}

// backOnScreen takes the terminal again.
func (a *app) backOnScreen() {
	if a.painter != nil {
		a.painter.enter()
	}
}

// show sends the frame off if none is on its way; the newest follows when that one is written.
func (a *app) show() tea.Cmd {
	p := a.painter
	if p == nil || p.busy || !p.dirty || a.w <= 0 || a.h <= 0 {
		return nil
	}
	p.busy, p.dirty = true, false
	frame := a.frame()
	return a.guard(func() tea.Msg {
		began := time.Now()
		p.paint(frame)
		time.Sleep(atMost - time.Since(began))
		return painted{}
	})
}
