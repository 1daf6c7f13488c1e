package rules

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
)

// Report is the result of a check.
type Report struct {
	Files    int // how many were read
	Elapsed  time.Duration
	Findings []Finding  // by file and place
	Accepted []Accepted // findings that an exception covers
	Notes    []Finding  // exceptions that cover nothing, and what is worth knowing and breaks no rule
	Fixed    []Finding  // what Mend fixed before the last check
	LeftOut  []LeftOut  // by path
	Rules    []*Rule    // those that the findings may be about; nil for All

	// Exceptions are those that cover findings, in the order of their places.
	Exceptions []Exception

	sources map[string][]byte // the files that fixes change, as they were read
}

// Accepted is a finding that an exception covers.
type Accepted struct {
	Finding Finding
	Reason  string
	From    string // where the exception is: file:line

	at Place // the same as a Place
}

// Exception is a place that accepts what a rule finds.
type Exception struct {
	Rule     *Rule
	Reason   string
	Place    Place
	Findings int // how many it covers
}

// rules returns the rules that the findings may be about.
func (r *Report) rules() []*Rule {
	if r.Rules != nil {
		return r.Rules
	}
	return All()
}

// clean reports whether nothing was found.
func (r *Report) clean() bool { return len(r.Findings) == 0 }

// Count returns how many findings have at least severity s.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity >= s {
			n++
		}
	}
	return n
}

// run is one check in progress.
type run struct {
	options Options
	*tree
	schema   *schemaFacts
	passesOn bool            // see passOn
	hosts    map[string]bool // see serviceHosts
	known    map[string]bool // the schemas by which other lists of schemas are recognized

	user, password string // see findLogin
	findings       []Finding
}

// begin reads the workspace for a run.
func begin(ctx context.Context, o Options) (*run, error) { return beginPart(ctx, o, nil) }

func beginPart(ctx context.Context, o Options, only *part) (*run, error) {
	t, err := readTree(ctx, o, only)
	if err != nil {
		return nil, err
	}
	r := &run{options: o, tree: t}
	r.schema = r.readSchema()
	r.hosts = r.serviceHosts()
	r.user, r.password = r.findLogin()
	r.known = knownSchemas(r.firstLists())
	return r, nil
}

// Check checks the workspace. An error says that the check could not be made; what it finds is in the report.
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
	r, err := beginPart(ctx, o, o.partOf(ctx, changed))
	if err != nil {
		return nil, err
	}
	if err := r.judgeScripts(ctx); err != nil {
		return nil, err
	}
	for _, check := range checks {
		check(r)
	}
	report := &Report{Files: r.seen}
	r.except(report)
	report.Findings = fold(report.Findings)
	report.note()
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

// note moves what is only worth knowing to the notes.
func (r *Report) note() {
	isNote := func(f Finding) bool { return f.Severity == Note }
	for _, f := range r.Findings {
		if isNote(f) {
			r.Notes = append(r.Notes, f)
		}
	}
	r.Findings = slices.DeleteFunc(r.Findings, isNote)
}

// keep drops the findings for which wants returns false.
func (r *Report) keep(wants func(Finding) bool) {
	not := func(f Finding) bool { return !wants(f) }
	r.Findings = slices.DeleteFunc(r.Findings, not)
	r.Notes = slices.DeleteFunc(r.Notes, not)
	r.Accepted = slices.DeleteFunc(r.Accepted, func(a Accepted) bool { return !wants(a.Finding) })
}

// count sums up the exceptions for the findings that are kept, and drops what was left out elsewhere.
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

// touches reports whether a finding concerns the files asked for. This includes a finding that is caused by one of them
// and shown in another.
func touches(f Finding, only []string) bool {
	return len(only) == 0 || f.anyPlace(func(p Place) bool {
		return slices.ContainsFunc(only, func(o string) bool {
			return o == "." || o == p.Path || inFolder(strings.TrimSuffix(o, "/"), p.Path)
		})
	})
}

// anyPlace reports whether holds is true for the finding's place or one of its related places.
func (f Finding) anyPlace(holds func(Place) bool) bool {
	return holds(f.Place) || slices.ContainsFunc(f.Related, holds)
}

// caused reports whether a finding may be due to a changed file: it is in one, or in an unchanged file that is compared
// with a changed one.
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
	case ruleMigrations:
		return any(func(name string) bool { return r.options.causesMigrations(f, name) })
	case ruleLists:
		return changed[r.options.InitSQL] || any(r.options.isUnified)
	case ruleClientFile:
		return any(func(name string) bool { return isClientFile(name) && backendOf(name) == backendOf(f.Place.Path) })
	case ruleOneContainer, ruleOneURL: // the compose file defines the container and the port of the one database
		return any(func(name string) bool {
			return isCompose.Get().MatchString(innerName(name)) || kindOf(name) == dockerFile
		})
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

// report adds a finding for the bytes of f from start to end.
func (r *run) report(rule *Rule, s Severity, f *file, start, end int, message string, fix *Fix, related ...Place) {
	p := f.place(start, end)
	r.findings = append(r.findings, Finding{
		Rule: rule, Severity: s, Place: p, Text: maskPasswords(f.line(p.Line)), Message: message, Fix: fix, Related: related,
		first: p.Line,
	})
}

// since records that the last finding is about a statement that begins at the offset.
func (r *run) since(f *file, offset int) {
	last := &r.findings[len(r.findings)-1]
	last.first = min(last.first, f.place(offset, offset).Line)
}

// each calls do for the files of a kind, sorted by path.
func (r *run) each(k kind, do func(*file)) {
	for _, name := range r.order {
		if f := r.files[name]; f.kind == k {
			do(f)
		}
	}
}

var (
	urlPassword   = lazy.Regexp{Text: `(://[^\s/:'"]*:)([^\s'"]+)(@)`}
	namedPassword = lazy.Regexp{Text: `(?i)(PASSWORD["']?\s*[:=]\s*["']?)([^\s"'$,#]+)`}
	secretDefault = lazy.Regexp{Text: `(:?[-=])([^{}]+)(\})`}
)

// maskPasswords hides the password in each URL, and in each variable whose name says that it is one, in a line that is
// shown; the line keeps its length. A password that is only a variable's name is not hidden.
func maskPasswords(line string) string {
	line = urlPassword.Get().ReplaceAllStringFunc(line, func(m string) string {
		parts := urlPassword.Get().FindStringSubmatch(m)
		if strings.HasPrefix(parts[2], "$") || strings.HasPrefix(parts[2], "{") {
			return parts[1] + secretDefault.Get().ReplaceAllStringFunc(parts[2], func(d string) string {
				p := secretDefault.Get().FindStringSubmatch(d)
				return p[1] + stars(p[2]) + p[3]
			}) + parts[3]
		}
		return parts[1] + stars(parts[2]) + parts[3]
	})
	return namedPassword.Get().ReplaceAllStringFunc(line, func(m string) string {
		parts := namedPassword.Get().FindStringSubmatch(m)
		return parts[1] + stars(parts[2])
	})
}

func stars(s string) string { return strings.Repeat("*", len([]rune(s))) }

// schemaFacts is what the rules know of the unified schema from its syntax trees. It includes what the check of the
// whole schema would refuse, such as a model without a schema.
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

// has reports whether the datasource lists a schema.
func (s *schemaFacts) has(name string) bool {
	return slices.ContainsFunc(s.schemas, func(n prisma.Name) bool { return n.Value == name })
}
