package rules

import (
	"encoding/json"
	"io"

	"github.com/livepeer/naap-dev/internal/say"
)

// jsonReport is the report's document. Its version changes when a field is removed or changes its meaning.
type jsonReport struct {
	Version   int            `json:"version"`
	Files     int            `json:"files"`
	ElapsedMS float64        `json:"elapsed_ms"`
	Summary   jsonSummary    `json:"summary"`
	Rules     []jsonRule     `json:"rules"`
	Findings  []jsonFinding  `json:"findings"`
	Accepted  []jsonAccepted `json:"accepted"`
	Notes     []jsonFinding  `json:"notes"`
	Fixed     []jsonFinding  `json:"fixed,omitempty"`

	Exceptions []jsonException `json:"exceptions"`
	LeftOut    []LeftOut       `json:"left_out"`
}

// jsonException is a place with an exception, and how many findings it covers.
type jsonException struct {
	Rule     string `json:"rule"`
	Path     string `json:"path"`
	Line     int    `json:"line"`
	Reason   string `json:"reason"`
	Findings int    `json:"findings"`
}

type jsonSummary struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Accepted int `json:"accepted"`
	Notes    int `json:"notes"`
	Fixable  int `json:"fixable"`
	LeftOut  int `json:"left_out"`
}

type jsonRule struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Why   string `json:"why"`
	Count int    `json:"count"`
}

type jsonFinding struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Place
	Text    string   `json:"text"`
	Message string   `json:"message"`
	Why     string   `json:"why"`
	Related []Place  `json:"related,omitempty"`
	Fix     *jsonFix `json:"fix,omitempty"`
	Help    []string `json:"help,omitempty"`
}

type jsonFix struct {
	Title string `json:"title"`
	Safe  bool   `json:"safe"`
	Diff  string `json:"diff"`
}

type jsonAccepted struct {
	jsonFinding
	Reason string `json:"reason"`
	From   string `json:"from"`
}

// JSON writes the report as one JSON document.
func (r *Report) JSON(w io.Writer) error {
	doc := jsonReport{
		Version: 1, Files: r.Files, ElapsedMS: float64(r.Elapsed.Microseconds()) / 1000,
		Findings: say.Each(r.Findings, asJSON), Notes: say.Each(r.Notes, asJSON), Fixed: say.Each(r.Fixed, asJSON), LeftOut: append([]LeftOut{}, r.LeftOut...),
		Accepted: say.Each(r.Accepted, func(a Accepted) jsonAccepted { return jsonAccepted{asJSON(a.Finding), a.Reason, a.From} }),
		Exceptions: say.Each(r.Exceptions, func(e Exception) jsonException {
			return jsonException{e.Rule.ID, e.Place.Path, e.Place.Line, e.Reason, e.Findings}
		}),
		Summary: jsonSummary{
			Errors: r.Count(Error), Warnings: r.Count(Warning) - r.Count(Error), Accepted: len(r.Accepted), Notes: len(r.Notes),
			Fixable: r.fixable(), LeftOut: len(r.LeftOut),
		},
	}
	counts := countByRule(r.Findings)
	doc.Rules = say.Each(r.rules(), func(rule *Rule) jsonRule { return jsonRule{rule.ID, rule.Title, rule.Why, counts[rule]} })
	return encode(w, doc)
}

func asJSON(f Finding) jsonFinding {
	out := jsonFinding{
		Rule: f.Rule.ID, Severity: f.Severity, Place: f.Place, Text: f.Text, Message: f.Message, Why: f.Rule.Why, Related: f.Related, Help: f.Help,
	}
	if f.Fix != nil {
		out.Fix = &jsonFix{f.Fix.Title, f.Fix.Safe, f.Fix.Diff}
	}
	return out
}

func encode(w io.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
