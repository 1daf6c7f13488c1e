package tui

import (
	"strings"
	"unicode"

	"github.com/livepeer/naap-dev/tui/draw"
)

// sqlKeywords are drawn as such; it need not be all of them.
var sqlKeywords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`ADD ALL ALTER ANALYZE AND ANY AS ASC BEGIN BETWEEN BY CASCADE CASE CAST CHECK COLUMN COMMIT
		CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DISTINCT DO DROP ELSE END ENUM EXISTS EXPLAIN EXTENSION FALSE FETCH FOR FOREIGN
		FROM FULL FUNCTION GRANT GROUP HAVING IF ILIKE IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LATERAL LEFT LIKE LIMIT
		MATERIALIZED NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION POLICY PRIMARY REFERENCES RESTRICT RETURNING RIGHT ROLLBACK
		SCHEMA SELECT SET SHOW TABLE THEN TO TRIGGER TRUE TRUNCATE TYPE UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE WITH`) {
		m[w] = true
	}
	return m
}()

// sqlLines is SQL with its keywords, strings, numbers and comments told apart, line by line.
func sqlLines(sql string) []draw.Line {
	var out []draw.Line
	inComment, inString := false, false
	for _, line := range strings.Split(sql, "\n") {
		var l draw.Line
		l, inComment, inString = sqlLine(line, inComment, inString)
		out = append(out, l)
	}
	return out
}

// sqlLine colours one line; whether it begins inside a comment or a string comes from the line before.
func sqlLine(s string, inComment, inString bool) (draw.Line, bool, bool) {
	var out draw.Line
	for s != "" {
		var n int
		role := draw.Plain
		switch {
		case inComment:
			role, n = draw.Dim, len(s)
			if i := strings.Index(s, "*/"); i >= 0 {
				n, inComment = i+2, false
			}
		case inString:
			role, n = draw.Quote, len(s)
			if i := strings.IndexByte(s, '\''); i >= 0 {
				n, inString = i+1, false
			}
		case strings.HasPrefix(s, "--"):
			role, n = draw.Dim, len(s)
		case strings.HasPrefix(s, "/*"):
			inComment = true
			continue
		case s[0] == '\'':
			role, n, inString = draw.Quote, 1, true
		case s[0] == '"':
			n = 1 + strings.IndexByte(s[1:], '"') + 1
			if n == 1 {
				n = len(s)
			}
		case unicode.IsDigit(rune(s[0])):
			role, n = draw.Number, span(s, func(r rune) bool { return unicode.IsDigit(r) || r == '.' })
		default:
			role, n = sqlWord(s)
		}
		out = append(out, draw.Text(s[:n], role))
		s = s[n:]
	}
	return out, inComment, inString
}

func sqlWord(s string) (draw.Role, int) {
	n := span(s, func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) })
	if n == 0 {
		n = span(s, func(r rune) bool {
			return r != '_' && r != '\'' && r != '"' && r != '-' && r != '/' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		return draw.Plain, max(n, 1)
	}
	if sqlKeywords[strings.ToUpper(s[:n])] {
		return draw.Word, n
	}
	return draw.Plain, n
}

// span is how many bytes of s, from its beginning, hold only such runes.
func span(s string, is func(rune) bool) int {
	for i, r := range s {
		if !is(r) {
			return i
		}
	}
	return len(s)
}
