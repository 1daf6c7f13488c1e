package main

import (
	"fmt"
	"slices"
	"strings"
)

const head = `Third-party licences

naap is under the licence in the file LICENSE. Its programs contain the Go standard library and runtime,
and packages of the modules below, on at least one of the systems that they are built for. Their source
is at the module's path, in the version that is named.

`

// write returns the text: the modules with the kinds of their licences, then each licence and notice once, under the
// names of all that bring it.
func write(modules []*linked, all []document) string {
	var b strings.Builder
	b.WriteString(head)
	for _, m := range modules {
		fmt.Fprintf(&b, "  %s %s: %s\n", m.path, m.version, strings.Join(m.kinds(all), ", "))
	}
	for _, same := range bySameText(all) {
		b.WriteString("\n" + strings.Repeat("=", 80) + "\n")
		for _, d := range same {
			b.WriteString(d.of + "\n")
		}
		b.WriteString(strings.Repeat("=", 80) + "\n\n" + same[0].text + "\n")
	}
	return b.String()
}

// kinds returns the names of a module's licences, each once.
func (m *linked) kinds(all []document) []string {
	var kinds []string
	for _, d := range all {
		its := d.of == m.path+" "+m.version || strings.HasPrefix(d.of, m.path+" "+m.version+" ")
		if its && d.kind != "" && !slices.Contains(kinds, d.kind) {
			kinds = append(kinds, d.kind)
		}
	}
	return kinds
}

// bySameText returns the documents in groups that say the same, in the order of their first.
func bySameText(all []document) [][]document {
	at := map[string]int{}
	var groups [][]document
	for _, d := range all {
		flat := blanks.Get().ReplaceAllString(d.text, " ")
		i, seen := at[flat]
		if !seen {
			i = len(groups)
			at[flat] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], d)
	}
	return groups
}
