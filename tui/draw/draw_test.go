package draw

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"
)

var awkward = []string{
	"", "plain", "漢字 ノード", "e\u0301a\u0300", "👩‍👩‍👧 family", "שלום עולם", "مرحبا", "\u0301", "❤️", "🇩🇪🇫🇷", "evil\x1b]0;pwn\x07",
	"\u202eabc", "\u200d", "a\xffb", "⸻", "﷽", "ก็", "한글", "ﷺ", "Z" + strings.Repeat("\u0300", 200), "\t\r\n", "🏳️‍🌈", "각", "½ ß Ω Ж", "0\x9d0️ #️⃣", "0\u0b47",
}

func TestEveryLineIsExactlyAsWideAsTheFrame(t *testing.T) {
	var c Canvas
	for _, look := range []*Look{NewLook("dark", Many, false, false), NewLook("light", Mono, true, false), NewLook("dark", Sixteen, true, true)} {
		for w := 1; w < 40; w++ {
			c.Resize(w, len(awkward), look)
			for y, s := range awkward {
				a := c.All()
				a.Text(0, y, s, Plain)
				a.Right(w, y, w, s, Bad)
				a.Cut(w/2, y, 5, s, Good)
			}
			for y, line := range strings.Split(c.String(), "\n") {
				if got := ansi.StringWidth(line); got != w {
					t.Fatalf("width %d, %q: line %q is %d cells wide", w, awkward[y], line, got)
				}
			}
		}
	}
}

func TestColumnsStayInPlaceWhateverTheTerminalThinksOfWidths(t *testing.T) {
	var c Canvas
	c.Resize(30, len(awkward), NewLook("dark", Many, false, false))
	for y, s := range awkward {
		c.All().Cut(0, y, 20, s, Plain)
		c.All().Text(20, y, "│end", Border)
	}
	// This emulator counts every rune as one cell, which is wrong for most of these texts.
	term := vt10x.New(vt10x.WithSize(30, len(awkward)))
	_, _ = term.Write([]byte(strings.ReplaceAll(c.String(), "\n", "\r\n")))
	for y, s := range awkward {
		if got := string([]rune{term.Cell(20, y).Char, term.Cell(21, y).Char, term.Cell(23, y).Char}); got != "│ed" {
			t.Errorf("after %q the border is not in column 20: %q", s, got)
		}
	}
}

func TestTextThatDoesNotFitEndsInAnEllipsis(t *testing.T) {
	var c Canvas
	c.Resize(8, 3, NewLook("dark", Many, false, false))
	c.All().Text(0, 0, "abcdefghij", Plain)
	c.All().Text(0, 1, "漢字漢字漢字", Plain)
	c.All().Text(0, 2, "abcdefgh", Plain)
	if got := c.Plain(); got != "abcdefg…\n漢字漢… \nabcdefgh" {
		t.Errorf("got %q", got)
	}
}

func TestHalfOfAWideCharacterIsNeverLeft(t *testing.T) {
	var c Canvas
	c.Resize(4, 2, NewLook("dark", Many, false, false))
	c.All().Text(0, 0, "漢字", Plain)
	c.All().Text(1, 0, "x", Plain)
	c.All().Text(0, 1, "漢字", Plain)
	c.All().Text(2, 1, "y", Plain)
	if got := c.Plain(); got != " x字\n漢y " {
		t.Errorf("got %q", got)
	}
}

func TestAnAreaCutsWhatIsDrawnOutside(t *testing.T) {
	var c Canvas
	c.Resize(6, 3, NewLook("dark", Mono, true, false))
	a := c.All().Sub(1, 1, 3, 1)
	a.Text(0, 0, "abcdef", Plain)
	a.Text(0, 1, "no", Plain)
	a.Text(-1, 0, "no", Plain)
	a.Run(-2, 0, 3, "-", Plain)
	a.Mark(0, 5, 9, Chosen)
	if got := c.Plain(); got != "      \n -b~  \n      " {
		t.Errorf("got %q", got)
	}
}

func TestSelectionIsSeenWithoutColour(t *testing.T) {
	look := NewLook("dark", Mono, false, false)
	if look.sgr[Chosen][Plain] != "\x1b[0;7m" || look.sgr[Unmarked][Plain] != "" {
		t.Errorf("got %q and %q", look.sgr[Chosen][Plain], look.sgr[Unmarked][Plain])
	}
	for _, styles := range look.sgr {
		for role, s := range styles {
			if strings.Contains(s, ";3") || strings.Contains(s, ";9") {
				t.Errorf("role %d has a colour without colours: %q", role, s)
			}
		}
	}
}

func TestWrapBreaksAtBlanks(t *testing.T) {
	got := strings.Join(Wrap("one two three\nabcdefghijkl m\n\n漢字漢字", 6), "|")
	if got != "one|two|three|abcdef|ghijkl|m||漢字漢|字" {
		t.Errorf("got %q", got)
	}
}

func TestSparkEndsWithTheNewestValue(t *testing.T) {
	if got := unicodeGlyphs.Spark([]float64{9, 0, 4, 8}, 3, 0); got != "▁▅█" {
		t.Errorf("got %q", got)
	}
	if got := asciiGlyphs.Spark([]float64{1}, 3, 2); got != "  -" && got != "  =" {
		t.Errorf("got %q", got)
	}
}

func FuzzOnlyTheCanvasCommandsTheTerminal(f *testing.F) {
	for _, s := range awkward {
		f.Add(s, 10)
	}
	look := NewLook("dark", Many, false, false)
	f.Fuzz(func(t *testing.T, s string, w int) {
		w = 1 + (w&0x7fff)%60
		var c Canvas
		c.Resize(w, 2, look)
		c.All().Text(0, 0, s, Bad)
		c.All().Right(w, 1, w, s, Plain)
		for _, line := range strings.Split(c.String(), "\n") {
			if got := ansi.StringWidth(line); got != w {
				t.Fatalf("%q at %d: %q is %d cells wide", s, w, line, got)
			}
			if foreign := Foreign(line); foreign != "" {
				t.Fatalf("%q reached the terminal in %q", foreign, line)
			}
		}
	})
}

func TestACharacterThatIsWiderThanItsLineHasOneOfItsOwn(t *testing.T) {
	if got := Wrap("a漢字 b", 1); strings.Join(got, "|") != "a|漢|字| |b" {
		t.Errorf("got %q", got)
	}
}
