package rules

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNeedlesAreFoundWhereverTheyStand(t *testing.T) {
	words := []string{"abcab", "bcabca", "aaaaa", "cabbage"}
	n := newNeedles(words...)
	random := rand.New(rand.NewPCG(1, 2))
	hits := 0
	for range 20000 {
		var b strings.Builder
		for range random.IntN(24) {
			b.WriteByte("abcge"[random.IntN(5)])
		}
		text := b.String()
		if random.IntN(3) == 0 {
			at := random.IntN(len(text) + 1)
			text = text[:at] + words[random.IntN(len(words))] + text[at:]
		}
		want := false
		for _, w := range words {
			want = want || strings.Contains(text, w)
		}
		if want {
			hits++
		}
		if n.in([]byte(text)) != want {
			t.Fatalf("%q: want %v", text, want)
		}
	}
	if hits < 1000 || hits > 19000 {
		t.Errorf("%d of 20000 texts hold a word: too few of one kind to tell", hits)
	}
}
