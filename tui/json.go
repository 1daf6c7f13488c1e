package tui

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
)

// rowJSON is a row as one JSON object: numbers, booleans and JSON as themselves, everything else as text.
func rowJSON(columns []devenv.PageColumn, row []devenv.Cell) string {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, c := range columns {
		if i >= len(row) {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(jsonText(c.Name))
		b.WriteByte(':')
		b.Write(jsonValue(c.Kind, row[i]))
	}
	b.WriteByte('}')
	return b.String()
}

func jsonValue(kind devenv.ColumnKind, c devenv.Cell) []byte {
	switch {
	case c.Null:
		return []byte("null")
	case kind == devenv.JSONKind && json.Valid([]byte(c.Text)):
		return []byte(c.Text)
	case kind == devenv.NumberKind && json.Valid([]byte(c.Text)): // NaN and Infinity are no JSON
		return []byte(c.Text)
	case kind == devenv.BoolKind && (c.Text == "t" || c.Text == "true"):
		return []byte("true")
	case kind == devenv.BoolKind && (c.Text == "f" || c.Text == "false"):
		return []byte("false")
	}
	return jsonText(c.Text)
}

func jsonText(s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return []byte(`""`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// jsonLines unfolds a JSON text, its names and values told apart; ok is false for what is no JSON.
func jsonLines(text string) (lines []draw.Line, ok bool) {
	var b bytes.Buffer
	if json.Indent(&b, []byte(text), "", "  ") != nil {
		return nil, false
	}
	for _, line := range strings.Split(b.String(), "\n") {
		lines = append(lines, jsonLine(line))
	}
	return lines, true
}

// jsonLine colours one line of indented JSON.
func jsonLine(s string) draw.Line {
	rest := strings.TrimLeft(s, " ")
	out := draw.Line{draw.Text(s[:len(s)-len(rest)], draw.Plain)}
	if strings.HasPrefix(rest, `"`) {
		end := stringEnd(rest)
		if strings.HasPrefix(rest[end:], ": ") {
			out = append(out, draw.Text(rest[:end], draw.Word), draw.Text(": ", draw.Dim))
			rest = rest[end+2:]
		}
	}
	value, comma := strings.CutSuffix(rest, ",")
	role := draw.Number
	switch {
	case strings.HasPrefix(value, `"`):
		role = draw.Quote
	case strings.ContainsAny(value[:min(1, len(value))], "{}[]"):
		role = draw.Dim
	case value == "null":
		role = draw.Null
	case value == "true" || value == "false":
		role = draw.Word
	}
	out = append(out, draw.Text(value, role))
	if comma {
		out = append(out, draw.Text(",", draw.Dim))
	}
	return out
}

// stringEnd is the offset behind the JSON string that s begins with.
func stringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}
