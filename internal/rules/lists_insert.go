package rules

import (
	"bytes"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// insert adds names after the last one or, if the list is in alphabetical order, each at its place, with the quotes of
// the element beside it. separator is put between elements.
func (l *schemaList) insert(names []string, separator string) []Edit {
	return l.place(names, func(i int, name string) string {
		model := l.names[i]
		return strings.Replace(string(l.file.data[model.start:model.end]), model.name, name, 1)
	}, separator, l.names)
}

// place returns the edits for insert: spans are the elements' places, text returns a new element in the style of
// element i.
func (l *schemaList) place(names []string, text func(i int, name string) string, separator string, spans []listed) []Edit {
	var last []string // the texts to be added after the last element
	before := map[int][]string{}
	sorted := l.sorted()
	for _, name := range names {
		i := -1
		if sorted {
			i = slices.IndexFunc(spans, func(n listed) bool { return n.name != coreSchema && n.name > name })
		}
		if i < 0 {
			last = append(last, text(len(spans)-1, name))
		} else {
			before[i] = append(before[i], text(max(i-1, 0), name))
		}
	}
	var edits []Edit
	for i := range spans {
		if slices.Sort(before[i]); len(before[i]) > 0 {
			edits = append(edits, l.before(spans, i, before[i], separator))
		}
	}
	if sorted {
		slices.Sort(last)
	}
	return append(edits, l.behind(spans[len(spans)-1].end, last, separator)...)
}

// before inserts texts before element i, and before the comment lines above it that describe it. A comment above the
// first element at the beginning of the file describes the whole list.
func (l *schemaList) before(spans []listed, i int, texts []string, separator string) Edit {
	at := spans[i].start
	floor := 0
	if i > 0 {
		floor = lineEndAt(l.file.data, spans[i-1].end)
	}
	if top := commentAbove(l.file.data, at, floor); top < at && top > 0 {
		at, separator = top, l.nextLine(separator, spans[i].start)
	}
	return Edit{l.file.path, at, at, strings.Join(texts, separator) + separator}
}

// behind inserts texts after the end of the last element, and after a comment on its line that describes it.
func (l *schemaList) behind(end int, texts []string, separator string) []Edit {
	if len(texts) == 0 {
		return nil
	}
	path, data := l.file.path, l.file.data
	at := end
	if m := trailingComment.Get().Find(data[end:lineEndAt(data, end)]); m != nil {
		at += len(m)
		separator = l.nextLine(separator, end)
	}
	return []Edit{{path, at, at, separator + strings.Join(texts, separator)}}
}

// trailingComment matches a comment at the end of a line. A list in a Prisma file cannot contain any.
var trailingComment = lazy.Regexp{Text: `^[ \t]*(?:#|--|/\*[^*]*\*/[ \t]*\r?$)[^\r]*`}

// nextLine returns a separator that begins a line, indented like the one at the offset.
func (l *schemaList) nextLine(separator string, at int) string {
	if strings.Contains(separator, "\n") {
		return separator
	}
	return strings.TrimRight(separator, " \t") + newline(l.file.data) + indentAt(l.file.data, at)
}

// commentAbove returns the offset of the comment lines right above the element at the offset, which begins its line, or
// the offset itself if there are none. It does not go above floor.
func commentAbove(data []byte, at, floor int) int {
	top, line := at, lineStart(data, at)
	if len(bytes.TrimSpace(data[line:at])) > 0 {
		return at
	}
	for line > floor {
		above := lineStart(data, line-1)
		text := bytes.TrimSpace(data[above : line-1])
		if above < floor || !isCommentLine(string(text)) {
			break
		}
		top, line = above+bytes.Index(data[above:line], text), above
	}
	return top
}

// between returns the text between the last two elements: a blank, or a line end and an indent.
func (l *schemaList) between() string {
	if n := len(l.names); n > 1 {
		gap := string(l.file.data[l.names[n-2].end:l.names[n-1].start])
		if strings.TrimSpace(gap) == "" {
			return gap
		}
		if strings.Contains(gap, "\n") { // there is a comment after the element
			return newline(l.file.data) + indentAt(l.file.data, l.names[n-1].start)
		}
	}
	return " "
}
