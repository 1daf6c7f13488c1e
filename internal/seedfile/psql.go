package seedfile

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// command returns the error for one of psql's own commands, which the server does not understand, and says what to do
// instead.
func (s *splitter) command(t sqltext.Token) error {
	text := strings.TrimSpace(s.Text[t.Start:t.End])
	line, col := s.line.at(t.Start)
	return s.file.fail("seed.psql", line, col, "%s is a command of psql, not SQL", visible.String(shorten(text))).
		WithFix(instead(strings.Fields(text)[0]))
}

// harmless reports whether a command only asks psql for what naap does anyway: \set ON_ERROR_STOP, because a seed stops
// at its first error; \restrict and \unrestrict, which pg_dump has written around its output since 2025; and setting
// the encoding to UTF-8, in which seeds are read.
func harmless(words []string) bool {
	switch words[0] {
	case `\set`:
		return len(words) > 1 && words[1] == "ON_ERROR_STOP"
	case `\restrict`, `\unrestrict`:
		return true
	case `\encoding`:
		return len(words) > 1 && strings.EqualFold(strings.ReplaceAll(strings.Trim(words[1], `';`), "-", ""), "utf8")
	}
	return false
}

func instead(command string) string {
	switch command {
	case `\copy`:
		return `use COPY … FROM STDIN; with the rows below it and a line \. at their end, or make a file SCHEMA/TABLE.csv`
	case `\c`, `\connect`:
		return "remove the line: seeds are for the workspace's one database"
	case `\i`, `\ir`, `\include`, `\include_relative`:
		return "remove the line and put the other file beside this one, as SCHEMA.part.sql; seeds run in the order of their numbers"
	case `\set`, `\gset`, `\getenv`:
		return "remove the line and write the value where the variable is used"
	case `\g`, `\gx`, `\gexec`, `\gdesc`:
		return "end the statement with a semicolon; for statements that are made by a query, use DO $$ … EXECUTE … $$"
	case `\if`, `\elif`, `\else`, `\endif`:
		return "remove the line, or use DO $$ BEGIN IF … THEN … END IF; END $$"
	case `\.`:
		return `remove the line: it ends the data of a COPY … FROM STDIN, and there is none open`
	}
	return "remove the line"
}
