package visible

import (
	"bytes"
	"os"
	"unicode/utf8"
)

// own are the sequences in naap's lines for people: a report's colours, and the start of a progress line that is drawn
// again. They move no cursor beyond the line and change nothing that outlasts it.
var own = [][]byte{
	[]byte("\x1b[0m"), []byte("\x1b[1m"), []byte("\x1b[2m"), []byte("\x1b[31m"), []byte("\x1b[32m"), []byte("\x1b[33m"),
	[]byte("\r\x1b[2K"),
}

// Terminal is a terminal on which lines for people are written. Code that prints a string from outside makes it visible
// itself, so that it looks the same in a pipe; Terminal is the safety net below that: only text, line feeds, tabs and
// naap's own few sequences get through, and everything else is shown as String shows it.
type Terminal struct {
	file *os.File
	rest []byte // the beginning of a character whose end is still to be written
}

// NewTerminal returns a Terminal that writes to a file.
func NewTerminal(file *os.File) *Terminal { return &Terminal{file: file} }

// Fd returns the terminal's file descriptor.
func (t *Terminal) Fd() uintptr { return t.file.Fd() }

// Write writes text. Its errors are the file's.
func (t *Terminal) Write(p []byte) (int, error) {
	text := p
	if len(t.rest) > 0 {
		text = append(t.rest, p...)
	}
	text, t.rest = split(text)
	var out []byte
	for len(text) > 0 {
		if seq := ownAt(text); seq > 0 {
			out, text = append(out, text[:seq]...), text[seq:]
			continue
		}
		end := 1
		for end < len(text) && ownAt(text[end:]) == 0 {
			end++
		}
		out, text = append(out, show(string(text[:end]), terminalLines)...), text[end:]
	}
	if _, err := t.file.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ownAt returns the length of the sequence in own that text begins with, or 0.
func ownAt(text []byte) int {
	if text[0] != '\x1b' && text[0] != '\r' {
		return 0
	}
	for _, seq := range own {
		if bytes.HasPrefix(text, seq) {
			return len(seq)
		}
	}
	return 0
}

// split splits an unfinished character off the end of a text.
func split(text []byte) (whole, rest []byte) {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if utf8.FullRune(text[i:]) {
				break
			}
			return text[:i], bytes.Clone(text[i:])
		}
	}
	return text, nil
}
