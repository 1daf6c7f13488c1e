package rules

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// Report is what a check found.
type Report struct {
	Files    int // how many were looked at
	Elapsed  time.Duration
	Findings []Finding  // by file and place
	Accepted []Accepted // findings that an exception covers
	Notes    []Finding  // exceptions that cover nothing
	Fixed    []Finding  // what Mend mended before it looked again
	LeftOut  []LeftOut  // by path

	// Exceptions are those that cover findings, in the order of where they stand.
	Exceptions []Exception

	sources map[string][]byte // the files that fixes change, as they were read
}

// Accepted is a finding that an exception covers.
type Accepted struct {
	Finding Finding
	Reason  string
	From    string // where the exception stands: file:line

	at Place // the same
}

// Exception is where something is set aside that a rule finds.
type Exception struct {
	Rule     *Rule
	Reason   string
	Place    Place
	Findings int // how many it covers
}

// clean tells whether nothing was found.
func (r *Report) clean() bool { return len(r.Findings) == 0 }

// Count is how many findings weigh at least s.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity >= s {
			n++
		}
	}
	return n
}

// run is one check while it goes on.
type run struct {
	options Options
	*tree
	schema   *schemaFacts
	findings []Finding
}

// begin reads the workspace for a run.
func begin(ctx context.Context, o Options) (*run, error) {
	t, err := readTree(ctx, o)
	if err != nil {
		return nil, err
	}
	r := &run{options: o, tree: t}
	r.schema = r.readSchema()
	return r, nil
}

// Check looks at the workspace. Its errors are about looking; what it finds is in the report.
func Check(ctx context.Context, options Options) (*Report, error) {
	started := time.Now()
	o := options.withDefaults()
	var changed map[string]bool
	if o.Changed {
		var err error
		if changed, err = changedFiles(ctx, o.Root, o.Base); err != nil {
			return nil, err
		}
	}
	r, err := begin(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, check := range checks {
		check(r)
	}
	report := &Report{Files: r.seen}
	r.except(report)
	report.LeftOut = r.left
	report.keep(func(f Finding) bool {
		return f.Rule == ruleReadable && r.isMeasure(f.Place.Path) ||
			touches(f, o.Only) && (changed == nil || r.caused(f, changed))
	})
	report.count(o.Only)
	report.sort()
	report.Findings = slices.CompactFunc(report.Findings, func(a, b Finding) bool {
		return a.Rule == b.Rule && a.Place == b.Place && a.Message == b.Message
	})
	r.draw(report)
	report.Elapsed = time.Since(started)
	return report, nil
}

// keep drops what selects does not want.
func (r *Report) keep(wants func(Finding) bool) {
	not := func(f Finding) bool { return !wants(f) }
	r.Findings = slices.DeleteFunc(r.Findings, not)
	r.Notes = slices.DeleteFunc(r.Notes, not)
	r.Accepted = slices.DeleteFunc(r.Accepted, func(a Accepted) bool { return !wants(a.Finding) })
}

// count sums up what is set aside among the findings that are kept, and drops what was left out elsewhere.
func (r *Report) count(only []string) {
	for _, a := range r.Accepted {
		i := slices.IndexFunc(r.Exceptions, func(e Exception) bool { return e.Rule == a.Finding.Rule && e.Place == a.at })
		if i < 0 {
			i = len(r.Exceptions)
			r.Exceptions = append(r.Exceptions, Exception{Rule: a.Finding.Rule, Reason: a.Reason, Place: a.at})
		}
		r.Exceptions[i].Findings++
	}
	slices.SortStableFunc(r.Exceptions, func(a, b Exception) int {
		return cmp.Or(strings.Compare(a.Place.Path, b.Place.Path), a.Place.Line-b.Place.Line)
	})
	r.LeftOut = slices.DeleteFunc(r.LeftOut, func(l LeftOut) bool { return !touches(Finding{Place: Place{Path: l.Path}}, only) })
}

// touches tells whether a finding has to do with the files asked for. One whose cause is a changed file stands there
// too, though it is shown at another.
func touches(f Finding, only []string) bool {
	return len(only) == 0 || f.anyPlace(func(p Place) bool {
		return slices.ContainsFunc(only, func(o string) bool {
			return o == "." || o == p.Path || inFolder(strings.TrimSuffix(o, "/"), p.Path)
		})
	})
}

// anyPlace tells whether something holds for the finding's place or one that belongs to it.
func (f Finding) anyPlace(holds func(Place) bool) bool {
	return holds(f.Place) || slices.ContainsFunc(f.Related, holds)
}

// caused tells whether a finding may be there because of a changed file: it is in one, or in a file that did not change
// and is measured against one that did.
func (r *run) caused(f Finding, changed map[string]bool) bool {
	if changed[settingsFile] || f.anyPlace(func(p Place) bool { return changed[p.Path] }) {
		return true
	}
	any := func(is func(name string) bool) bool {
		for name := range changed {
			if is(name) {
				return true
			}
		}
		return false
	}
	switch f.Rule {
	case ruleModelSchema, rulePrefix, ruleCrossSchema, ruleOneSchema:
		return any(r.options.isUnified)
	case ruleLists:
		return changed[r.options.InitSQL] || any(r.options.isUnified)
	case ruleClientFile:
		return changed[backendOf(f.Place.Path)+"/"+clientFileName]
	case ruleOneContainer, ruleOneURL: // the compose file says which container and which port are the one's
		return any(func(name string) bool { return isCompose.MatchString(innerName(name)) || kindOf(name) == dockerFile })
	}
	return false
}

func (r *Report) sort() {
	byPlace := func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.Place.Path, b.Place.Path), a.Place.Line-b.Place.Line, a.Place.Column-b.Place.Column,
			a.Rule.Number-b.Rule.Number, strings.Compare(a.Message, b.Message),
		)
	}
	slices.SortStableFunc(r.Findings, byPlace)
	slices.SortStableFunc(r.Notes, byPlace)
	slices.SortStableFunc(r.Accepted, func(a, b Accepted) int { return byPlace(a.Finding, b.Finding) })
}

// report files a finding at the stretch from start to end of f.
func (r *run) report(rule *Rule, s Severity, f *file, start, end int, message string, fix *Fix, related ...Place) {
	p := f.place(start, end)
	r.findings = append(r.findings, Finding{
		Rule: rule, Severity: s, Place: p, Text: maskPasswords(f.line(p.Line)), Message: message, Fix: fix, Related: related,
		first: p.Line,
	})
}

// since says that the last finding is about a statement that begins at the offset.
func (r *run) since(f *file, offset int) {
	last := &r.findings[len(r.findings)-1]
	last.first = min(last.first, f.place(offset, offset).Line)
}

// each calls do for the files of a kind, in the order of their paths.
func (r *run) each(k kind, do func(*file)) {
	for _, name := range r.order {
		if f := r.files[name]; f.kind == k {
			do(f)
		}
	}
}

var (
	urlPassword   = regexp.MustCompile(`(://[^\s/:'"]*:)([^\s'"]+)(@)`)
	namedPassword = regexp.MustCompile(`(?i)(PASSWORD["']?\s*[:=]\s*["']?)([^\s"'$,#]+)`)
	secretDefault = regexp.MustCompile(`(:?[-=])([^{}]+)(\})`)
)

// maskPasswords hides the password of each URL and of each variable called so, in a line that is shown, and keeps the
// line's length. A password that is only a variable's name is none.
func maskPasswords(line string) string {
	line = urlPassword.ReplaceAllStringFunc(line, func(m string) string {
		parts := urlPassword.FindStringSubmatch(m)
		if strings.HasPrefix(parts[2], "$") || strings.HasPrefix(parts[2], "{") {
			return parts[1] + secretDefault.ReplaceAllStringFunc(parts[2], func(d string) string {
				p := secretDefault.FindStringSubmatch(d)
				return p[1] + stars(p[2]) + p[3]
			}) + parts[3]
		}
		return parts[1] + stars(parts[2]) + parts[3]
	})
	return namedPassword.ReplaceAllStringFunc(line, func(m string) string {
		parts := namedPassword.FindStringSubmatch(m)
		return parts[1] + stars(parts[2])
	})
}

func stars(s string) string { return strings.Repeat("*", len([]rune(s))) }

// schemaFacts is what the rules know of the unified schema from its syntax trees. They hold what the check of the whole
// schema would refuse, such as a model without a schema.
type schemaFacts struct {
	files   []*file
	schemas []prisma.Name // schemas = […]
	list    *prisma.Expr  // the array, or nil
	listIn  *file
	types   []typeFacts
}

// typeFacts is a model, a view or an enum.
type typeFacts struct {
	file   *file
	block  *prisma.Block
	schema prisma.Name // @@schema's argument; its Value is "" where there is none
}

func (r *run) readSchema() *schemaFacts {
	s := &schemaFacts{}
	r.each(prismaFile, func(f *file) {
		if !r.options.isUnified(f.path) || f.prisma == nil {
			return
		}
		s.files = append(s.files, f)
		for _, b := range f.prisma.Blocks {
			switch b.Kind {
			case prisma.DatasourceBlock:
				s.datasource(f, b)
			case prisma.ModelBlock, prisma.ViewBlock, prisma.EnumBlock:
				s.types = append(s.types, typeFacts{f, b, schemaOf(b)})
			}
		}
	})
	return s
}

func (s *schemaFacts) datasource(f *file, b *prisma.Block) {
	for _, m := range b.Members {
		if m.Name.Value != "schemas" || m.Value == nil || m.Value.Kind != prisma.ArrayExpr {
			continue
		}
		s.list, s.listIn = m.Value, f
		for _, item := range m.Value.Items {
			s.schemas = append(s.schemas, prisma.Name{Value: item.Text, Span: item.Span})
		}
	}
}

func schemaOf(b *prisma.Block) prisma.Name {
	for _, m := range b.Members {
		for _, a := range m.Attributes {
			if m.Kind == prisma.AttributeMember && a.Name == "schema" && len(a.Args) > 0 && a.Args[0].Value != nil {
				return prisma.Name{Value: a.Args[0].Value.Text, Span: a.Args[0].Value.Span}
			}
		}
	}
	return prisma.Name{}
}

// has tells whether the datasource lists a schema.
func (s *schemaFacts) has(name string) bool {
	return slices.ContainsFunc(s.schemas, func(n prisma.Name) bool { return n.Value == name })
}
