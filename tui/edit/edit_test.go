package edit

import (
	"math/rand"
	"strings"
	"testing"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/rivo/uniseg"
)

func press(t *Text, keys ...tea.KeyMsg) {
	for _, k := range keys {
		t.Key(k)
	}
}

func typed(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }

func TestBackspaceTakesWholeClusters(t *testing.T) {
	var x Text
	press(&x, typed("a👩‍👩‍👧e\u0301"), tea.KeyMsg{Type: tea.KeyBackspace})
	if x.String() != "a👩‍👩‍👧" {
		t.Errorf("got %q", x.String())
	}
	press(&x, tea.KeyMsg{Type: tea.KeyBackspace}, tea.KeyMsg{Type: tea.KeyBackspace}, tea.KeyMsg{Type: tea.KeyBackspace})
	if x.String() != "" {
		t.Errorf("got %q", x.String())
	}
}

func TestUpAndDownKeepTheirColumn(t *testing.T) {
	var x Text
	press(&x, typed("select 1\nab\nfrom tables"))
	up, down := tea.KeyMsg{Type: tea.KeyUp}, tea.KeyMsg{Type: tea.KeyDown}
	press(&x, up)
	if l, o := x.Cursor(); l != 1 || o != 2 {
		t.Errorf("at %d:%d", l, o)
	}
	press(&x, up)
	if l, o := x.Cursor(); l != 0 || o != 8 {
		t.Errorf("at %d:%d", l, o)
	}
	if x.Key(up) {
		t.Error("there is no line above the first")
	}
	press(&x, down, down)
	if l, o := x.Cursor(); l != 2 || o != 11 {
		t.Errorf("the column is lost: at %d:%d", l, o)
	}
}

func TestASingleLineTakesNoLineFeed(t *testing.T) {
	x := Text{Single: true}
	press(&x, typed("a\r\nb\x00\x1bc"))
	if x.String() != "a bc" {
		t.Errorf("got %q", x.String())
	}
}

func TestWordsAndLinesAreDeleted(t *testing.T) {
	var x Text
	x.Set("select foo_bar, baz")
	press(&x, tea.KeyMsg{Type: tea.KeyCtrlW})
	if x.String() != "select foo_bar, " {
		t.Errorf("got %q", x.String())
	}
	press(&x, tea.KeyMsg{Type: tea.KeyCtrlW}, tea.KeyMsg{Type: tea.KeyCtrlU})
	if x.String() != "" {
		t.Errorf("got %q", x.String())
	}
	x.takeBack()
	x.takeBack()
	if x.String() != "select foo_bar, " {
		t.Errorf("undo gave %q", x.String())
	}
	x.doAgain()
	if x.String() != "select " {
		t.Errorf("redo gave %q", x.String())
	}
}

func TestWordEndsAtTheCursor(t *testing.T) {
	var x Text
	x.Set(`select * from public."Wal`)
	if from, w := x.Word(); from != 14 || w != `public."Wal` {
		t.Errorf("got %d %q", from, w)
	}
}

func TestRandomKeysKeepTheCursorBetweenClusters(t *testing.T) {
	var names []string
	for name := range moves {
		names = append(names, name)
	}
	rnd := rand.New(rand.NewSource(1))
	pieces := []string{"a", "é", "e\u0301", "漢", "👩‍👩‍👧", "🇩🇪", "\n", " ", "\u0301", "\u200d", "\r", "x_1"}
	var x Text
	for i := range 20_000 {
		if rnd.Intn(2) == 0 {
			x.Insert(pieces[rnd.Intn(len(pieces))])
		} else {
			moves[names[rnd.Intn(len(names))]](&x)
		}
		if x.at < 0 || x.at > len(x.value) || !utf8.ValidString(x.value) {
			t.Fatalf("step %d: at %d of %q", i, x.at, x.value)
		}
		line, off := x.Cursor()
		if !boundary(x.Lines()[line], off) {
			t.Fatalf("step %d: cursor inside a cluster at %d of %q", i, off, x.Lines()[line])
		}
		if len(x.value) > 300 {
			x.Set("")
		}
	}
}

func boundary(s string, at int) bool {
	for p := 0; p < at; {
		c, _, _, _ := uniseg.FirstGraphemeClusterInString(s[p:], -1)
		if p+len(c) > at {
			return false
		}
		p += len(c)
	}
	return !strings.Contains(s[:at], "\n")
}

func TestTabsStayWhereTheyAreMeantTo(t *testing.T) {
	plain, code := Text{}, Text{Tabs: true}
	for _, x := range []*Text{&plain, &code} {
		press(x, typed("a\tb\r\n\tc"), tea.KeyMsg{Type: tea.KeyHome}, tea.KeyMsg{Type: tea.KeyRight}, typed("d"))
	}
	if plain.String() != "a b\n dc" || code.String() != "a\tb\n\tdc" {
		t.Errorf("got %q and %q", plain.String(), code.String())
	}
}
