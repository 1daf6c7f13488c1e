package client

import (
	"encoding/json"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// inlineSchema returns the schema that a client's code has as a string: every version since 5 writes it as JSON.
func inlineSchema(code string) (text string, ok bool) {
	const key = `"inlineSchema":`
	at := strings.Index(code, key)
	if at < 0 {
		return "", false
	}
	err := json.NewDecoder(strings.NewReader(code[at+len(key):])).Decode(&text)
	return text, err == nil
}

// sameWords reports whether a text differs from the sources only in blanks outside of strings: a generator writes the
// schema formatted, and most people format theirs. It is a hundred times faster than to read both.
func sameWords(text string, sources []prisma.Source) bool {
	if sameText(text, sources) {
		return true
	}
	a := words{text: text}
	for _, s := range sources {
		b := words{text: strings.TrimPrefix(s.Text, "\ufeff")}
		for c := b.next(); c != end; c = b.next() {
			if a.next() != c {
				return false
			}
		}
	}
	return a.next() == end
}

// sameText reports whether a text is the sources, one after the other.
func sameText(text string, sources []prisma.Source) bool {
	for _, s := range sources {
		rest, ok := strings.CutPrefix(strings.TrimSpace(text), strings.TrimSpace(s.Text))
		if !ok {
			return false
		}
		text = rest
	}
	return strings.TrimSpace(text) == ""
}

// words yields the bytes of a schema that matter. A string ends with its line at the latest, which the quotes in comments
// need.
type words struct {
	text  string
	at    int
	quote bool
}

// end is what words yield at their end.
const end = -1

// next returns the next byte that matters, or end.
func (w *words) next() int {
	for w.at < len(w.text) {
		c := w.text[w.at]
		w.at++
		switch {
		case c == '\n':
			w.quote = false
		case c == '\\' && w.quote && w.at < len(w.text) && w.text[w.at] == '"':
			// The quote that comes next does not end the string.
			w.quote = false
			return int(c)
		case c == '"':
			w.quote = !w.quote
			return int(c)
		case c == '\r', !w.quote && (c == ' ' || c == '\t'):
		default:
			return int(c)
		}
	}
	return end
}
