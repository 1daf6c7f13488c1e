package fakedata

import (
	"math"
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// Texts that match a regular expression are written by walking it and choosing. The choices come from one number, digit
// by digit, so that different numbers give different texts as long as the expression has so many.

// choices gives a number's digits in changing bases, and dice once it is used up.
type choices struct {
	number int64
	then   *dice
}

func (c *choices) below(n int64) int64 {
	if n <= 1 {
		return 0
	}
	if c.number > 0 || c.then == nil {
		d := c.number % n
		c.number /= n
		return d
	}
	return c.then.below(n)
}

// writesMatches tries whether texts written for the column's expression match it and are as long as they may be: those
// for one that looks around, or has its end before its beginning, do not.
func (c *column) writesMatches() bool {
	g := &c.guide
	whole, err := regexp.Compile(g.pattern.String())
	if err != nil {
		return false
	}
	longest := c.textLength()
	for i := range int64(50) {
		d := roll(0, i)
		text := appendMatch(nil, g.pattern, &choices{number: int64(d.next() >> 1), then: &d})
		n := utf8.RuneCount(text)
		if !whole.Match(text) || n < g.minLen || longest > 0 && n > longest {
			return false
		}
	}
	return true
}

// repeats is how often at most a part is written for which the expression gives no limit.
const repeats = 8

func repeatOf(re *syntax.Regexp) (lo, hi int64) {
	switch re.Op {
	case syntax.OpStar:
		return 0, repeats
	case syntax.OpPlus:
		return 1, repeats
	case syntax.OpQuest:
		return 0, 1
	}
	lo, hi = int64(re.Min), int64(re.Max)
	if hi < 0 {
		hi = lo + repeats
	}
	return lo, hi
}

// appendMatch writes one text that the expression matches.
func appendMatch(dst []byte, re *syntax.Regexp, c *choices) []byte {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			dst = utf8.AppendRune(dst, r)
		}
	case syntax.OpCharClass:
		return utf8.AppendRune(dst, runeOf(re.Rune, c.below(classSize(re.Rune))))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return append(dst, "abcdefghijklmnopqrstuvwxyz"[c.below(26)])
	case syntax.OpCapture, syntax.OpConcat:
		for _, s := range re.Sub {
			dst = appendMatch(dst, s, c)
		}
	case syntax.OpAlternate:
		return appendMatch(dst, re.Sub[c.below(int64(len(re.Sub)))], c)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		lo, hi := repeatOf(re)
		n := hi - c.below(hi-lo+1)
		for range n {
			dst = appendMatch(dst, re.Sub[0], c)
		}
	}
	return dst
}

// printable cuts a class to the characters of ASCII where it has any, so that [^@] gives no oddities.
func printable(class []rune) []rune {
	var out []rune
	for i := 0; i+1 < len(class); i += 2 {
		lo, hi := max(class[i], '!'), min(class[i+1], '~')
		if lo <= hi {
			out = append(out, lo, hi)
		}
	}
	if out == nil {
		return class
	}
	return out
}

func classSize(class []rune) (n int64) {
	class = printable(class)
	for i := 0; i+1 < len(class); i += 2 {
		n += int64(class[i+1]-class[i]) + 1
	}
	return n
}

func runeOf(class []rune, n int64) rune {
	class = printable(class)
	for i := 0; i+1 < len(class); i += 2 {
		size := int64(class[i+1]-class[i]) + 1
		if n < size {
			return class[i] + rune(n)
		}
		n -= size
	}
	return 'a'
}

// matches is how many different texts appendMatch surely writes for different numbers; 0 where two choices may give the
// same text.
func matches(re *syntax.Regexp) float64 {
	switch re.Op {
	case syntax.OpCharClass:
		return float64(classSize(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 26
	case syntax.OpCapture, syntax.OpConcat:
		n := 1.0
		for _, s := range re.Sub {
			n *= matches(s)
		}
		return n
	case syntax.OpRepeat, syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		lo, hi := repeatOf(re)
		if lo == hi {
			return math.Pow(matches(re.Sub[0]), float64(lo))
		}
		return 0
	case syntax.OpAlternate:
		return 0
	}
	return 1
}
