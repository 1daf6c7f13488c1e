package remedy

import "strings"

// Severity is how much a Finding matters.
type Severity string

const (
	Fine    Severity = "ok"
	Notable Severity = "info"
	Warning Severity = "warning"
	Broken  Severity = "error"
)

// Finding is the result of one check: what was seen and, where something is wrong, the commands that help. File, Line
// and Column are set where it concerns a place in a text.
type Finding struct {
	Code     string
	Severity Severity
	Title    string
	Seen     []string
	Fix      []Advice
	File     string
	Line     int
	Column   int
}

// Failed returns the finding of a check that itself failed, with the error's evidence and remedy.
func Failed(code, title string, err error) Finding {
	f := Finding{Code: code, Severity: Broken, Title: title, Seen: []string{err.Error()}}
	if r, ok := Of(err); ok {
		f.Seen, f.Fix = append(f.Seen, r.Seen...), append(f.Fix, r.Fix...)
		for line := range strings.Lines(r.Excerpt) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				f.Seen = append(f.Seen, line)
			}
		}
	}
	if len(f.Fix) == 0 {
		f.Fix = []Advice{Naap("dev status")}
	}
	return f
}
