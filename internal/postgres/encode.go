package postgres

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/say"
)

// Rows are written from the server's own bytes: a value that is turned into a string, or that a general encoder looks
// at, costs more than everything else that is done for it.

// AppendCSV appends a value as COPY … (FORMAT csv) writes it: nil, which is NULL, is nothing, and an empty value is "".
// A line of only \. ends the data where an older psql reads it; alone says whether the value is the whole line.
func AppendCSV(dst, value []byte, alone bool) []byte {
	return appendSeparate(dst, value, alone, &quotedInCSV)
}

// appendSeparate is AppendCSV where other bytes have to be quoted.
func appendSeparate(dst, value []byte, alone bool, quoted *byteSet) []byte {
	if value == nil {
		return dst
	}
	if len(value) > 0 && !quoted.anyIn(value) && (!alone || string(value) != `\.`) {
		return append(dst, value...)
	}
	dst = append(dst, '"')
	for {
		i := bytes.IndexByte(value, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, value[:i+1]...), '"')
		value = value[i+1:]
	}
	return append(append(dst, value...), '"')
}

// byteSet is a set of bytes. Values are mostly shorter than what a search for each byte of the set takes to begin.
type byteSet [256]bool

func (s *byteSet) anyIn(value []byte) bool {
	for _, c := range value {
		if s[c] {
			return true
		}
	}
	return false
}

var (
	quotedInCSV = byteSet{',': true, '"': true, '\r': true, '\n': true}
	quotedInTSV = byteSet{'\t': true, '"': true, '\r': true, '\n': true}
)

// appendSeparated appends one line of values, with a comma or a tab between them.
func appendSeparated(dst []byte, values [][]byte, separator byte) []byte {
	quoted := &quotedInCSV
	if separator == '\t' {
		quoted = &quotedInTSV
	}
	for i, v := range values {
		if i > 0 {
			dst = append(dst, separator)
		}
		dst = appendSeparate(dst, v, len(values) == 1, quoted)
	}
	return append(dst, '\n')
}

// appendSeparatedHeader appends the line of column names.
func appendSeparatedHeader(dst []byte, columns []PageColumn, separator byte) []byte {
	return appendSeparated(dst, say.Each(columns, func(c PageColumn) []byte { return []byte(c.Name) }), separator)
}

// JSONObjects returns a function that appends one row as a JSON object whose names are the columns', the second one of
// a name as name_2. Numbers, booleans and JSON are written as they are, everything else as a string; nil is null.
func JSONObjects(columns []PageColumn) func(dst []byte, values [][]byte) []byte {
	members := make([]member, len(columns))
	seen := map[string]int{}
	for i, c := range columns {
		name := c.Name
		seen[name]++
		if n := seen[name]; n > 1 {
			name += "_" + strconv.Itoa(n)
		}
		members[i] = member{append(AppendJSON(nil, []byte(name)), ':'), valueWriter(c.Kind)}
	}
	return objects(members).append
}

// member is a column of rows that are written as objects.
type member struct {
	name  []byte // with the colon behind it
	value func(dst, value []byte) []byte
}

type objects []member

func (o objects) append(dst []byte, values [][]byte) []byte {
	dst = append(dst, '{')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, o[i].name...)
		if v == nil {
			dst = append(dst, "null"...)
		} else {
			dst = o[i].value(dst, v)
		}
	}
	return append(dst, '}')
}

func valueWriter(kind ColumnKind) func(dst, value []byte) []byte {
	switch kind {
	case BoolKind:
		return appendBool
	case NumberKind:
		return appendNumber
	case JSONKind:
		return appendCompact
	}
	return AppendJSON
}

func appendBool(dst, value []byte) []byte {
	switch string(value) {
	case "t":
		return append(dst, "true"...)
	case "f":
		return append(dst, "false"...)
	}
	return AppendJSON(dst, value)
}

// appendNumber writes NaN, Infinity and money as strings.
func appendNumber(dst, value []byte) []byte {
	if isJSONNumber(value) {
		return append(dst, value...)
	}
	return AppendJSON(dst, value)
}

func isJSONNumber(v []byte) bool {
	if len(v) == 0 || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
		return false
	}
	if v[0] == '-' || v[0] == '0' {
		return json.Valid(v)
	}
	for _, c := range v {
		if c < '0' || c > '9' {
			return json.Valid(v)
		}
	}
	return true
}

// appendCompact writes a value of type json or jsonb, which the server has checked, without the white space between its
// tokens: a json value keeps its line breaks, which a line must not contain.
func appendCompact(dst, value []byte) []byte {
	from, inString := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' {
				i++
			}
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			dst = append(dst, value[from:i]...)
			from = i + 1
		}
	}
	return append(dst, value[from:]...)
}

// AppendJSON appends a text as a JSON string. U+2028 and U+2029 are escaped, and bytes that are not UTF-8 replaced.
func AppendJSON(dst, value []byte) []byte {
	if s := beyondASCII(value); s >= 0 && (!utf8.Valid(value[s:]) || bytes.Contains(value[s:], []byte("\u2028")) || bytes.Contains(value[s:], []byte("\u2029"))) {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(string(value))
		return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
	}
	return appendAsServer(dst, value)
}

// beyondASCII returns where the first byte is that is not ASCII, or -1.
func beyondASCII(value []byte) int {
	for i, c := range value {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

// appendAsServer appends a text as a JSON string as the server's escape_json does: what JSON does not require to be
// escaped stays.
func appendAsServer(dst, value []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range value {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, value[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		default:
			const hex = "0123456789abcdef"
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		}
	}
	return append(append(dst, value[from:]...), '"')
}
