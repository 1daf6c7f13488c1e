package widget

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/tui/draw"
)

// SqlKeywords are drawn as such; it need not be all of them.
var SqlKeywords = lazy.Words{Text: `ADD ALL ALTER ANALYZE AND ANY AS ASC BEGIN BETWEEN BY CASCADE CASE CAST CHECK COLUMN COMMIT
	CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DISTINCT DO DROP ELSE END ENUM EXISTS EXPLAIN EXTENSION FALSE FETCH FOR FOREIGN
	FROM FULL FUNCTION GRANT GROUP HAVING IF ILIKE IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LATERAL LEFT LIKE LIMIT
	MATERIALIZED NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION POLICY PRIMARY REFERENCES RESTRICT RETURNING RIGHT ROLLBACK
	SCHEMA SELECT SET SHOW TABLE THEN TO TRIGGER TRUE TRUNCATE TYPE UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE WITH`}

// SQLLines is SQL with its keywords, strings, numbers and comments coloured, line by line. A tab is one cell: a blank, and
// in a string the sign of a tab.
func SQLLines(sql string) []draw.Line {
	out := []draw.Line{nil}
	add := func(text string, role draw.Role) {
		if role != draw.Quote {
			text = strings.ReplaceAll(text, "\t", " ")
		}
		for i, piece := range strings.Split(text, "\n") {
			if i > 0 {
				out = append(out, nil)
			}
			if piece != "" {
				out[len(out)-1] = append(out[len(out)-1], draw.Text(piece, role))
			}
		}
	}
	addSQL(sql, add)
	return out
}

// addSQL adds the pieces of a text. A dollar-quoted string is mostly a function's body, and is coloured as SQL itself.
func addSQL(sql string, add func(string, draw.Role)) {
	l := sqltext.Lexer{Text: sql}
	for t, ok := l.Next(); ok; t, ok = l.Next() {
		text := sql[t.Start:t.End]
		if (t.Kind == sqltext.String || t.Kind == sqltext.Broken) && text[0] == '$' {
			tag := text[:strings.IndexByte(text[1:], '$')+2]
			inner, closed := strings.CutSuffix(text[len(tag):], tag)
			add(tag, draw.Plain)
			addSQL(inner, add)
			if closed {
				add(tag, draw.Plain)
			}
			continue
		}
		add(text, sqlRole(t.Kind, text))
	}
}

func sqlRole(kind sqltext.Kind, text string) draw.Role {
	switch {
	case kind == sqltext.Space && strings.TrimSpace(text) != "", kind == sqltext.Broken && text[0] == '/':
		return draw.Dim
	case kind == sqltext.String, kind == sqltext.Broken && text[0] != '"':
		return draw.Quote
	case kind == sqltext.Number:
		return draw.Number
	case kind == sqltext.Word && SqlKeywords.Has(strings.ToUpper(text)):
		return draw.Word
	}
	return draw.Plain
}
