package schemaplan

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// defaultKind is the kind of a default's value; it decides how two of them are compared.
type defaultKind int

const (
	expression defaultKind = iota // SQL that only the server understands
	now                           // CURRENT_TIMESTAMP
	stringLiteral
	numberLiteral
	booleanLiteral
	jsonLiteral
	listLiteral
)

// clientFunctions are computed by Prisma's client: the database gets no default.
var clientFunctions = map[string]bool{
	"uuid": true, "cuid": true, "nanoid": true, "ulid": true, "auto": true,
}

// setDefault sets what the field's @default means for its column.
func setDefault(c *column, f *prisma.Field) error {
	d := f.Default
	if d == nil {
		if f.UpdatedAt {
			c.ClientDefault = "updatedAt"
		}
		return nil
	}
	switch {
	case d.Function == "autoincrement":
		c.AutoIncrement = true
		c.NotNull = true // SERIAL implies this, even where the field is optional
	case d.Function == "now":
		c.Default = &columnDefault{SQL: "CURRENT_TIMESTAMP", kind: now}
	case d.Function == "dbgenerated":
		if len(d.Args) == 0 || d.Args[0].Text == "" {
			c.AnyDefault = true
			return nil
		}
		c.Default = &columnDefault{SQL: d.Args[0].Text, kind: expression}
	case clientFunctions[d.Function]:
		c.ClientDefault = d.Function
	case d.Function != "":
		return fmt.Errorf("%s: %s() is not a default on PostgreSQL", d.Span.Start, d.Function)
	default:
		literal, err := literalDefault(f, c.Type, d.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", d.Span.Start, err)
		}
		c.Default = literal
	}
	if c.Default != nil {
		c.Default.Pos = d.Span.Start
	}
	return nil
}

func literalDefault(f *prisma.Field, t columnType, v prisma.Value) (*columnDefault, error) {
	if v.Kind != prisma.ArrayValue {
		return scalarDefault(f, v)
	}
	elements := make([]string, len(v.Elements))
	for i, e := range v.Elements {
		d, err := scalarDefault(f, e)
		if err != nil {
			return nil, err
		}
		elements[i] = d.SQL
	}
	sql := "ARRAY[" + strings.Join(elements, ", ") + "]::" + t.sql()
	return &columnDefault{SQL: sql, kind: listLiteral, size: len(elements)}, nil
}

func scalarDefault(f *prisma.Field, v prisma.Value) (*columnDefault, error) {
	if f.Kind == prisma.EnumValue {
		return quoted(enumLabel(f.Enum, v.Text), stringLiteral), nil
	}
	switch f.Type {
	case "Boolean":
		return &columnDefault{SQL: v.Text, kind: booleanLiteral, text: v.Text}, nil
	case "Int", "BigInt":
		n, ok := new(big.Int).SetString(v.Text, 10)
		if !ok {
			return nil, fmt.Errorf("%q is not a whole number", v.Text)
		}
		return &columnDefault{SQL: n.String(), kind: numberLiteral, text: n.String()}, nil
	case "Float", "Decimal":
		n, err := plainDecimal(v.Text)
		if err != nil {
			return nil, err
		}
		return &columnDefault{SQL: n, kind: numberLiteral, text: n}, nil
	case "Bytes":
		raw, err := base64.StdEncoding.DecodeString(v.Text)
		if err != nil {
			return nil, fmt.Errorf("%q is not base64: %w", v.Text, err)
		}
		return quoted(`\x`+hex.EncodeToString(raw), stringLiteral), nil
	case "DateTime":
		text, err := timestampText(v.Text)
		if err != nil {
			return nil, err
		}
		return quoted(text, expression), nil
	case "Json":
		return quoted(v.Text, jsonLiteral), nil
	}
	return quoted(v.Text, stringLiteral), nil
}

// quoted returns a string literal as Prisma writes it: quotes doubled and nothing else, which is read correctly under
// standard_conforming_strings (the default since PostgreSQL 9.1, and set by Apply).
func quoted(text string, kind defaultKind) *columnDefault {
	return &columnDefault{SQL: "'" + strings.ReplaceAll(text, "'", "''") + "'", kind: kind, text: text}
}

// enumLabel returns the database's name for an enum value.
func enumLabel(e *prisma.Enum, name string) string {
	for _, m := range e.Values {
		if m.Name == name {
			return m.DBName
		}
	}
	return name
}

// timestampText returns an RFC 3339 time as the text that Prisma writes: with 3, 6 or 9 fractional digits or none, and
// the offset as given.
func timestampText(text string) (string, error) {
	t, ok := prisma.ParseMoment(text)
	if !ok {
		return "", fmt.Errorf("%q is not a time like 2020-01-02T03:04:05Z", text)
	}
	fraction := ""
	switch n := t.Nanosecond; {
	case n == 0:
	case n%1e6 == 0:
		fraction = fmt.Sprintf(".%03d", n/1e6)
	case n%1e3 == 0:
		fraction = fmt.Sprintf(".%06d", n/1e3)
	default:
		fraction = fmt.Sprintf(".%09d", n)
	}
	return t.Date + " " + t.Time + fraction + " " + t.Zone, nil
}

// plainDecimal returns a number without an exponent, with its scale kept: 1e3 is 1000, 99.90 stays.
func plainDecimal(text string) (string, error) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		if _, err := fmt.Sscanf(strings.TrimPrefix(text[i+1:], "+"), "%d", &exponent); err != nil || exponent > 1000 || exponent < -1000 {
			return "", fmt.Errorf("%q is not a number", text)
		}
	}
	sign := ""
	if rest, found := strings.CutPrefix(mantissa, "-"); found {
		sign, mantissa = "-", rest
	}
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(mantissa, "+"), ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return "", fmt.Errorf("%q is not a number", text)
	}
	for ; exponent > 0; exponent-- {
		fraction = cmp.Or(fraction, "0")
		whole, fraction = whole+fraction[:1], fraction[1:]
	}
	for ; exponent < 0; exponent++ {
		whole = cmp.Or(whole, "0")
		whole, fraction = whole[:len(whole)-1], whole[len(whole)-1:]+fraction
	}
	whole = strings.TrimLeft(whole, "0")
	whole = cmp.Or(whole, "0")
	if strings.Trim(whole+fraction, "0") == "" {
		sign = ""
	}
	if fraction == "" {
		return sign + whole, nil
	}
	return sign + whole + "." + fraction, nil
}
