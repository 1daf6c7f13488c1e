package rules

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// TextStyle says how the report for the user is written.
type TextStyle struct {
	Color bool
	Diffs bool // show each fix as a diff
	// Target is what is added to the commands that it names.
	Target remedy.Target
}

// Text writes the report for the user: the findings by file, each with its line and the wrong part underlined, then the
// reasons for the broken rules, and a summary.
func (r *Report) Text(w io.Writer, style TextStyle) error {
	p := &printer{style: style}
	last := ""
	for _, f := range r.Findings {
		if f.Place.Path != last {
			p.line("%s", p.paint(bold, visible.String(f.Place.Path)))
			last = f.Place.Path
		}
		p.finding(f)
	}
	p.reasons(r)
	p.accepted(r.Accepted)
	p.setAside(r)
	for _, n := range r.Notes {
		p.line("note: %s:%d: %s", visible.String(n.Place.Path), n.Place.Line, visible.String(n.Message))
		for _, line := range n.Help {
			p.line("      %s", p.paint(green, visible.String(line)))
		}
	}
	if len(r.Notes) > 0 {
		p.line("")
	}
	p.line("%s", r.summary(style.Target))
	_, err := io.WriteString(w, p.out.String())
	return err
}

// summary returns the report in one or two sentences; the command in it is for the target.
func (r *Report) summary(target remedy.Target) string {
	errors := r.Count(Error)
	warnings := r.Count(Warning) - errors
	s := fmt.Sprintf("%s, %s", say.Count(errors, "error"), say.Count(warnings, "warning"))
	if r.clean() {
		s = "all rules hold"
		if len(r.LeftOut) > 0 {
			s = "all rules hold in what was looked at"
		}
	}
	s += fmt.Sprintf("; %s looked at", say.Count(r.Files, "file"))
	if n := len(r.Accepted); n > 0 {
		s += fmt.Sprintf("; %s accepted", say.Count(n, "exception"))
	}
	if n := len(r.LeftOut); n > 0 {
		s += fmt.Sprintf("; %s left out", say.Count(n, "place"))
	}
	if fixable := r.fixable(); fixable > 0 {
		s += fmt.Sprintf("\n%d can be fixed by  %s", fixable, target.Line(remedy.Again("check", "--fix")))
	}
	return s
}

// fixable returns how many findings have a fix that is safe.
func (r *Report) fixable() (n int) {
	for _, f := range r.Findings {
		if f.Fix != nil && f.Fix.Safe {
			n++
		}
	}
	return n
}

// mostRelated is how many of the places that belong to a finding are named.
const mostRelated = 12

type printer struct {
	style TextStyle
	out   strings.Builder
}

// The few attributes that a report uses, as SGR numbers.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (p *printer) paint(sgr, s string) string {
	if !p.style.Color || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

func (p *printer) finding(f Finding) {
	color := map[Severity]string{Error: red, Warning: yellow, Note: dim}[f.Severity]
	p.line("  %d:%d  %s  %s  %s", f.Place.Line, f.Place.Column, p.paint(color, f.Severity.String()), p.paint(dim, f.Rule.ID), visible.String(f.Message))
	if text := f.Text; strings.TrimSpace(text) != "" {
		shown, under := underline(text, f.Place.Column, f.Place.EndColumn)
		p.line("      %s", shown)
		p.line("      %s", p.paint(color, under))
	}
	for i, rel := range f.Related {
		if i == mostRelated {
			p.line("      %s", p.paint(dim, fmt.Sprintf("and %d more (--json names them)", len(f.Related)-i)))
			break
		}
		p.line("      %s", p.paint(dim, fmt.Sprintf("see %s:%d:%d %s", visible.String(rel.Path), rel.Line, rel.Column, visible.String(rel.Label))))
	}
	for _, line := range f.Help {
		p.line("      %s", p.paint(green, visible.String(line)))
	}
	if f.Fix != nil && p.style.Diffs {
		p.diff(f.Fix)
	} else if f.Fix != nil {
		p.line("      fix: %s%s", visible.String(f.Fix.Title), map[bool]string{true: "", false: " (by hand: it needs a look)"}[f.Fix.Safe])
	}
	p.line("")
}

func (p *printer) diff(fix *Fix) {
	p.line("      fix: %s", visible.String(fix.Title))
	for line := range strings.SplitSeq(strings.TrimSuffix(fix.Diff, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "+"):
			line = p.paint(green, line)
		case strings.HasPrefix(line, "-"):
			line = p.paint(red, line)
		}
		p.line("        %s", line)
	}
}

// longest is how many characters of a line are shown; a longer line is cut around the underlined part.
const longest = 140

// underline returns the line, made safe to show, and a line of carets under the columns from from to until.
func underline(text string, from, until int) (string, string) {
	runes := []rune(text)
	from = min(max(from-1, 0), len(runes))
	until = min(max(until-1, from), len(runes))
	begin := 0
	for begin < from && (runes[begin] == ' ' || runes[begin] == '\t') {
		begin++
	}
	prefix := ""
	if from-begin > longest/2 {
		begin, prefix = from-longest/4, "…"
	}
	end, suffix := len(runes), ""
	if end-begin > longest {
		end, suffix = begin+longest, "…"
	}
	until = min(until, end)
	before := prefix + visible.String(string(runes[begin:from]))
	marked := visible.String(string(runes[from:until]))
	after := visible.String(string(runes[until:end])) + suffix
	return before + marked + after,
		strings.Repeat(" ", columns(before)) + strings.Repeat("^", max(columns(marked), 1))
}

// wide are the characters that a terminal draws two columns wide: East Asian ones and emoji, by blocks.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{{0x1100, 0x115f, 1}, {0x2e80, 0xa4cf, 1}, {0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1}},
	R32: []unicode.Range32{{0x1f300, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

// columns returns how many columns a text takes, accurately enough to put a caret under it.
func columns(s string) int {
	n := 0
	for _, c := range s {
		switch {
		case unicode.In(c, unicode.Mn, unicode.Me):
		case unicode.Is(wide, c):
			n += 2
		default:
			n++
		}
	}
	return n
}

// reasons prints why each broken rule exists, once.
func (p *printer) reasons(r *Report) {
	counts := countByRule(r.Findings)
	for _, rule := range r.rules() {
		if n := counts[rule]; n > 0 {
			p.line("%s  %s (%d)", p.paint(bold, rule.ID), rule.Title, n)
			p.line("  %s", rule.Why)
		}
	}
	if len(counts) > 0 {
		p.line("")
	}
}

func countByRule(findings []Finding) map[*Rule]int {
	counts := map[*Rule]int{}
	for _, f := range findings {
		counts[f.Rule]++
	}
	return counts
}

func (p *printer) accepted(list []Accepted) {
	for _, a := range list {
		p.line("accepted: %s:%d: %s: %s (%s)", visible.String(a.Finding.Place.Path), a.Finding.Place.Line, a.Finding.Rule.ID,
			visible.String(a.Reason), visible.String(a.From))
	}
	if len(list) > 0 {
		p.line("")
	}
}

// String returns the exception as a sentence.
func (e Exception) String() string {
	return fmt.Sprintf("%s:%d sets aside %s of %s: %s", visible.String(e.Place.Path), e.Place.Line, say.Count(e.Findings, "finding"), e.Rule.ID, visible.String(e.Reason))
}

// mostLeftOut is how many of the places that were left out are named.
const mostLeftOut = 20

// setAside prints which exceptions apply, and what was not read.
func (p *printer) setAside(r *Report) {
	for _, e := range r.Exceptions {
		p.line("%s", e)
	}
	for i, l := range r.LeftOut {
		if i == mostLeftOut {
			p.line("left out: %d more (--json names them)", len(r.LeftOut)-i)
			break
		}
		p.line("left out: %s: %s", visible.String(l.Path), visible.String(l.Why))
	}
	if len(r.Exceptions)+len(r.LeftOut) > 0 {
		p.line("")
	}
}
