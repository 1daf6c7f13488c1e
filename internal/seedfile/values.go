package seedfile

import (
	"encoding/csv"
	"encoding/json"
	"strings"
)

// Texts calls see with each text that the file plainly gives a column: in CSV and JSON lines, in INSERT … VALUES with
// names of columns, and in COPY data. What is computed, and what cannot be read, is passed over. A false return ends it.
func (f *File) Texts(see func(table Table, column, text string) bool) {
	switch f.Format {
	case CSV:
		f.csvTexts(see)
	case JSONL:
		f.jsonTexts(see)
	default:
		statements, err := f.Statements()
		if err != nil {
			return
		}
		for _, s := range statements {
			if r := (&insertReader{text: s.Text, schema: f.Schema}); !r.read(s, see) {
				return
			}
		}
	}
}

func (f *File) csvTexts(see func(Table, string, string) bool) {
	reader := csv.NewReader(strings.NewReader(f.Data()))
	columns, err := reader.Read()
	for err == nil {
		var row []string
		if row, err = reader.Read(); err != nil {
			return
		}
		for i, text := range row {
			if i < len(columns) && text != "" && !see(Table{f.Schema, f.Table}, columns[i], text) {
				return
			}
		}
	}
}

func (f *File) jsonTexts(see func(Table, string, string) bool) {
	objects, err := f.Objects()
	if err != nil {
		return
	}
	for _, o := range objects {
		var values map[string]json.RawMessage
		if json.Unmarshal([]byte(o.Text), &values) != nil {
			continue
		}
		for _, key := range o.Keys {
			raw := values[key]
			text := string(raw)
			if len(raw) > 0 && raw[0] == '"' && json.Unmarshal(raw, &text) != nil || text == "null" {
				continue
			}
			if !see(Table{f.Schema, f.Table}, key, text) {
				return
			}
		}
	}
}

// insertReader reads INSERT … VALUES and the head of COPY.
type insertReader struct {
	text   string
	at     int
	schema string // of names without one
}

// read reports whether to go on.
func (r *insertReader) read(s Statement, see func(Table, string, string) bool) bool {
	switch s.Command {
	case "COPY":
		if r.word() != "copy" || s.Copy == nil {
			return true
		}
		table, columns, ok := r.head()
		return !ok || copyTexts(s.Copy.Data, table, columns, see)
	case "INSERT":
		if r.word() != "insert" || r.word() != "into" {
			return true
		}
	default:
		return true
	}
	table, columns, ok := r.head()
	for word := ""; ok && word != "values"; word = r.word() {
		if word != "" && word != "overriding" && word != "user" && word != "system" && word != "value" {
			return true
		}
		if r.peek() == 0 || r.peek() == '(' {
			return true
		}
	}
	for ok && r.take('(') {
		for i := 0; ; i++ {
			text, plain, end := r.value()
			if plain && i < len(columns) && !see(table, columns[i], text) {
				return false
			}
			if end == ')' {
				break
			}
			if end == 0 {
				return true
			}
		}
		r.take(',')
	}
	return true
}

func copyTexts(data string, table Table, columns []string, see func(Table, string, string) bool) bool {
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r")
	for line := range strings.Lines(data) {
		for i, text := range strings.Split(strings.TrimRight(line, "\r\n"), "\t") {
			if i < len(columns) && text != `\N` && !see(table, columns[i], unescape.Replace(text)) {
				return false
			}
		}
	}
	return true
}

// head reads a table's name and the columns behind it.
func (r *insertReader) head() (Table, []string, bool) {
	table := Table{r.schema, r.name()}
	if r.take('.') {
		table = Table{table.Name, r.name()}
	}
	if !r.take('(') {
		return table, nil, false
	}
	var columns []string
	for {
		name := r.name()
		if name == "" {
			return table, nil, false
		}
		columns = append(columns, name)
		if r.take(')') {
			return table, columns, true
		}
		if !r.take(',') {
			return table, nil, false
		}
	}
}

// skip passes over blanks and comments.
func (r *insertReader) skip() {
	for r.at < len(r.text) {
		switch rest := r.text[r.at:]; {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			r.at++
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			r.at += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				end = len(rest) - 2
			}
			r.at += end + 2
		default:
			return
		}
	}
}

func (r *insertReader) peek() byte {
	if r.skip(); r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

func (r *insertReader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

// word is the next key word, in small letters.
func (r *insertReader) word() string {
	r.skip()
	from := r.at
	for r.at < len(r.text) && isWordPart(r.text[r.at]) {
		r.at++
	}
	return strings.ToLower(r.text[from:r.at])
}

func (r *insertReader) name() string {
	if r.peek() != '"' {
		return r.word()
	}
	name, _ := r.quoted('"', false)
	return name
}

// quoted is the text in quotes that begins here.
func (r *insertReader) quoted(quote byte, escapes bool) (string, bool) {
	var b strings.Builder
	for r.at++; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case escapes && c == '\\':
			return "", false
		case c == quote && r.at+1 < len(r.text) && r.text[r.at+1] == quote:
			r.at++
			b.WriteByte(quote)
		case c == quote:
			r.at++
			return b.String(), true
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// value reads one value of a row up to the comma or bracket behind it, which it returns; plain tells of a text in quotes
// with nothing but a cast behind it.
func (r *insertReader) value() (text string, plain bool, end byte) {
	parts, depth := 0, 0
	for {
		switch c := r.peek(); {
		case c == 0:
			return "", false, 0
		case depth == 0 && (c == ',' || c == ')'):
			r.at++
			return text, plain && parts == 1, c
		case c == '\'':
			var ok bool
			text, ok = r.quoted('\'', false)
			plain = ok && parts == 0
			parts++
		case c == '"':
			if _, ok := r.quoted('"', false); !ok {
				return "", false, 0
			}
			parts++
		case strings.HasPrefix(r.text[r.at:], "::") && parts == 1:
			r.at += 2
			r.name()
		case c == '(' || c == '[':
			depth, parts, r.at = depth+1, parts+1, r.at+1
		case c == ')' || c == ']':
			depth, r.at = depth-1, r.at+1
		case isWordPart(c):
			if word := r.word(); word == "e" && r.at < len(r.text) && r.text[r.at] == '\'' {
				return "", false, 0
			}
			parts++
		default:
			parts, r.at = parts+1, r.at+1
		}
	}
}
