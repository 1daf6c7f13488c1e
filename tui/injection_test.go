package tui

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/tui/fake"
)

// attacks are strings that would do something to a terminal, or to the layout.
var attacks = []string{
	fake.Hostile, "\x1b[2J", "\x1b]52;c;cHduZWQ=\x07", "\x1b]0;title\x1b\\", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "\u009b2J", "\x9b2J", "\r", "\n\n\n", "\t",
	"\b\b\b\b", "\x00", "\u202e\u2066", "\u200b\ufeff", "\u2028\u2029", "\x1bPq\x1b\\", "\x1b[?1049l", "\x0e", "\u0301\u0301", "👩‍👩‍👧", "漢字", "\xff\xfe", "\x1b[200~", "%s%n", "🇩🇪🇩",
	strings.Repeat("a\u0300", 100), strings.Repeat("漢", 300), "\U000E0041",
}

// poisoned plays a scene with a string put into every string that comes from outside.
func poisoned(t *testing.T, s scene, attack string, w, h int) *driver {
	s.set = chain(s.set, func(f *fake.Backend) { f.Poison = func(v string) string { return v + attack } })
	return s.play(t, w, h)
}

func chain(first, second func(*fake.Backend)) func(*fake.Backend) {
	return func(f *fake.Backend) {
		if first != nil {
			first(f)
		}
		second(f)
	}
}

func TestNothingFromOutsideCommandsTheTerminal(t *testing.T) {
	for _, s := range scenes {
		for _, attack := range attacks {
			d := poisoned(t, s, attack, 110, 34)
			exact(t, d, 110, 34, s.name+" with "+attack)
		}
	}
}

func FuzzNothingFromOutsideCommandsTheTerminal(f *testing.F) {
	for _, a := range attacks {
		f.Add(a, uint8(0))
	}
	f.Fuzz(func(t *testing.T, attack string, which uint8) {
		s := scenes[int(which)%len(scenes)]
		d := poisoned(t, s, attack, 100, 30)
		exact(t, d, 100, 30, s.name)
		resize(d, 40, 12)
		exact(t, d, 40, 12, s.name)
	})
}
