package fakedata

import (
	"hash/fnv"
	"math/bits"
)

// Every value is a pure function of the seed, its table, its column and its row's number. Nothing is remembered: a row
// that refers to another computes that row's key, so that any number of rows takes the same memory, and the same seed
// gives the same rows however many tables are filled at once.

// mix is the finalizer of splitmix64: a bijection of 64 bits in which every input bit affects every output bit.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// hashOf returns a hash of a list of names.
func hashOf(names ...string) uint64 {
	h := fnv.New64a()
	for _, n := range names {
		h.Write([]byte(n))
		h.Write([]byte{0})
	}
	return mix(h.Sum64())
}

// dice generates a sequence of random numbers: splitmix64.
type dice uint64

// roll returns the dice of one cell or one decision.
func roll(key uint64, i int64) dice { return dice(mix(key ^ mix(uint64(i)+0x9e3779b97f4a7c15))) }

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	return mix(uint64(*d))
}

// below returns a number from 0 to n-1; 0 where n is 0.
func (d *dice) below(n int64) int64 {
	hi, _ := bits.Mul64(d.next(), uint64(n))
	return int64(hi)
}

// between returns a number from lo to hi, both included.
func (d *dice) between(lo, hi int64) int64 {
	if hi <= lo {
		return lo
	}
	span := uint64(hi) - uint64(lo) + 1
	if span == 0 { // all 64 bits
		return int64(d.next())
	}
	n, _ := bits.Mul64(d.next(), span)
	return int64(uint64(lo) + n)
}

// percent reports true n times in a hundred.
func (d *dice) percent(n int64) bool { return d.below(100) < n }

// skewed returns a number from 0 to n-1, where small ones come up far more often: the first hundredth in a fifth of all
// rolls, as with the authors of posts. It uses integers only, so that every machine gives the same.
func (d *dice) skewed(n int64) int64 {
	u := d.next()
	sq, _ := bits.Mul64(u, u)
	cube, _ := bits.Mul64(sq, u)
	hi, _ := bits.Mul64(cube, uint64(n))
	return int64(hi)
}

// shuffle is a permutation of the numbers below n, computed rather than stored: a Feistel network of four rounds,
// repeated until it lands below n.
type shuffle struct {
	n, key uint64
	half   uint // bits of each half
}

func newShuffle(n int64, key uint64) shuffle {
	half := uint(1)
	for uint64(1)<<(2*half) < uint64(max(n, 1)) {
		half++
	}
	return shuffle{n: uint64(max(n, 1)), key: key, half: half}
}

func (s shuffle) at(i int64) int64 {
	mask := uint64(1)<<s.half - 1
	x := uint64(i)
	for {
		l, r := x>>s.half, x&mask
		for round := range uint64(4) {
			l, r = r, l^(mix(s.key^r^round<<56)&mask)
		}
		x = l<<s.half | r
		if x < s.n {
			return int64(x)
		}
	}
}

// share returns floor(n · (i/rows)²): it grows with i, slowly at first, so that small results take more of the rows.
func share(i, rows, n int64) int64 {
	u, _ := bits.Div64(uint64(i), 0, uint64(rows))
	sq, _ := bits.Mul64(u, u)
	hi, _ := bits.Mul64(sq, uint64(n))
	return int64(hi)
}

// firstOfShare returns the smallest i whose share is at least k.
func firstOfShare(k, rows, n int64) int64 {
	lo, hi := int64(0), rows
	for lo < hi {
		mid := lo + (hi-lo)/2
		if share(mid, rows, n) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}
