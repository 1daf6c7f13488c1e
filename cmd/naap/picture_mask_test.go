//go:build unix

package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hinshun/vt10x"
)

// masks are what differs from one run to the next, and what a picture has in its place.
var masks = []struct {
	what *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-01-02 14:02:07"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`), "14:02:07"},
	{regexp.MustCompile(`\b\d\d:\d\d:`), "14:02:"}, // what is over it begins there
	{regexp.MustCompile(`127\.0\.0\.1:\d+…?`), "127.0.0.1:5433"},
	{regexp.MustCompile(`(\bin|\bafter|·) [\d.]+ (ms|s|…)`), "$1 24 ms"},
	{regexp.MustCompile(`[\d.]+ m?s │`), "24 ms │"},
}

// health matches what the first line says of the server, up to the clock at its end. Which of it finds room depends on
// how long each part is.
var health = regexp.MustCompile(`[\d.]+ m?s  pg16.*$`)

// header returns a first line with the same healthy server in every picture, in one colour.
func header(r row) row {
	text := r.text()
	at := health.FindStringIndex(text)
	if at == nil {
		return r
	}
	const clock = "14:02:07 "
	from := len([]rune(text[:at[0]]))
	var said string
	for _, part := range []string{"0.6 ms", "pg16", "▣ running 12m", "conn 4/100", "cache 99.8%", "RO"} {
		if len([]rune(said+part))+2+len(clock) > len(r)-from {
			break
		}
		said += part + "  "
	}
	said += strings.Repeat(" ", len(r)-from-len([]rune(said))-len(clock)) + clock
	return slices.Concat(r[:from], cells(said, r[from-1]))
}

// cells returns text in the style of a cell.
func cells(text string, style vt10x.Glyph) (r row) {
	for _, c := range text {
		style.Char = c
		r = append(r, style)
	}
	return r
}

// masked returns a line of a screen with everything in it that differs from one run to the next replaced. Where the
// replacement is longer or shorter, the blanks after it make up for that, or those before it in a column on the right.
func masked(r row) row {
	r = header(r)
	for _, m := range masks {
		text := r.text()
		for _, at := range slices.Backward(m.what.FindAllStringSubmatchIndex(text, -1)) {
			with := string(m.what.ExpandString(nil, m.with, text, at))
			from := len([]rune(text[:at[0]]))
			to := from + len([]rune(text[at[0]:at[1]]))
			r = replaced(r, from, to, with)
		}
	}
	return r
}

func replaced(r row, from, to int, with string) row {
	in := cells(with, r[from])
	if in[len(in)-1].Char == '│' {
		in[len(in)-1] = r[to-1]
	}
	grown := len(in) - (to - from)
	out := slices.Concat(r[:from], in, r[to:])
	if blanks := blanksBefore(r, from); grown != 0 && strings.HasSuffix(with, "│") && blanks > 1 {
		return fitted(out, from, grown)
	}
	for at := from + len(in); at < len(out); at++ {
		if out[at].Char == '│' && grown < 0 {
			return fitted(out, at, grown)
		}
		end := at+1 == len(out) || out[at+1].Char == '│'
		if blanks := blanksBefore(out, at+1); end && blanks > 0 || blanks > max(2, grown) {
			return fitted(out, at+1, grown)
		}
	}
	return out[:len(r)]
}

func blanksBefore(r row, at int) (n int) {
	for at > n && blank(r[at-n-1]) {
		n++
	}
	return n
}

// fitted takes cells that are too many away before a place, or adds blanks there.
func fitted(r row, at, grown int) row {
	if grown >= 0 {
		return slices.Delete(slices.Clone(r), at-grown, at)
	}
	return slices.Insert(slices.Clone(r), at, cells(strings.Repeat(" ", -grown), r[at-1])...)
}

func TestWhatDiffersBetweenRunsIsMaskedInItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		" bookshop ● healthy  10.8 ms  pg16  ▣ running 6s  conn 3/100  cache 9.7%  RO          15:41:55":      " bookshop ● healthy  0.6 ms  pg16  ▣ running 12m  conn 4/100  cache 99.8%  RO        14:02:07 ",
		" bookshop ● healthy > CatalogBook > CatalogAuthor  5.0 ms  pg16  ▣ running 4s  conn 3/100  15:41:55": " bookshop ● healthy > CatalogBook > CatalogAuthor  0.6 ms  pg16  ▣ running 12m            14:02:07 ",
		"│ 15:48:16 counted 6 tables in 100 …││":                                                              "│ 14:02:07 counted 6 tables in 24 ms││",
		"│ 15:48:16 counted 6 tables in 101 ms││":                                                             "│ 14:02:07 counted 6 tables in 24 ms ││",
		"│ 15:48:16 counted 6 tables in 9 ms  ││":                                                             "│ 14:02:07 counted 6 tables in 24 ms ││",
		"│ ✓ Reset plugin_shop   undo 1    312 ms │       │":                                                  "│ ✓ Reset plugin_shop   undo 1     24 ms │       │",
		"│ done in 402 ms; esc closes        │":                                                               "│ done in 24 ms; esc closes         │",
		"│ rows 1–12 of 12 · 1.9 s · keyset(id)  id integer │":                                                "│ rows 1–12 of 12 · 24 ms · keyset(id)  id integer │",
		"│ nothing differs │":                                                                                 "│ nothing differs │",
	} {
		r := cells(text, vt10x.Glyph{FG: vt10x.DefaultFG, BG: vt10x.DefaultBG})
		if got := masked(r).text(); got != want || len([]rune(got)) != len(r) {
			t.Errorf("%q\n got %q\nwant %q", text, got, want)
		}
	}
}
