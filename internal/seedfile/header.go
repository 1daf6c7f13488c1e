package seedfile

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Key names the columns by which a table's rows are found again, as a header says. An empty table means every table of
// the schema.
type Key struct {
	Schema, Table string
	Columns       []string
	Line          int // of the file
}

// parseHeader reads the comments at the start of the file, in which lines that begin with "naap:" are directives:
// key=COLUMN, key=TABLE(COLUMN, COLUMN), key=SCHEMA.TABLE(COLUMN), after=NAME,NAME. The rows of CSV and JSON lines
// begin at the first line that is neither a comment nor empty.
func (f *File) parseHeader() error {
	line := 0
	for text := range strings.Lines(f.Text) {
		line++
		trimmed := strings.TrimSpace(text)
		comment, isComment := f.comment(trimmed)
		if trimmed != "" && !isComment {
			break
		}
		if directive, ok := strings.CutPrefix(strings.TrimSpace(comment), "naap:"); ok {
			if err := f.parseDirective(directive, line); err != nil {
				return err
			}
		}
		f.body += len(text)
	}
	return nil
}

// comment returns the text of a comment line. In CSV and JSON lines a comment begins with # and a blank: without the
// blank, # begins a column's name.
func (f *File) comment(line string) (text string, ok bool) {
	if f.Format == SQL {
		return strings.CutPrefix(line, "--")
	}
	text, ok = strings.CutPrefix(line, "#")
	return text, ok && (text == "" || text[0] == ' ' || text[0] == '\t' || strings.HasPrefix(text, "naap:"))
}

// parseDirective reads NAME=VALUE pairs, separated by blanks outside of parentheses.
func (f *File) parseDirective(text string, line int) error {
	for _, word := range splitOutside(text, ' ') {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "key":
			k, ok := parseKey(value, f.Schema)
			if !ok {
				return f.BadHeader(line, "key=%s names no columns", visible.String(value))
			}
			k.Line = line
			f.keys = append(f.keys, k)
		case "after":
			for item := range strings.SplitSeq(value, ",") {
				if item = strings.TrimSpace(item); item == "" {
					return f.BadHeader(line, "after= names no schema or file")
				}
				f.After = append(f.After, strings.TrimSpace(item))
			}
		default:
			return f.BadHeader(line, "a header knows key= and after=, not %s", visible.String(word))
		}
	}
	return nil
}

// BadHeader returns an error in a line of the header (code seed.header).
func (f *File) BadHeader(line int, format string, args ...any) *remedy.Error {
	return f.fail("seed.header", line, 1, format, args...).
		WithFix("-- naap: key=TABLE(COLUMN,COLUMN)", "-- naap: after=SCHEMA")
}

// parseKey reads the names in a header. They are exact with or without quotes, not folded to lower case, because
// Prisma's tables are spelt as they are in the Prisma file.
func parseKey(text, schema string) (Key, bool) {
	k := Key{Schema: schema}
	columns := text
	if table, rest, ok := strings.Cut(text, "("); ok {
		if columns, ok = strings.CutSuffix(rest, ")"); !ok || table == "" {
			return k, false
		}
		parts := splitOutside(table, '.')
		k.Table = sqltext.Unquote(parts[len(parts)-1])
		if len(parts) == 2 {
			k.Schema = sqltext.Unquote(parts[0])
		}
		if len(parts) > 2 || k.Table == "" {
			return k, false
		}
	}
	for c := range strings.SplitSeq(columns, ",") {
		c = sqltext.Unquote(strings.TrimSpace(c))
		if c == "" {
			return k, false
		}
		k.Columns = append(k.Columns, c)
	}
	return k, true
}

// splitOutside splits at a byte that is neither in quotes nor in parentheses, and drops empty parts.
func splitOutside(text string, at byte) []string {
	var parts []string
	depth, quoted, start := 0, false, 0
	cut := func(end int) {
		if part := strings.TrimSpace(text[start:end]); part != "" {
			parts = append(parts, part)
		}
		start = end + 1
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == at && depth == 0:
			cut(i)
		}
	}
	if start < len(text) {
		cut(len(text))
	}
	if len(parts) == 0 {
		return []string{""}
	}
	return parts
}

// Keys returns the header's keys, in their order.
func (f *File) Keys() []Key { return f.keys }

// KeyOf returns the key that the header gives for a table; ok is false if it gives none. A key for the table itself is
// preferred to one for all tables of the schema.
func (f *File) KeyOf(schema, table string) (found Key, ok bool) {
	for _, k := range f.keys {
		switch {
		case k.Schema == schema && k.Table == table:
			return k, true
		case k.Schema == schema && k.Table == "" && !ok:
			found, ok = k, true
		}
	}
	return found, ok
}
