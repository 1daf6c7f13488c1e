package seedfile

import (
	"sort"
	"unicode/utf8"
)

// lines holds the offsets at which the lines of a text begin.
type lines struct {
	text   string
	starts []int
}

func newLines(text string) lines {
	l := lines{text: text, starts: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// at returns the line and column of an offset, both from 1; the column counts characters.
func (l lines) at(offset int) (line, col int) {
	offset = min(offset, len(l.text))
	i := sort.SearchInts(l.starts, offset+1) - 1
	return i + 1, utf8.RuneCountInString(l.text[l.starts[i]:offset]) + 1
}
