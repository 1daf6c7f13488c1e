package fakedata

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// textLength is the longest text that a column takes, in characters; 0 where there is no limit.
func (c *column) textLength() int {
	t, mod := c.underlying()
	n := 0
	switch {
	case t.name == "name":
		n = 63
	case t.name == "char" && t.schema == "pg_catalog":
		n = 1
	case mod >= 4 && (t.name == "varchar" || t.name == "bpchar"):
		n = int(mod) - 4
	case t.name == "bpchar" && mod < 4:
		n = 0
	}
	if g := c.guide.maxLen; g > 0 && (n == 0 || g < n) {
		n = g
	}
	return n
}

// text makes texts: of the kind that suits the column, or as its guide says.
func (c *column) text() maker {
	longest := c.textLength()
	write := c.plainText(longest)
	return func(dst []byte, i int64) ([]byte, bool) {
		at := len(dst)
		dst = write(dst, i)
		if c.guide.lower {
			copy(dst[at:], bytes.ToLower(dst[at:]))
		}
		if c.guide.upper {
			dst = append(dst[:at], bytes.ToUpper(dst[at:])...)
		}
		return dst, true
	}
}

func (c *column) plainText(longest int) func([]byte, int64) []byte {
	g := &c.guide
	kind := c.textKindOf(longest)
	switch {
	case g.pattern != nil:
		return c.patternText()
	case c.forced != nil:
		return func(dst []byte, i int64) []byte { return appendPadded(dst, c.forced(i), max(1, min(longest, 4))) }
	case c.carrier && longest > 0 && longest < markWidth(kind):
		return func(dst []byte, i int64) []byte { return appendPadded(dst, i, longest) }
	}
	key, table := c.key, c.table
	return func(dst []byte, i int64) []byte {
		d := roll(key, i)
		at := len(dst)
		dst = kind.write(dst, &d)
		for len(g.not) > 0 && slices.Contains(g.not, string(dst[at:])) {
			dst = kind.write(dst[:at], &d)
		}
		for utf8.RuneCount(dst[at:]) < g.minLen {
			dst = append(dst, base36[10+d.below(26)])
		}
		if c.carrier && kind.joint != "" {
			return table.mark(dst, at, i, kind, longest)
		}
		if longest > 0 && len(dst)-at > longest {
			dst = dst[:at+cutAt(dst[at:], longest)]
			for len(dst) > at && dst[len(dst)-1] == ' ' {
				dst[len(dst)-1] = 'a'
			}
		}
		return dst
	}
}

// markWidth is the length below which a column has no place for a mark behind a text.
func markWidth(k textKind) int {
	if k.joint == "" {
		return k.wide
	}
	return 13
}

// mark makes a text unlike all others of its column: behind a joint it writes the row's number, which differs from
// every other also after other texts, and also between runs that append. The same for every seed.
func (t *table) mark(dst []byte, at int, i int64, k textKind, longest int) []byte {
	var buf [24]byte
	mark := strconv.AppendInt(append(buf[:0], k.joint...), i, 36)
	end := len(dst)
	if k.inside != 0 {
		if n := bytes.LastIndexByte(dst[at:], k.inside); n >= 0 {
			end = at + n
			if k.inside == '.' {
				end = at + bytes.IndexByte(dst[at:], '.')
			}
		}
	}
	tail := append([]byte(nil), dst[end:]...)
	if longest > 0 {
		room := max(longest-len(mark)-utf8.RuneCount(tail), 0)
		if room == 0 && len(tail) > 0 { // the mark matters, the tail does not
			tail, room = nil, max(longest-len(mark), 0)
		}
		end = min(end, at+cutAt(dst[at:end], room))
	}
	return append(append(dst[:end], mark...), tail...)
}

// appendPadded writes a number in base 36 with leading zeros.
func appendPadded(dst []byte, i int64, width int) []byte {
	var buf [16]byte
	digits := strconv.AppendInt(buf[:0], i, 36)
	for n := len(digits); n < width; n++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

func (c *column) patternText() func([]byte, int64) []byte {
	re, key, carrier := c.guide.pattern, c.key, c.carrier
	order := newShuffle(int64(math.Min(matches(re), 1<<40)), key)
	return func(dst []byte, i int64) []byte {
		d := roll(key, i)
		from := choices{number: int64(d.next() >> 1), then: &d}
		switch {
		case c.forced != nil:
			from = choices{number: c.forced(i)}
		case carrier:
			from = choices{number: order.at(i)}
		}
		return appendMatch(dst, re, &from)
	}
}
