package prisma

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// checkLiteral checks one literal against the field's type.
func (c *checker) checkLiteral(f *fieldInfo, e *Expr) bool {
	if f.Kind == EnumValue {
		return c.checkEnumLiteral(f, e)
	}
	want, ok := literalKinds[f.Type], true
	switch {
	case e.Kind == WordExpr && f.Type == "Boolean":
		ok = e.Text == "true" || e.Text == "false"
	case e.Kind == NumberExpr:
		ok = want.number
	case e.Kind == StringExpr:
		ok = want.text
	default:
		ok = false
	}
	if !ok {
		return c.fail(codeDefault, e.Span, "Write "+want.example+".", "A default of type %s cannot be %s.", f.Type, e.describe())
	}
	if problem := literalProblem(f.Type, e); problem != "" {
		return c.fail(codeDefault, e.Span, "Write "+want.example+".", "This default is no %s: %s.", f.Type, problem)
	}
	c.warnOutOfRange(f, e)
	return true
}

// literalKinds are the literals that a type takes, with an example.
var literalKinds = map[string]struct {
	number, text bool
	example      string
}{
	"String":   {text: true, example: `"text" in double quotes`},
	"Boolean":  {example: "true or false"},
	"Int":      {number: true, example: "a whole number"},
	"BigInt":   {number: true, example: "a whole number"},
	"Float":    {number: true, example: "a number such as 1.5"},
	"Decimal":  {number: true, text: true, example: "a number such as 1.50"},
	"DateTime": {text: true, example: `"2024-01-31T12:00:00Z", or now()`},
	"Json":     {text: true, example: `JSON in double quotes, such as "{}"`},
	"Bytes":    {text: true, example: `base64 with its padding, such as "SGVsbG8="`},
}

// literalProblem returns what is wrong with a literal's text, or "".
func literalProblem(scalar string, e *Expr) string {
	switch scalar {
	case "Int", "BigInt":
		if _, err := strconv.ParseInt(e.Text, 10, 64); err != nil {
			if strings.Contains(e.Text, ".") {
				return "it has a fraction"
			}
			return "it needs more than 64 bits"
		}
	case "Decimal":
		if !isDecimal(e.Text) {
			return fmt.Sprintf("%q is not a decimal number", e.Text)
		}
	case "DateTime":
		if _, ok := ParseMoment(e.Text); !ok {
			return "it is not written as RFC 3339 says, with date, time and zone"
		}
	case "Json":
		return jsonProblem(e.Text)
	case "Bytes":
		if _, err := base64.StdEncoding.Strict().DecodeString(e.Text); err != nil || strings.ContainsAny(e.Text, "\r\n") {
			return "it is not valid base64"
		}
	}
	return ""
}

// isDecimal reports whether s is digits with an optional sign, fraction and exponent.
func isDecimal(s string) bool {
	s = strings.TrimLeft(s[:min(1, len(s))], "+-") + s[min(1, len(s)):]
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
		// A number with more digits than this is a mistake, and would fill the memory when written out.
		if n, err := strconv.Atoi(exponent); err != nil || n > 1000 || n < -1000 {
			return false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return false
		}
	}
	return digits != ""
}

// jsonProblem returns why Prisma does not accept a text as JSON, or "". It accepts no number beyond a double's range,
// and no half of a surrogate pair.
func jsonProblem(text string) string {
	if !json.Valid([]byte(text)) {
		return "it is not valid JSON"
	}
	tokens := json.NewDecoder(strings.NewReader(text))
	tokens.UseNumber()
	for {
		token, err := tokens.Token()
		if err != nil {
			break // the end: the text is valid
		}
		if n, ok := token.(json.Number); ok {
			if _, err := n.Float64(); err != nil {
				return fmt.Sprintf("its number %s is out of range", n)
			}
		}
	}
	if loneSurrogate(text) {
		return "a \\u in it is half of a surrogate pair"
	}
	return ""
}

// loneSurrogate reports whether the escapes of valid JSON contain half of a surrogate pair.
func loneSurrogate(text string) bool {
	high := false // the last character was the first half of a pair
	for i := 0; i < len(text); i++ {
		unit := uint64(0)
		if text[i] == '\\' {
			i++
			if text[i] == 'u' {
				unit, _ = strconv.ParseUint(text[i+1:i+5], 16, 16)
				i += 4
			}
		}
		low := unit >= 0xdc00 && unit <= 0xdfff
		if low != high {
			return true
		}
		high = unit >= 0xd800 && unit <= 0xdbff
	}
	return high
}

// warnOutOfRange warns of a default that the column cannot hold: the push works, and each insert fails.
func (c *checker) warnOutOfRange(f *fieldInfo, e *Expr) {
	if f.Type != "Int" {
		return
	}
	n, _ := strconv.ParseInt(e.Text, 10, 64)
	low, high := int64(math.MinInt32), int64(math.MaxInt32)
	name := "Int"
	for _, a := range f.member.Attributes {
		switch {
		case strings.HasSuffix(a.Name, ".SmallInt"):
			low, high, name = math.MinInt16, math.MaxInt16, "SmallInt"
		case strings.HasSuffix(a.Name, ".Oid"):
			low, high, name = 0, math.MaxUint32, "Oid"
		}
	}
	if n < low || n > high {
		c.warn(codeRisk, e.Span, "", "%s is outside of what %s holds (%d to %d): each row that takes this default will be refused.", e.Text, name, low, high)
	}
}

func (c *checker) checkEnumLiteral(f *fieldInfo, e *Expr) bool {
	values := c.enums[f.Type]
	switch {
	case e.Kind == WordExpr && values.values[e.Text]:
		return true
	case e.Kind == StringExpr && values.values[e.Text]:
		c.fail(codeDefault, e.Span, e.unquoted(), "A default of the enum `%s` is one of its values, not %s.", f.Type, e.describe())
	case e.Kind != WordExpr:
		c.fail(codeDefault, e.Span, values.list(), "A default of the enum `%s` is one of its values, not %s.", f.Type, e.describe())
	case !values.block.Broken:
		c.fail(codeDefault, e.Span, c.enumHelp(values, e.Text), "The enum `%s` has no value `%s`.", f.Type, e.Text)
	}
	return false
}

// names returns the enum's values, limited to a readable number.
func (e *enumInfo) names() []string {
	var names []string
	for _, m := range e.block.Members {
		if m.Kind == ValueMember {
			names = append(names, m.Name.Value)
		}
	}
	return names
}

func (e *enumInfo) list() string {
	names := e.names()
	if len(names) > 12 {
		names = append(names[:12:12], "…")
	}
	return "Its values are " + strings.Join(names, ", ") + "."
}

// enumHelp suggests the value that was probably intended: one of nearly that name, or one with that name in the
// database.
func (c *checker) enumHelp(e *enumInfo, text string) string {
	if c.compared > maxCompared {
		return ""
	}
	for _, m := range e.block.Members {
		for _, a := range m.Attributes {
			if m.Kind == ValueMember && a.Name == "map" && len(a.Args) > 0 && a.Args[0].Value != nil && a.Args[0].Value.Text == text {
				return fmt.Sprintf("That is its name in the database; here it is called `%s`.", m.Name.Value)
			}
		}
	}
	return c.did(text, e.names(), e.list())
}
