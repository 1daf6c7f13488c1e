package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// schemaList is one place that names the platform's schemas: the datasource, an init script, a list in a shell script, an
// array in TypeScript.
type schemaList struct {
	label string // "schemas = […]", "init-schemas.sql", "PLUGIN_SCHEMAS"
	file  *file
	start int // the offset where it is shown
	end   int
	names []listed
	more  []listed // what NAME+= adds to it further down in its file
	// guessed reports whether it is taken for a list of schemas because of its name and its contents.
	guessed bool
	// onlyPlugins reports whether a name that is no plugin's may be in it for another reason.
	onlyPlugins bool
	// add returns the edits that add names to the list, in its style.
	add func(names ...string) []Edit
}

// listed is one name in a list.
type listed struct {
	name       string
	start, end int // offsets of the element, quotes included
}

func (l *schemaList) has(name string) bool {
	named := func(n listed) bool { return n.name == name }
	return slices.ContainsFunc(l.names, named) || slices.ContainsFunc(l.more, named)
}

func (l *schemaList) shown() Place {
	p := l.file.place(l.start, l.end)
	p.Label = l.label
	return p
}

// lists finds all lists of schemas: the datasource's first, then those in shell scripts and in scripts, sorted by file.
// The last were found when the scripts were judged, or by findLists.
func (r *run) lists() []*schemaList {
	all := r.firstLists()
	known := knownSchemas(all)
	for _, k := range []kind{shellFile, unnamed, makeFile} {
		r.each(k, func(f *file) { all = append(all, shellLists(f, known)...) })
	}
	r.each(scriptFile, func(f *file) {
		if f.facts != nil {
			all = append(all, f.facts.lists...)
		}
	})
	return all
}

// firstLists returns the lists that are certain to be some: the datasource's, and those of init scripts.
func (r *run) firstLists() []*schemaList {
	var all []*schemaList
	if d := r.datasourceList(); d != nil {
		all = append(all, d)
	}
	r.each(sqlFile, func(f *file) {
		if l := initList(f); l != nil && r.options.isInit(f.path) {
			all = append(all, l)
		}
	})
	return all
}

// knownSchemas returns the names in the lists, except public: it always exists, and says nothing about a list.
func knownSchemas(lists []*schemaList) map[string]bool {
	known := map[string]bool{}
	for _, l := range lists {
		for _, n := range l.names {
			if n.name != coreSchema {
				known[n.name] = true
			}
		}
	}
	return known
}

func (r *run) datasourceList() *schemaList {
	s := r.schema
	if s.list == nil {
		return nil
	}
	l := &schemaList{label: "schemas = […]", file: s.listIn, start: s.list.Span.Start.Offset(), end: s.list.Span.End.Offset()}
	l.names = say.Each(s.schemas, func(n prisma.Name) listed { return listed{n.Value, n.Span.Start.Offset(), n.Span.End.Offset()} })
	l.add = func(names ...string) []Edit {
		if len(l.names) == 0 {
			return []Edit{{l.file.path, l.start, l.end, `["` + strings.Join(names, `", "`) + `"]`}}
		}
		return l.insert(names, ", ")
	}
	return l
}

// sorted reports whether the names, except public, are in alphabetical order, and there are enough of them to judge.
func (l *schemaList) sorted() bool {
	var names []string
	for _, n := range l.names {
		if n.name != coreSchema {
			names = append(names, n.name)
		}
	}
	return len(names) >= 3 && slices.IsSorted(names)
}

// initList reads an init script. A new schema's statement is written as the last one is.
func initList(f *file) *schemaList {
	created, closed := sqltext.CreatedSchemas(string(f.data))
	if len(created) == 0 || !closed {
		return nil
	}
	l := &schemaList{label: innerName(f.path), file: f, start: created[0].Start, end: created[0].End}
	l.names = say.Each(created, func(c sqltext.CreatedSchema) listed { return listed{c.Name, c.At, c.Until} })
	l.add = func(names ...string) []Edit {
		spans := say.Each(created, func(c sqltext.CreatedSchema) listed { return listed{c.Name, c.Start, c.End} })
		last := created[len(created)-1]
		statement := func(_ int, name string) string {
			text := string(f.data[last.Start:last.At]) + quoteLike(string(f.data[last.At:last.Until]), name) + string(f.data[last.Until:last.End])
			if !last.Closed {
				text += ";"
			}
			return text
		}
		edits := l.place(names, statement, newline(f.data)+indentAt(f.data, last.Start), spans)
		if last.Closed {
			return edits
		}
		for i, e := range edits { // the last statement may lack its semicolon
			if e.Start >= last.End {
				edits[i].New = strings.TrimSuffix(e.New, ";")
				return slices.Insert(edits, i, Edit{f.path, last.End, last.End, ";"})
			}
		}
		return edits
	}
	return l
}

// plainIdentifier matches a name that needs no quotes in SQL unless it is a keyword; no schema of the platform is one.
var plainIdentifier = lazy.Regexp{Text: `^[a-z_][a-z0-9_]*$`}

func quoteLike(model, name string) string {
	if strings.HasPrefix(model, `"`) || !plainIdentifier.Get().MatchString(name) {
		return sqltext.Ident(name)
	}
	return name
}

var listName = lazy.Regexp{Text: `(?i)schema`}

// partName matches names of lists that are meant to contain only some of the schemas, so that none is missing.
var partName = lazy.Regexp{Text: `(?i)(^|_)(to_)?(drop|skip|exclud|ignor|only|except|without|remov|delet|protect|old|legacy|deprecat|test|demo|sample)`}

// shellLists finds the lists in a shell script: NAME=(a b), NAME="a b" and for x in a b. A list counts if it is named
// after schemas and contains two of them, or if it contains at least half of all known ones: a loop over two of ten is
// meant to be over those two.
func shellLists(f *file, known map[string]bool) []*schemaList {
	if f.shell == nil {
		return nil
	}
	var all []*schemaList
	var added []shell.Assignment
	for _, c := range f.shell.Commands {
		for _, a := range c.Assignments {
			if a.Append {
				added = append(added, a)
			} else if l := assignedList(f, a); l != nil && l.counts(a.Name, known) {
				all = append(all, l)
			}
		}
	}
	for _, a := range added {
		for _, l := range all {
			if more := assignedList(f, a); more != nil && l.label == a.Name {
				l.more = append(l.more, more.names...)
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

// assignedList returns the list in an assignment, or nil.
func assignedList(f *file, a shell.Assignment) *schemaList {
	if !a.IsList {
		return textList(f, a)
	}
	l := wordList(f, a.Name, a.List)
	l.start, l.end = a.At.Start, a.At.Start+len(a.Name)
	return l
}

func (l *schemaList) counts(name string, known map[string]bool) bool {
	return !partName.Get().MatchString(name) && l.hits(known) >= 2 && (listName.Get().MatchString(name) || l.isWhole(known))
}

func (l *schemaList) hits(known map[string]bool) int {
	hits := 0
	for name := range known {
		if l.has(name) {
			hits++
		}
	}
	return hits
}

// isWhole reports whether a list is meant to contain all schemas: it contains at least half of them. A shorter one may
// be an old list or a selection, which only its author knows.
func (l *schemaList) isWhole(known map[string]bool) bool { return l.hits(known)*2 >= len(known) }

func wordList(f *file, label string, words []shell.Word) *schemaList {
	l := &schemaList{label: label, file: f, guessed: true}
	for _, w := range words {
		if w.Static {
			l.names = append(l.names, listed{w.Text, w.At.Start, w.At.End})
		}
	}
	l.add = func(names ...string) []Edit { return l.insert(names, l.between()) }
	return l
}

// isPart reports whether a list in a script may be meant to be a selection.
func (l *schemaList) isPart(known map[string]bool) bool { return l.guessed && !l.isWhole(known) }

// textList reads NAME="a b c", or with commas. A text with anything else in it, such as SQL or pairs, is not a list.
func textList(f *file, a shell.Assignment) *schemaList {
	if !a.Value.Static {
		return nil
	}
	raw := string(f.data[a.Value.At.Start:a.Value.At.End])
	if !namesAlone.Get().MatchString(raw) {
		return nil
	}
	l := &schemaList{label: a.Name, file: f, guessed: true, start: a.At.Start, end: a.At.Start + len(a.Name)}
	for _, loc := range nameInText.Get().FindAllStringIndex(raw, -1) {
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

var (
	nameInText = lazy.Regexp{Text: `[A-Za-z_][A-Za-z0-9_]*`}
	namesAlone = lazy.Regexp{Text: `^["']?\s*[A-Za-z_]\w*(?:(?:\s+[A-Za-z_]\w*)*|(?:\s*,\s*[A-Za-z_]\w*)*)\s*["']?$`}
)

// where returns the places of all the lists, for a message.
func where(lists []*schemaList) string {
	return say.Join(lists, ", ", func(l *schemaList) string { return fmt.Sprintf("%s:%d (%s)", l.file.path, l.shown().Line, l.label) })
}
