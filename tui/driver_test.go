package tui

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/tui/fake"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

var _ backend.Backend = (*fake.Backend)(nil)

// Plans tell of moments as the machine's clock has them.
func init() { time.Local = time.UTC }

// driver runs the application without a terminal: messages go in, frames come out, commands run until none is left.
type driver struct {
	t      testing.TB
	app    *app
	fake   *fake.Backend
	msgs   chan tea.Msg
	queue  []tea.Cmd
	async  bool
	flying int
	quit   bool
	timers []timed
	now    time.Time
}

// drive starts the application on a fake backend and waits until it has nothing more to do.
func drive(t testing.TB, f *fake.Backend, w, h int, change ...func(*Options)) *driver {
	t.Helper()
	d := begin(t, f, w, h, false, change...)
	d.settle()
	return d
}

// begin is drive without the waiting, for a backend that does not answer.
func begin(t testing.TB, f *fake.Backend, w, h int, async bool, change ...func(*Options)) *driver {
	t.Helper()
	f.Brief = true
	d := &driver{t: t, fake: f, async: async, msgs: make(chan tea.Msg, 1024), now: fake.Now}
	opt := Options{
		Theme: "dark", StateDir: t.TempDir(), Clock: func() time.Time { return d.now },
		Env: func(name string) string { return map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8"}[name] },
	}
	for _, c := range change {
		c(&opt)
	}
	a, err := newApp(t.Context(), f, opt.withDefaults(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	a.pause, a.jobs.Burst = screen.Pauses{}, 0
	a.jobs.Watch = func() time.Time { return fake.Now }
	a.clip.Own = func(context.Context, string) error { return nil }
	a.timer = func(after time.Duration, msg tea.Msg) tea.Cmd {
		d.timers = append(d.timers, timed{d.now.Add(after), msg})
		return nil
	}
	d.app = a
	d.handle(tea.WindowSizeMsg{Width: w, Height: h})
	d.run(a.Init())
	return d
}

// timed is a message that is to come at a moment.
type timed struct {
	at  time.Time
	msg tea.Msg
}

// passes lets time pass, and what screens wait for come; the root's own ticks are a test's to give.
func (d *driver) passes(by time.Duration) (came int) {
	d.t.Helper()
	d.now = d.now.Add(by)
	due := d.timers
	d.timers = nil
	for _, t := range due {
		_, screens := t.msg.(job.Reply)
		switch {
		case screens && !t.at.After(d.now):
			d.handle(t.msg)
			d.settle()
			came++
		case screens:
			d.timers = append(d.timers, t)
		}
	}
	return came
}

func (d *driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	if !d.async {
		d.queue = append(d.queue, cmd)
		return
	}
	d.flying++
	go func() { d.msgs <- cmd() }()
}

func (d *driver) handle(msg tea.Msg) {
	switch m := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			d.run(c)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		_, cmd := d.app.Update(msg)
		d.run(cmd)
	}
}

// settle runs the commands one after the other, and those that they lead to, until none is left. With async they run at
// the same time, and settle waits for all of them.
func (d *driver) settle() {
	d.t.Helper()
	for len(d.queue) > 0 {
		next := d.queue[0]
		d.queue = d.queue[1:]
		d.handle(next())
	}
	deadline := time.After(20 * time.Second)
	for d.flying > 0 {
		select {
		case msg := <-d.msgs:
			d.flying--
			d.handle(msg)
		case <-deadline:
			d.t.Fatalf("%d commands never answered; waiting for %v", d.flying, d.app.jobs.Waiting())
		}
	}
}

var keyTypes = map[string]tea.KeyMsg{
	"enter": {Type: tea.KeyEnter}, "esc": {Type: tea.KeyEsc}, "tab": {Type: tea.KeyTab}, "shift+tab": {Type: tea.KeyShiftTab},
	"up": {Type: tea.KeyUp}, "down": {Type: tea.KeyDown}, "left": {Type: tea.KeyLeft}, "right": {Type: tea.KeyRight},
	"pgdown": {Type: tea.KeyPgDown}, "pgup": {Type: tea.KeyPgUp}, "home": {Type: tea.KeyHome}, "end": {Type: tea.KeyEnd},
	"backspace": {Type: tea.KeyBackspace}, "delete": {Type: tea.KeyDelete}, "space": {Type: tea.KeySpace, Runes: []rune(" ")},
	"ctrl+a": {Type: tea.KeyCtrlA}, "ctrl+c": {Type: tea.KeyCtrlC}, "ctrl+d": {Type: tea.KeyCtrlD}, "ctrl+u": {Type: tea.KeyCtrlU},
	"ctrl+r": {Type: tea.KeyCtrlR}, "ctrl+s": {Type: tea.KeyCtrlS}, "ctrl+g": {Type: tea.KeyCtrlG}, "ctrl+x": {Type: tea.KeyCtrlX}, "ctrl+p": {Type: tea.KeyCtrlP}, "ctrl+n": {Type: tea.KeyCtrlN},
	"ctrl+w": {Type: tea.KeyCtrlW}, "ctrl+f": {Type: tea.KeyCtrlF}, "ctrl+b": {Type: tea.KeyCtrlB}, "ctrl+h": {Type: tea.KeyCtrlH}, "ctrl+t": {Type: tea.KeyCtrlT}, "ctrl+o": {Type: tea.KeyCtrlO}, "ctrl+l": {Type: tea.KeyCtrlL},
}

func keyMsg(name string) tea.KeyMsg {
	if letter, ok := strings.CutPrefix(name, "alt+"); ok {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(letter), Alt: true}
	}
	if k, ok := keyTypes[name]; ok {
		return k
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// press presses keys, named as bubbletea does or "type:some text", and waits after each.
func (d *driver) press(keys ...string) *driver {
	d.t.Helper()
	for _, k := range keys {
		if text, ok := strings.CutPrefix(k, "type:"); ok {
			for _, r := range text {
				d.handle(keyMsg(map[string]string{" ": "space"}[string(r)] + map[bool]string{true: string(r)}[r != ' ']))
				d.settle()
			}
			continue
		}
		d.handle(keyMsg(k))
		d.settle()
	}
	return d
}

// text is the frame without styles.
func (d *driver) text() string {
	d.app.View()
	return d.app.canvas.Plain()
}

// shows fails unless the frame holds each of the texts.
func (d *driver) shows(texts ...string) *driver {
	d.t.Helper()
	frame := d.text()
	for _, s := range texts {
		if !strings.Contains(frame, s) {
			d.t.Fatalf("the frame lacks %q:\n%s", s, frame)
		}
	}
	return d
}

// hides fails if the frame holds one of the texts.
func (d *driver) hides(texts ...string) *driver {
	d.t.Helper()
	frame := d.text()
	for _, s := range texts {
		if strings.Contains(frame, s) {
			d.t.Fatalf("the frame holds %q:\n%s", s, frame)
		}
	}
	return d
}
