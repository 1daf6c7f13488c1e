package schemaplan

import (
	"regexp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// judge returns how the two ended, and a description of the problem if there is one.
func (e *evolution) judge() (verdict, problem string) {
	refused := len(e.prisma.Unexecutable) > 0
	blocked := remedy.Code(e.err) == "push.blocked"
	switch {
	case e.err != nil && !blocked:
		if e.prisma.Error != "" && e.ours == e.start {
			return "both fail, ours without a trace", ""
		}
		return "we fail", "we fail where real Prisma does not"
	case blocked && e.ours != e.start:
		return "a refused push changed something", "a refused push changed something:\n" + differences(e.start, e.ours)
	case blocked && refused:
		return "both refuse", ""
	case blocked && e.prisma.Error != "":
		return "we refuse beforehand what fails in real Prisma's hands", ""
	case blocked:
		return "only we refuse", "only we refuse"
	}
	d := differences(e.theirs, e.ours)
	if d == "" {
		return "equal", ""
	}
	for _, x := range deliberate {
		if x.explains(e, d) {
			return "deliberately different: " + x.name, ""
		}
	}
	if e.prisma.Error != "" || refused {
		return "real Prisma fails, for a reason that is not listed", "real Prisma fails, and ours differs from its result on an empty database:\n" + differences(loosely(e.scratch), loosely(e.ours))
	}
	return "different", "the catalogues differ (- real Prisma's, + ours):\n" + d
}

// deliberateDifference is a case in which the result deliberately differs from real Prisma's.
type deliberateDifference struct {
	name     string
	explains func(e *evolution, differences string) bool
}

// deliberate are all of them; DIFFERENCES.md says why.
var deliberate = []deliberateDifference{
	{"an enum is made again while a list of it becomes a single value: ours makes the column again, real Prisma casts it and fails where there are rows", func(e *evolution, d string) bool {
		return has(e.plan, rebuildEnum) && has(e.plan, recreateColumn) && sameButNumbers(d)
	}},
	{"a column of an enum becomes text by a cast, where real Prisma makes it again as the last column, or refuses that", func(e *evolution, d string) bool {
		return castsAnEnum(e.plan) && (sameButNumbers(d) || prismaFails("No cast exists")(e, d))
	}},
	{"real Prisma does not compare defaults of type DateTime", func(_ *evolution, d string) bool {
		return sameButDefaults(d)
	}},
	{"real Prisma renames a key beside another change in one statement, which is no SQL", prismaFails(`syntax error at or near "(RENAME|,)"`)},
	{"real Prisma casts without USING where the server needs one", prismaFails("cannot be cast automatically")},
	{"real Prisma drops what foreign keys or other types still hang on", prismaFails("other objects depend on it|cannot drop")},
	{"real Prisma names a table that it has yet to make, or a sequence without its schema", prismaFails("(underlying table for model `.*`|sequence \".*\") does not exist")},
	{"real Prisma refuses to make a list of an enum's single values, which it does for every other type", prismaFails("from a scalar field to a list field")},
	{"real Prisma makes a column that is there an autoincrement of another type", prismaFails(`type "\w*serial" does not exist`)},
	{"real Prisma uses an enum value in the transaction that adds it", prismaFails("unsafe use of new value")},
}

var momentDefault = regexp.MustCompile(`(?m)^[-+] (column \| [^|]* \| [^|]* \| \d+ \| [^|]* \| (?:timestamp|date|time)[^|]* \| [^|]* \|) .* (\|  \| )$`)

// sameButDefaults reports whether the only differences are the defaults of columns of dates and times.
func sameButDefaults(d string) bool {
	seen := map[string]int{}
	for line := range strings.SplitSeq(d, "\n") {
		m := momentDefault.FindStringSubmatch(line)
		if m == nil {
			return false
		}
		seen[m[1]]++
	}
	for _, n := range seen {
		if n != 2 {
			return false
		}
	}
	return true
}

// prismaFails returns a predicate: real Prisma failed, or refused, with a message of that form. Our result is then compared
// with what real Prisma makes of the schema in an empty database.
func prismaFails(pattern string) func(*evolution, string) bool {
	form := regexp.MustCompile(pattern)
	return func(e *evolution, _ string) bool {
		message, _, _ := strings.Cut(e.prisma.Error, "\n")
		message += strings.Join(e.prisma.Unexecutable, "\n")
		return form.MatchString(message) && loosely(e.scratch) == loosely(e.ours)
	}
}

var (
	columnNumber  = regexp.MustCompile(`(?m)^(column \| [^|]* \| [^|]* \|) \d+ `)
	sequenceLines = regexp.MustCompile(`(?m)^(sequence|relation) \| .* \| (S \| p|\d+ \| f.*)\n`)
	nextvals      = regexp.MustCompile(`nextval\([^)]*\)`)
	enumLine      = regexp.MustCompile(`(?m)^(enum \| [^|]* \| [^|]* \| )(.*)$`)
	schemaLines   = regexp.MustCompile(`(?m)^schema .*\n`)
)

// loosely returns a catalogue without what depends on the way to it: the order of columns and enum values, the names of
// sequences, empty schemas.
func loosely(catalogue string) string {
	s := columnNumber.ReplaceAllString(catalogue, "$1 ")
	s = sequenceLines.ReplaceAllString(s, "")
	s = schemaLines.ReplaceAllString(s, "")
	s = nextvals.ReplaceAllString(s, "nextval()")
	s = enumLine.ReplaceAllStringFunc(s, func(line string) string {
		m := enumLine.FindStringSubmatch(line)
		values := strings.Split(m[2], ", ")
		slices.Sort(values)
		return m[1] + strings.Join(values, ", ")
	})
	lines := strings.Split(s, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func has(p *Plan, kind Kind) bool {
	return len(p.filter(func(s *Step) bool { return s.Kind == kind })) > 0
}

var labelsToText = regexp.MustCompile(`::text(\[\])?::(TEXT|VARCHAR|CHAR)`)

// castsAnEnum reports whether a column of an enum becomes text.
func castsAnEnum(p *Plan) bool {
	return len(p.filter(func(s *Step) bool {
		return s.Kind == alterColumn && labelsToText.MatchString(strings.Join(s.Statements, ""))
	})) > 0
}

var attributeNumber = regexp.MustCompile(`(?m)^[-+] (column \| [^|]* \| [^|]* \|) \d+ (.*)$`)

// sameButNumbers reports whether the only differences are the positions of columns in their table.
func sameButNumbers(d string) bool {
	seen := map[string]int{}
	for line := range strings.SplitSeq(d, "\n") {
		m := attributeNumber.FindStringSubmatch(line)
		if m == nil {
			return false
		}
		if line[0] == '-' {
			seen[m[1]+m[2]]--
		} else {
			seen[m[1]+m[2]]++
		}
	}
	for _, n := range seen {
		if n != 0 {
			return false
		}
	}
	return true
}
