package fakedata

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// oddTexts are what programs stumble over: emoji with joiners, writing from right to left, marks that combine, quotes
// and backslashes, what COPY and JSON escape, and what looks like code.
var oddTexts = []string{
	"", " ", "👩‍👩‍👧‍👦🏳️‍🌈", "مرحبا بالعالم", "שלום עולם", "Ünïcödé 名前 имя", "e\u0301\u0323 Z\u0351a\u0344l\u034ag\u0320o",
	`'single' "double" ''`, `back\slash \\ \n \N \.`, "line\nbreak\r\n\ttab", "'; DROP TABLE users; --", "<script>alert(1)</script>",
	"%s %d {{x}} ${y}", "\u202eright to left override", "zero\u200bwidth", "NULL", `{"a": [1, "\""]}`, "\u0001\u001b[31mred",
}

// extremes are further values for a type; where a modifier or a guide narrows the column they are left away.
var extremes = map[string][]string{
	"int2": {"-32768", "32767", "0"}, "int4": {"-2147483648", "2147483647", "0"}, "int8": {"-9223372036854775808", "9223372036854775807", "0"},
	"float4": {"NaN", "Infinity", "-Infinity", "1e-37", "3.4e38"}, "float8": {"NaN", "Infinity", "-Infinity", "1e-300", "1.7e308", "-0"},
	"numeric": {"NaN", "0", "-0.000000000000000001", "123456789012345678901234567890.123456789"}, "money": {"-92233720368547758.08", "92233720368547758.07"},
	"date": {"infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "2024-02-29"}, "time": {"00:00:00", "23:59:59.999999", "24:00:00"},
	"timetz":      {"00:00:00+15:59", "24:00:00-15:59"},
	"timestamp":   {"infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999", "1970-01-01 00:00:00"},
	"timestamptz": {"infinity", "-infinity", "4713-01-02 00:00:00+00 BC", "294276-12-31 23:59:59.999+00", "2025-03-30 01:00:00+00"},
	"interval":    {"0", "-178000000 years", "178000000 years", "1 mon -1 day 00:00:00.000001"}, "uuid": {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
	"json":  {"null", "[]", "{}", `""`, `{"a": {"b": {"c": [[[]]]}}}`, `"👩‍👧 \"quoted\" \\ \u0001"`, "1e308", "123456789012345678901234567890"},
	"bytea": {`\x`, `\x00ff00`}, "inet": {"::1", "0.0.0.0/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, "bool": {"true", "false"},
	"tsvector": {"", `'it''s':1A '\\':2`}, "point": {"(Infinity,-Infinity)", "(NaN,0)", "(0,0)"}, "xml": {"<a/>", "<a>&lt;&#x1F600;</a>"},
}

func init() { extremes["jsonb"] = extremes["json"] }

// longestOdd limits how long texts get that have no limit.
const longestOdd = 4000

// withEdges lets a third of the cells be extremes, where no key and no constraint depends on them.
func (c *column) withEdges(make maker) maker {
	if c.owner != nil || c.carrier || c.forced != nil || c.target || c.grouped || c.generated || c.guide.null || c.table.inKey(c) || c.guide.narrow() {
		return make
	}
	list := c.oddities()
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

// narrow tells whether a constraint limits the values.
func (g *guide) narrow() bool {
	return g.min != nil || g.max != nil || g.minLen > 0 || g.maxLen > 0 || g.in != nil || g.not != nil || g.pattern != nil || g.lower || g.upper ||
		g.jsonType != "" || g.slots > 0
}

func (c *column) oddities() []string {
	t, mod := c.underlying()
	switch {
	case c.table.staged, c.typ.kind == 'd' && len(c.typ.checks) > 0:
		return nil
	case t.isArray():
		list := []string{"{}"}
		if elem := c.inner(t.elem, mod, 1, c.name); t.elem.category != 'S' || mod < 0 {
			for _, v := range elem.oddities() {
				list = append(list, string(appendQuoted([]byte("{NULL,"), []byte(v)))+"}")
			}
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
	return extremes[t.name]
}

func (c *column) oddTexts() []string {
	longest := c.textLength()
	limit := longest
	if limit == 0 {
		limit = longestOdd
	}
	var list []string
	for _, text := range append(oddTexts, strings.Repeat("long ", limit/5+1), strings.Repeat("ß", limit)) {
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
