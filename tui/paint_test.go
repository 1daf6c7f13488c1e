package tui

import (
	"bytes"
	"strings"
	"testing"
)

func TestOnlyLinesThatChangedAreWritten(t *testing.T) {
	var out bytes.Buffer
	p := &painter{out: &out, away: true}
	p.paint("nobody\nsees this")
	if out.Len() != 0 {
		t.Errorf("before the start it wrote %q", out.String())
	}
	p.enter()
	p.paint("one\ntwo\nthree")
	out.Reset()
	p.paint("one\nTWO\nthree")
	if got := out.String(); got != frameBegins+"\x1b[2;1HTWO"+frameEnds {
		t.Errorf("wrote %q", got)
	}
	out.Reset()
	p.paint("one\nTWO\nthree")
	if out.Len() != 0 {
		t.Errorf("the same frame was written again: %q", out.String())
	}
	p.clear()
	p.paint("one\nTWO\nthree")
	if got := out.String(); !strings.Contains(got, "\x1b[2J") || !strings.Contains(got, "three") {
		t.Errorf("after clearing it wrote %q", got)
	}
}

func TestTheTerminalIsGivenBackOnce(t *testing.T) {
	var out bytes.Buffer
	p := &painter{out: &out, away: true, mouse: true}
	p.enter()
	p.enter()
	p.leave()
	p.leave()
	p.paint("late")
	want := enterScreen + mouseOn + mouseOff + leaveScreen
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
