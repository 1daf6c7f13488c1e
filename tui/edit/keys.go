package edit

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
)

// Key does what a key does to a text, and reports whether it means anything to one. Enter and tab do not.
func (t *Text) Key(k tea.KeyMsg) bool {
	if k.Type == tea.KeyRunes && !k.Alt {
		t.Insert(string(k.Runes))
		return true
	}
	if k.Type == tea.KeySpace && !k.Alt {
		t.Insert(" ")
		return true
	}
	do, ok := moves[k.String()]
	if !ok {
		return false
	}
	return do(t)
}

var moves = map[string]func(*Text) bool{
	"left":          func(t *Text) bool { return t.goTo(t.before(t.at)) },
	"right":         func(t *Text) bool { return t.goTo(t.after(t.at)) },
	"home":          func(t *Text) bool { return t.goTo(t.lineStart(t.at)) },
	"ctrl+a":        func(t *Text) bool { return t.goTo(t.lineStart(t.at)) },
	"end":           func(t *Text) bool { return t.goTo(t.lineEnd(t.at)) },
	"ctrl+e":        func(t *Text) bool { return t.goTo(t.lineEnd(t.at)) },
	"ctrl+home":     func(t *Text) bool { return t.goTo(0) },
	"ctrl+end":      func(t *Text) bool { return t.goTo(len(t.value)) },
	"alt+b":         func(t *Text) bool { return t.goTo(t.wordStart()) },
	"ctrl+left":     func(t *Text) bool { return t.goTo(t.wordStart()) },
	"alt+f":         func(t *Text) bool { return t.goTo(t.wordEnd()) },
	"ctrl+right":    func(t *Text) bool { return t.goTo(t.wordEnd()) },
	"backspace":     func(t *Text) bool { return t.drop(t.before(t.at), t.at) },
	"ctrl+h":        func(t *Text) bool { return t.drop(t.before(t.at), t.at) },
	"delete":        func(t *Text) bool { return t.drop(t.at, t.after(t.at)) },
	"ctrl+d":        func(t *Text) bool { return t.drop(t.at, t.after(t.at)) },
	"ctrl+w":        func(t *Text) bool { return t.drop(t.wordStart(), t.at) },
	"alt+backspace": func(t *Text) bool { return t.drop(t.wordStart(), t.at) },
	"alt+d":         func(t *Text) bool { return t.drop(t.at, t.wordEnd()) },
	"ctrl+u":        func(t *Text) bool { return t.drop(t.lineStart(t.at), t.at) },
	"ctrl+k":        func(t *Text) bool { return t.drop(t.at, t.lineEnd(t.at)) },
	"ctrl+l":        func(t *Text) bool { return t.drop(0, len(t.value)) },
	"ctrl+_":        func(t *Text) bool { t.takeBack(); return true },
	"alt+_":         func(t *Text) bool { t.doAgain(); return true },
	"up":            func(t *Text) bool { return t.vertical(-1) },
	"down":          func(t *Text) bool { return t.vertical(1) },
}

func (t *Text) goTo(i int) bool {
	t.MoveTo(i)
	return true
}

func (t *Text) drop(from, to int) bool {
	if from < to {
		t.replace(from, to, "")
	}
	return true
}

// vertical moves to the line above or below, and is false where there is none.
func (t *Text) vertical(by int) bool {
	line, offset := t.Cursor()
	lines := t.Lines()
	if line+by < 0 || line+by >= len(lines) {
		return false
	}
	if t.goal < 0 {
		t.goal = utf8.RuneCountInString(lines[line][:offset])
	}
	goal := t.goal
	start := 0
	for _, l := range lines[:line+by] {
		start += len(l) + 1
	}
	target := lines[line+by]
	bytes := len(target)
	n := 0
	for i := range target {
		if n == goal {
			bytes = i
			break
		}
		n++
	}
	t.MoveTo(start + bytes)
	t.goal = goal
	return true
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (t *Text) wordStart() int {
	i := len(strings.TrimRightFunc(t.value[:t.at], func(r rune) bool { return !wordRune(r) }))
	return len(strings.TrimRightFunc(t.value[:i], wordRune))
}

func (t *Text) wordEnd() int {
	rest := strings.TrimLeftFunc(t.value[t.at:], func(r rune) bool { return !wordRune(r) })
	rest = strings.TrimLeftFunc(rest, wordRune)
	return len(t.value) - len(rest)
}
