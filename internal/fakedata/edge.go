package fakedata

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/say"
)

// oddTexts are what programs stumble over: emoji with joiners, right-to-left writing, combining marks, quotes and
// backslashes, what COPY and JSON escape, and what looks like code.
var oddTexts = []string{
	"", " ", "👩‍👩‍👧‍👦🏳️‍🌈", "مرحبا بالعالم", "שלום עולם", "Ünïcödé 名前 имя", "e\u0301\u0323 Z\u0351a\u0344l\u034ag\u0320o",
	`'single' "double" ''`, `back\slash \\ \n \N \.`, "line\nbreak\r\n\ttab", "'; DROP TABLE users; --", "<script>alert(1)</script>",
	"%s %d {{x}} ${y}", "\u202eright to left override", "zero\u200bwidth", "NULL", `{"a": [1, "\""]}`, "\u0001\u001b[31mred",
}

// extremes are further values for a type. Those that a column's modifier or guide does not allow are left out.
var extremes = map[string][]string{
	"int2": {"-32768", "32767", "0"}, "int4": {"-2147483648", "2147483647", "0"}, "int8": {"-9223372036854775808", "9223372036854775807", "0"},
	"float4": {"NaN", "Infinity", "-Infinity", "1e-37", "3.4e38"}, "float8": {"NaN", "Infinity", "-Infinity", "1e-300", "1.7e308", "-0"},
	"numeric": {"NaN", "0", "-0.000000000000000001", "123456789012345678901234567890.123456789"}, "money": {"-92233720368547758.08", "92233720368547758.07"},
	"date": {"infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "9999-12-31", "2024-02-29"}, "time": {"00:00:00", "23:59:59.999999", "24:00:00"},
	"timetz":      {"00:00:00+15:59", "24:00:00-15:59"},
	"timestamp":   {"infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999", "9999-12-31 23:59:59", "1970-01-01 00:00:00"},
	"timestamptz": {"infinity", "-infinity", "4713-01-02 00:00:00+00 BC", "294276-12-31 23:59:59.999+00", "9999-12-31 23:59:59+00", "2025-03-30 01:00:00+00"},
	"interval":    {"0", "-178000000 years", "178000000 years", "1 mon -1 day 00:00:00.000001"}, "uuid": {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
	"json":  {"null", "[]", "{}", `""`, `{"a": {"b": {"c": [[[]]]}}}`, `"👩‍👧 \"quoted\" \\ \u0001"`, "1e308", "123456789012345678901234567890"},
	"bytea": {`\x`, `\x00ff00`}, "inet": {"::1", "0.0.0.0/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, "bool": {"true", "false"},
	"tsvector": {"", `'it''s':1A '\\':2`}, "point": {"(Infinity,-Infinity)", "(NaN,0)", "(0,0)"}, "xml": {"<a/>", "<a>&lt;&#x1F600;</a>"},
}

func init() { extremes["jsonb"] = extremes["json"] }

// longestOdd limits the length of texts that have no limit.
const longestOdd = 4000

// withEdges makes a third of the cells extremes, where no key and nothing that the server computes depends on them.
func (c *column) withEdges(make maker) maker {
	if c.owner != nil || c.rule != nil || c.carrier || c.forced != nil || c.target || c.grouped || c.generated || c.guide.null || c.guide.slots > 0 || c.table.inKey(c) {
		return make
	}
	var list []string
	if !c.computedFrom() {
		list = c.allowedOddities()
	}
	nullable := c.mayBeNull()
	if len(list) == 0 && !nullable {
		return make
	}
	key := c.key ^ 0x51
	return func(dst []byte, i int64) ([]byte, bool) {
		d := roll(key, i)
		switch {
		case !d.percent(33):
			return make(dst, i)
		case nullable && (len(list) == 0 || d.percent(25)):
			return dst, false
		case len(list) == 0:
			return make(dst, i)
		}
		return append(dst, list[d.below(int64(len(list)))]...), true
	}
}

// computedFrom reports whether the server computes another column from this one: with an extreme, that may overflow.
func (c *column) computedFrom() bool {
	return slices.ContainsFunc(c.table.columns, func(g *column) bool {
		return g.generated && slices.ContainsFunc(scanExpr(g.def), func(t exprToken) bool { return t.text == c.name && (t.kind == 'w' || t.kind == 'q') })
	})
}

// allowedOddities returns the extremes that the guide allows, and the limits of what it allows.
func (c *column) allowedOddities() []string {
	g := &c.guide
	if g.in != nil {
		return nil
	}
	list := c.oddities()
	if t, _ := c.underlying(); t.category == 'N' && len(list) > 0 && (g.min != nil || g.max != nil) {
		n := c.numbersOf()
		list = append(list, string(n.write(nil, n.lo)), string(n.write(nil, n.hi)))
	}
	for i, text := range list {
		switch {
		case g.lower:
			list[i] = strings.ToLower(text)
		case g.upper:
			list[i] = strings.ToUpper(text)
		}
	}
	return slices.DeleteFunc(list, func(text string) bool { return !c.allowsOdd(text) })
}

// allowsOdd reports whether the guide allows a value, as far as can be known.
func (c *column) allowsOdd(text string) bool {
	g := &c.guide
	t, _ := c.underlying()
	switch {
	case c.refusesText(text), g.pattern != nil && !g.pattern.matches([]byte(text)), g.trimmed && strings.TrimSpace(text) != text:
		return false
	case g.jsonType != "":
		return jsonType(text) == g.jsonType
	case t.isArray():
		n := 2 // NULL and a value
		if text == "{}" {
			n = 0
		}
		return n >= g.minLen && (g.maxLen == 0 || n <= g.maxLen)
	case t.category == 'S':
		n := utf8.RuneCountInString(text)
		return n >= g.minLen && (g.maxLen == 0 || n <= g.maxLen)
	}
	return g.min.allows(text, 1) && g.max.allows(text, -1)
}

// allows reports whether a number or an instant is on the right side of a bound: direction is 1 for a lower one.
func (b *bound) allows(text string, direction float64) bool {
	if b == nil {
		return true
	}
	limit, ok := b.number()
	value, valid := (&bound{text: text}).number()
	if !ok || !valid {
		at, okAt := b.time()
		of, okOf := (&bound{text: text}).time()
		limit, ok, value, valid = float64(at), okAt, float64(of), okOf
	}
	if !ok || !valid || math.IsNaN(value) || math.IsInf(value, 0) {
		return false
	}
	return (value-limit)*direction > 0 || value == limit && !b.strict
}

// jsonType returns what jsonb_typeof returns for a document.
func jsonType(text string) string {
	types := map[byte]string{'{': "object", '[': "array", '"': "string", 'n': "null", 't': "boolean", 'f': "boolean"}
	return cmp.Or(types[text[0]], "number")
}

func (c *column) oddities() []string {
	t, mod := c.underlying()
	switch {
	case c.table.staged:
		return nil
	case t.isArray():
		list := []string{"{}"}
		if elem := c.inner(t.elem, mod, 1, c.name); t.elem.category != 'S' || mod < 0 {
			list = append(list, say.Each(elem.allowedOddities(), func(v string) string { return string(appendQuoted([]byte("{NULL,"), []byte(v))) + "}" })...)
		}
		return list
	case t.category == 'S' && t.kind == 'b' || t.name == "citext":
		return c.oddTexts()
	case t.kind == 'r':
		return []string{"empty", "(,)"}
	case t.name == "numeric" && mod >= 4:
		n := numericLimit(mod)
		return []string{"NaN", string(n.write(nil, n.hi)), string(n.write(nil, n.lo)), "0"}
	case t.kind != 'b' || mod >= 0 && (t.name == "interval" || t.name == "bit" || t.name == "varbit"):
		return nil
	}
	return slices.Clone(extremes[t.name])
}

func (c *column) oddTexts() []string {
	longest := c.textLength()
	limit := cmp.Or(longest, longestOdd)
	var list []string
	for _, text := range append(slices.Clone(oddTexts), strings.Repeat("long ", limit/5+1), strings.Repeat("ß", limit)) {
		if longest > 0 || utf8.RuneCountInString(text) > limit {
			text = string([]byte(text)[:cutAt([]byte(text), limit)])
		}
		if t, _ := c.underlying(); t.name == "char" || t.name == "name" {
			text = string(bytes.Map(func(r rune) rune {
				if r > 126 {
					return 'x'
				}
				return r
			}, []byte(text)))
		}
		list = append(list, text)
	}
	return list
}
