package postgres

import (
	"bytes"

	"github.com/livepeer/naap-dev/internal/say"
)

// appendMarkdownHeader appends the head of a table in GitHub's Markdown: names, and a line that says which columns are
// numbers.
func appendMarkdownHeader(dst []byte, columns []PageColumn) []byte {
	dst = appendMarkdown(dst, say.Each(columns, func(c PageColumn) []byte { return []byte(c.Name) }))
	for _, c := range columns {
		dst = append(dst, "| ---"...)
		if c.Kind == NumberKind {
			dst = append(dst, ':')
		}
		dst = append(dst, ' ')
	}
	return append(dst, "|\n"...)
}

// appendMarkdown appends one line of values. A line break is <br>, NULL is *NULL*, which no text is written as.
func appendMarkdown(dst []byte, values [][]byte) []byte {
	for _, v := range values {
		dst = append(dst, "| "...)
		if v == nil {
			dst = append(dst, "*NULL*"...)
		} else {
			dst = appendMarkdownText(dst, v)
		}
		dst = append(dst, ' ')
	}
	return append(dst, "|\n"...)
}

// appendMarkdownText escapes what would end the cell or be read as something else than text.
func appendMarkdownText(dst, value []byte) []byte {
	for i, c := range value {
		switch c {
		case '\\', '|', '`', '*', '[', ']', '~', '$':
			dst = append(dst, '\\', c)
		case '_':
			if i > 0 && i+1 < len(value) && isAlphanumeric(value[i-1]) && isAlphanumeric(value[i+1]) { // snake_case is itself
				dst = append(dst, c)
			} else {
				dst = append(dst, '\\', c)
			}
		case '<':
			dst = append(dst, "&lt;"...)
		case '&':
			dst = append(dst, "&amp;"...)
		case '\n':
			dst = append(dst, "<br>"...)
		case '\r':
			if !bytes.HasPrefix(value[i+1:], []byte("\n")) {
				dst = append(dst, "<br>"...)
			}
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
