package table

import (
	"bytes"
	"encoding/json"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// RowJSON is a row as one JSON object: numbers, booleans and JSON as themselves, everything else as text.
func RowJSON(columns []postgres.PageColumn, row []postgres.Cell) string {
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

func jsonValue(kind postgres.ColumnKind, c postgres.Cell) []byte {
	switch {
	case c.Null:
		return []byte("null")
	case kind == postgres.JSONKind && json.Valid([]byte(c.Text)):
		return []byte(c.Text)
	case kind == postgres.NumberKind && json.Valid([]byte(c.Text)): // NaN and Infinity are not JSON
		return []byte(c.Text)
	case kind == postgres.BoolKind && (c.Text == "t" || c.Text == "true"):
		return []byte("true")
	case kind == postgres.BoolKind && (c.Text == "f" || c.Text == "false"):
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
