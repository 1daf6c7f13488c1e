package draw

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// Glyphs are the signs that the program draws of its own accord.
type Glyphs struct {
	Pick, Marked, PickMarked, Dot, Box, Null, Check, Cross, Warn, Ellipsis, Right, Left, Up, Down, Sum, Delta, Return, Middle string
	H, V, TL, TR, BL, BR, Tee, Cross4                                                                                         string
	Bars, Spin                                                                                                                []string
	Full, Rest                                                                                                                string // of a progress bar
	ascii                                                                                                                     bool
}

// unicodeGlyphs is the set for terminals with a usual font.
var unicodeGlyphs = &Glyphs{
	Pick: "▸", Marked: "◆", PickMarked: "◈", Dot: "●", Box: "▣", Null: "∅", Check: "✓", Cross: "✗", Warn: "!", Ellipsis: "…", Right: "→", Left: "←",
	Up: "↑", Down: "↓", Sum: "Σ", Delta: "Δ", Return: "↵", Middle: "·",
	H: "─", V: "│", TL: "┌", TR: "┐", BL: "└", BR: "┘", Tee: "├", Cross4: "┼",
	Bars: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	Spin: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧"},
	Full: "█", Rest: "░",
}

// asciiGlyphs is the set for fonts and locales where those are missing or two cells wide.
var asciiGlyphs = &Glyphs{
	Pick: ">", Marked: "+", PickMarked: "&", Dot: "*", Box: "#", Null: "NULL", Check: "v", Cross: "x", Warn: "!", Ellipsis: "~", Right: "->", Left: "<-",
	Up: "^", Down: "v", Sum: "=", Delta: "+-", Return: "enter", Middle: "-",
	H: "-", V: "|", TL: "+", TR: "+", BL: "+", BR: "+", Tee: "+", Cross4: "+",
	Bars: []string{"_", ".", ":", "-", "=", "+", "*", "#"},
	Spin: []string{"|", "/", "-", "\\"},
	Full: "#", Rest: ".",
	ascii: true,
}

// asciiSigns writes the signs of package visible, and those in this program's own texts, in ASCII. What the database
// holds stays as it is.
var asciiSigns = lazy.Value[*strings.Replacer]{Make: func() *strings.Replacer {
	pairs := []string{
		"⏎", "^J", "␡", "^?", "‹", "<", "›", ">", "…", "~", "→", "->", "←", "<-", "↑", "^", "↓", "v", "·", "-", "×", "x",
		"─", "-", "│", "|", "∅", "NULL", "≥", ">=", "≤", "<=", "✓", "v", "●", "*", "▸", ">", "↵", "enter", "⇄", "<>",
		"–", "-", "—", "-",
	}
	for c := rune(0); c < 0x20; c++ {
		pairs = append(pairs, string(0x2400+c), "^"+string('@'+c))
	}
	return strings.NewReplacer(pairs...)
}}

func (g *Glyphs) fold(s string) string {
	if !g.ascii || isPlain(s) {
		return s
	}
	return asciiSigns.Get().Replace(s)
}

// Spark draws values, oldest first, as a line of bars that ends with the newest; most is the full bar's value, or 0 for
// the largest of them.
func (g *Glyphs) Spark(values []float64, width int, most float64) string {
	if width <= 0 {
		return ""
	}
	if len(values) > width {
		values = values[len(values)-width:]
	}
	if most <= 0 {
		for _, v := range values {
			most = max(most, v)
		}
	}
	var b strings.Builder
	for range width - len(values) {
		b.WriteByte(' ')
	}
	for _, v := range values {
		level := 0
		if most > 0 && v > 0 {
			level = min(len(g.Bars)-1, int(v/most*float64(len(g.Bars)-1)+0.5))
		}
		b.WriteString(g.Bars[level])
	}
	return b.String()
}

// Bar draws a progress bar of width cells, share of them full.
func (g *Glyphs) Bar(share float64, width int) string {
	full := int(min(max(share, 0), 1)*float64(width) + 0.5)
	return strings.Repeat(g.Full, full) + strings.Repeat(g.Rest, max(0, width-full))
}
