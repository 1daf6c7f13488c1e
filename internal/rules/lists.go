package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/rules/shell"
)

// schemaList is one place that names the platform's schemas: the datasource, an init script, a list in a shell script.
type schemaList struct {
	label string // "schemas = […]", "init-schemas.sql", "PLUGIN_SCHEMAS"
	file  *file
	start int // where it is shown
	end   int
	names []listed
	// add are the edits that put names into the list, in its style.
	add func(names ...string) []Edit
}

// listed is one name of a list.
type listed struct {
	name       string
	start, end int // of the element, quotes included
}

func (l *schemaList) has(name string) bool {
	return slices.ContainsFunc(l.names, func(n listed) bool { return n.name == name })
}

func (l *schemaList) shown() Place {
	p := l.file.place(l.start, l.end)
	p.Label = l.label
	return p
}

// lists finds every list of schemas: the datasource's first, then those of scripts in the order of their files.
func (r *run) lists() []*schemaList {
	var all []*schemaList
	if d := r.datasourceList(); d != nil {
		all = append(all, d)
	}
	r.each(sqlFile, func(f *file) {
		if l := initList(f); l != nil {
			all = append(all, l)
		}
	})
	known := r.knownSchemas(all)
	for _, k := range []kind{shellFile, unnamed, makeFile} {
		r.each(k, func(f *file) { all = append(all, shellLists(f, known)...) })
	}
	return all
}

func (r *run) knownSchemas(lists []*schemaList) map[string]bool {
	known := map[string]bool{}
	for _, l := range lists {
		for _, n := range l.names {
			known[n.name] = true
		}
	}
	return known
}

func (r *run) datasourceList() *schemaList {
	s := r.schema
	if s.list == nil {
		return nil
	}
	l := &schemaList{label: "schemas = […]", file: s.listIn, start: s.list.Span.Start.Offset, end: s.list.Span.End.Offset}
	for _, n := range s.schemas {
		l.names = append(l.names, listed{n.Value, n.Span.Start.Offset, n.Span.End.Offset})
	}
	l.add = func(names ...string) []Edit {
		if len(l.names) == 0 {
			return []Edit{{l.file.path, l.start, l.end, `["` + strings.Join(names, `", "`) + `"]`}}
		}
		return l.insert(names, ", ")
	}
	return l
}

// insert puts names behind the last one, or each at its place where the list is in alphabetical order, with the quotes
// of the element beside it. separator stands between elements.
func (l *schemaList) insert(names []string, separator string) []Edit {
	return l.place(names, func(i int, name string) string {
		model := l.names[i]
		return strings.Replace(string(l.file.data[model.start:model.end]), model.name, name, 1)
	}, separator, l.names)
}

// place makes the edits of insert: spans are where the elements stand, text is how a new one beside element i reads.
func (l *schemaList) place(names []string, text func(i int, name string) string, separator string, spans []listed) []Edit {
	last := len(spans) - 1
	if !l.sorted() {
		var b strings.Builder
		for _, name := range names {
			b.WriteString(separator + text(last, name))
		}
		return []Edit{{l.file.path, spans[last].end, spans[last].end, b.String()}}
	}
	added := map[int]string{} // what goes in before element i
	for _, name := range slices.Sorted(slices.Values(names)) {
		i := slices.IndexFunc(spans, func(n listed) bool { return n.name != CoreSchema && n.name > name })
		if i < 0 {
			added[len(spans)] += separator + text(last, name)
		} else {
			added[i] += text(max(i-1, 0), name) + separator
		}
	}
	var edits []Edit
	for i := range len(spans) + 1 {
		if added[i] == "" {
			continue
		}
		at := spans[last].end
		if i <= last {
			at = spans[i].start
		}
		edits = append(edits, Edit{l.file.path, at, at, added[i]})
	}
	return edits
}

// sorted tells whether the names, public aside, are in alphabetical order, and enough of them to tell.
func (l *schemaList) sorted() bool {
	var names []string
	for _, n := range l.names {
		if n.name != CoreSchema {
			names = append(names, n.name)
		}
	}
	return len(names) >= 3 && slices.IsSorted(names)
}

// initList reads an init script. A new schema's statement is written as the last one is.
func initList(f *file) *schemaList {
	created := createdSchemas(f.data)
	if len(created) == 0 {
		return nil
	}
	l := &schemaList{label: innerName(f.path), file: f, start: created[0].start, end: created[0].end}
	for _, c := range created {
		l.names = append(l.names, listed{c.name, c.at, c.until})
	}
	l.add = func(names ...string) []Edit {
		var spans []listed
		for _, c := range created {
			spans = append(spans, listed{c.name, c.start, c.end})
		}
		last := created[len(created)-1]
		statement := func(_ int, name string) string {
			text := string(f.data[last.start:last.at]) + quoteLike(string(f.data[last.at:last.until]), name) + string(f.data[last.until:last.end])
			if !last.closed {
				text += ";"
			}
			return text
		}
		separator := newline(f.data) + indentAt(f.data, last.start)
		edits := l.place(names, statement, separator, spans)
		if e := &edits[len(edits)-1]; !last.closed && e.Start == last.end { // the last statement may do without its semicolon
			e.New = ";" + strings.TrimSuffix(e.New, ";")
		}
		return edits
	}
	return l
}

// plainIdentifier is a name that SQL takes without quotes, unless it is a keyword; no schema of the platform is one.
var plainIdentifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func quoteLike(model, name string) string {
	if strings.HasPrefix(model, `"`) || !plainIdentifier.MatchString(name) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

var listName = regexp.MustCompile(`(?i)schema`)

// shellLists finds the lists in a shell script: NAME=(a b), NAME="a b" and for x in a b. A list counts where it is
// called after schemas and holds two of them, or where it holds at least half of all that are known: a loop over two
// of ten is meant to be over those two.
func shellLists(f *file, known map[string]bool) []*schemaList {
	if f.shell == nil {
		return nil
	}
	var all []*schemaList
	for _, c := range f.shell.Commands {
		for _, a := range c.Assignments {
			if a.IsList {
				l := wordList(f, a.Name, a.List)
				l.start, l.end = a.At.Start, a.At.Start+len(a.Name)
				if l.counts(a.Name, known) {
					all = append(all, l)
				}
			} else if l := textList(f, a); l != nil && l.counts(a.Name, known) {
				all = append(all, l)
			}
		}
	}
	for _, loop := range f.shell.Loops {
		l := wordList(f, "for "+loop.Name, loop.List)
		l.start, l.end = loop.At.Start, loop.At.End
		if l.counts("", known) {
			all = append(all, l)
		}
	}
	return all
}

func (l *schemaList) counts(name string, known map[string]bool) bool {
	hits := 0
	for _, n := range l.names {
		if known[n.name] {
			hits++
		}
	}
	return hits >= 2 && (listName.MatchString(name) || hits*2 >= len(known))
}

func wordList(f *file, label string, words []shell.Word) *schemaList {
	l := &schemaList{label: label, file: f}
	for _, w := range words {
		if w.Static {
			l.names = append(l.names, listed{w.Text, w.At.Start, w.At.End})
		}
	}
	l.add = func(names ...string) []Edit { return l.insert(names, l.between()) }
	return l
}

// between is what stands between the last two elements: a blank, or a line's end and an indent.
func (l *schemaList) between() string {
	if n := len(l.names); n > 1 {
		gap := string(l.file.data[l.names[n-2].end:l.names[n-1].start])
		if strings.TrimSpace(gap) == "" {
			return gap
		}
		if strings.Contains(gap, "\n") { // a comment stands behind the element
			return newline(l.file.data) + indentAt(l.file.data, l.names[n-1].start)
		}
	}
	return " "
}

// textList reads NAME="a b c", or with commas.
func textList(f *file, a shell.Assignment) *schemaList {
	if !a.Value.Static {
		return nil
	}
	raw := string(f.data[a.Value.At.Start:a.Value.At.End])
	l := &schemaList{label: a.Name, file: f, start: a.At.Start, end: a.At.Start + len(a.Name)}
	for _, loc := range nameInText.FindAllStringIndex(raw, -1) {
		l.names = append(l.names, listed{raw[loc[0]:loc[1]], a.Value.At.Start + loc[0], a.Value.At.Start + loc[1]})
	}
	l.add = func(names ...string) []Edit {
		separator := " "
		if n := len(l.names); n > 1 {
			separator = string(f.data[l.names[n-2].end:l.names[n-1].start])
		}
		return l.insert(names, separator)
	}
	return l
}

var nameInText = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// where names all places of the lists, for a message.
func where(lists []*schemaList) string {
	var parts []string
	for _, l := range lists {
		parts = append(parts, fmt.Sprintf("%s:%d (%s)", l.file.path, l.shown().Line, l.label))
	}
	return strings.Join(parts, ", ")
}
