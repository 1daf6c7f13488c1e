package rules

import "bytes"

// needles finds out whether a text contains any of several words, in one pass that skips most bytes: Wu and Manber's
// method with blocks of two bytes. Nearly every file of a repository is read only for this.
type needles struct {
	window int                 // how many bytes of each word are looked for; the shortest word's length
	shift  [1 << 16]uint8      // how far the window may move when it ends with these two bytes; 0 if a word may be there
	words  map[uint16][]string // the words, by the last two bytes of their window
}

func newNeedles(words ...string) *needles {
	n := &needles{window: 255, words: map[uint16][]string{}}
	for _, w := range words {
		n.window = min(n.window, len(w))
	}
	for i := range n.shift {
		n.shift[i] = uint8(n.window - 1)
	}
	for _, w := range words {
		for i := 1; i < n.window; i++ {
			block := uint16(w[i-1])<<8 | uint16(w[i])
			n.shift[block] = min(n.shift[block], uint8(n.window-1-i))
		}
		tail := uint16(w[n.window-2])<<8 | uint16(w[n.window-1])
		n.words[tail] = append(n.words[tail], w)
	}
	return n
}

// in reports whether data contains one of the words.
func (n *needles) in(data []byte) bool {
	for i := n.window - 1; i < len(data); {
		block := uint16(data[i-1])<<8 | uint16(data[i])
		if s := n.shift[block]; s > 0 {
			i += int(s)
			continue
		}
		start := data[i-n.window+1:]
		for _, w := range n.words[block] {
			if bytes.HasPrefix(start, []byte(w)) {
				return true
			}
		}
		i++
	}
	return false
}
