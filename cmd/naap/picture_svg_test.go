//go:build unix

package main

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hinshun/vt10x"
)

// What a picture of a terminal measures, in pixels. A cell is as wide as a letter of the usual fonts of that size; where
// the reader's font differs, textLength makes up for it.
const (
	cellWidth  = 8
	cellHeight = 17
	fontSize   = 13.3
	baseline   = 13
	margin     = 12
)

// theme is what a picture's own background and the terminal's default colours are.
type theme struct {
	name, back, fore, edge, said string
	asks                         string      // what a terminal with this background answers
	bar                          vt10x.Color // by which the program's answer to that is known
}

var themes = []theme{
	{"dark", "#0f141b", "#c9d1d9", "#30363d", "#8b949e", "0f0f/1414/1b1b", 236},
	{"light", "#ffffff", "#24292f", "#d0d7de", "#57606a", "ffff/ffff/ffff", 254},
}

// row is a line of a screen.
type row []vt10x.Glyph

func (r row) text() string {
	runes := make([]rune, len(r))
	for i, g := range r {
		runes[i] = cmp.Or(g.Char, ' ')
	}
	return string(runes)
}

// drawing collects what the rows of a picture have in common: the classes of their styles.
type drawing struct {
	theme theme
	rules map[string]string // class → rule of CSS
}

func newDrawing(t theme) *drawing { return &drawing{theme: t, rules: map[string]string{}} }

// class returns the class for a rule, which it is named after: a picture in which one colour changes changes there alone.
func (d *drawing) class(rule string) string {
	name := strings.NewReplacer("fill:#", "f", "stroke:#", "s", ";font-weight:bold", "b", ";text-decoration:underline", "u").Replace(rule)
	d.rules[name] = "." + name + "{" + rule + "}"
	return name
}

// colour returns a colour of the terminal as CSS has it.
func (d *drawing) colour(c vt10x.Color) string {
	switch {
	case c == vt10x.DefaultFG:
		return d.theme.fore
	case c == vt10x.DefaultBG:
		return d.theme.back
	case c >= 232 && c < 256:
		grey := 8 + 10*(c-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	case c >= 16 && c < 232:
		c -= 16
		level := func(n vt10x.Color) vt10x.Color { return min(n, 1)*55 + n*40 }
		return fmt.Sprintf("#%02x%02x%02x", level(c/36), level(c/6%6), level(c%6))
	}
	return [...]string{"#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#e5e5e5",
		"#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff"}[c%16]
}

// The attributes of vt10x, which does not export them.
const (
	underlined = 1 << 1
	bold       = 1 << 2
)

// row draws a line of a screen at y = 0: backgrounds, then the lines of boxes as strokes, which meet whatever the font
// is, then text.
func (d *drawing) row(r row) string {
	var b strings.Builder
	for at := 0; at < len(r); {
		n := 1
		for at+n < len(r) && r[at+n].BG == r[at].BG {
			n++
		}
		if r[at].BG != vt10x.DefaultBG {
			fmt.Fprintf(&b, `<rect x="%d" width="%d" height="%d" class="%s"/>`, at*cellWidth, n*cellWidth, cellHeight, d.class("fill:"+d.colour(r[at].BG)))
		}
		at += n
	}
	strokes := map[string]string{}
	for at, g := range r {
		if s, ok := boxes[g.Char]; ok {
			strokes[d.class("stroke:"+d.colour(g.FG))] += stroke(at, s)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(strokes)) {
		fmt.Fprintf(&b, `<path class="%s" d="%s"/>`, class, joined(strokes[class]))
	}
	for at := 0; at < len(r); {
		n := 1
		for at+n < len(r) && sameText(r, at, at+n) {
			n++
		}
		d.letters(&b, r[at:at+n], at)
		at += n
	}
	return b.String()
}

// sameText reports whether a cell goes on with the text that begins at another one: up to two blanks, or the frame of a
// box.
func sameText(r row, begin, at int) bool {
	a, b := r[begin], r[at]
	_, box := boxes[b.Char]
	_, boxed := boxes[a.Char]
	gap := blank(b) && at+1 < len(r) && blank(r[at+1])
	return !box && !boxed && !gap && !blank(a) && a.FG == b.FG && a.Mode == b.Mode
}

func blank(g vt10x.Glyph) bool { return g.Char == ' ' || g.Char == 0 }

func (d *drawing) letters(b *strings.Builder, r row, at int) {
	text := strings.TrimRight(r.text(), " ")
	if _, box := boxes[r[0].Char]; box || text == "" {
		return
	}
	rule := "fill:" + d.colour(r[0].FG)
	if r[0].Mode&bold != 0 {
		rule += ";font-weight:bold"
	}
	if r[0].Mode&underlined != 0 {
		rule += ";text-decoration:underline"
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" textLength="%d" class="%s">`, at*cellWidth, baseline, len([]rune(text))*cellWidth, d.class(rule))
	_ = xml.EscapeText(b, []byte(text))
	b.WriteString("</text>")
}

// boxes says to which sides the lines of a box's characters go.
var boxes = map[rune]string{
	'─': "lr", '│': "ud", '┌': "rd", '┐': "ld", '└': "ru", '┘': "lu", '├': "udr", '┤': "udl", '┬': "lrd", '┴': "lru", '┼': "lrud",
}

// stroke draws a box's character at its cell, a side each.
func stroke(at int, sides string) string {
	var b strings.Builder
	x := at * cellWidth
	for _, side := range sides {
		switch side {
		case 'l':
			fmt.Fprintf(&b, "M%d 8.5h4 ", x)
		case 'r':
			fmt.Fprintf(&b, "M%d 8.5h4 ", x+4)
		case 'u':
			fmt.Fprintf(&b, "M%d.5 0v9 ", x+4)
		case 'd':
			fmt.Fprintf(&b, "M%d.5 8v9 ", x+4)
		}
	}
	return b.String()
}

// joined makes one stroke of those that follow one another.
func joined(strokes string) string {
	var out []string
	var begin, end, down int
	last := -1 // the column of the last vertical stroke
	flush := func() {
		if end > begin {
			out = append(out, fmt.Sprintf("M%d 8.5h%d", begin, end-begin))
		}
		begin, end = 0, 0
	}
	for _, s := range strings.Split(strings.TrimSpace(strokes), " M") {
		s = strings.TrimPrefix(s, "M")
		var x, y int
		if n, _ := fmt.Sscanf(s, "%d 8.5h4", &x); n == 1 && strings.HasSuffix(s, "h4") {
			if x != end || end == 0 {
				flush()
				begin = x
			}
			end = x + 4
			continue
		}
		if _, err := fmt.Sscanf(s, "%d.5 %dv9", &x, &y); err != nil {
			panic(err)
		}
		if x == last && y == 8 && down == 0 {
			out[len(out)-1] = fmt.Sprintf("M%d.5 0v17", x)
		} else {
			out = append(out, fmt.Sprintf("M%d.5 %dv9", x, y))
		}
		last, down = x, y
	}
	flush()
	return strings.Join(out, "")
}

// made says in each picture how it is made again.
const made = "<!-- Made by go test ./cmd/naap -run Pictures -update-pictures -->\n"

// still returns a picture of a screen.
func still(t theme, title string, screen []row) []byte {
	d := newDrawing(t)
	var body strings.Builder
	for y, r := range screen {
		if line := d.row(r); line != "" {
			fmt.Fprintf(&body, "<g transform=\"translate(%d %d)\">%s</g>\n", margin, margin+y*cellHeight, line)
		}
	}
	return d.document(title, len(screen[0]), len(screen), "", body.String())
}

// document puts a body of so many columns and rows into a picture.
func (d *drawing) document(title string, columns, rows int, css, body string) []byte {
	w, h := columns*cellWidth+2*margin, rows*cellHeight+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n%s<title>", w, h, w, h, made)
	_ = xml.EscapeText(&b, []byte(title))
	fmt.Fprintf(&b, "</title>\n<style>text{font-family:ui-monospace,monospace;font-size:%.1fpx;white-space:pre}rect,path{shape-rendering:crispEdges}path{fill:none}\n%s%s\n</style>\n",
		fontSize, strings.Join(slices.Sorted(maps.Values(d.rules)), "\n"), css)
	fmt.Fprintf(&b, "<rect x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" stroke=\"%s\"/>\n", w-1, h-1, d.theme.back, d.theme.edge)
	b.WriteString(body)
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// frame is a screen of a film, with what is said below it.
type frame struct {
	seconds float64
	caption string
	screen  []row
}

// film returns the frames as one picture that moves; where the reader wants no motion, the first of them. Rows that
// frames have in common are in it once.
func film(t theme, title string, frames []frame) []byte {
	d := newDrawing(t)
	var total, now float64
	for _, f := range frames {
		total += f.seconds
	}
	var css, defs, body strings.Builder
	known := map[string]int{}
	fmt.Fprintf(&css, "\n.f{visibility:hidden;animation:%gs step-end infinite}", total)
	columns, rows := len(frames[0].screen[0]), len(frames[0].screen)
	said := d.class("fill:" + t.said)
	for i, f := range frames {
		from, to := 100*now/total, 100*(now+f.seconds)/total
		now += f.seconds
		fmt.Fprintf(&css, "\n@keyframes k%d{0%%{visibility:%s}%.2f%%{visibility:visible}%.2f%%{visibility:hidden}}.k%d{animation-name:k%d}", i, map[bool]string{true: "visible", false: "hidden"}[i == 0], from, to, i, i)
		fmt.Fprintf(&body, "<g class=\"f k%d\">\n", i)
		for y, r := range f.screen {
			line := d.row(r)
			if line == "" {
				continue
			}
			n, ok := known[line]
			if !ok {
				n = len(known)
				known[line] = n
				fmt.Fprintf(&defs, "<g id=\"r%d\">%s</g>\n", n, line)
			}
			fmt.Fprintf(&body, "<use href=\"#r%d\" x=\"%d\" y=\"%d\"/>", n, margin, margin+y*cellHeight)
		}
		fmt.Fprintf(&body, "\n<text x=\"%d\" y=\"%d\" class=\"%s\">", margin+cellWidth, margin+rows*cellHeight+baseline+8, said)
		_ = xml.EscapeText(&body, []byte(f.caption))
		body.WriteString("</text>\n</g>\n")
	}
	css.WriteString("\n@media (prefers-reduced-motion:reduce){.f{animation:none}.k0{visibility:visible}}")
	return d.document(title, columns, rows+1, css.String(), "<defs>\n"+defs.String()+"</defs>\n"+body.String())
}
