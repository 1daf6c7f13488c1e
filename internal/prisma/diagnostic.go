package prisma

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Severity says whether a finding stops a schema from being used.
type Severity int

const (
	Error   Severity = iota
	Warning          // the schema is used all the same
)

// maxMessage bounds a shown message, in bytes: a name in it can be as long as a file.
const maxMessage = 400

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one finding in a schema file.
type Diagnostic struct {
	Severity Severity
	Code     string // stable, e.g. "unknown-type"
	Span     Span
	Message  string // what is wrong, one line
	Help     string // what would be right, or ""
}

// String returns "file:line:col: message", safe to show.
func (d Diagnostic) String() string {
	return visible.String(d.Span.Start.String()) + ": " + visible.String(clipped(d.Message))
}

// Diagnostics is the error of a schema that cannot be used: every finding at once, in the order of the files and lines.
type Diagnostics struct {
	List    []Diagnostic // errors and warnings; at least one is an error
	Sources []Source     // the texts that the spans point into
	foreign string       // see Foreign
}

// Error returns the first error and the number of errors.
func (d *Diagnostics) Error() string {
	first := slices.IndexFunc(d.List, Diagnostic.isError)
	switch n := d.Errors(); n {
	case 0:
		return "the schema has no errors"
	case 1:
		return d.List[first].String()
	default:
		return fmt.Sprintf("%s (and %d more)", d.List[first], n-1)
	}
}

// Errors counts the findings that are errors.
func (d *Diagnostics) Errors() int {
	n := 0
	for _, x := range d.List {
		if x.isError() {
			n++
		}
	}
	return n
}

func (d Diagnostic) isError() bool { return d.Severity == Error }

// sortDiagnostics orders findings by file (in the order of the sources), place and severity, and drops duplicates.
func sortDiagnostics(list []Diagnostic, sources []Source) []Diagnostic {
	order := make(map[string]int, len(sources))
	for i, s := range sources {
		order[s.Name] = i
	}
	slices.SortStableFunc(list, func(a, b Diagnostic) int {
		return cmp.Or(order[a.Span.Start.File()]-order[b.Span.Start.File()], a.Span.Start.Offset()-b.Span.Start.Offset(), int(a.Severity-b.Severity))
	})
	return slices.CompactFunc(list, func(a, b Diagnostic) bool { return a == b })
}

func clipped(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return s[:runeStart(s, maxMessage)] + "…"
}
