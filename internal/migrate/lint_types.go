package migrate

import (
	"slices"
	"strconv"
	"strings"
)

// typeChange is what PostgreSQL does to the rows when a column gets another type.
type typeChange int

const (
	typeRewrites typeChange = iota
	typeStays               // what is stored is valid as it is
	typeMayStay             // it depends on the type before, which is not known
)

// typeName returns the short name of a type.
func typeName(name string) string {
	switch name {
	case "character varying":
		return "varchar"
	case "int", "int4":
		return "integer"
	case "int8":
		return "bigint"
	case "int2":
		return "smallint"
	case "bool":
		return "boolean"
	case "decimal":
		return "numeric"
	case "float8":
		return "double precision"
	case "float4":
		return "real"
	case "character", "bpchar":
		return "char"
	case "bit varying":
		return "varbit"
	}
	if base, ok := strings.CutSuffix(name, " with time zone"); ok {
		return base + "tz"
	}
	return strings.TrimSuffix(name, " without time zone")
}

// typeParts cuts a type as squeezed returns it into its name and the numbers in its parentheses:
// "timestamp(3)with time zone" is timestamptz with 3.
func typeParts(typ string) (name string, numbers []int, array bool) {
	if base, ok := strings.CutSuffix(typ, "[]"); ok {
		typ, array = base, true
	}
	name = typ
	if before, rest, ok := strings.Cut(typ, "("); ok {
		inner, after, _ := strings.Cut(rest, ")")
		for _, n := range strings.Split(inner, ",") {
			v, _ := strconv.Atoi(strings.TrimSpace(n))
			numbers = append(numbers, v)
		}
		name = strings.TrimSpace(before + " " + strings.TrimSpace(after))
	}
	return typeName(name), numbers, array
}

// changeOfType returns what the server does for a change between types without USING: nothing where the old values are
// valid as they are stored (ATColumnChangeRequiresRewrite in tablecmds.c, and the support functions of varchar, numeric,
// timestamp and varbit, which drop a cast to a wider limit).
func changeOfType(from, to string) typeChange {
	name, limit, array := typeParts(to)
	if from == "" {
		if (name == "text" || name == "varchar" || name == "numeric" || name == "timestamptz" || name == "timestamp" || name == "inet") && !array {
			return typeMayStay
		}
		return typeRewrites
	}
	was, wasLimit, wasArray := typeParts(from)
	switch {
	case array != wasArray:
		return typeRewrites
	case was == name && slices.Equal(limit, wasLimit):
		return typeStays
	case array:
		return typeRewrites
	case (was == "text" || was == "varchar") && name == "text", was == "text" && name == "varchar" && len(limit) == 0, was == "cidr" && name == "inet":
		return typeStays
	case was != name:
		return typeRewrites
	case (name == "varchar" || name == "varbit") && (len(limit) == 0 || len(wasLimit) == 1 && limit[0] >= wasLimit[0]):
		return typeStays
	case name == "numeric" && len(limit) == 0, name == "numeric" && len(wasLimit) > 0 && scale(limit) == scale(wasLimit) && limit[0] >= wasLimit[0]:
		return typeStays
	case strings.HasPrefix(name, "time") && (len(limit) == 0 || limit[0] >= 6 || len(wasLimit) == 1 && limit[0] >= wasLimit[0]):
		return typeStays
	}
	return typeRewrites
}

func scale(numbers []int) int {
	if len(numbers) > 1 {
		return numbers[1]
	}
	return 0
}
