package schemaplan

import "fmt"

// misfits tells, as conditions on a column, which of its values the server would refuse to cast, and which it would cast
// to something less. Both are empty where only trying can tell.
func misfits(column string, have, want Type) (refused, lessened string) {
	if have.List || want.List {
		return "", ""
	}
	n := length(want)
	from, to := castGroup(have.Name), castGroup(want.Name)
	switch {
	case to == "string" && n > 0 && have.Name != "bpchar":
		return fmt.Sprintf("length(%s::text) > %d", column, n), ""
	case to == "string" && n > 0:
		return fmt.Sprintf("length(rtrim(%s::text)) > %d", column, n), ""
	case from == "number" && wholeRange[want.Name] != "":
		refused = fmt.Sprintf("%s::numeric NOT BETWEEN %s", column, wholeRange[want.Name])
		if digits[have.Name] == 0 {
			lessened = fmt.Sprintf("%s::numeric <> round(%s::numeric)", column, column)
		}
		return finite(column, have, refused), finite(column, have, lessened)
	case from == "number" && want.Name == "numeric" && len(want.Args) > 0:
		a := want.fullArgs()
		refused = fmt.Sprintf("abs(round(%s::numeric, %d)) >= 1e%d", column, a[1], a[0]-a[1])
		lessened = fmt.Sprintf("%s::numeric <> round(%s::numeric, %d)", column, column, a[1])
		return finite(column, have, refused), finite(column, have, lessened)
	case from == "date" && want.Name == "date":
		return "false", fmt.Sprintf("%s <> %s::date", column, column)
	case have.Name == want.Name && isTime(want.Name):
		return "false", fmt.Sprintf("%s <> %s::%s", column, column, want.SQL())
	case have.Name == "oid" && want.Name == "int4":
		return fmt.Sprintf("%s::int8 > 2147483647", column), ""
	}
	return "", ""
}

// wholeRange are the bounds of the whole number types.
var wholeRange = map[string]string{
	"int2": "-32768 AND 32767", "int4": "-2147483648 AND 2147483647",
	"int8": "-9223372036854775808 AND 9223372036854775807",
}

// finite keeps NaN and the infinities away from a condition that cannot take them: no other number type has them, so
// they are refused by the cast itself.
func finite(column string, have Type, condition string) string {
	if condition == "" || digits[have.Name] > 0 {
		return condition
	}
	return fmt.Sprintf("CASE WHEN %s::text IN ('NaN', 'Infinity', '-Infinity') THEN true ELSE %s END", column, condition)
}

// checkCast weighs a cast that may lose: exactly where the values can be looked at, else every value counts.
func (a *alteration) checkCast() {
	column, name := quoteIdent(a.p.have.asIs()), a.p.want.Name
	have, want := a.p.have.Type, a.p.want.Type
	refused, lessened := misfits(column, have, want)
	if refused == "" && lessened == "" {
		a.count(column+" IS NOT NULL", func(s *Step, n int64) {
			s.lose(&Loss{What: fmt.Sprintf("what %s of %s.%s may not keep as %s", valueCount(n), a.t.name, name, want.SQL()), NonNull: n})
		})
		return
	}
	if refused != "false" {
		a.count(refused, func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s of %s.%s %s not fit %s", valueCount(n), a.t.name, name, plural(n, "does", "do"), want.SQL()),
				fmt.Sprintf("change them: UPDATE %s SET %s = … WHERE %s", a.t.have.asIs().SQL(), column, refused),
				"choose a type that holds them")
		})
	}
	if lessened != "" {
		a.count(lessened, func(s *Step, n int64) {
			s.lose(&Loss{What: fmt.Sprintf("digits of %s of %s.%s, which become %s", valueCount(n), a.t.name, name, want.SQL()), NonNull: n})
		})
	}
}

func (a *alteration) count(condition string, weigh func(s *Step, n int64)) {
	a.locks = append(a.locks, a.t.have.asIs())
	a.checks = append(a.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", a.t.have.asIs().SQL(), condition),
		weigh: func(s *Step, n int64) {
			if n > 0 {
				weigh(s, n)
			}
		},
	})
}
