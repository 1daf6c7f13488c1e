package tui

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"

	"github.com/livepeer/naap-dev/tui/fake"
)

var update = flag.Bool("update", false, "write the golden screens again")

// sixteenColours is the environment of a terminal that has no more.
func sixteenColours(name string) string {
	return map[string]string{"TERM": "xterm", "LANG": "C.UTF-8"}[name]
}

// looksTested are the ways a screen is drawn: the text is the same in all but the last, and is kept once.
var looksTested = []struct {
	name   string
	change func(*Options)
}{
	{"dark", func(o *Options) { o.Theme = "dark" }},
	{"light", func(o *Options) { o.Theme = "light" }},
	{"sixteen", func(o *Options) { o.Env = sixteenColours }},
	{"mono", func(o *Options) { o.NoColor = true }},
	{"ascii", func(o *Options) { o.ASCII, o.NoColor = true, true }},
}

// TestScreensLookAsTheyDid compares every screen, through a terminal emulator, with testdata/screens. Read the
// difference when it fails; `go test ./tui -run TestScreensLookAsTheyDid -update` accepts it.
func TestScreensLookAsTheyDid(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {160, 45}, {120, 40}, {220, 60}} {
		for _, s := range scenes {
			if usual := size[0] == 80 || size[0] == 160; !usual && !s.all {
				continue
			}
			name := fmt.Sprintf("%s-%dx%d", s.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				got := golden(t, s, size[0], size[1])
				file := filepath.Join("testdata", "screens", name+".txt")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
					return
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("the screen differs from %s:\n%s", file, firstDifference(string(want), got))
				}
			})
		}
	}
}

// TestNoScreenShowsHowBusyTheMachineIs has a backend that takes its time: what the screens show of durations is the tests'.
func TestNoScreenShowsHowBusyTheMachineIs(t *testing.T) {
	for _, s := range scenes {
		var texts [2]string
		for i, busy := range []time.Duration{0, 1100 * time.Microsecond} {
			slow := s
			slow.set = func(f *fake.Backend) {
				f.Busy = busy
				if s.set != nil {
					s.set(f)
				}
			}
			texts[i] = slow.play(t, 160, 45).text()
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: %s", s.name, firstDifference(texts[0], texts[1]))
		}
	}
}

// golden is a screen in all looks: its text, its styles in each look, its ASCII text.
func golden(t *testing.T, s scene, w, h int) string {
	var b strings.Builder
	var text []string
	for i, l := range looksTested {
		d := s.play(t, w, h, l.change)
		term := emulate(d.app.View(), w, h)
		if l.name == "ascii" || i == 0 {
			lines := screenText(term)
			b.WriteString(strings.Join(lines, "\n") + "\n")
			if i == 0 {
				text = lines
			}
		} else if got := strings.Join(screenText(term), "\n"); got != strings.Join(text, "\n") {
			t.Errorf("the %s look changes the text:\n%s", l.name, firstDifference(strings.Join(text, "\n"), got))
		}
		if l.name != "ascii" {
			st := styles{letters: map[vt10x.Glyph]string{}}
			b.WriteString("=== " + l.name + "\n" + strings.Join(st.lines(term), "\n") + "\n")
		}
		if l.name == "mono" {
			b.WriteString("=== ascii\n")
		}
	}
	return b.String()
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		var x, y string
		if i < len(w) {
			x = w[i]
		}
		if i < len(g) {
			y = g[i]
		}
		if x != y {
			return fmt.Sprintf("line %d\nwas %s\nis  %s", i+1, x, y)
		}
	}
	return ""
}

func TestASCIIScreensHoldNoSignsOfOurOwnBeyondASCII(t *testing.T) {
	for _, name := range []string{"dashboard", "doctor", "drift", "relations", "help", "sql-plan", "boot-failed"} {
		for _, s := range scenes {
			if s.name != name {
				continue
			}
			d := s.play(t, 120, 40, func(o *Options) { o.ASCII = true })
			for y, line := range strings.Split(d.text(), "\n") {
				for _, r := range line {
					if r > 0x7e && !strings.ContainsRune("漢字ノードé\u0301שלום עולם👩\u200d👧", r) {
						t.Errorf("%s, line %d: %q in %q", name, y, r, line)
						break
					}
				}
			}
		}
	}
}
