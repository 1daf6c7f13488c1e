package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// diffReport is a plan for those who review a pull request.
type diffReport struct {
	plan         *schemaplan.Plan
	remarks      []string                 // about the whole
	schemaName   string                   // of the Prisma file or folder
	inRepository func(name string) string // the path in the repository of a file of the workspace
}

// write prints a text as it is.
func (a *app) write(text string) error {
	_, err := io.WriteString(a.out, text)
	return err
}

// commentMark lets a workflow find its own comment again, and replace it.
const commentMark = "<!-- naap: database diff -->"

// commentSize is how long a comment may become. GitHub takes 65,536 characters.
const commentSize = 60_000

// markdown returns the plan as a comment: the counts, each schema's steps, and the SQL where there is room for it.
// Everything that has a name in it is in code, where nothing is markup, a link or a mention.
func (r diffReport) markdown() string {
	var b strings.Builder
	b.WriteString(commentMark + "\n### " + r.headline() + "\n\n")
	for _, line := range say.First(r.plan.WipeLines(), remarksShown) {
		b.WriteString("**Warning:** " + visible.CodeSpan(line) + "\n\n")
	}
	b.WriteString(sections(schemasOf(r.plan), commentSize-b.Len()))
	remarks := say.Each(r.plan.Renames, func(x schemaplan.Rename) string {
		return "- Is the " + x.Kind + " " + visible.CodeSpan(x.From) + " now called " + visible.CodeSpan(x.To) + "?\n"
	})
	remarks = append(remarks, say.Each(r.remarks, func(line string) string { return "- " + visible.CodeSpan(line) + "\n" })...)
	if len(remarks) > 0 {
		b.WriteString(strings.Join(say.First(remarks, remarksShown), "") + "\n")
	}
	sql := "<details><summary>SQL</summary>\n\n" + visible.CodeBlock("sql", r.plan.SQL()) + "\n</details>\n"
	if !r.plan.Empty() && b.Len()+len(sql) <= commentSize {
		b.WriteString(sql)
	}
	return b.String()
}

// sections returns the steps of each schema, of as many as there is room for.
func sections(groups []*schemaSteps, room int) string {
	var b strings.Builder
	for i, g := range groups {
		text := "#### " + g.title() + "\n\n" + visible.CodeBlock("diff", strings.Join(g.lines(), "\n")) + "\n"
		if b.Len()+len(text) > room {
			b.WriteString("… and " + say.Count(len(groups)-i, "more schema") + ".\n\n")
			break
		}
		b.WriteString(text)
	}
	return b.String()
}

// headline says in one line what the plan does.
func (r diffReport) headline() string {
	if r.plan.Empty() {
		return "The database is what the Prisma file says"
	}
	head := "Database: "
	if r.plan.Destructive() {
		head += "something is lost. "
	}
	return head + say.And(countWords(r.plan.Counts()))
}

// countWords returns the numbers of a plan's steps that are not zero, each with its word.
func countWords(c schemaplan.Counts) []string {
	var out []string
	for _, n := range []struct {
		n    int
		what string
	}{{c.Adds, "add"}, {c.Changes, "change"}, {c.Destroys, "destroy"}} {
		if n.n > 0 {
			out = append(out, say.Count(n.n, "step")+" "+n.what+say.Form(n.n, "s", ""))
		}
	}
	if c.Blocked > 0 {
		out = append(out, say.Count(c.Blocked, "step")+" cannot run on the rows that are there")
	}
	return out
}

// schemaSteps are the steps of a plan that are about one schema.
type schemaSteps struct {
	schema string // "" for extensions
	plan   schemaplan.Plan
}

// schemasOf returns the steps of a plan by schema: first those that destroy, otherwise in the order of the plan.
func schemasOf(plan *schemaplan.Plan) []*schemaSteps {
	var order []*schemaSteps
	known := map[string]*schemaSteps{}
	for _, s := range plan.Steps {
		g := known[s.Schema()]
		if g == nil {
			g = &schemaSteps{schema: s.Schema()}
			known[g.schema], order = g, append(order, g)
		}
		g.plan.Steps = append(g.plan.Steps, s)
	}
	destroys := func(g *schemaSteps) int { return map[bool]int{true: 0, false: 1}[g.plan.Destructive()] }
	slices.SortStableFunc(order, func(a, b *schemaSteps) int { return destroys(a) - destroys(b) })
	return order
}

func (g *schemaSteps) title() string {
	name := "Extensions"
	if g.schema != "" {
		name = visible.CodeSpan(g.schema)
	}
	return name + ": " + say.And(countWords(g.plan.Counts()))
}

// stepsShown is how many lines of one schema are shown, and lineShown how many characters of each: a reviewer reads no
// more, and a comment has an end.
const stepsShown, lineShown = 100, 300

// remarksShown is how many lines about the whole are shown.
const remarksShown = 20

func (g *schemaSteps) lines() []string {
	return say.First(say.Each(g.plan.Summary(remedy.Target{}), func(line string) string {
		if shown := []rune(visible.String(line)); len(shown) > lineShown {
			return string(shown[:lineShown]) + "…"
		}
		return visible.String(line)
	}), stepsShown)
}

// github returns the plan as annotations: how much there is, then each step beside the line of the Prisma file that asks
// for it, those that destroy first, since GitHub shows only some of many.
func (r diffReport) github() string {
	var b strings.Builder
	level := "notice"
	if r.plan.Destructive() {
		level = "error"
	}
	fmt.Fprintln(&b, visible.Annotation{Level: level, File: r.inRepository(r.schemaName), Title: "Database", Message: strings.Join(append([]string{r.headline()}, r.plan.WipeLines()...), "\n")})
	for _, class := range []schemaplan.Class{schemaplan.Destroys, schemaplan.Changes, schemaplan.Adds} {
		for _, s := range r.plan.Steps {
			if s.Class == class {
				fmt.Fprintln(&b, r.annotation(s))
			}
		}
	}
	for _, line := range r.remarks {
		fmt.Fprintln(&b, visible.Annotation{Level: "warning", Title: "Database", Message: line})
	}
	return b.String()
}

// annotation returns a step as a remark at its line, or at the Prisma file where none asks for it.
func (r diffReport) annotation(s *schemaplan.Step) visible.Annotation {
	a := visible.Annotation{Level: "notice", File: r.inRepository(r.schemaName), Title: "Database: " + string(s.Class), Message: s.Summary}
	if s.Pos.Line > 0 {
		a.File, a.Line, a.Column = r.inRepository(s.Pos.File()), int(s.Pos.Line), int(s.Pos.Column)
	}
	if s.Class == schemaplan.Changes {
		a.Level = "warning"
	}
	if s.Destroys != nil {
		a.Level = "error"
		a.Message += "\nloses " + s.Destroys.What
	}
	if s.Blocked != nil {
		a.Level = "error"
		a.Message += "\ncannot run: " + s.Blocked.Why
	}
	return a
}
