package sqltext

import (
	"strings"
	"unicode/utf8"
)

// Excerpt returns a text on one line, cut to a number of characters, for messages. Of a long text only the beginning is
// looked at.
func Excerpt(text string, length int) string {
	start := strings.ToValidUTF8(text[:min(len(text), 8*length)], "")
	line := strings.Join(strings.Fields(start), " ")
	if utf8.RuneCountInString(line) > length || len(text) > 8*length {
		runes := []rune(line)
		line = string(runes[:min(len(runes), length)]) + "…"
	}
	return line
}
