package mcpserver

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Answers are small: a model reads all of one, and pays for it.
const (
	largest  = 32 << 10 // bytes of a text
	roomSize = 24 << 10 // bytes of what a document lists
	cellSize = 1000     // bytes of one value
)

// room is what is left of an answer's size.
type room int

// take reports whether a value still fits, and takes its size. The first one that does not fit ends it.
func (r *room) take(v any) bool {
	text, err := json.Marshal(v)
	if err != nil || *r < room(len(text)) {
		*r = 0
		return false
	}
	*r -= room(len(text) + 1)
	return true
}

// fill returns the beginning of a list that fits, and how many elements were left out.
func fill[T any](r *room, list []T) (fits []T, left int) {
	for i, v := range list {
		if !r.take(v) {
			return list[:i:i], len(list) - i
		}
	}
	return list, 0
}

// fitting is fill for lists of which the beginning is enough: it ends with how many more there are.
func fitting(r *room, list []string) []string {
	fits, left := fill(r, say.Each(list, visible.String))
	out := append([]string{}, fits...)
	if left > 0 {
		out = append(out, fmt.Sprintf("… and %d more", left))
	}
	return out
}

// clip cuts a text that is too long, between two characters, and says so.
func clip(text string) string {
	if len(text) <= largest {
		return text
	}
	const word = "\n… cut at 32 KiB: ask for less, as the tool's arguments allow"
	end := largest - len(word)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + word
}

// shown returns a value as it is shown: without control characters, and cut.
func shown(text string) string {
	text = visible.Text(text)
	if len(text) <= cellSize {
		return text
	}
	end := cellSize
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// value returns a cell as it is shown; nil is NULL.
func value(c postgres.Cell) *string {
	if c.Null {
		return nil
	}
	text := shown(c.Text)
	if c.Truncated {
		text = strings.TrimSuffix(text, "…") + "… (the whole value has " + say.Bytes(c.Bytes) + ")"
	}
	return &text
}

// rowSet is rows, as many as fit.
type rowSet struct {
	Columns []columnName `json:"columns"`
	Rows    [][]*string  `json:"rows" jsonschema:"each value as psql prints it; null is NULL; control characters are shown as glyphs"`
	Cut     string       `json:"cut,omitempty" jsonschema:"what is missing, and how to narrow the question"`
}

type columnName struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// rowsOf returns the rows of a result that fit. more says that the server has others.
func rowsOf(r *room, columns []postgres.PageColumn, rows [][]postgres.Cell, more bool, narrow string) rowSet {
	out := rowSet{Columns: []columnName{}, Rows: [][]*string{}}
	names, missing := fill(r, say.Each(columns, func(c postgres.PageColumn) columnName {
		return columnName{visible.String(c.Name), visible.String(c.Type)}
	}))
	if missing > 0 { // a row has at most 1,664 columns
		out.Cut = say.Count(missing, "column") + " do not fit: give fewer columns"
		return out
	}
	out.Columns = append(out.Columns, names...)
	long := false
	for _, row := range rows {
		values := say.Each(row, value)
		for _, c := range row {
			long = long || c.Truncated
		}
		if !r.take(values) {
			more = true
			break
		}
		out.Rows = append(out.Rows, values)
	}
	if more {
		out.Cut = fmt.Sprintf("the first %s; there are more: %s", say.Count(len(out.Rows), "row"), narrow)
	}
	if long {
		out.Cut = strings.TrimPrefix(out.Cut+"; long values are cut: select a part of them, as with substr(column, 1, 500)", "; ")
	}
	return out
}

func (s rowSet) text() string {
	var b strings.Builder
	b.WriteString(say.Join(s.Columns, " | ", func(c columnName) string { return c.Name }) + "\n")
	for _, row := range s.Rows {
		b.WriteString(say.Join(row, " | ", func(v *string) string {
			if v == nil {
				return "NULL"
			}
			return visible.String(*v)
		}) + "\n")
	}
	if len(s.Rows) == 0 {
		b.WriteString("(no rows)\n")
	}
	return b.String() + note(s.Cut)
}

// note returns what an answer leaves out, as the end of its text.
func note(cut string) string {
	if cut == "" {
		return ""
	}
	return "… " + cut + "\n"
}

// lines joins lines, each safe to show.
func lines(list []string) string {
	return say.Join(list, "", func(line string) string { return visible.String(line) + "\n" })
}
