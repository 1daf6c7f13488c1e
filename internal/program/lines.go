package program

import "io"

// Lines returns a writer that cuts what a program writes into lines, and calls emit with each. A line longer than 64 KiB
// is cut there.
func Lines(emit func(line string)) io.Writer { return &lineWriter{emit: emit} }

type lineWriter struct {
	emit func(string)
	rest []byte
}

const longestLine = 64 << 10

func (w *lineWriter) Write(p []byte) (int, error) {
	for _, c := range p {
		switch {
		case c == '\n':
			w.emit(string(w.rest))
			w.rest = w.rest[:0]
		case c != '\r' && len(w.rest) < longestLine:
			w.rest = append(w.rest, c)
		}
	}
	return len(p), nil
}
