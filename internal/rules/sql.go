package rules

import (
	"bytes"
	"strings"
)

// createdSchema is one CREATE SCHEMA of a script.
type createdSchema struct {
	name       string
	start, end int  // of the statement, its semicolon included
	closed     bool // it has one
	at, until  int  // of the name, quotes included
}

// createdSchemas lists the schemas that a SQL script creates. Comments, strings and dollar-quoted bodies hold none. A
// script with a quote that nothing closes, which no server runs, creates nothing.
func createdSchemas(data []byte) []createdSchema {
	words, closed := sqlWords(data)
	if !closed {
		return nil
	}
	var list []createdSchema
	for i := 0; i+2 < len(words); i++ {
		if !words[i].is("CREATE") || !words[i+1].is("SCHEMA") {
			continue
		}
		j := i + 2
		for j < len(words) && (words[j].is("IF") || words[j].is("NOT") || words[j].is("EXISTS")) {
			j++
		}
		if j >= len(words) || words[j].is("AUTHORIZATION") || words[j].text == ";" {
			continue
		}
		c := createdSchema{name: words[j].name(), start: words[i].start, at: words[j].start, until: words[j].end, end: words[j].end}
		for ; j < len(words); j++ {
			c.end = words[j].end
			if c.closed = words[j].text == ";"; c.closed {
				break
			}
		}
		list = append(list, c)
	}
	return list
}

type sqlWord struct {
	text       string
	start, end int
}

func (w sqlWord) is(keyword string) bool { return strings.EqualFold(w.text, keyword) }

// name is the identifier that a word is: folded to lower case where it stands without quotes.
func (w sqlWord) name() string {
	if strings.HasPrefix(w.text, `"`) {
		return strings.ReplaceAll(strings.Trim(w.text, `"`), `""`, `"`)
	}
	return strings.ToLower(w.text)
}

// sqlWords splits a script into identifiers, keywords and semicolons. Everything else is left out. It tells whether
// every quote and comment is closed.
func sqlWords(data []byte) (words []sqlWord, closed bool) {
	closed = true
	for i := 0; i < len(data); {
		c := data[i]
		start := i
		switch {
		case c == '-' && bytes.HasPrefix(data[i:], []byte("--")):
			i = lineEndAt(data, i)
		case c == '/' && bytes.HasPrefix(data[i:], []byte("/*")):
			i, closed = blockCommentEnd(data, i)
		case c == '\'':
			i, closed = quotedEnd(data, i, '\'')
		case c == '"':
			i, closed = quotedEnd(data, i, '"')
			words = append(words, sqlWord{string(data[start:i]), start, i})
		case c == '$':
			i, closed = dollarEnd(data, i)
		case c == ';':
			i++
			words = append(words, sqlWord{";", start, i})
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80:
			for i < len(data) && (data[i]|0x20 >= 'a' && data[i]|0x20 <= 'z' || data[i] == '_' || data[i] == '$' || data[i] >= 0x80 || data[i] >= '0' && data[i] <= '9') {
				i++
			}
			words = append(words, sqlWord{string(data[start:i]), start, i})
		default:
			i++
		}
		if !closed {
			break
		}
	}
	return words, closed
}

func lineEndAt(data []byte, i int) int {
	if j := bytes.IndexByte(data[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(data)
}

// blockCommentEnd is the end of a comment, and whether there is one. PostgreSQL's nest.
func blockCommentEnd(data []byte, i int) (int, bool) {
	depth := 0
	for i < len(data) {
		switch {
		case bytes.HasPrefix(data[i:], []byte("/*")):
			depth++
			i += 2
		case bytes.HasPrefix(data[i:], []byte("*/")):
			i += 2
			if depth--; depth == 0 {
				return i, true
			}
		default:
			i++
		}
	}
	return i, false
}

func quotedEnd(data []byte, i int, quote byte) (int, bool) {
	for i++; i < len(data); i++ {
		if data[i] == quote {
			if i+1 < len(data) && data[i+1] == quote {
				i++
				continue
			}
			return i + 1, true
		}
	}
	return len(data), false
}

// dollarEnd is the end of $tag$ … $tag$, or the next byte where it is none.
func dollarEnd(data []byte, i int) (int, bool) {
	j := i + 1
	for j < len(data) && (data[j]|0x20 >= 'a' && data[j]|0x20 <= 'z' || data[j] == '_' || j > i+1 && data[j] >= '0' && data[j] <= '9') {
		j++
	}
	if j >= len(data) || data[j] != '$' {
		return i + 1, true
	}
	tag := data[i : j+1]
	if k := bytes.Index(data[j+1:], tag); k >= 0 {
		return j + 1 + k + len(tag), true
	}
	return len(data), false
}
