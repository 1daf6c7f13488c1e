// Package edit is text that is being typed: one line, or several.
package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Text is an editable text with a cursor. The zero value is empty and takes line feeds.
type Text struct {
	Single bool // line feeds that are typed or pasted become blanks
	Tabs   bool // tabs stay; otherwise they become blanks
	value  string
	at     int // byte offset of the cursor, always between two grapheme clusters
	goal   int // column that up and down aim for; −1 for none
	undo   []state
	redo   []state
}

type state struct {
	value string
	at    int
}

const undoBound = 200

// String is the text.
func (t *Text) String() string { return t.value }

// At is the cursor's byte offset.
func (t *Text) At() int { return t.at }

// Set replaces the text and puts the cursor at its end.
func (t *Text) Set(s string) {
	t.remember()
	t.value = t.clean(s)
	t.at, t.goal = len(t.value), -1
}

// MoveTo puts the cursor at a byte offset, or the nearest place before it where a cluster begins.
func (t *Text) MoveTo(offset int) {
	offset = max(0, min(offset, len(t.value)))
	t.goal = -1
	for t.at = t.lineStart(offset); t.at < offset; { // no cluster goes beyond a line
		next := t.after(t.at)
		if next > offset {
			return
		}
		t.at = next
	}
}

// clean drops what no text may hold: NUL, bytes that are not UTF-8, carriage returns, and line feeds of a single line.
func (t *Text) clean(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && t.Single, r == '\t' && !t.Tabs:
			return ' '
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// Insert types a string at the cursor.
func (t *Text) Insert(s string) {
	if s = t.clean(s); s != "" {
		t.replace(t.at, t.at, s)
	}
}

// Replace puts s in the place of the bytes from, to and the cursor behind it.
func (t *Text) Replace(from, to int, s string) { t.replace(from, to, t.clean(s)) }

func (t *Text) replace(from, to int, s string) {
	t.remember()
	t.value = t.value[:from] + s + t.value[to:]
	t.at, t.goal = from+len(s), -1
	// What was typed may have joined the cluster before it.
	if t.at < len(t.value) {
		t.MoveTo(t.at)
	}
}

func (t *Text) remember() {
	t.undo = append(t.undo, state{t.value, t.at})
	if len(t.undo) > undoBound {
		t.undo = t.undo[1:]
	}
	t.redo = nil
}

// takeBack takes the last change back.
func (t *Text) takeBack() bool { return t.swap(&t.undo, &t.redo) }

// doAgain brings back the last change that was taken back.
func (t *Text) doAgain() bool { return t.swap(&t.redo, &t.undo) }

func (t *Text) swap(from, to *[]state) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	*to = append(*to, state{t.value, t.at})
	s := (*from)[n-1]
	*from = (*from)[:n-1]
	t.value, t.at, t.goal = s.value, s.at, -1
	return true
}

func (t *Text) after(i int) int {
	if i >= len(t.value) {
		return len(t.value)
	}
	c, _, _, _ := uniseg.FirstGraphemeClusterInString(t.value[i:], -1)
	return i + len(c)
}

// before is where the cluster before offset i begins. It looks from the line's start, as clusters can only be told
// from there.
func (t *Text) before(i int) int {
	if i == 0 {
		return 0
	}
	start := t.lineStart(i)
	if start == i {
		return i - 1 // a line feed
	}
	last := start
	for p := start; p < i; p = t.after(p) {
		last = p
	}
	return last
}

func (t *Text) lineStart(i int) int { return strings.LastIndexByte(t.value[:i], '\n') + 1 }

func (t *Text) lineEnd(i int) int {
	if n := strings.IndexByte(t.value[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(t.value)
}

// Lines is the text line by line; there is at least one.
func (t *Text) Lines() []string { return strings.Split(t.value, "\n") }

// Cursor is the cursor's line, from 0, and its byte offset in it.
func (t *Text) Cursor() (line, offset int) {
	return strings.Count(t.value[:t.at], "\n"), t.at - t.lineStart(t.at)
}

// Word is the beginning of the identifier, dots included, that ends at the cursor.
func (t *Text) Word() (from int, word string) {
	from = t.at
	for from > 0 {
		r, n := utf8.DecodeLastRuneInString(t.value[:from])
		if r != '_' && r != '.' && r != '"' && r != '$' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			break
		}
		from -= n
	}
	return from, t.value[from:t.at]
}
