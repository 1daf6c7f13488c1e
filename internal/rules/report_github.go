package rules

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// GitHub writes the report as workflow commands, which GitHub shows beside the lines of a pull request. Source:
// "Workflow commands for GitHub Actions", setting an error, warning or notice message. Names and messages are made
// visible and escaped, so that they cannot end a command or begin another.
func (r *Report) GitHub(w io.Writer) error {
	var b strings.Builder
	command := map[Severity]string{Error: "error", Warning: "warning", Note: "notice"}
	for _, f := range slices.Concat(r.Findings, r.Notes) {
		fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,endColumn=%d,title=%s::%s\n", command[f.Severity],
			property(visible.String(f.Place.Path)), f.Place.Line, f.Place.Column, f.Place.EndColumn, property(f.Rule.ID+": "+f.Rule.Title),
			message(visible.String(f.Message)+"\n"+f.Rule.Why))
	}
	for _, e := range r.Exceptions {
		notice(&b, fmt.Sprintf("file=%s,line=%d,title=naap%%3A exception", property(visible.String(e.Place.Path)), e.Place.Line), e.String())
	}
	for _, l := range r.LeftOut {
		notice(&b, "file="+property(visible.String(l.Path))+",title=naap%3A not checked", visible.String(l.Path)+" was not looked into: "+l.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func notice(b *strings.Builder, properties, text string) {
	fmt.Fprintf(b, "::notice %s::%s\n", properties, message(visible.String(text)))
}

var (
	messageEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func message(s string) string  { return messageEscapes.Replace(s) }
func property(s string) string { return propertyEscapes.Replace(s) }
