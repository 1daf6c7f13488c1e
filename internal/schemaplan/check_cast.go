package schemaplan

import (
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// misfit describes how a cast affects values that do not fit, as conditions on the column: which of them the server
// would refuse, and which it would reduce. Both are empty where only trying can tell.
type misfit struct {
	refused, lessened string
	loses             string // what a reduced value loses
}

// misfits returns the misfit of a change of a column's type.
func misfits(column string, have, want columnType) misfit {
	n := length(want)
	if have.isEnum() && n == 0 {
		return misfit{refused: "false"} // every label is a text
	}
	if have.List || want.List {
		return misfit{}
	}
	from, to := castGroup(have.Name), castGroup(want.Name)
	switch {
	case to == "string" && n > 0 && have.Name != "bpchar":
		return misfit{refused: fmt.Sprintf("length(%s::text) > %d", column, n)}
	case to == "string" && n > 0:
		return misfit{refused: fmt.Sprintf("length(rtrim(%s::text)) > %d", column, n)}
	case from == "number" && to == "number":
		return numberMisfits(column, have, want)
	case from == "date" && want.Name == "date":
		return misfit{"false", fmt.Sprintf("%s <> %s::date", column, column), "digits"}
	case have.Name == want.Name && isTime(want.Name):
		return misfit{"false", fmt.Sprintf("%s <> %s::%s", column, column, want.sql()), "digits"}
	case have.Name == "oid" && want.Name == "int4":
		return misfit{refused: fmt.Sprintf("%s::int8 > 2147483647", column)}
	case have.Name == "json" && want.Name == "jsonb":
		return misfit{fmt.Sprintf("NOT pg_input_is_valid(%s::text, 'jsonb')", column),
			fmt.Sprintf("NOT (%s IS JSON WITH UNIQUE KEYS)", column), "repeated keys"}.inTurn()
	}
	return misfit{}
}

// inTurn restricts the condition for reduced values to those that are not refused: with the others the query itself
// fails.
func (m misfit) inTurn() misfit {
	if m.lessened != "" {
		m.lessened = fmt.Sprintf("CASE WHEN %s THEN false ELSE %s END", m.refused, m.lessened)
	}
	return m
}

// numberMisfits compares a floating-point number with the result of casting it to the other type and back: the server
// takes 15 digits of it to a numeric, where it has up to 17.
func numberMisfits(column string, have, want columnType) misfit {
	m := misfit{loses: "digits"}
	floating := have.Name == "float4" || have.Name == "float8"
	whole, bounded := wholeRange[want.Name], want.Name == "numeric" && len(want.Args) > 0
	switch {
	case floating && whole != nil: // NaN is greater than every number
		m.refused = fmt.Sprintf("NOT (round(%s::float8) >= %s::float8 AND round(%s::float8) < %s::float8 + 1)", column, whole[0], column, whole[1])
	case whole != nil:
		m.refused = fmt.Sprintf("round(%s::numeric) NOT BETWEEN %s AND %s", column, whole[0], whole[1])
		if have.Name == "numeric" {
			m.lessened = fmt.Sprintf("%s <> round(%s)", column, column)
		}
	case bounded:
		a := want.fullArgs()
		m.refused = fmt.Sprintf("abs(round(%s::numeric, %d)) >= 1e%d", column, a[1], a[0]-a[1])
		m.lessened = fmt.Sprintf("%s::numeric <> round(%s::numeric, %d)", column, column, a[1])
	case floating && want.Name == "numeric":
		m.refused = "false"
	default:
		return misfit{}
	}
	if floating {
		m.lessened = fmt.Sprintf("%s::%s::%s <> %s", column, want.sql(), have.Name, column)
	}
	if m.refused != "false" && (have.Name == "numeric" || floating && bounded) {
		m.refused = fmt.Sprintf("CASE WHEN %s::text IN ('NaN', 'Infinity', '-Infinity') THEN true ELSE %s END", column, m.refused)
	}
	return m.inTurn()
}

// wholeRange are the smallest and the largest numbers of the integer types.
var wholeRange = map[string][]string{
	"int2": {"'-32768'", "'32767'"}, "int4": {"'-2147483648'", "'2147483647'"},
	"int8": {"'-9223372036854775808'", "'9223372036854775807'"},
}

// checkCast counts what a cast may lose: exactly where the values can be examined, otherwise every value counts.
func (a *alteration) checkCast() {
	column, name := postgres.Ident(a.p.have.asIs()), a.p.want.Name
	have, want := a.p.have.Type, a.p.want.Type
	m := misfits(column, have, want)
	if m.refused == "" {
		a.count(column+" IS NOT NULL", func(s *Step, n int64) {
			s.lose(&Loss{What: fmt.Sprintf("what %s of %s.%s may not keep as %s", say.Count(n, "value"), a.t.name, name, want.sql()), NonNull: n})
		})
		return
	}
	if m.refused != "false" {
		a.count(m.refused, func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s of %s.%s %s not fit %s", say.Count(n, "value"), a.t.name, name, say.Form(n, "does", "do"), want.sql()),
				fmt.Sprintf("change them: UPDATE %s SET %s = … WHERE %s", a.t.have.asIs().sql(), column, m.refused),
				"choose a type that holds them")
		})
	}
	if m.lessened != "" {
		a.count(m.lessened, func(s *Step, n int64) {
			s.lose(&Loss{What: fmt.Sprintf("%s of %s of %s.%s, which %s %s", m.loses, say.Count(n, "value"), a.t.name, name, say.Form(n, "becomes", "become"), want.sql()), NonNull: n})
		})
	}
}

func (a *alteration) count(condition string, weigh func(s *Step, n int64)) {
	a.locks = append(a.locks, a.t.have.asIs())
	a.checks = append(a.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", a.t.have.asIs().sql(), condition),
		weigh: func(s *Step, n int64) {
			if n > 0 {
				weigh(s, n)
			}
		},
	})
}
