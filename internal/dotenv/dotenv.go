// Package dotenv reads .env files as the dotenv package of npm and docker compose do: export, quotes, comments, values
// of several lines. Read leaves substitutions as written; Expand makes them.
package dotenv

import (
	"bytes"
	"strings"
)

// Span is a stretch of the source, End exclusive, in bytes.
type Span struct{ Start, End int }

// Entry is one NAME=value.
type Entry struct {
	Name string
	// Value is the value without its quotes, the escapes of double quotes resolved.
	Value string
	// Literal reports whether the value is in single quotes: nothing in it is substituted.
	Literal bool
	Quote   byte // the value's quotes, 0 where it has none
	NameAt  Span
	ValueAt Span // within the quotes
}

// Read returns the entries in their order. It skips lines that are not entries.
func Read(src []byte) []Entry {
	r := reader{src: src}
	if bytes.HasPrefix(src, []byte("\xEF\xBB\xBF")) {
		r.pos = 3
	}
	var entries []Entry
	for r.pos < len(src) {
		if e, ok := r.entry(); ok {
			entries = append(entries, e)
		}
		r.line()
	}
	return entries
}

type reader struct {
	src []byte
	pos int
}

// line advances past the end of the line.
func (r *reader) line() { r.pos = min(r.lineEnd()+1, len(r.src)) }

func (r *reader) lineEnd() int {
	if i := bytes.IndexByte(r.src[r.pos:], '\n'); i >= 0 {
		return r.pos + i
	}
	return len(r.src)
}

func (r *reader) blanks() {
	for r.pos < len(r.src) && (r.src[r.pos] == ' ' || r.src[r.pos] == '\t') {
		r.pos++
	}
}

// entry reads one entry and stops somewhere on its last line.
func (r *reader) entry() (Entry, bool) {
	r.blanks()
	if rest, ok := bytes.CutPrefix(r.src[r.pos:], []byte("export")); ok && len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		r.pos += len("export")
		r.blanks()
	}
	start := r.pos
	for r.pos < len(r.src) && isNameByte(r.src[r.pos]) {
		r.pos++
	}
	e := Entry{Name: string(r.src[start:r.pos]), NameAt: Span{start, r.pos}}
	r.blanks()
	if e.Name == "" || r.pos >= len(r.src) || r.src[r.pos] != '=' && r.src[r.pos] != ':' {
		return e, false
	}
	if r.src[r.pos] == ':' && (r.pos+1 >= len(r.src) || r.src[r.pos+1] != ' ') {
		return e, false // NAME: value is an entry, NAME:value is not
	}
	r.pos++
	r.blanks()
	if r.pos < len(r.src) {
		if q := r.src[r.pos]; (q == '"' || q == '\'' || q == '`') && r.quoted(&e, q) {
			return e, true
		}
	}
	r.plain(&e)
	return e, true
}

func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '.' || c == '-' || c >= '0' && c <= '9'
}

// quoted reads a value in quotes, which may span several lines. An opening quote that is never closed is part of a
// plain value.
func (r *reader) quoted(e *Entry, quote byte) bool {
	i := r.pos + 1
	for i < len(r.src) && r.src[i] != quote {
		if r.src[i] == '\\' && quote == '"' {
			i++
		}
		i++
	}
	if i >= len(r.src) {
		return false
	}
	e.ValueAt = Span{r.pos + 1, i}
	e.Value = string(r.src[r.pos+1 : i])
	e.Quote, e.Literal = quote, quote == '\''
	if quote == '"' {
		e.Value = escapes.Replace(e.Value)
	}
	r.pos = i + 1
	return true
}

var escapes = strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\\`, `\`)

// plain reads the rest of the line up to a comment, which must follow a blank.
func (r *reader) plain(e *Entry) {
	end := r.lineEnd()
	value := r.src[r.pos:end]
	for i, c := range value {
		if c == '#' && (i == 0 || value[i-1] == ' ' || value[i-1] == '\t') {
			value = value[:i]
			break
		}
	}
	value = bytes.TrimRight(value, " \t\r")
	e.Value = string(value)
	e.ValueAt = Span{r.pos, r.pos + len(value)}
	r.pos = end
}
