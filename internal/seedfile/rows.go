package seedfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Data returns the rows of a CSV file, with the line of column names, as COPY … (FORMAT csv, HEADER) reads them: an
// empty field is NULL, an empty quoted one is the empty string.
func (f *File) Data() string { return f.Text[f.body:] }

// CopyData returns Data for a server before PostgreSQL 18, to which a line that is \. alone is the end of the data:
// such a line is quoted, which makes it a value like any other. Only a row of one column can be such a line.
func (f *File) CopyData() string {
	data := f.Data()
	if !strings.Contains(data, `\.`) {
		return data
	}
	var out strings.Builder
	reader := csv.NewReader(strings.NewReader(data))
	reader.ReuseRecord = true
	from := int64(0)
	for {
		_, err := reader.Read()
		to := reader.InputOffset()
		row := data[from:to]
		if lead := len(row) - len(strings.TrimLeft(row, "\r\n")); strings.TrimRight(row[lead:], "\r\n") == `\.` {
			row = row[:lead] + `"\."` + row[lead+2:]
		}
		out.WriteString(row)
		if err != nil {
			return out.String() + data[to:]
		}
		from = to
	}
}

// FirstLine returns the number of the line of the file at which Data begins, from 1.
func (f *File) FirstLine() int { return strings.Count(f.Text[:f.body], "\n") + 1 }

// Columns returns the names in the first line of a CSV file. The error names a line that has another number of fields
// than the first, or says what else is wrong with the format.
func (f *File) Columns() ([]string, error) {
	reader := csv.NewReader(strings.NewReader(f.Data()))
	reader.ReuseRecord = true
	head, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, f.fail("seed.csv", f.FirstLine(), 1, "the file has no line with the columns' names")
	}
	columns := append([]string(nil), head...)
	seen := map[string]bool{}
	for i, c := range columns {
		if err == nil && (c == "" || seen[c]) {
			return nil, f.fail("seed.csv", f.FirstLine(), i+1, "column %d has the name %q, which is empty or there twice", i+1, visible.String(c))
		}
		seen[c] = true
	}
	for err == nil {
		_, err = reader.Read()
	}
	var parse *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return columns, nil
	case errors.As(err, &parse):
		return nil, f.fail("seed.csv", f.FirstLine()+parse.Line-1, max(parse.Column, 1), "%v", parse.Err)
	default:
		return nil, f.fail("seed.csv", f.FirstLine(), 1, "%v", err)
	}
}

// Object is one row of a file of JSON lines.
type Object struct {
	Line int
	Keys []string // the columns it sets, in its order
	Text string   // the object as written, so that large numbers stay exact
}

// Objects returns the rows of a file of JSON lines. Empty lines and those that begin with # are skipped.
func (f *File) Objects() ([]Object, error) {
	var objects []Object
	line := f.FirstLine() - 1
	for text := range strings.Lines(f.Data()) {
		line++
		text = strings.TrimSpace(text)
		if text == "" || text[0] == '#' {
			continue
		}
		keys, err := objectKeys(text)
		if err != nil {
			return nil, f.fail("seed.jsonl", line, 1, "%v", err).WithSeen(visible.String(shorten(text)))
		}
		objects = append(objects, Object{Line: line, Keys: keys, Text: text})
	}
	return objects, nil
}

// objectKeys returns the first-level keys of a text that must be one JSON object.
func objectKeys(text string) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if token != json.Delim('{') {
		return nil, errors.New("a line must be an object, such as {\"id\": 1}")
	}
	var keys []string
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if seen[name] {
			return nil, errors.New("the key " + visible.String(name) + " is there twice")
		}
		seen[name] = true
		keys = append(keys, name)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return keys, nil
}

// shorten shortens a text for a message.
func shorten(s string) string {
	if runes := []rune(s); len(runes) > 100 {
		return string(runes[:100]) + "…"
	}
	return s
}
