// Package lazy has values that are made when they are first used, not when the program starts. Most commands use few of
// those that they are linked with.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled when it is first used. As a variable of a package it is data that the
// linker lays out: unlike regexp.MustCompile, and unlike a call of sync.OnceValue, it runs nothing at the start of the
// program and touches no page of it.
type Regexp struct {
	Text string // in the syntax of package regexp

	once     sync.Once
	compiled *regexp.Regexp
}

// Get returns the compiled expression. It panics where Text is none.
func (r *Regexp) Get() *regexp.Regexp {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.Text) })
	return r.compiled
}
