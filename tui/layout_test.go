package tui

import (
	"maps"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/fake"
)

// exact fails unless the frame is exactly h lines of w cells, as the renderer will measure them.
func exact(t *testing.T, d *driver, w, h int, where string) {
	t.Helper()
	lines := strings.Split(d.app.View(), "\n")
	if len(lines) != h {
		t.Fatalf("%s at %d×%d: %d lines", where, w, h, len(lines))
	}
	for y, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			t.Fatalf("%s at %d×%d: line %d is %d cells wide: %q", where, w, h, y, got, line)
		}
		if f := draw.Foreign(line); f != "" {
			t.Fatalf("%s at %d×%d: line %d holds %q", where, w, h, y, f)
		}
	}
	if d.app.fallen > 0 {
		t.Fatalf("%s at %d×%d can't be drawn: %v", where, w, h, d.app.failure)
	}
}

// TestEveryScreenFillsEverySizeExactly takes sizes where the layout changes, and some between them; with NAAP_TEST_SIZES=all
// every size from 20×6 to 250×80.
func TestEveryScreenFillsEverySizeExactly(t *testing.T) {
	widths := []int{20, 21, 25, 33, 40, 47, 59, 60, 61, 72, 80, 99, 119, 120, 121, 133, 160, 200, 250}
	heights := []int{6, 7, 8, 9, 10, 11, 12, 15, 20, 24, 29, 33, 36, 45, 60, 80}
	if os.Getenv("NAAP_TEST_SIZES") == "all" {
		widths, heights = upTo(20, 250), upTo(6, 80)
	}
	for _, s := range scenes {
		d := s.play(t, 80, 24)
		for _, w := range widths {
			for _, h := range heights {
				resize(d, w, h)
				exact(t, d, w, h, s.name)
			}
		}
	}
}

// upTo is the numbers from one to another.
func upTo(from, to int) []int {
	var all []int
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func TestTheDashboardFillsAllSizes(t *testing.T) {
	d := drive(t, fake.New(), 80, 24)
	for w := 20; w <= 250; w += 3 {
		for h := 6; h <= 80; h++ {
			resize(d, w, h)
			exact(t, d, w, h, "dashboard")
		}
	}
}

func TestFramesSmallerThanAnythingUsefulDoNotPanic(t *testing.T) {
	for _, s := range scenes {
		d := s.play(t, 80, 24)
		for w := range 20 {
			for h := range 6 {
				resize(d, w, h)
				if w > 0 && h > 0 {
					exact(t, d, w, h, s.name)
				}
			}
		}
	}
}

func TestAThousandResizesAtRandom(t *testing.T) {
	rnd := rand.New(rand.NewSource(7))
	d := drive(t, fake.New(), 80, 24)
	for i := range 1000 {
		if i%50 == 0 {
			s := scenes[rnd.Intn(len(scenes))]
			d = s.play(t, 80, 24)
		}
		w, h := 20+rnd.Intn(231), 6+rnd.Intn(75)
		resize(d, w, h)
		exact(t, d, w, h, "resized")
	}
}

// randomKeys are all the keys that mean something anywhere, and some that mean nothing.
func randomKeys(d *driver) []tea.KeyMsg {
	var out []tea.KeyMsg
	for _, name := range slices.Sorted(maps.Keys(keyTypes)) {
		out = append(out, keyTypes[name])
	}
	for _, b := range d.app.keys.All() {
		for _, k := range b.Keys {
			if len([]rune(k)) == 1 && k != "q" && k != "E" {
				out = append(out, keyMsg(k))
			}
		}
	}
	for _, k := range []string{"é", "漢", "\u0301", "select", "\x00", "%", "'", "\"", ".", ";"} {
		out = append(out, keyMsg(k))
	}
	out = append(out, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("a\nb\x1b[2J"), Paste: true}, tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("]"), Alt: true})
	return out
}

// noCrash fails if a panic was caught.
func noCrash(t *testing.T, d *driver) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(d.app.stateDir, "crash-*"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		t.Fatalf("a panic was caught:\n%s", text)
	}
}

// TestRandomKeysNeverPanic presses keys at random. What writes asks for a word or a yes first; random keys
// never get further than a task of the fake.
func TestRandomKeysNeverPanic(t *testing.T) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	rnd := rand.New(rand.NewSource(3))
	f := fake.New()
	d := drive(t, f, 100, 30)
	keys := randomKeys(d)
	t.Chdir(t.TempDir())
	for i := range n {
		d.handle(keys[rnd.Intn(len(keys))])
		if i%7 == 0 {
			d.settle()
		}
		if i%25 == 0 {
			resize(d, 20+rnd.Intn(180), 6+rnd.Intn(60))
			d.app.View()
		}
		if i%400 == 0 {
			d.app.history.Texts = nil
			d.handle(tea.FocusMsg{})
		}
		if i%1000 == 0 || d.app.fallen > 0 {
			noCrash(t, d)
		}
	}
	d.settle()
	noCrash(t, d)
	if len(f.Pushed) > 0 || len(f.Resets) > 0 {
		t.Errorf("random keys typed a word of confirmation: %d pushes, %d resets", len(f.Pushed), len(f.Resets))
	}
}
