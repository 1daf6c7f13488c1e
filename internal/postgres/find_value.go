package postgres

import (
	"math/big"
	"strconv"
	"strings"
)

// findValue is what is looked for, in all the ways in which it can be compared.
type findValue struct {
	text    string
	way     FindWay
	uuid    string   // as the server writes it; "" where it is none
	number  *big.Rat // nil where it is none
	pattern string   // for ILIKE
	icu     bool
}

func newFindValue(req FindRequest, icu bool) *findValue {
	v := &findValue{text: req.Value, uuid: asUUID(req.Value), number: asNumber(req.Value), icu: icu}
	v.pattern = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(req.Value) + "%"
	v.way = FindWay{UUID: v.uuid != "", Number: v.number != nil, Wide: req.Wide}
	v.way.Inside = req.Wide || v.uuid == "" && v.number == nil
	return v
}

// asUUID returns a uuid as the server writes it, with or without braces and hyphens; "" for anything else.
func asUUID(s string) string {
	if strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") {
		s = s[1 : len(s)-1]
	}
	hex := strings.ToLower(s)
	if len(s) == 36 {
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return ""
		}
		hex = strings.ReplaceAll(hex, "-", "")
	}
	if len(hex) != 32 || strings.Trim(hex, "0123456789abcdef") != "" {
		return ""
	}
	return hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:]
}

// What a number may be at most: digits, and the power of ten.
const (
	numberDigits   = 1000
	numberExponent = 400
)

// asNumber returns a number that is written in decimal digits; nil for anything else, such as 0x10, 1/3, NaN or 1_000.
func asNumber(s string) *big.Rat {
	mantissa, exponent, scientific := strings.Cut(strings.ToLower(s), "e")
	if len(s) > numberDigits || strings.Trim(mantissa, "0123456789.+-") != "" || !strings.ContainsAny(mantissa, "0123456789") {
		return nil
	}
	if scientific {
		if n, err := strconv.Atoi(exponent); err != nil || n > numberExponent || n < -numberExponent {
			return nil
		}
	}
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return n
}

// findTerm is what is compared with one column.
type findTerm struct {
	column findColumn
	value  string
	op     Operator // of the value in a page's condition, for tables without a key

	same    []string // equal to one of these
	inside  string   // or has this inside, as a pattern for ILIKE
	without []string // and is not equal to one of these, which an index has found
	icu     bool
}

// terms returns what is compared with the columns of a table: by an index, and reading all rows.
func (v *findValue) terms(t *findTable) (indexed, whole []findTerm) {
	for _, c := range t.columns {
		same, inside := v.same(c), v.inside(c)
		term := findTerm{column: c, value: v.text, op: Equal, icu: v.icu}
		if len(same) == 1 && !inside {
			term.value = same[0]
		}
		if c.equal && len(same) > 0 {
			term.same = same
			indexed = append(indexed, term)
			term.same, term.without = nil, same
		} else if !inside {
			term.same = same
		}
		if inside {
			term.inside, term.op = v.pattern, Contains
			if c.trigrams && term.asItIs() && len([]rune(v.text)) >= 3 {
				indexed = append(indexed, term)
				continue
			}
		}
		if term.inside != "" || len(term.same) > 0 {
			whole = append(whole, term)
		}
	}
	return indexed, whole
}

// same returns what a value of a column is equal to if it is the one that is looked for, as the column's type reads it.
func (v *findValue) same(c findColumn) []string {
	switch c.kind {
	case findUUID:
		if v.uuid != "" {
			return []string{v.uuid}
		}
	case findNumber:
		if text := v.numberFor(c.oid); text != "" {
			return []string{text}
		}
	case findEnum:
		return v.labels(c)
	case findText:
		if v.uuid != "" && v.uuid != v.text {
			return []string{v.text, v.uuid}
		}
		return []string{v.text}
	}
	return nil
}

// labels returns those of an enum that are the value or, where it is looked for inside of texts, have it inside.
func (v *findValue) labels(c findColumn) (out []string) {
	for _, label := range c.labels {
		if strings.EqualFold(label, v.text) || v.way.Inside && strings.Contains(strings.ToLower(label), strings.ToLower(v.text)) {
			out = append(out, label)
		}
	}
	return out
}

// inside reports whether the value is looked for inside of a column's values, as texts.
func (v *findValue) inside(c findColumn) bool {
	switch c.kind {
	case findText:
		return v.way.Inside
	case findInside:
		return v.way.Wide
	case findUUID: // a part of one
		return v.uuid == "" && v.way.Inside && len(v.text) >= 4 && strings.Trim(strings.ToLower(v.text), "0123456789abcdef-") == ""
	}
	return false
}

// numberFor returns the number as a type of the server's reads it; "" where none of its values can be equal.
func (v *findValue) numberFor(oid uint32) string {
	n := v.number
	if n == nil {
		return ""
	}
	bits := map[uint32]uint{oidInt2: 15, oidInt4: 31, oidInt8: 63}[oid]
	switch {
	case oid == oidNumeric:
		return v.text
	case bits > 0:
		bound := new(big.Int).Lsh(big.NewInt(1), bits)
		if !n.IsInt() || n.Num().Cmp(bound) >= 0 || n.Num().Cmp(new(big.Int).Neg(bound)) < 0 {
			return ""
		}
		return n.Num().String()
	}
	size := map[uint32]int{oidFloat4: 32, oidFloat8: 64}[oid]
	f, err := strconv.ParseFloat(v.text, size)
	if err != nil || f == 0 && n.Sign() != 0 {
		return "" // the server would refuse it as out of range
	}
	return v.text
}

// expr returns the column's value for comparisons inside of it, with a collation that knows its letters.
func (t *findTerm) expr() string {
	e := "t." + Ident(t.column.name)
	if t.column.oid != oidText && t.column.oid != oidVarchar {
		e += "::text"
	}
	switch {
	case t.asItIs():
		return e
	case t.icu:
		return "(" + e + ` COLLATE pg_catalog."und-x-icu")`
	}
	return "(" + e + ` COLLATE pg_catalog."C")`
}

// asItIs reports whether the column's own collation does for ILIKE.
func (t *findTerm) asItIs() bool {
	c := t.column
	return c.kind != findText || c.letters || c.matches && isASCII(t.value)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isOneOf returns the condition that the column is equal to one of some values, which an index on it answers.
func (t *findTerm) isOneOf(values []string, p *params) string {
	var any []string
	for _, v := range values {
		any = append(any, "t."+Ident(t.column.name)+" "+t.column.operator+" "+p.add(v, t.column.exact))
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

// pieceBefore and pieceLength are how much of a value is shown: characters before what was found, and in all.
const (
	pieceBefore = 40
	pieceLength = 200
)

// sql returns the condition, and the expressions for the piece, its place, and the value's length.
func (t *findTerm) sql(p *params) (cond string, piece [3]string) {
	text := "t." + Ident(t.column.name) + "::text"
	length := "pg_catalog.char_length(" + text + ")"
	if t.inside == "" {
		return t.isOneOf(t.same, p), [3]string{"pg_catalog.left(" + text + ", " + strconv.Itoa(pieceLength) + ")", "1", length}
	}
	e := t.expr()
	cond = e + " ILIKE " + p.add(t.inside, "text")
	if len(t.without) > 0 {
		cond += " AND NOT " + t.isOneOf(t.without, p)
	}
	start := "greatest(1, pg_catalog.strpos(pg_catalog.lower(" + e + "), pg_catalog.lower(" + p.add(t.value, "text") + ")) - " + strconv.Itoa(pieceBefore) + ")"
	return "(" + cond + ")", [3]string{"pg_catalog.substr(" + text + ", " + start + ", " + strconv.Itoa(pieceLength) + ")", start, length}
}
