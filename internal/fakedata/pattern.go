package fakedata

import (
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// Texts that must match a regular expression are those that the column's name suggests, where these match. Otherwise they
// are written by walking the expression and choosing.

// pattern is what a column's texts must match.
type pattern struct {
	re       *syntax.Regexp   // that texts are written for: of the first constraint
	all      []*regexp.Regexp // that every text must match
	least    int              // how often more than it must a part is written at least that may be repeated,
	most     int              // and at most
	fold     bool             // texts that differ in case only are the same
	template bool             // it is a rule's, and may have placeholders
	write    bool             // texts can be written for it
	byName   bool             // the texts that the name suggests match,
	marked   bool             // and also those that differ in every row
}

// matches reports whether a text fits all constraints.
func (p *pattern) matches(text []byte) bool {
	return !slices.ContainsFunc(p.all, func(re *regexp.Regexp) bool { return !re.Match(text) })
}

// settlePattern finds out how the column's texts are made, and reports whether they can be.
func (c *column) settlePattern() bool {
	p := *c.guide.pattern // constraints that turn out not to be understood are undone
	c.guide.pattern = &p
	p.fold = c.folds()
	p.byName, p.marked = true, true
	p.byName, p.marked = c.tried(false), c.tried(true)
	p.write = c.fitRepeats() && c.writesMatches()
	return p.write || p.byName && p.marked
}

// tried makes samples of the texts that the column's name suggests, with a mark that tells rows apart or without, and
// reports whether all match.
func (c *column) tried(marked bool) bool {
	was := c.carrier
	defer func() { c.carrier = was }()
	c.carrier = marked
	make := c.text()
	var text []byte
	for i := range int64(300) { // rows of any number
		text, _ = make(text[:0], i*i*i*37)
		if !c.fits(text) {
			return false
		}
	}
	return true
}

// fits reports whether a text keeps to the patterns and lengths.
func (c *column) fits(text []byte) bool {
	n, longest := utf8.RuneCount(text), c.textLength()
	return c.guide.pattern.matches(text) && n >= c.guide.minLen && (longest == 0 || n <= longest)
}

// writesMatches tries whether texts written for the column's expression match it and are as long as they may be: those
// for one that looks around, or has its end before its beginning, do not.
func (c *column) writesMatches() bool {
	p := c.guide.pattern
	for i := range int64(50) {
		d := roll(0, i)
		if !c.fits(p.append(nil, p.re, &choices{then: &d})) || !c.fits(p.append(nil, p.re, p.numbered(i, &d))) {
			return false
		}
	}
	return true
}

// repeats is how often more than it must a part is written at most for which nothing else gives a limit.
const repeats = 8

// fitRepeats finds numbers of repetitions with which texts are as long as they must and may be, and reports whether there
// are such.
func (c *column) fitRepeats() bool {
	p, longest := c.guide.pattern, c.textLength()
	p.least, p.most = 0, repeats
	for n := range 256 {
		if short, _ := p.length(p.re, n); short >= c.guide.minLen {
			p.least = n
			break
		}
	}
	for p.most = max(p.most, p.least); p.most >= p.least; p.most-- {
		if _, long := p.length(p.re, p.most); longest == 0 || long <= longest {
			return true
		}
	}
	return false
}

// length returns the length of the shortest and of the longest text, with every part repeated so often more than it
// must.
func (p *pattern) length(re *syntax.Regexp, more int) (shortest, longest int) {
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune), len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, 1
	case syntax.OpCapture, syntax.OpConcat:
		for _, s := range re.Sub {
			a, b := p.length(s, more)
			shortest, longest = shortest+a, longest+b
		}
	case syntax.OpAlternate:
		shortest = math.MaxInt32
		for _, s := range re.Sub {
			a, b := p.length(s, more)
			shortest, longest = min(shortest, a), max(longest, b)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		a, b := p.length(re.Sub[0], more)
		lo, hi := limits(re)
		n := lo + more
		if hi >= 0 {
			n = min(n, hi)
		}
		return min(n*a, math.MaxInt32), min(n*b, math.MaxInt32)
	}
	return shortest, longest
}

// limits returns how often a part may be repeated; hi is -1 where nothing limits it.
func limits(re *syntax.Regexp) (lo, hi int) {
	switch re.Op {
	case syntax.OpStar:
		return 0, -1
	case syntax.OpPlus:
		return 1, -1
	case syntax.OpQuest:
		return 0, 1
	}
	return re.Min, re.Max
}

// repeatOf returns how often a part is written.
func (p *pattern) repeatOf(re *syntax.Regexp) (lo, hi int64) {
	least, most := limits(re)
	from, to := least+p.least, least+p.most
	if most >= 0 {
		from, to = min(from, most), min(to, most)
	}
	return int64(from), int64(to)
}

// choices gives the digits of a number in changing bases, and dice once all numbers below its limit would have been told
// apart.
type choices struct {
	number, limit int64
	numbered      bool                                 // different numbers must give different texts
	part          func(dst []byte, name string) []byte // writes a placeholder
	then          *dice
}

func (p *pattern) numbered(n int64, then *dice) *choices {
	return &choices{number: n, limit: p.size(), numbered: true, then: then}
}

func (c *choices) below(n int64) int64 {
	switch {
	case n <= 1:
		return 0
	case c.limit <= 1:
		return c.then.below(n)
	}
	d := c.number % n
	c.number /= n
	c.limit = (c.limit + n - 1) / n
	return d
}

// append writes one text that the expression matches. Texts for numbers are all of one form: each part repeated as often
// as may be, and of alternatives always the same, so that each place of the text has a choice of its own.
func (p *pattern) append(dst []byte, re *syntax.Regexp, c *choices) []byte {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			dst = utf8.AppendRune(dst, r)
		}
	case syntax.OpCharClass:
		class := p.believable(re.Rune)
		return utf8.AppendRune(dst, runeOf(class, c.below(classSize(class))))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return append(dst, "abcdefghijklmnopqrstuvwxyz"[c.below(26)])
	case syntax.OpCapture, syntax.OpConcat:
		if name := placeholderOf(re); p.template && name != "" {
			return c.part(dst, name)
		}
		for _, s := range re.Sub {
			dst = p.append(dst, s, c)
		}
	case syntax.OpAlternate:
		if c.numbered {
			return p.append(dst, p.richest(re.Sub), c)
		}
		return p.append(dst, re.Sub[c.below(int64(len(re.Sub)))], c)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		lo, hi := p.repeatOf(re)
		n := hi
		if !c.numbered {
			n -= c.below(hi - lo + 1)
		}
		for range n {
			dst = p.append(dst, re.Sub[0], c)
		}
	}
	return dst
}

func (p *pattern) richest(list []*syntax.Regexp) *syntax.Regexp {
	best := list[0]
	for _, re := range list[1:] {
		if p.texts(re) > p.texts(best) {
			best = re
		}
	}
	return best
}

// believable cuts a class to the characters of ASCII where it has any, and to small letters and digits where it has many
// others too, so that [^@] gives no oddities. Where case does not matter it has each letter once.
func (p *pattern) believable(class []rune) []rune {
	plain := cutClass(class, '!', '~')
	if plain == nil {
		return class
	}
	if small := append(cutClass(class, '0', '9'), cutClass(class, 'a', 'z')...); len(small) > 0 && classSize(plain) > 64 {
		return small
	}
	if !p.fold {
		return plain
	}
	var once []rune
	for i := 0; i < len(plain); i += 2 {
		for r := plain[i]; r <= plain[i+1]; r++ {
			if small := r + 'a' - 'A'; r < 'A' || r > 'Z' || classSize(cutClass(plain, small, small)) == 0 {
				once = append(once, r, r)
			}
		}
	}
	return once
}

// cutClass returns what a class has between two characters.
func cutClass(class []rune, from, to rune) []rune {
	var out []rune
	for i := 0; i+1 < len(class); i += 2 {
		if lo, hi := max(class[i], from), min(class[i+1], to); lo <= hi {
			out = append(out, lo, hi)
		}
	}
	return out
}

func classSize(class []rune) (n int64) {
	for i := 0; i+1 < len(class); i += 2 {
		n += int64(class[i+1]-class[i]) + 1
	}
	return n
}

func runeOf(class []rune, n int64) rune {
	for i := 0; i+1 < len(class); i += 2 {
		size := int64(class[i+1]-class[i]) + 1
		if n < size {
			return class[i] + rune(n)
		}
		n -= size
	}
	return 'a'
}

// size returns how many different texts are written for different numbers, up to enough.
func (p *pattern) size() int64 {
	if !p.write {
		return 0
	}
	return int64(math.Min(p.texts(p.re), float64(enough)))
}

// texts returns how many different texts append writes for different numbers.
func (p *pattern) texts(re *syntax.Regexp) float64 {
	switch re.Op {
	case syntax.OpCharClass:
		return float64(classSize(p.believable(re.Rune)))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 26
	case syntax.OpCapture, syntax.OpConcat:
		if p.template && placeholderOf(re) != "" {
			return 1
		}
		n := 1.0
		for _, s := range re.Sub {
			n *= p.texts(s)
		}
		return n
	case syntax.OpRepeat, syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		_, hi := p.repeatOf(re)
		return math.Pow(p.texts(re.Sub[0]), float64(hi))
	case syntax.OpAlternate:
		return p.texts(p.richest(re.Sub))
	}
	return 1
}

// named reports whether the column's texts are those that its name suggests.
func (p *pattern) named(marked bool) bool {
	if marked {
		return p.marked
	}
	return p.byName
}

// folds reports whether values that differ in case only are the same to the column's type or one of its unique keys.
func (c *column) folds() bool {
	if t, _ := c.underlying(); t.name == "citext" {
		return true
	}
	return slices.ContainsFunc(c.table.keys, func(k *uniqueKey) bool { return k.folded && within([]*column{c}, k.columns) })
}

// fold returns a text as the column compares it.
func (c *column) fold(text string) string {
	if c.folds() {
		return strings.ToLower(text)
	}
	return text
}

// placeholderOf returns the placeholder that a part of a template stands for, or "".
func placeholderOf(re *syntax.Regexp) string {
	if parts := strings.Split(re.Name, "_"); len(parts) == 3 && parts[0] == "naap" {
		return parts[1]
	}
	return ""
}
