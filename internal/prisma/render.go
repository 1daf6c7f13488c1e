package prisma

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Render returns the findings for the user, each with the place, the line with the place underlined, what is wrong and
// what would be right. Everything from a file is made safe to show.
func (d *Diagnostics) Render(color bool) string { return render(d.List, d.Sources, color) }

// palette is what surrounds the parts of a rendered finding.
type palette struct{ bold, red, yellow, blue, reset string }

var (
	plain  palette
	ansi16 = palette{bold: "\x1b[1m", red: "\x1b[1;31m", yellow: "\x1b[1;33m", blue: "\x1b[36m", reset: "\x1b[0m"}
)

// RenderFirst returns the first findings as Render does, and says how many more there are.
func (d *Diagnostics) RenderFirst(most int, color bool) string {
	if len(d.List) <= most {
		return d.Render(color)
	}
	return render(d.List[:most], d.Sources, color) + fmt.Sprintf("\nand %d more\n", len(d.List)-most)
}

// render returns findings whose spans point into the sources.
func render(list []Diagnostic, sources []Source, color bool) string {
	p := plain
	if color {
		p = ansi16
	}
	texts := make(map[string]string, len(sources))
	for _, s := range sources {
		texts[s.Name] = s.Text
	}
	var b strings.Builder
	for i, d := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		p.render(&b, d, texts[d.Span.Start.File()])
	}
	return b.String()
}

func (p palette) render(b *strings.Builder, d Diagnostic, text string) {
	shade := p.red
	if d.Severity == Warning {
		shade = p.yellow
	}
	fmt.Fprintf(b, "%s%s%s: %s%s:%s %s\n", p.bold, visible.String(d.Span.Start.String()), p.reset, shade, d.Severity, p.reset, visible.String(clipped(d.Message)))
	number := fmt.Sprint(d.Span.Start.Line)
	margin := strings.Repeat(" ", len(number))
	if line, mark, ok := excerpt(d.Span, text); ok {
		fmt.Fprintf(b, "  %s%s |%s %s\n", p.blue, number, p.reset, line)
		fmt.Fprintf(b, "  %s%s |%s %s%s%s\n", p.blue, margin, p.reset, shade, mark, p.reset)
	}
	if d.Help != "" {
		fmt.Fprintf(b, "  %s%s =%s help: %s\n", p.blue, margin, p.reset, visible.String(clipped(d.Help)))
	}
}

// maxExcerpt bounds a shown line, in bytes of the file: what is wrong stays in sight.
const maxExcerpt = 160

// excerpt returns the line on which a span begins and the carets under it, both as wide as they look.
func excerpt(span Span, text string) (line, mark string, ok bool) {
	at := span.Start.Offset()
	if at < 0 || at > len(text) {
		return "", "", false
	}
	// Only as much of the line is looked at as can be shown.
	low, high := max(0, at-2*maxExcerpt), min(len(text), at+2*maxExcerpt)
	from := low + strings.LastIndexAny(text[low:at], "\r\n") + 1
	to := high
	if i := strings.IndexAny(text[at:high], "\r\n"); i >= 0 {
		to = at + i
	}
	end := min(max(span.End.Offset(), at), to)
	before, after := "", ""
	if at-from > maxExcerpt/2 {
		from, before = runeStart(text, at-maxExcerpt/2), "…"
	}
	if to-from > maxExcerpt {
		to, after = runeStart(text, from+maxExcerpt), "…"
		end = min(end, max(to, at))
	}
	lead := visible.String(strings.ReplaceAll(text[from:at], "\t", "  "))
	marked := visible.String(strings.ReplaceAll(text[at:end], "\t", "  "))
	tail := visible.String(strings.ReplaceAll(text[end:max(to, end)], "\t", "  "))
	line = strings.TrimRight(before+lead+marked+tail+after, " ")
	mark = strings.Repeat(" ", width(before+lead)) + strings.Repeat("^", max(1, width(strings.TrimRight(marked, " "))))
	return line, mark, true
}

func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// width returns how many columns of a terminal s takes, close enough to put a caret under it: East Asian letters and
// pictographs take two, marks and joiners none.
func width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < 0x300:
			n++
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), r == 0x200c, r == 0x200d:
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul),
			0x3000 <= r && r <= 0x303f, 0xff01 <= r && r <= 0xff60, 0x1f300 <= r && r <= 0x1faff:
			n += 2
		default:
			n++
		}
	}
	return n
}
