package screen

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/tui/draw"
)

// logMark is where a line of the server's log belongs: the server writes one entry in several lines, ERROR and then DETAIL,
// HINT, CONTEXT and STATEMENT, and further lines of a text begin with a tab.
type logMark struct {
	Head int // the number of the entry's first line, among all that ever came
	Role draw.Role
}

// logWord is what stands before a line's text: a level, which begins an entry, or what goes on with one.
var logWord = lazy.Regexp{Text: `(?:^|[^A-Za-z])(?:(DEBUG[1-5]?|INFO|NOTICE|LOG|WARNING|ERROR|FATAL|PANIC)|DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION|BACKTRACE):  `}

// logProcess is the process that a line is of, in the form that the server's lines have by themselves.
var logProcess = lazy.Regexp{Text: `^[^\[\]]{0,60}\[(\d+)\]`}

// LogReader puts the lines of a log together to entries.
type LogReader struct {
	last  logMark
	known bool               // there is a last one
	of    map[string]logMark // the entry that each process wrote last
}

// Mark takes the line with a number.
func (r *LogReader) Mark(number int, text string) logMark {
	if r.of == nil || len(r.of) > 1000 {
		r.of = map[string]logMark{}
	}
	process := ""
	if m := logProcess.Get().FindStringSubmatch(text); m != nil && text[0] != '\t' {
		process = m[1]
	}
	word := logWord.Get().FindStringSubmatch(text)
	switch {
	case strings.HasPrefix(text, "\t") && r.known: // more of the text before it, whatever it says
	case word != nil && word[1] != "":
		r.last = logMark{number, levelRole(word[1])}
	case word != nil && process != "":
		if m, ok := r.of[process]; ok {
			r.last = m
		}
	case word == nil || !r.known:
		r.last = logMark{number, draw.Dim}
	}
	r.known = true
	if process != "" {
		r.of[process] = r.last
	}
	return r.last
}

func levelRole(level string) draw.Role {
	switch level {
	case "ERROR", "FATAL", "PANIC":
		return draw.Bad
	case "WARNING":
		return draw.Warn
	case "LOG":
		return draw.Plain
	}
	return draw.Dim
}
