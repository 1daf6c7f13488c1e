package schemaplan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// ScriptOptions say how Script writes a plan.
type ScriptOptions struct {
	Unqualified bool // names in the schema public are written without it, as for a Prisma file that names no schemas
	Bare        bool // without the warnings and what can be done about them
}

// Script returns the plan as the script of a migration, as Prisma writes it: what could lose something in a comment at
// its top, each kind of step under its heading, the changes of one table in one statement. Unlike Prisma's, it is one
// transaction throughout: an enum that loses values is recreated in it. A plan that is empty has the text "".
func (p *Plan) Script(opt ScriptOptions) string {
	var parts []string
	for _, s := range p.sections() {
		parts = append(parts, s.text(opt))
	}
	text := strings.Join(parts, "\n")
	if warnings := p.cautions(); len(warnings) > 0 && !opt.Bare {
		text = "/*\n  Warnings:\n\n  - " + strings.Join(warnings, "\n  - ") + "\n\n*/\n" + text
	}
	return text
}

// section is what is written under one heading.
type section struct {
	heading    string
	comment    string // above the statements
	steps      []*Step
	statements []string
	after      string // below them
}

// severalValues is Prisma's remark on several values for an enum.
const severalValues = `-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


`

func (p *Plan) sections() []*section {
	var out []*section
	for _, s := range p.Steps {
		var last *section
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		switch {
		case last != nil && last.extends(s):
			last.take(s)
		default:
			one := &section{heading: cmp.Or(headings[s.Kind], "AlterTable"), after: s.backfill}
			one.steps, one.statements = []*Step{s}, slices.Clone(s.Statements)
			out = append(out, one)
		}
	}
	return out
}

// inTable are the steps that Prisma writes as clauses of one ALTER TABLE.
var inTable = []Kind{dropPrimaryKey, dropColumn, addColumn, alterColumn, recreateColumn, addPrimaryKey}

// extends reports whether a step belongs to a section as well.
func (x *section) extends(s *Step) bool {
	last := x.steps[len(x.steps)-1]
	switch {
	case s.Kind == addEnumValue:
		return last.Kind == addEnumValue && last.enum == s.enum
	case !slices.Contains(inTable, s.Kind) || !slices.Contains(inTable, last.Kind) || s.table != last.table:
		return false
	}
	return len(x.statements) == 1 && len(s.Statements) == 1 && x.clauseOf(s) != "" && !strings.Contains(x.statements[0]+s.Statements[0], "--")
}

func (x *section) clauseOf(s *Step) string {
	alter := "ALTER TABLE " + s.table.sql() + " "
	clause, ok := strings.CutPrefix(s.Statements[0], alter)
	if !ok || !strings.HasPrefix(x.statements[0], alter) {
		return ""
	}
	return clause
}

func (x *section) take(s *Step) {
	x.after += s.backfill
	if s.Kind == addEnumValue {
		x.comment = severalValues
		x.statements = append(x.statements, s.Statements...)
	} else {
		x.statements[0] += ",\n" + x.clauseOf(s)
	}
	x.steps = append(x.steps, s)
}

func (x *section) text(opt ScriptOptions) string {
	var b strings.Builder
	b.WriteString("-- " + x.heading + "\n" + x.comment)
	for _, statement := range x.statements {
		statement = paddedAdds(x, statement)
		if opt.Unqualified {
			statement = unqualified(statement)
		}
		if strings.Contains(statement, "--") { // possibly a comment in the schema file's own SQL
			statement += "\n"
		}
		b.WriteString(statement + ";\n")
	}
	if x.after != "" && !opt.Bare {
		after := x.after
		if opt.Unqualified {
			after = commented(unqualified(after))
		} else {
			after = commented(after)
		}
		b.WriteString(after)
	}
	return b.String()
}

// paddedAdds writes ADD COLUMN as Prisma does in ALTER TABLE.
func paddedAdds(x *section, statement string) string {
	if !slices.ContainsFunc(x.steps, func(s *Step) bool { return s.Kind == addColumn || s.Kind == recreateColumn }) {
		return statement
	}
	statement = strings.ReplaceAll(statement, ",\nADD COLUMN \"", ",\nADD COLUMN     \"")
	head := "ALTER TABLE " + x.steps[0].table.sql() + " "
	if rest, ok := strings.CutPrefix(statement, head+"ADD COLUMN \""); ok {
		statement = head + "ADD COLUMN     \"" + rest
	}
	return statement
}

// unqualified leaves the schema public out of names.
func unqualified(statement string) string {
	tokens := slices.Collect(sqltext.Tokens(statement))
	var b strings.Builder
	from := 0
	for i := 0; i+2 < len(tokens); i++ {
		t, dot, name := tokens[i], tokens[i+1], tokens[i+2]
		if t.Kind == sqltext.Name && statement[t.Start:t.End] == `"public"` && dot.Is(statement, '.') && name.Kind == sqltext.Name &&
			(i == 0 || !tokens[i-1].Is(statement, '.')) {
			b.WriteString(statement[from:t.Start])
			from = name.Start
		}
	}
	return b.String() + statement[from:]
}

// commented makes each line a comment.
func commented(text string) string {
	return "-- " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n-- ") + "\n"
}

// cautions are the warnings that Prisma writes above such a script (prisma-engines, destructive_change_checker): what
// could lose something, then what could fail.
func (p *Plan) cautions() []string {
	var loses, fails []string
	for _, s := range p.Steps {
		loses = append(loses, s.loses...)
		fails = append(fails, s.fails...)
	}
	out := append(loses, fails...)
	for i, line := range out {
		out[i] = strings.ReplaceAll(oneLine(line), "*/", "* /")
	}
	return out
}
