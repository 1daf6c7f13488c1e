package main

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// steps prints a verb's progress on stderr: a line for each finished step, and on a terminal one line that follows the
// running step.
type steps struct {
	mu       sync.Mutex
	w        io.Writer
	glyphs   map[progress.Status]string
	complete func(string) string
	terminal bool
	fd       int  // the terminal
	events   bool // JSON lines instead
	timing   bool
	live     bool // the last line is that of a running step
	lastLive time.Time
	finished []string // the titles of the steps that are done
}

func (a *app) steps(events, timing bool) *steps {
	s := &steps{w: a.err, events: events, timing: timing, complete: a.plain, glyphs: map[progress.Status]string{}}
	for status, mark := range map[progress.Status]string{progress.Done: "✓", progress.Skipped: "·", progress.Warned: "!", progress.Failed: "✗", progress.Running: "…"} {
		s.glyphs[status] = a.glyph(mark)
	}
	if f, ok := a.err.(interface{ Fd() uintptr }); ok {
		s.fd = int(f.Fd())
		s.terminal = term.IsTerminal(s.fd) && a.canDraw()
	}
	a.drawn = s
	return s
}

type stepEvent struct {
	Event     string  `json:"event"`
	Name      string  `json:"name"`
	Title     string  `json:"title"`
	Status    string  `json:"status"`
	Detail    string  `json:"detail,omitempty"`
	Done      int64   `json:"done,omitempty"`
	Total     int64   `json:"total,omitempty"`
	Unit      string  `json:"unit,omitempty"`
	ElapsedMS float64 `json:"elapsed_ms"`
}

// report is a progress.Report.
func (s *steps) report(step progress.Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if step.Status == progress.Done {
		s.finished = append(s.finished, visible.String(step.Title))
	}
	if s.events {
		_ = json.NewEncoder(jsonTo(s.w)).Encode(stepEvent{"step", step.Name, step.Title, string(step.Status), step.Detail,
			step.Done, step.Total, step.Unit, float64(step.Elapsed.Microseconds()) / 1000})
		return
	}
	if !step.Status.Finished() {
		s.follow(step)
		return
	}
	s.clear()
	fmt.Fprintf(s.w, "%s %s\n", s.glyphs[step.Status], s.line(step))
}

// follow draws a running step over the last line, at most 20 times a second.
func (s *steps) follow(step progress.Step) {
	if !s.terminal || (s.live && time.Since(s.lastLive) < 50*time.Millisecond) {
		return
	}
	s.clear()
	fmt.Fprint(s.w, s.fit(s.glyphs[progress.Running]+" "+s.line(step)))
	s.live, s.lastLive = true, time.Now()
}

// fit cuts a line to the terminal's width: only the last row of one that wraps could be drawn over.
func (s *steps) fit(line string) string {
	width, _, err := term.GetSize(s.fd)
	if err != nil || width < 2 {
		return line
	}
	if runes := []rune(line); len(runes) >= width {
		return string(runes[:width-1])
	}
	return line
}

// end removes the running step's line, so that what comes next begins on a line of its own.
func (s *steps) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *steps) clear() {
	if s.live {
		fmt.Fprint(s.w, "\r\x1b[2K")
		s.live = false
	}
}

func (s *steps) line(step progress.Step) string {
	line := visible.String(step.Title)
	if step.Detail != "" {
		line += ": " + visible.String(step.Detail)
	}
	if step.Total > 0 && !step.Status.Finished() {
		line += " " + step.Amount()
	}
	if s.timing && step.Status.Finished() {
		line += fmt.Sprintf("  [%s]", say.Took(step.Elapsed))
	}
	return s.complete(line)
}
