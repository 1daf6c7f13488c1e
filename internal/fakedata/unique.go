package fakedata

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// assign decides how the rows of a table differ in each of its unique keys, for t.rows rows, and returns the number of
// rows for which that is possible. Each key is settled in one of three ways: by a column whose value alone
// distinguishes rows; by combinations of all that its foreign keys and short lists offer; or by NULL, where NULLs are
// distinct.
func (t *table) assign() int64 {
	for _, c := range t.columns {
		c.forced, c.nullAt, c.showing = nil, nil, false
		c.carrier = c.sequence != "" && c.owner == nil && c.capacity() >= t.rows
	}
	for _, f := range t.out {
		f.pinned, f.nullAt, f.single = nil, nil, false
	}
	rows := t.rows
	var solved [][]*column
	keys := slices.Clone(t.keys)
	slices.SortStableFunc(keys, func(a, b *uniqueKey) int { return cmp.Compare(len(a.columns), len(b.columns)) }) // those with the fewest options first
	for _, k := range keys {
		if len(k.columns) == 0 || slices.ContainsFunc(solved, func(s []*column) bool { return within(s, k.columns) }) {
			continue
		}
		rows = min(rows, t.tellApart(k))
		if t.again {
			t.again = false
			return t.assign()
		}
		if k.predicate == "" {
			solved = append(solved, k.columns)
		}
	}
	return rows
}

func within(small, large []*column) bool {
	return !slices.ContainsFunc(small, func(c *column) bool { return !slices.Contains(large, c) })
}

// tellApart settles one key and returns for how many rows.
func (t *table) tellApart(k *uniqueKey) int64 {
	for _, c := range k.columns {
		if c.carrier || c.owner != nil && c.owner.single && within(c.owner.columns, k.columns) {
			return t.rows
		}
	}
	if t.pairShown(k) {
		return t.rows
	}
	if c := t.bestCarrier(k); c != nil {
		c.carrier = true
		return t.rows
	}
	dims := t.dimensions(k)
	size := product(dims)
	if t.first > 0 && !slices.ContainsFunc(dims, func(d dimension) bool { return d.key != nil }) {
		dims, size = nil, 0 // existing rows may have any of the combinations
	}
	if size < t.rows {
		if t.evade(k) {
			return t.rows
		}
		f := t.namedIn(k)
		if alone := f != nil && !f.nulls; !alone && t.leaveNull(k, size) { // otherwise its column alone may distinguish rows
			t.pair(dims, min(size, t.rows))
			return t.rows
		}
		if f != nil {
			t.forget(f)
			t.again = true
			return t.rows
		}
	}
	t.pair(dims, min(size, t.rows))
	return min(size, t.rows)
}

// namedIn returns a reference in the key that a name suggested, or nil.
func (t *table) namedIn(k *uniqueKey) *foreignKey {
	return first(t.out, func(f *foreignKey) bool { return f.named && within(f.columns, k.columns) })
}

// bestCarrier returns the column of the key that is best suited to differ in every row.
func (t *table) bestCarrier(k *uniqueKey) *column {
	var best *column
	bestScore := 0
	for _, c := range k.columns {
		if c.owner != nil || c.grouped || c.forced != nil || c.guide.slots > 0 || c.capacity()-t.offset(c) < t.rows {
			continue
		}
		if score := carrierScore(c, k); score > bestScore {
			best, bestScore = c, score
		}
	}
	return best
}

// offset returns how many of the column's values existing rows may have used up.
func (t *table) offset(c *column) int64 {
	if u, _ := c.underlying(); c.capacity() == math.MaxInt64 || u.category == 'N' { // numbers continue from the largest
		return 0
	}
	return t.first
}

func carrierScore(c *column, k *uniqueKey) int {
	u, _ := c.underlying()
	score := 4
	switch {
	case k.disjoint && u.kind == 'r':
		score = 9
	case u.name == "uuid", u.name == "bytea":
		score = 8
	case u.category == 'S':
		score = 6
	case u.category == 'D':
		score = 5
	}
	for _, w := range nameWords(c.name) {
		switch w {
		case "id", "slug", "key", "name", "code", "number", "email", "hash", "token", "address", "path":
			score++
		case "status", "type", "kind", "locale", "version", "role", "provider", "state", "language", "scope", "method":
			score -= 3
		}
	}
	return max(score, 1)
}

// dimension is one of the things by whose combination rows differ: the rows that a foreign key may refer to, or a
// column's list of values.
type dimension struct {
	size  int64
	key   *foreignKey
	col   *column
	order shuffle
}

func (t *table) dimensions(k *uniqueKey) []dimension {
	var dims []dimension
	for _, f := range t.out {
		if f.always || !within(f.columns, k.columns) || f.columns[0].owner != f || f.pinned != nil {
			continue
		}
		if f.group {
			if !f.exact { // rows that keep to their group can be distinguished by advancing together
				return []dimension{{size: f.supply(), key: f}}
			}
			continue
		}
		dims = append(dims, dimension{size: f.supply(), key: f, order: newShuffle(f.supply(), f.to.key)})
	}
	slices.SortStableFunc(dims, func(a, b dimension) int { return cmp.Compare(b.size, a.size) })
	for _, c := range k.columns {
		n := c.capacity()
		if p := c.guide.pattern; p != nil && c.template == nil {
			n = min(n, max(p.size()-int64(len(c.guide.not)), 0))
		}
		if c.owner == nil && !c.grouped && c.forced == nil && n > 1 && c.listable() {
			dims = append(dims, dimension{size: n, col: c, order: newShuffle(n, c.key)})
		}
	}
	return dims
}

// listable reports whether the column can be given the first, second, … of its values.
func (c *column) listable() bool {
	t, _ := c.underlying()
	return c.guide.in != nil || t.kind == 'e' || t.kind == 'b' && strings.IndexByte("NBSDV", t.category) >= 0
}

// enough is more combinations than any table has rows.
const enough = int64(1) << 40

func product(dims []dimension) int64 {
	if len(dims) == 0 {
		return 1
	}
	n := int64(1)
	for _, d := range dims {
		if d.size == 0 {
			return 0
		}
		if n = n * min(d.size, enough); n >= enough {
			return enough
		}
	}
	return n
}

// leaveNull makes an optional column of the key NULL in rows beyond the first n, which then conflict with none.
func (t *table) leaveNull(k *uniqueKey, n int64) bool {
	if k.nullsSame {
		return false
	}
	first := t.first
	beyond := func(i int64) bool { return i-first >= n }
	for _, c := range k.columns {
		switch {
		case c.owner == nil && c.mayBeNull() && !c.target && !c.grouped && c.nullAt == nil:
			c.nullAt = beyond
			return true
		case c.owner != nil && c.owner.nulls && c.mayBeNull() && c.owner.nullAt == nil:
			c.owner.nullAt = beyond
			return true
		}
	}
	return false
}

// evade makes a partial index's condition false, so that no row is in it.
func (t *table) evade(k *uniqueKey) bool {
	if k.predicate == "" {
		return false
	}
	e := parseExpr(k.predicate)
	if e == nil || !t.obey(&expr{kind: "not", args: []*expr{e}}) {
		return false
	}
	k.columns = nil
	return true
}

// pair gives each of the first rows a combination of its own: small numbers of the first dimension get more rows, as
// far as there are partners for them.
func (t *table) pair(dims []dimension, rows int64) {
	if len(dims) == 0 || rows <= 0 {
		return
	}
	lead, rest := dims[0], product(dims[1:])
	if len(dims) == 1 {
		rest = 1
	}
	if lead.key != nil && lead.key.group {
		first := t.first
		lead.key.single, lead.key.pinned = true, func(i int64) int64 { return (i - first) % max(lead.size, 1) }
		return
	}
	split := t.even(lead.size, rest, rows)
	if lead.size > 1 && firstOfShare(1, rows, lead.size) <= rest {
		split = t.uneven(lead.size, rest, rows)
	}
	lead.take(func(i int64) int64 { a, _ := split(i); return lead.order.at(a) }, len(dims) == 1)
	step := int64(1)
	for _, d := range dims[1:] {
		divisor, size := step, min(d.size, enough)
		d.take(func(i int64) int64 { _, b := split(i); return b / divisor % size }, false)
		if step *= size; step >= enough {
			break
		}
	}
}

func (d dimension) take(f func(int64) int64, single bool) {
	if d.key != nil {
		d.key.pinned, d.key.single = f, single
		return
	}
	d.col.forced = f
}

// even spreads rows evenly over all combinations.
func (t *table) even(lead, rest, rows int64) func(int64) (a, b int64) {
	all := enough
	if rest < enough/max(lead, 1) {
		all = lead * rest
	}
	order, first := newShuffle(max(all, 1), t.key), t.first
	return func(i int64) (int64, int64) {
		n := order.at((i - first) % rows)
		return n % lead, n / lead
	}
}

// uneven gives the first numbers of the lead more rows than the last.
func (t *table) uneven(lead, rest, rows int64) func(int64) (a, b int64) {
	first, key := t.first, t.key
	return func(i int64) (int64, int64) {
		n := (i - first) % rows
		a := share(n, rows, lead)
		return a, newShuffle(rest, key^mix(uint64(a))).at(n - firstOfShare(a, rows, lead))
	}
}
