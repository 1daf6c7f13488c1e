package fakedata

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// now is the latest time at which made-up rows changed. It is fixed, so that the same seed gives the same rows on any
// day.
var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	microsecond = int64(1)
	second      = 1_000_000 * microsecond
	day         = 86400 * second
	lifetime    = 3 * 365 * day // the age of the oldest rows
)

// phase is the part of a row's life in which something happens, in thousandths of the time from its creation until now;
// beyond 1000 is in the future.
type phase struct{ from, to int64 }

var phases = map[string]phase{
	"created": {0, 0}, "inserted": {0, 0}, "registered": {0, 0}, "joined": {0, 0}, "opened": {0, 0}, "added": {0, 0}, "requested": {0, 0},
	"timestamp": {0, 0}, "granted": {0, 0}, "issued": {0, 0}, "occurred": {0, 0}, "installed": {0, 0}, "invited": {0, 0}, "queued": {0, 0},
	"scheduled": {10, 100}, "accepted": {50, 200}, "started": {100, 300}, "starts": {100, 300}, "start": {100, 300}, "begin": {100, 300},
	"begins": {100, 300}, "from": {100, 300}, "since": {100, 300}, "verified": {50, 300}, "published": {100, 400}, "approved": {100, 400},
	"sent": {100, 300}, "processed": {300, 500}, "completed": {400, 700}, "finished": {400, 700}, "ended": {400, 700}, "ends": {400, 700},
	"end": {400, 700}, "closed": {400, 700}, "resolved": {400, 700}, "until": {400, 700}, "read": {300, 700}, "failed": {400, 700},
	"delivered": {400, 700}, "paid": {400, 700}, "updated": {750, 1000}, "modified": {750, 1000}, "changed": {750, 1000},
	"seen": {750, 1000}, "last": {750, 1000}, "used": {750, 1000}, "synced": {750, 1000}, "deleted": {900, 1000}, "archived": {900, 1000},
	"revoked": {900, 1000}, "removed": {900, 1000}, "cancelled": {900, 1000}, "canceled": {900, 1000},
	"expires": {1001, 1300}, "expiry": {1001, 1300}, "expiration": {1001, 1300}, "expire": {1001, 1300}, "due": {1001, 1300},
	"next": {1001, 1300}, "valid": {1001, 1300}, "renews": {1001, 1300},
}

// born returns when rows were created, in microseconds of Unix time: young rows are more frequent than old ones. Where
// a column has an instant of its own in every row, the others follow it.
func (t *table) born() func(i int64) int64 {
	key := t.key ^ 0x77
	age := func(i int64) int64 {
		d := roll(key, i)
		return (d.skewed(lifetime-day) + d.below(day)) / 1000 * 1000
	}
	if c := t.clock(); c != nil {
		at, before := c.momentOfCarrier(), c.phase().from > 0
		return func(i int64) int64 {
			if before {
				return at(i) - age(i)
			}
			return at(i)
		}
	}
	return func(i int64) int64 { return now.UnixMicro() - age(i) }
}

// clock returns the column whose instants distinguish the table's rows, preferably the time of creation, or nil.
func (t *table) clock() *column {
	var clock *column
	for _, c := range t.columns {
		if u, _ := c.underlying(); (c.carrier || c.forced != nil) && u.category == 'D' && u.name != "time" && u.name != "timetz" &&
			c.phase().from <= 1000 && (clock == nil || c.phase().from < clock.phase().from) {
			clock = c
		}
	}
	return clock
}

// phase returns what the column's name says, or the part of a row's life that a constraint assigns to it.
func (c *column) phase() phase {
	p := phase{0, 1000}
	for _, w := range nameWords(c.name) {
		if known, ok := phases[w]; ok {
			p = known
		}
	}
	if c.guide.slots > 0 {
		width := int64(1000 / c.guide.slots)
		p = phase{int64(c.guide.slot)*width + 1, int64(c.guide.slot+1)*width - 1}
	}
	return p
}

// moment returns the instants of a column, in microseconds of Unix time: in the order that names suggest, created
// before updated, within what the guide allows.
func (c *column) moment() func(i int64) int64 {
	if c.carrier || c.forced != nil {
		return c.momentOfCarrier()
	}
	p := c.phase()
	birth := c.isBirth()
	lo, hi, bounded := c.span()
	key, born := c.key, c.table.born()
	return func(i int64) int64 {
		d := roll(key, i)
		if birth && !bounded {
			return now.UnixMicro() - (18*365+d.below(60*365))*day
		}
		at := born(i)
		left := now.UnixMicro() - at
		if p.from > 1000 {
			return clampTime(now.UnixMicro()+d.between(1, (p.to-1000)*day/1000)*1000, lo, hi, bounded, &d)
		}
		if p.to > 0 {
			at += left / 1000 * d.between(p.from, p.to)
		}
		return clampTime(at/1000*1000, lo, hi, bounded, &d)
	}
}

// isBirth reports whether the column is a date of birth, by its name.
func (c *column) isBirth() bool {
	return slices.ContainsFunc(nameWords(c.name), func(w string) bool { return strings.HasPrefix(w, "birth") || w == "dob" })
}

func clampTime(at, lo, hi int64, bounded bool, d *dice) int64 {
	if bounded && (at < lo || at > hi) {
		return d.between(lo, hi) / 1000 * 1000
	}
	return at
}

// momentOfCarrier gives every row a second, or for dates a day, of its own. Seconds without limits are spread over a
// lifetime: each row's is far from that of the one before, and once all are used, they start again a millisecond later.
func (c *column) momentOfCarrier() func(int64) int64 {
	step, base := c.steps()
	at := func(i int64) int64 { return i }
	if c.forced != nil {
		at = c.forced
	}
	t, _ := c.underlying()
	if _, _, bounded := c.span(); bounded || c.num == 0 || t.name != "timestamp" && t.name != "timestamptz" { // 0: a bound of a range
		return func(i int64) int64 { return base + at(i)*step }
	}
	const stride, all = 58_470_959, lifetime / second // with no common divisor
	base = now.UnixMicro() - lifetime
	return func(i int64) int64 {
		n := at(i)
		return base + n%all*stride%all*second + n/all*1000
	}
}

// steps returns how far apart the moments of a carrier are, and where they begin.
func (c *column) steps() (step, base int64) {
	t, _ := c.underlying()
	step, base = second, now.UnixMicro()-20*365*day
	if t.name == "date" {
		step = day
	}
	if lo, hi, bounded := c.span(); bounded {
		if _, ok := c.guide.min.time(); !ok {
			lo = hi - 20*365*day
		}
		q, r := floorDiv(lo, step)
		if t.name != "date" && r > 0 {
			q++
		}
		base = q * step
	}
	return step, base
}

// moments returns how many moments a carrier has: all where nothing limits them.
func (c *column) moments(step, all int64) int64 {
	_, hi, bounded := c.span()
	if _, ok := c.guide.max.time(); !bounded || !ok {
		return all
	}
	_, base := c.steps()
	n, _ := floorDiv(hi-base, step)
	return max(n+1, 0)
}

// span returns the range that the guide allows. An open side is a year long. Bounds of dates are inclusive days.
func (c *column) span() (lo, hi int64, bounded bool) {
	from, okFrom := c.guide.min.time()
	to, okTo := c.guide.max.time()
	lo, hi = from+1000, to-1000
	if t, _ := c.underlying(); t.name == "date" {
		first, later := floorDiv(from, day)
		if okFrom && (later > 0 || c.guide.min.strict) {
			first++
		}
		last, rest := floorDiv(to, day)
		if okTo && rest == 0 && c.guide.max.strict {
			last--
		}
		lo, hi = first*day, (last+1)*day-1000
	}
	switch {
	case okFrom && okTo:
		return lo, hi, true
	case okFrom:
		return lo, from + 365*day, true
	case okTo:
		return to - 365*day, hi, true
	}
	return 0, 0, false
}

func (b *bound) time() (int64, bool) {
	if b == nil {
		return 0, false
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999-07", "2006-01-02 15:04:05.999999", "2006-01-02"} {
		if t, err := time.Parse(layout, b.text); err == nil {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// temporal makes dates, times and instants.
func (c *column) temporal(name string, mod int32) maker {
	at := c.moment()
	digits := 6
	if mod >= 0 {
		digits = int(mod)
	} else if name == "timestamp" || name == "timestamptz" {
		digits = 3
	}
	return func(dst []byte, i int64) ([]byte, bool) {
		m := at(i)
		switch name {
		case "date":
			return appendDate(dst, m), true
		case "time", "timetz":
			dst = appendClock(dst, m, digits)
		default:
			dst = append(appendDate(dst, m), ' ')
			dst = appendClock(dst, m, digits)
		}
		if strings.HasSuffix(name, "tz") {
			dst = append(dst, "+00"...)
		}
		return dst, true
	}
}

func floorDiv(a, b int64) (q, r int64) {
	q, r = a/b, a%b
	if r < 0 {
		q, r = q-1, r+b
	}
	return q, r
}

// appendDate appends the day, by the civil calendar from days since 1970 (Hinnant's algorithm): time.Format costs
// several times as much, and these are the most frequent columns.
func appendDate(dst []byte, micros int64) []byte {
	days, _ := floorDiv(micros, day)
	days += 719468
	era, doe := floorDiv(days, 146097)
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d, m := doy-(153*mp+2)/5+1, mp+3
	if m > 12 {
		m -= 12
	}
	y := yoe + era*400
	if m <= 2 {
		y++
	}
	for unit := int64(1000); unit > y && unit > 1; unit /= 10 {
		dst = append(dst, '0')
	}
	dst = strconv.AppendInt(dst, y, 10)
	return append(dst, '-', byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10), byte('0'+d%10))
}

func appendClock(dst []byte, micros int64, digits int) []byte {
	_, rest := floorDiv(micros, day)
	s, frac := rest/second, rest%second
	h, m := s/3600, s/60%60
	s %= 60
	dst = append(dst, byte('0'+h/10), byte('0'+h%10), ':', byte('0'+m/10), byte('0'+m%10), ':', byte('0'+s/10), byte('0'+s%10))
	if digits == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := int64(100_000); digits > 0 && unit > 0; unit, digits = unit/10, digits-1 {
		dst = append(dst, byte('0'+frac/unit%10))
	}
	return dst
}
