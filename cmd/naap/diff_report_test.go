package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// hostileTable is a name that a pull request may give a table.
const hostileTable = "x`|<script>@maintainers</script>\n::error::#1 ```\n## y"

func hostilePlan() diffReport {
	return diffReport{
		plan: &schemaplan.Plan{
			Steps: []*schemaplan.Step{
				{Class: schemaplan.Adds, Summary: "create table public." + hostileTable, Statements: []string{`CREATE TABLE "` + hostileTable + `" ()`}},
				{Class: schemaplan.Destroys, Summary: "drop table " + hostileTable, Statements: []string{"DROP TABLE x"}, Destroys: &schemaplan.Loss{What: "3 rows of " + hostileTable}},
			},
			Renames: []schemaplan.Rename{{Kind: "table", From: hostileTable, To: "b"}},
			Wipes:   []schemaplan.Wipe{{Schema: hostileTable, Tables: 2, Of: 2}},
		},
		remarks:      []string{hostileTable + " is in the database only"},
		schemaName:   "prisma/schema.prisma",
		inRepository: func(name string) string { return name },
	}
}

// outsideOfCode returns the lines of a Markdown text without its blocks and spans of code, by the rules of CommonMark.
func outsideOfCode(t *testing.T, text string) string {
	t.Helper()
	var out strings.Builder
	fence := ""
	for line := range strings.Lines(text) {
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3 && !strings.Contains(line[len(ticks):], "`"):
			fence = ticks
		case fence != "" && len(ticks) >= len(fence) && strings.TrimSpace(line[len(ticks):]) == "":
			fence = ""
		case fence == "":
			out.WriteString(withoutSpans(line))
		}
	}
	if fence != "" {
		t.Error("a block of code does not end")
	}
	return out.String()
}

func withoutSpans(line string) string {
	out := ""
	for {
		before, rest, found := strings.Cut(line, "`")
		out += before
		if !found {
			return out
		}
		n := 1 + len(rest) - len(strings.TrimLeft(rest, "`"))
		rest = rest[n-1:]
		end := -1
		for i := 0; i < len(rest); {
			run := len(rest[i:]) - len(strings.TrimLeft(rest[i:], "`"))
			if run == n {
				end = i
				break
			}
			i += max(run, 1)
		}
		if end < 0 {
			return out + strings.Repeat("`", n) + rest
		}
		line = rest[end+n:]
	}
}

func TestNamesInACommentAreOnlyText(t *testing.T) {
	got := hostilePlan().markdown()
	plain := outsideOfCode(t, got)
	for _, bad := range []string{"maintainers", "script", "##  y", "\n## y", "#1", "::error"} {
		if strings.Contains(plain, bad) {
			t.Errorf("%q is outside of code in\n%s", bad, plain)
		}
	}
	for _, want := range []string{commentMark + "\n### Database: something is lost. 1 step adds and 1 step destroys\n", "**Warning:** ", "<details><summary>SQL</summary>"} {
		if !strings.Contains(plain, want[:len(want)-1]) {
			t.Errorf("%q is not in\n%s", want, plain)
		}
	}
	if !strings.Contains(got, "    loses 3 rows of x") {
		t.Errorf("the loss is not in\n%s", got)
	}
}

func TestAnnotationsAreOneCommandAStep(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(hostilePlan().github(), "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	for i, want := range []string{"::error file=prisma/schema.prisma,title=Database::Database: something is lost.",
		"::error file=prisma/schema.prisma,title=Database%3A destroys::drop table x", "::notice file=prisma/schema.prisma,title=Database%3A adds::create table",
		"::warning title=Database::x"} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("%s\nwant %s…", lines[i], want)
		}
	}
}

func TestACommentFitsIntoAPullRequest(t *testing.T) {
	r := hostilePlan()
	for range 20_000 {
		r.plan.Steps = append(r.plan.Steps, r.plan.Steps[0])
	}
	got := r.markdown()
	if len(got) > 65_000 || !strings.Contains(got, "… and ") {
		t.Errorf("%d bytes", len(got))
	}
	outsideOfCode(t, got)
}

func TestSchemasForWhichThereIsNoRoomAreCounted(t *testing.T) {
	long := &schemaplan.Step{Class: schemaplan.Adds, Summary: strings.Repeat("long name ", 1000)}
	var groups []*schemaSteps
	for range 50 {
		groups = append(groups, &schemaSteps{schema: "x", plan: schemaplan.Plan{Steps: slices.Repeat([]*schemaplan.Step{long}, 200)}})
	}
	got := sections(groups, commentSize)
	if len(got) > commentSize+100 || strings.Count(got, "#### `x`: 200 steps add\n") != 1 || !strings.HasSuffix(got, "… and 49 more schemas.\n\n") || !strings.Contains(got, "… and 101 more\n") {
		t.Errorf("%d bytes, of which the last are %q", len(got), got[max(0, len(got)-200):])
	}
	outsideOfCode(t, got)
}
