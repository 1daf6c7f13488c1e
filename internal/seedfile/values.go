package seedfile

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Texts calls see for each string constant that the file gives a column: in CSV and JSON lines, in INSERT … VALUES with
// column names, and in COPY data. Computed values, and what cannot be read, are skipped. It stops when see returns
// false.
func (f *File) Texts(see func(table Table, column, text string) bool) {
	switch f.Format {
	case CSV:
		f.csvTexts(see)
	case JSONL:
		f.jsonTexts(see)
	default:
		statements, _ := f.Statements()
		for _, s := range statements {
			if r := (&insertReader{Lexer: sqltext.Lexer{Text: s.Text}, schema: f.Schema}); !r.read(s, see) {
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
	objects, _ := f.Objects()
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
	sqltext.Lexer
	next   sqltext.Token // of kind Broken at the end
	schema string        // the schema of names that give none
}

// read reports whether to go on.
func (r *insertReader) read(s Statement, see func(Table, string, string) bool) bool {
	r.step()
	switch {
	case r.word("copy") && s.Copy != nil:
		table, columns, ok := r.head()
		return !ok || copyTexts(s.Copy.Data, table, columns, see)
	case !r.word("insert") || !r.word("into"):
		return true
	}
	table, columns, ok := r.head()
	for ok && !r.word("values") {
		if !r.word("overriding", "user", "system", "value") {
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

// head reads a table's name and the list of columns after it.
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

// step advances to the next token that is neither a blank nor a comment.
func (r *insertReader) step() {
	ok := true
	for r.next.Kind = sqltext.Space; ok && r.next.Kind == sqltext.Space; {
		r.next, ok = r.Next()
	}
	if !ok {
		r.next = sqltext.Token{Kind: sqltext.Broken, Start: len(r.Text), End: len(r.Text)}
	}
}

func (r *insertReader) raw() string { return r.Text[r.next.Start:r.next.End] }

func (r *insertReader) take(c byte) bool {
	if !r.next.Is(r.Text, c) {
		return false
	}
	r.step()
	return true
}

// word takes the next token if it is one of some key words.
func (r *insertReader) word(list ...string) bool {
	is := func(w string) bool { return strings.EqualFold(r.raw(), w) }
	if r.next.Kind != sqltext.Word || !slices.ContainsFunc(list, is) {
		return false
	}
	r.step()
	return true
}

// name takes the next token if it is a name, and otherwise returns "".
func (r *insertReader) name() string {
	if r.next.Kind != sqltext.Word && r.next.Kind != sqltext.Name {
		return ""
	}
	name := sqltext.Identifier(r.raw())
	r.step()
	return name
}

// value reads one value of a row up to the comma or parenthesis after it, which it returns. plain reports whether the
// value is a string with at most a cast after it.
func (r *insertReader) value() (text string, plain bool, end byte) {
	for parts, depth := 0, 0; ; parts++ {
		for parts == 1 && strings.HasPrefix(r.Text[r.next.Start:], "::") {
			r.step()
			r.step()
			r.name()
		}
		switch t := r.next; {
		case t.Kind == sqltext.Broken:
			return "", false, 0
		case depth == 0 && (t.Is(r.Text, ',') || t.Is(r.Text, ')')):
			r.step()
			return text, plain && parts == 1, r.Text[t.Start]
		case t.Is(r.Text, '('), t.Is(r.Text, '['):
			depth++
		case t.Is(r.Text, ')'), t.Is(r.Text, ']'):
			depth--
		case t.Kind == sqltext.String:
			text, plain = sqltext.Unquote(r.raw()), !strings.ContainsRune("bBxX", rune(r.raw()[0]))
		}
		r.step()
	}
}
