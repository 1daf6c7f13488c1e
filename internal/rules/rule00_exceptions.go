package rules

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/livepeer/naap-dev/internal/script"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleExceptions: an exception names an existing rule and a reason. Exceptions are in naap.toml, as [[check.allow]]
// with path, rule and reason, or in a comment on the line or above it: naap-allow: RULE reason.
var ruleExceptions = &Rule{
	ID: "naap/0-exceptions", Number: 0,
	Title: "An exception names its rule and its reason",
	Why:   "An exception without a reason is one that nobody dares to take out again.",
}

const allowMark = "naap-allow:"

// exception is an accepted breach, from a comment or from naap.toml.
type exception struct {
	rule   *Rule
	reason string
	place  Place
	text   string
	covers func(*Finding) bool
	used   bool
}

// except separates the findings that remain from those that an exception covers.
func (r *run) except(report *Report) {
	exceptions := append(r.configured(), r.commented()...)
	for _, f := range r.findings {
		accepted := false
		for _, e := range exceptions {
			if e.rule == f.Rule && r.maySetAside(&f) && e.covers(&f) {
				e.used = true
				report.Accepted = append(report.Accepted, Accepted{f, e.reason, fmt.Sprintf("%s:%d", e.place.Path, e.place.Line), e.place})
				accepted = true
				break
			}
		}
		if !accepted {
			report.Findings = append(report.Findings, f)
		}
	}
	for _, e := range exceptions {
		if !e.used {
			report.Notes = append(report.Notes, Finding{
				Rule: ruleExceptions, Severity: Note, Place: e.place, Text: e.text, first: e.place.Line,
				Message: fmt.Sprintf("this exception from %s covers nothing any more: take it out", e.rule.Slug()),
			})
		}
	}
}

// maySetAside reports whether an exception may cover a finding: not one about exceptions, nor one that the schema was
// not read, with which everything else is compared.
func (r *run) maySetAside(f *Finding) bool {
	return f.Rule != ruleExceptions && !(f.Rule == ruleReadable && r.isMeasure(f.Place.Path))
}

// configured returns the exceptions in naap.toml.
func (r *run) configured() []*exception {
	var list []*exception
	for _, a := range r.options.Allow {
		name := cmp.Or(a.File, "naap.toml")
		place := Place{Path: name, Line: max(a.Line, 1), Column: 1, EndColumn: 2}
		if rule := r.valid(a.Rule, a.Reason, place, "[[check.allow]]"); rule != nil {
			pattern := strings.TrimSuffix(strings.TrimPrefix(a.Path, "./"), "/")
			list = append(list, &exception{rule: rule, reason: a.Reason, place: place, text: "path = " + a.Path, covers: func(f *Finding) bool {
				whole, _ := doublestar.Match(pattern, f.Place.Path)
				below, _ := doublestar.Match(pattern+"/**", f.Place.Path)
				return whole || below
			}})
		}
	}
	return list
}

// valid returns the rule that an exception names, or reports a finding about what is wrong with it and returns nil.
func (r *run) valid(name, reason string, place Place, text string) *Rule {
	rule := byName(name)
	message := ""
	switch {
	case rule == nil || rule == ruleExceptions:
		message = fmt.Sprintf("this exception names no rule: %s", visible.String(orNone(name)))
	case strings.TrimSpace(reason) == "":
		message = fmt.Sprintf("this exception from %s gives no reason: write  %s %s because …", rule.Slug(), allowMark, name)
	default:
		return rule
	}
	r.findings = append(r.findings, Finding{
		Rule: ruleExceptions, Severity: Error, Place: place, Text: maskPasswords(text), Message: message, first: place.Line,
	})
	return nil
}

// commented returns the exceptions in comments.
func (r *run) commented() []*exception {
	var list []*exception
	for _, name := range r.order {
		f := r.files[name]
		if f.kind != scriptFile {
			list = append(list, r.commentedIn(f)...)
			continue
		}
		list = append(list, f.facts.exceptions...)
	}
	r.addScripts(ruleExceptions)
	return list
}

// commentedIn returns the exceptions in a file's comments.
func (r *run) commentedIn(f *file) []*exception {
	var list []*exception
	for at := 0; ; at += len(allowMark) {
		i := bytes.Index(f.data[at:], []byte(allowMark))
		if i < 0 {
			return list
		}
		at += i
		if f.inComment(at) {
			if e := r.comment(f, at); e != nil {
				list = append(list, e)
			}
		}
	}
}

func (r *run) comment(f *file, at int) *exception {
	place := f.place(at, at+len(allowMark))
	line := f.line(place.Line)
	_, rest, _ := strings.Cut(line, allowMark)
	rest, _, _ = strings.Cut(rest, "*/")
	name, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	reason = strings.TrimSpace(strings.TrimSuffix(reason, "}"))
	rule := r.valid(strings.TrimRight(name, ",:;"), reason, place, line)
	if rule == nil {
		return nil
	}
	path, covered := f.path, f.coveredLine(place.Line)
	return &exception{rule: rule, reason: reason, place: place, text: line, covers: func(x *Finding) bool {
		return x.Place.Path == path && (x.first <= covered && covered <= x.Place.Line || x.Place.Line == place.Line)
	}}
}

// inComment reports whether the offset is inside a comment.
func (f *file) inComment(at int) bool {
	if f.script != nil {
		return slices.ContainsFunc(f.script.Comments, func(c script.Span) bool { return c.Start <= at && at < c.End })
	}
	before := f.data[lineStart(f.data, at):at]
	switch f.kind {
	case prismaFile:
		return bytes.Contains(before, []byte("//"))
	case sqlFile:
		return bytes.Contains(before, []byte("--"))
	case manifestFile:
		return false
	case textFile:
		return bytes.Contains(before, []byte("<!--")) || bytes.Contains(before, []byte("//")) || bytes.IndexByte(before, '#') >= 0 || bytes.Contains(before, []byte("{/*"))
	}
	return bytes.IndexByte(before, '#') >= 0
}

// coveredLine returns the line that a comment is about: its own if there is code before it, else the next one that is
// neither empty nor a comment.
func (f *file) coveredLine(n int) int {
	if !isCommentLine(f.line(n)) {
		return n
	}
	last := bytes.Count(f.data, []byte("\n")) + 1
	for n++; n < last && (isCommentLine(f.line(n)) || strings.TrimSpace(f.line(n)) == ""); n++ {
	}
	return n
}

func isCommentLine(line string) bool {
	line = strings.TrimSpace(line)
	return slices.ContainsFunc([]string{"#", "//", "/*", "*", "--", "{/*", "<!--"}, func(mark string) bool { return strings.HasPrefix(line, mark) })
}
