package postgres

import (
	"bytes"
	"encoding/json"
	"strings"
)

// appendCSV appends one line as COPY … (FORMAT csv) writes it: NULL is nothing, an empty string is "".
func appendCSV(dst []byte, row []Cell) []byte {
	for i, c := range row {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !c.Null {
			dst = appendField(dst, c.Text, len(row) == 1)
		}
	}
	return append(dst, '\n')
}

// appendCSVHeader appends the line of column names.
func appendCSVHeader(dst []byte, columns []PageColumn) []byte {
	row := make([]Cell, len(columns))
	for i, c := range columns {
		row[i].Text = c.Name
	}
	return appendCSV(dst, row)
}

func appendField(dst []byte, s string, alone bool) []byte {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && (!alone || s != `\.`) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// appendJSON appends one row as a JSON object whose names are the columns', the second one of a name as name_2.
// Numbers, booleans and JSON are written as they are, everything else as a string.
func appendJSON(dst []byte, columns []PageColumn, row []Cell) []byte {
	seen := map[string]int{}
	dst = append(dst, '{')
	for i, c := range row {
		if i > 0 {
			dst = append(dst, ',')
		}
		name := columns[i].Name
		seen[name]++
		if n := seen[name]; n > 1 {
			name += "_" + string(appendInt(nil, n))
		}
		dst = appendString(dst, name)
		dst = append(dst, ':')
		dst = appendValue(dst, columns[i].Kind, c)
	}
	return append(dst, '}')
}

func appendInt(dst []byte, n int) []byte {
	if n >= 10 {
		dst = appendInt(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
}

func appendValue(dst []byte, kind ColumnKind, c Cell) []byte {
	switch {
	case c.Null:
		return append(dst, "null"...)
	case c.Truncated:
	case kind == BoolKind && (c.Text == "t" || c.Text == "f"):
		if c.Text == "t" {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case kind == NumberKind && isJSONNumber(c.Text):
		return append(dst, c.Text...)
	case kind == JSONKind && json.Valid([]byte(c.Text)):
		var b bytes.Buffer
		if json.Compact(&b, []byte(c.Text)) == nil { // a json value keeps its line breaks, which a line must not contain
			return append(dst, b.Bytes()...)
		}
	}
	return appendString(dst, c.Text)
}

// isJSONNumber returns false for NaN, Infinity and money.
func isJSONNumber(s string) bool {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return false
	}
	return json.Valid([]byte(s))
}

func appendString(dst []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
