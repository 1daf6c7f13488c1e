package fakedata

import (
	"math"
	"slices"
	"strconv"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// maker appends a column's value for a row as the text that the server reads, without COPY's escapes. ok is false for
// NULL.
type maker func(dst []byte, i int64) (out []byte, ok bool)

// scaled is the range of numbers of a column: integers in units of 10^-scale.
type scaled struct {
	lo, hi int64
	scale  int
	skewed bool // small ones come up far more often
}

const biggest = int64(1e18 - 1)

// numberTypes are the ranges of the types of numbers, other than numeric.
var numberTypes = map[string]scaled{
	"int2": {lo: math.MinInt16, hi: math.MaxInt16}, "int4": {lo: math.MinInt32, hi: math.MaxInt32}, "int8": {lo: math.MinInt64, hi: math.MaxInt64},
	"oid": {lo: 1, hi: math.MaxUint32}, "xid": {lo: 1, hi: math.MaxUint32}, "money": {lo: -biggest, hi: biggest, scale: 2},
	"float4": {lo: -9_999_99, hi: 9_999_99, scale: 2}, // seven digits, which it keeps exactly
	"float8": {lo: -1e14, hi: 1e14, scale: 4},
}

// numbersOf returns a numeric column's range: what its type can hold, what its name suggests, what its guide allows.
func (c *column) numbersOf() scaled {
	t, mod := c.underlying()
	limit, ok := numberTypes[t.name]
	switch {
	case t.name == "numeric":
		limit = numericLimit(mod)
	case !ok:
		limit = scaled{lo: -biggest, hi: biggest}
	}
	n := limit
	lo, hi, skewed := suggested(c.name, n.scale > 0 || t.name == "numeric")
	n.lo, n.hi, n.skewed = n.clamp(lo), n.clamp(hi), skewed
	if c.rule != nil && (c.rule.Min != "" || c.rule.Max != "") {
		n.lo, n.hi, n.skewed = limit.ruled(c.rule, n)
	}
	n.obey(&c.guide, limit)
	if c.guide.slots > 0 {
		width := (n.hi - n.lo) / int64(c.guide.slots)
		n.lo += width * int64(c.guide.slot)
		n.hi = n.lo + max(width-1, 0)
		if c.guide.slot+2 >= c.guide.slots && c.guide.slot > 0 {
			n.hi += width
		}
	}
	return n
}

// numericLimit extracts precision and scale from a modifier: ((precision << 16) | scale) + 4, with the scale as a
// signed number of 11 bits.
func numericLimit(mod int32) scaled {
	if mod < 4 {
		return scaled{lo: -biggest, hi: biggest, scale: 2}
	}
	precision, scale := int((mod-4)>>16&0xffff), int((mod-4)&0x7ff^1024)-1024
	digits := min(precision, 18)
	kept := scale
	if precision > 18 { // more digits than are made up here: the last are left out
		kept = min(scale, 8)
		digits = min(18, precision-scale+kept)
	}
	top := int64(1)
	for range max(digits, 0) {
		top *= 10
	}
	return scaled{lo: -(top - 1), hi: top - 1, scale: kept}
}

func (s scaled) clamp(v float64) int64 {
	v *= math.Pow10(s.scale)
	switch {
	case v >= float64(s.hi):
		return s.hi
	case v <= float64(s.lo):
		return s.lo
	}
	return int64(v)
}

// obey narrows or moves the range to what the guide allows, within what the type holds.
func (s *scaled) obey(g *guide, limit scaled) {
	unit := math.Pow10(s.scale)
	lo, hi := math.Inf(-1), math.Inf(1)
	if g.min != nil {
		if n, ok := g.min.number(); ok {
			lo = math.Ceil(n*unit - 1e-9)
			if g.min.strict && lo <= n*unit {
				lo++
			}
		}
	}
	if g.max != nil {
		if n, ok := g.max.number(); ok {
			hi = math.Floor(n*unit + 1e-9)
			if g.max.strict && hi >= n*unit {
				hi--
			}
		}
	}
	width := float64(s.hi) - float64(s.lo)
	if float64(s.lo) < lo {
		s.lo = limit.fit(lo)
		s.hi = max(s.hi, limit.fit(math.Min(hi, lo+width)))
	}
	if float64(s.hi) > hi {
		s.hi = limit.fit(hi)
		if s.lo > s.hi {
			s.lo = limit.fit(math.Max(lo, hi-width))
		}
	}
	s.lo = min(s.lo, s.hi)
}

// ruled returns the range that a rule gives. A side that it leaves open stays as the name suggests, if that lies
// beyond.
func (s scaled) ruled(r *Rule, n scaled) (lo, hi int64, skewed bool) {
	unit := math.Pow10(s.scale)
	lo, hi = n.lo, n.hi
	from, okFrom := (&bound{text: r.Min}).number()
	to, okTo := (&bound{text: r.Max}).number()
	switch {
	case okFrom && okTo:
		return s.fit(math.Ceil(from * unit)), s.fit(math.Floor(to * unit)), false
	case okFrom && from*unit > float64(lo):
		lo = s.fit(math.Ceil(from * unit))
		hi = max(hi, s.fit(float64(lo)+float64(n.hi-n.lo)))
	case okTo:
		hi = s.fit(math.Floor(to * unit))
		lo = min(lo, hi)
	}
	return lo, hi, n.skewed
}

func (s scaled) fit(v float64) int64 {
	return int64(math.Max(float64(s.lo), math.Min(float64(s.hi), v)))
}

// suggested returns what a name suggests about a number's size.
func suggested(name string, fraction bool) (lo, hi float64, skewed bool) {
	words := nameWords(name)
	for _, inTime := range []bool{false, true} { // viewsPerDay are views, but dayOfMonth is a day
		for _, w := range slices.Backward(words) { // the last word says what it is, those before it of what
			if r, ok := numberNames[w]; ok && timeUnits.Has(w) == inTime {
				return r.lo, r.hi, r.skewed
			}
		}
	}
	return 0, 1000, fraction
}

var timeUnits = lazy.Words{Text: "year month day hour minute"}

var numberNames = map[string]struct {
	lo, hi float64
	skewed bool
}{
	"at": {1_672_531_200, 1_767_225_600, false}, "timestamp": {1_672_531_200, 1_767_225_600, false}, "year": {1990, 2026, false}, "age": {18, 90, false}, "month": {1, 12, false}, "day": {1, 28, false}, "hour": {0, 23, false},
	"minute": {0, 59, false}, "percent": {0, 100, false}, "percentage": {0, 100, false}, "rate": {0, 1, false}, "ratio": {0, 1, false},
	"score": {0, 100, false}, "rating": {1, 5, false}, "stars": {1, 5, false}, "version": {1, 9, true}, "port": {1024, 65535, false},
	"latitude": {-90, 90, false}, "lat": {-90, 90, false}, "longitude": {-180, 180, false}, "lng": {-180, 180, false},
	"lon": {-180, 180, false}, "price": {1, 2000, true}, "amount": {1, 5000, true}, "cost": {0, 500, true}, "fee": {0, 100, true},
	"balance": {0, 20000, true}, "total": {0, 20000, true}, "cents": {100, 200000, true}, "quantity": {1, 20, true}, "qty": {1, 20, true},
	"count": {0, 500, true}, "size": {1, 5_000_000, true}, "bytes": {100, 50_000_000, true}, "duration": {1, 60000, true},
	"ms": {1, 60000, true}, "latency": {1, 3000, true}, "order": {0, 50, true}, "position": {0, 50, true}, "index": {0, 50, true},
	"rank": {1, 100, false}, "level": {1, 20, true}, "priority": {0, 5, false}, "block": {15_000_000, 21_000_000, false},
	"gas": {21000, 500000, true}, "chain": {1, 42161, true}, "width": {16, 4096, false}, "height": {16, 4096, false},
	"weight": {1, 100, false}, "tokens": {1, 8000, true}, "views": {0, 100000, true}, "likes": {0, 2000, true}, "votes": {0, 500, true},
	"attempts": {0, 5, true}, "retries": {0, 5, true}, "limit": {1, 1000, false}, "uptime": {90, 100, false}, "success": {50, 100, false},
}

// number makes numbers in the column's range.
func (c *column) number() maker {
	n := c.numbersOf()
	refused := c.refused(n)
	switch {
	case c.forced != nil:
		return func(dst []byte, i int64) ([]byte, bool) { return n.write(dst, refused.past(n.lo, c.forced(i))), true }
	case c.carrier:
		start, first := c.start, c.table.first
		return func(dst []byte, i int64) ([]byte, bool) { return n.write(dst, refused.past(start, i-first)), true }
	}
	if words := nameWords(c.name); c.rule == nil && len(words) > 1 && words[len(words)-2] == "status" && words[len(words)-1] == "code" && n.lo <= 200 && n.hi >= 500 {
		return c.listed([]string{"200", "201", "204", "400", "401", "404", "500"})
	}
	span := n.hi - n.lo
	return c.drawn(func(dst []byte, _ int64, d *dice) []byte {
		v := d.between(n.lo, n.hi)
		if n.skewed && span > 0 {
			v = n.lo + d.skewed(span)
		}
		return n.write(dst, refused.near(v, n.lo, n.hi))
	})
}

// gaps are numbers that are not allowed, in ascending order.
type gaps []int64

// refused returns the numbers that the guide excludes.
func (c *column) refused(n scaled) gaps {
	var list gaps
	for _, text := range c.guide.not {
		if x, err := strconv.ParseFloat(text, 64); err == nil && x*math.Pow10(n.scale) == math.Trunc(x*math.Pow10(n.scale)) {
			list = append(list, int64(x*math.Pow10(n.scale)))
		}
	}
	return gapsAt(list)
}

func gapsAt(list []int64) gaps {
	slices.Sort(list)
	return slices.Compact(list)
}

// past returns the nth allowed number after the first one from start on.
func (g gaps) past(start, n int64) int64 {
	v := start + n
	for _, r := range g {
		if r >= start && r <= v {
			v++
		}
	}
	return v
}

// near returns an allowed number from lo to hi, v itself if it is one.
func (g gaps) near(v, lo, hi int64) int64 {
	at := v
	for at <= hi && slices.Contains(g, at) {
		at++
	}
	if at <= hi {
		return at
	}
	for at = v; at > lo && slices.Contains(g, at); {
		at--
	}
	return at
}

// between returns how many gaps there are from lo to hi.
func (g gaps) between(lo, hi int64) (n int64) {
	for _, r := range g {
		if r >= lo && r <= hi {
			n++
		}
	}
	return n
}

// write appends a number with its decimals.
func (s scaled) write(dst []byte, v int64) []byte {
	if s.scale <= 0 {
		dst = strconv.AppendInt(dst, v, 10)
		for range -s.scale {
			dst = append(dst, '0')
		}
		return dst
	}
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	unit := int64(1)
	for n := 0; n < s.scale && unit <= biggest/10; n++ {
		unit *= 10
	}
	dst = append(strconv.AppendInt(dst, v/unit, 10), '.')
	rest := v % unit
	for unit /= 10; unit > 0; unit /= 10 {
		dst = append(dst, byte('0'+rest/unit%10))
	}
	return dst
}
