package tui

import (
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
)

// looks decides the theme: chosen by the user, else by the terminal's background, which arrives later as an answer in
// the stream of keys.
type looks struct {
	chosen        string // "dark", "light" or "" for the terminal's own
	found         string // what the terminal said
	colours       draw.Colours
	ascii, strict bool
	asked         time.Time // when the terminal was asked
	listening     bool      // inside an answer that came in pieces
	heard         string
}

// A terminal answers within this time. Later, alt+] and what follows may be typed by the user.
const answersWithin = time.Second

// askBackground is OSC 11. A terminal that doesn't know it says nothing; nobody waits.
const askBackground = "\x1b]11;?\x1b\\"

func (l *looks) name() string {
	switch {
	case l.chosen != "":
		return l.chosen
	case l.found != "":
		return l.found
	}
	return "dark"
}

func (l *looks) make() *draw.Look { return draw.NewLook(l.name(), l.colours, l.ascii, l.strict) }

// reply takes the keys that are really the terminal's answer about its background. bubbletea reads that answer as
// alt+] and the rest as typed letters, which must never act as keys. An answer that comes late is known by coming in
// one piece.
func (l *looks) reply(k tea.KeyMsg, now time.Time) bool {
	text := string(k.Runes)
	late := now.Sub(l.asked) > answersWithin
	switch {
	case k.Alt && text == "]":
		l.listening, l.heard = true, ""
		return !late
	case k.Alt && strings.HasPrefix(text, "]11;"):
		l.listening, l.heard = true, text[1:]
		return true
	case !l.listening:
		return false
	}
	end := k.Type == tea.KeyCtrlG || (k.Alt && text == "\\")
	if end {
		l.listening, l.found = false, background(l.heard)
		return true
	}
	heard := l.heard + text
	if k.Type != tea.KeyRunes || k.Alt || (late && l.heard == "" && len(text) < 4) || !answering(heard) {
		l.listening = false
		return false
	}
	l.heard = heard
	return true
}

// answering reports whether a text may be the beginning of the answer.
func answering(s string) bool {
	const begins = "11;rgb:"
	n := min(len(s), len(begins))
	return s[:n] == begins[:n] && strings.Trim(s[n:], "0123456789abcdefABCDEF/") == "" && len(s) <= 40
}

// background reads "11;rgb:1e1e/1e1e/2e2e": "light" or "dark" by how bright it is to the eye, "" for anything else.
func background(s string) string {
	parts := strings.Split(strings.TrimPrefix(s, "11;rgb:"), "/")
	if len(parts) != 3 {
		return ""
	}
	var sum float64
	for i, weight := range []float64{0.299, 0.587, 0.114} {
		v, err := strconv.ParseUint(parts[i], 16, 32)
		if err != nil || parts[i] == "" {
			return ""
		}
		sum += weight * float64(v) / float64(uint64(1)<<(4*len(parts[i]))-1)
	}
	if sum > 0.5 {
		return "light"
	}
	return "dark"
}
