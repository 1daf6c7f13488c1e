package widget

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/livepeer/naap-dev/tui/draw"
)

// JSONLines unfolds a JSON text, its names and values coloured; ok is false for what is not JSON.
func JSONLines(text string) (lines []draw.Line, ok bool) {
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
