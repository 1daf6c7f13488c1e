package fakedata

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// textLength returns the length of the longest text that a column takes, in characters, or 0 where there is no limit.
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
	}
	if g := c.guide.maxLen; g > 0 && (n == 0 || g < n) {
		n = g
	}
	return n
}

// text makes texts of the kind that suits the column, or as its guide says.
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
	case g.pattern != nil && (c.forced != nil || !g.pattern.named(c.carrier)):
		return c.patternText()
	case c.shown != nil && !c.carrier && (c.forced == nil || c.showing):
		shown := c.listed(c.shown)
		return func(dst []byte, i int64) []byte { dst, _ = shown(dst, i); return dst }
	case c.forced != nil:
		width := max(1, min(cmp.Or(longest, 4), 4))
		refused := c.refusedPadded(width)
		return func(dst []byte, i int64) []byte { return appendPadded(dst, refused.past(0, c.forced(i)), width) }
	case c.carrier && longest > 0 && longest < markWidth(kind):
		refused := c.refusedPadded(longest)
		return func(dst []byte, i int64) []byte { return appendPadded(dst, refused.past(0, i), longest) }
	}
	key, shared := c.key, c.subject
	return func(dst []byte, i int64) []byte {
		d, subject := roll(key, i), roll(shared, i)
		at, kind := len(dst), kind
		for tries := 0; ; tries++ {
			if dst = c.namedText(dst[:at], i, kind, longest, &subject, &d); tries == rewrites || c.allows(dst[at:]) {
				return dst
			}
			if tries == rewrites/2 { // the name suggests nothing but what is not allowed
				kind = textKind{write: from("", base36, min(8, cmp.Or(longest, 8))), joint: kind.joint}
			}
		}
	}
}

// rewrites is how often a text is made again when a constraint does not allow it.
const rewrites = 20

// allows reports whether the guide allows a text, as far as it names or describes texts.
func (c *column) allows(text []byte) bool {
	g := &c.guide
	if g.pattern != nil && !g.lower && !g.upper && !g.pattern.matches(text) {
		return false
	}
	return !c.refusesText(string(text))
}

// refusesText reports whether the guide excludes this very text.
func (c *column) refusesText(text string) bool {
	return slices.ContainsFunc(c.guide.not, func(not string) bool { return c.fold(not) == c.fold(text) })
}

// namedText appends a text of the kind that suits the column's name.
func (c *column) namedText(dst []byte, i int64, kind textKind, longest int, subject, d *dice) []byte {
	at := len(dst)
	if kind.shared {
		dst = kind.write(dst, subject)
	} else {
		dst = kind.write(dst, d)
	}
	for utf8.RuneCount(dst[at:]) < c.guide.minLen {
		dst = append(dst, base36[10+d.below(26)])
	}
	if c.carrier && kind.joint != "" {
		return c.table.mark(dst, at, i, kind, longest)
	}
	if longest > 0 && len(dst)-at > longest {
		dst = dst[:at+cutAt(dst[at:], longest)]
		for len(dst) > at && dst[len(dst)-1] == ' ' {
			dst[len(dst)-1] = 'a'
		}
	}
	return dst
}

// markWidth returns the length below which a column has no room for a mark after a text.
func markWidth(k textKind) int {
	if k.joint == "" {
		return k.wide
	}
	return 13
}

// mark makes a text unique in its column: after the joint it writes the row's number, which differs from every other
// even after different texts, and even between runs that append. It is the same for every seed.
func (t *table) mark(dst []byte, at int, i int64, k textKind, longest int) []byte {
	var buf [24]byte
	mark := strconv.AppendInt(append(buf[:0], k.joint...), i, 36)
	end := len(dst)
	if k.inside != 0 {
		find := bytes.LastIndexByte
		if k.inside == '.' {
			find = bytes.IndexByte
		}
		if n := find(dst[at:], k.inside); n >= 0 {
			end = at + n
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

// appendPadded appends a number in base 36 with leading zeros.
func appendPadded(dst []byte, i int64, width int) []byte {
	var buf [16]byte
	digits := strconv.AppendInt(buf[:0], i, 36)
	for n := len(digits); n < width; n++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// refusedPadded returns the numbers that appendPadded would write as texts that the guide does not allow.
func (c *column) refusedPadded(width int) gaps {
	var list gaps
	for _, text := range c.guide.not {
		if n, err := strconv.ParseInt(text, 36, 64); err == nil && len(text) == width && n >= 0 && !strings.ContainsAny(text, "+-") {
			list = append(list, n)
		}
	}
	return gapsAt(list)
}

func (c *column) patternText() func([]byte, int64) []byte {
	p, key, carrier := c.guide.pattern, c.key, c.carrier
	order := newShuffle(p.size(), key)
	return func(dst []byte, i int64) []byte {
		d := roll(key, i)
		at := len(dst)
		if c.forced == nil && !carrier {
			for range rewrites {
				if dst = p.append(dst[:at], p.re, &choices{then: &d}); !c.refusesText(string(dst[at:])) {
					break
				}
			}
			return dst
		}
		n := i
		if c.forced != nil {
			n = c.forced(i)
		}
		for range 1 + len(c.guide.not) { // the last numbers are reserved to replace texts that are not allowed
			dst = p.append(dst[:at], p.re, p.numbered(order.at(n), &d))
			if n = c.insteadOf(string(dst[at:]), p.size()); n < 0 {
				break
			}
		}
		return dst
	}
}

// insteadOf returns the number of the text that replaces one that is not allowed, or -1 for one that is.
func (c *column) insteadOf(text string, size int64) int64 {
	for k, not := range c.guide.not {
		if c.fold(not) == c.fold(text) {
			return max(size-int64(len(c.guide.not))+int64(k), 0)
		}
	}
	return -1
}
