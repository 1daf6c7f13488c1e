package schemaplan

// typeChange is how a column gets from one type to another.
type typeChange int

const (
	keepType  typeChange = iota
	safeCast             // SET DATA TYPE: every value of the old type has an equivalent in the new one
	riskyCast            // SET DATA TYPE: some values may be rounded, truncated or refused
	textCast             // as riskyCast, via text: the server has no cast of its own
	noCast               // the column is dropped and recreated
)

// changeOf returns how a column changes its type from have to want, which differ. Where the choice is between casting a
// column and recreating it, it follows Prisma (postgres_native_type_change_riskyness in prisma-engines), as measured
// pair by pair, except that times of day are cast between precisions where Prisma discards them. What counts as risky
// is stricter than Prisma's table: a timestamp that becomes a date, or loses digits, loses something. castable reports,
// for types that Prisma has no name for, whether the server can cast.
func changeOf(have, want columnType, castable bool) typeChange {
	if have.isEnum() && want.Name != "" && castGroup(want.Name) == "string" && have.List == want.List {
		return textCast // Prisma recreates the column, and loses values that could all be converted
	}
	if have.List && !want.List {
		return listToScalar(want)
	}
	if have.isEnum() || want.isEnum() || have.List != want.List {
		return noCast
	}
	if !have.known() || !want.known() {
		return pick(castable, riskyCast, noCast)
	}
	from, to := castGroup(have.Name), castGroup(want.Name)
	switch {
	case have.Name == "citext":
		return citextTo(want)
	case have.Name == "money":
		return moneyTo(want)
	case to == "string":
		return toString(have, want)
	case want.Name == "citext":
		return pick(have.Name == "text", safeCast, pick(have.Name == "inet", riskyCast, noCast))
	case from == "number" && to == "number":
		return pick(numberFits(have, want), safeCast, riskyCast)
	case have.Name == "oid" && (want.Name == "int4" || want.Name == "int8"):
		return pick(want.Name == "int8", safeCast, riskyCast)
	case from == "bits" && to == "bits":
		return bitsChange(have, want)
	case from == "date" && to == "date":
		return pick(dateFits(have, want), safeCast, riskyCast)
	case from == "date" && to == "time" && have.Name != "date":
		return pick(have.Name == "timestamp" && want.Name == "timetz", textCast, riskyCast)
	case from == "time" && to == "time":
		return pick(have.Name == "timetz" && want.Name == "time" || length(have) > length(want), riskyCast, safeCast)
	case from == "json" && to == "json":
		return pick(have.Name == "json", riskyCast, safeCast)
	}
	return noCast
}

func pick(condition bool, yes, no typeChange) typeChange {
	if condition {
		return yes
	}
	return no
}

// castGroup returns the group of types that are treated alike.
func castGroup(name string) string {
	switch name {
	case "int2", "int4", "int8", "float4", "float8", "numeric":
		return "number"
	case "text", "varchar", "bpchar":
		return "string"
	case "timestamp", "timestamptz", "date":
		return "date"
	case "time", "timetz":
		return "time"
	case "bit", "varbit":
		return "bits"
	case "json", "jsonb":
		return "json"
	}
	return name
}

// length returns a type's length or precision, 0 where it has none.
func length(t columnType) int {
	if a := t.fullArgs(); len(a) > 0 {
		return a[0]
	}
	return 0
}

// listToScalar handles a cast that prints the whole list: only text can hold that.
func listToScalar(want columnType) typeChange {
	if want.isEnum() || castGroup(want.Name) != "string" {
		return noCast
	}
	return pick(length(want) == 0, safeCast, riskyCast)
}

func citextTo(want columnType) typeChange {
	switch {
	case castGroup(want.Name) != "string":
		return textCast
	case length(want) == 0:
		return safeCast
	}
	return riskyCast
}

func moneyTo(want columnType) typeChange {
	switch {
	case castGroup(want.Name) == "string", want.Name == "citext":
		return pick(length(want) == 0, safeCast, riskyCast)
	case want.Name == "numeric":
		return riskyCast
	}
	return noCast
}

// numberLengths are the lengths of the longest texts that a number of each type can have; types without an entry have
// no such limit.
var numberLengths = map[string]int{"int2": 6, "int4": 11, "int8": 20, "float4": 47}

// toString casts to text, varchar or char. Prisma recreates the column where no value of the type could fit.
func toString(have, want columnType) typeChange {
	n := length(want)
	if n == 0 {
		return safeCast
	}
	least, most := 0, 0 // of the text of a value: below least no cast is tried, from most on none can fail
	switch m := length(have); have.Name {
	case "text", "xml", "json", "jsonb", "float8":
	case "varchar", "bpchar", "varbit":
		most = m
	case "int2", "int4", "int8", "float4":
		most = numberLengths[have.Name]
	case "numeric":
		if m > 0 {
			most = m + 2
		}
	case "bytea":
		least = 3
	case "bool":
		least, most = 4, 5
	case "bit":
		least, most = m, m
	case "uuid":
		least, most = 32, 36
	case "oid", "inet":
		if want.Name == "bpchar" {
			return noCast
		}
		most = map[string]int{"oid": 10, "inet": 43}[have.Name]
	case "timestamp":
		least, most = 23, 29
	case "timestamptz", "date":
		least, most = 28, 35
	case "time":
		least, most = 14, 15
	case "timetz":
		least, most = 19, 21
	default:
		return noCast
	}
	if n < least && !(have.Name == "bool" && want.Name == "varchar") {
		return noCast
	}
	return pick(most > 0 && n >= most, safeCast, riskyCast)
}

// digits are how many decimal digits an integer type can have.
var digits = map[string]int{"int2": 5, "int4": 10, "int8": 19}

// numberFits reports whether type want can represent every number of type have exactly.
func numberFits(have, want columnType) bool {
	whole := digits[have.Name]
	switch {
	case whole > 0 && digits[want.Name] > 0:
		return whole <= digits[want.Name]
	case want.Name == "numeric" && len(want.Args) == 0:
		return whole > 0 || have.Name == "numeric"
	case want.Name == "numeric" && whole > 0:
		a := want.fullArgs()
		return a[0]-a[1] >= whole
	case want.Name == "numeric" && have.Name == "numeric" && len(have.Args) > 0:
		h, w := have.fullArgs(), want.fullArgs()
		return w[1] >= h[1] && w[0]-w[1] >= h[0]-h[1]
	case want.Name == "float8":
		return have.Name == "float4" || have.Name == "int2" || have.Name == "int4"
	case want.Name == "float4":
		return have.Name == "int2"
	}
	return false
}

func bitsChange(have, want columnType) typeChange {
	m, n := length(have), length(want)
	switch {
	case have.Name == "bit" && want.Name == "varbit":
		return pick(n == 0 || n >= m, safeCast, noCast)
	case have.Name == "varbit" && want.Name == "bit":
		return pick(m == 0 || n <= m, riskyCast, noCast)
	case have.Name == "varbit" && want.Name == "varbit":
		return pick(n == 0 || m > 0 && n > m, safeCast, noCast)
	}
	return noCast
}

// dateFits reports whether no date or time loses its time of day or fractional digits.
func dateFits(have, want columnType) bool {
	if want.Name == "date" || have.Name == "date" {
		return have.Name == "date"
	}
	return length(have) <= length(want)
}

// usingClause returns what a SET DATA TYPE needs where the server has no cast of its own.
func usingClause(column string, want columnType, change typeChange) string {
	if change != textCast {
		return ""
	}
	via := "text"
	if want.List {
		via = "text[]"
	}
	return " USING (" + column + "::" + via + "::" + want.sql() + ")"
}
