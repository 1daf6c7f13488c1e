package lazy

import (
	"strings"
	"sync"
)

// Value is a value that is made when it is first used.
type Value[T any] struct {
	Make func() T // must not refer to variables of a function, so that the linker can lay it out

	once sync.Once
	made T
}

// Get returns the value, which is the same each time.
func (v *Value[T]) Get() T {
	v.once.Do(func() { v.made = v.Make() })
	return v.made
}

// Words is a set of words.
type Words struct {
	Text string // the words, separated by blanks

	once sync.Once
	set  map[string]bool
}

// Has reports whether word is in the set.
func (w *Words) Has(word string) bool {
	w.once.Do(func() {
		w.set = map[string]bool{}
		for word := range strings.FieldsSeq(w.Text) {
			w.set[word] = true
		}
	})
	return w.set[word]
}
