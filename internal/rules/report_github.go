package rules

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// GitHub writes the report as workflow commands, which GitHub shows beside the lines of a pull request.
func (r *Report) GitHub(w io.Writer) error {
	var b strings.Builder
	level := map[Severity]string{Error: "error", Warning: "warning", Note: "notice"}
	for _, f := range slices.Concat(r.Findings, r.Notes) {
		fmt.Fprintln(&b, visible.Annotation{Level: level[f.Severity], File: f.Place.Path, Line: f.Place.Line, Column: f.Place.Column, EndColumn: f.Place.EndColumn,
			Title: f.Rule.ID + ": " + f.Rule.Title, Message: strings.Join(append([]string{visible.String(f.Message), f.Rule.Why}, f.Help...), "\n")})
	}
	for _, e := range r.Exceptions {
		fmt.Fprintln(&b, visible.Annotation{Level: "notice", File: e.Place.Path, Line: e.Place.Line, Title: "naap: exception", Message: visible.String(e.String())})
	}
	for _, l := range r.LeftOut {
		fmt.Fprintln(&b, visible.Annotation{Level: "notice", File: l.Path, Title: "naap: not checked", Message: visible.String(l.Path + " was not looked into: " + l.Why)})
	}
	_, err := io.WriteString(w, b.String())
	return err
}
