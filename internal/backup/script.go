package backup

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
)

// entry is what pg_dump writes above each object in a script: "-- Name: t; Type: TABLE; Schema: public; Owner: me". The
// script that pg_restore writes for an archive has the same.
type entry struct {
	name, kind, schema string
	data               bool // the rows of a table rather than the table
}

// ofDatabase reports whether the entry creates or describes the database itself: pg_dump --create. The restored
// database keeps the name and the settings of the existing one.
func (e entry) ofDatabase() bool {
	return e.kind == "DATABASE" || e.kind == "DATABASE PROPERTIES" || e.schema == "" && strings.HasPrefix(e.name, "DATABASE ")
}

var (
	entryLine = lazy.Regexp{Text: `^-- (Data for )?Name: (.*); Type: ([A-Z ]+); Schema: (.*?)(?:; Owner: .*)?\n$`}
	copyEnd   = []byte(" FROM stdin;\n")
)

func parseEntry(line []byte) (entry, bool) {
	m := entryLine.Get().FindSubmatch(line)
	if m == nil {
		return entry{}, false
	}
	e := entry{data: len(m[1]) > 0, name: string(m[2]), kind: string(m[3]), schema: string(m[4])}
	if e.schema == "-" {
		e.schema = ""
	}
	return e, true
}

// reader processes a script. It gets whole statements, and the rows of each COPY as they stream by.
type reader interface {
	// statements gets the text of an entry, or a part of it that ends with a statement. Line is where it begins, from
	// 1.
	statements(of entry, line int, text string) error
	// rows gets the data of one COPY … FROM stdin. What it does not read is skipped.
	rows(of entry, line int, copy string, data io.Reader) error
}

// most is how much of one entry's text is kept in memory before it is passed on.
const most = 1 << 20

// script walks through a plain dump.
type script struct {
	name    string // for messages
	in      *bufio.Reader
	to      reader
	line    int // of the last line read
	of      entry
	text    strings.Builder // of the current entry
	from    int             // the line where text begins
	checked int             // how much of text is known to be unfinished
	ended   bool            // pg_dump's last line was seen
}

const lastLine = "-- PostgreSQL database dump complete"

// walk reads a script to its end. One that is truncated is an error, "backup.damaged".
func walk(name string, in io.Reader, to reader) error {
	s := &script{name: name, in: bufio.NewReaderSize(in, 256<<10), to: to, from: 1}
	const mark = "\ufeff" // an editor may have added it
	if head, err := s.in.Peek(len(mark)); err == nil && string(head) == mark {
		_, _ = s.in.Discard(len(mark))
	}
	for {
		line, err := s.in.ReadBytes('\n')
		if len(line) > 0 {
			s.line++
			if err := s.take(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(name, err)
		}
	}
	if err := s.flush(); err != nil || s.text.Len() > 0 || !s.ended {
		if err != nil && s.ended {
			return err
		}
		return cutOff(name, fmt.Sprintf("it ends in line %d, without pg_dump's last line: %s", s.line, lastLine))
	}
	return nil
}

func (s *script) take(line []byte) error {
	switch {
	case bytes.HasPrefix(line, []byte(lastLine)):
		s.ended = true
	case line[0] == '-':
		if e, ok := parseEntry(line); ok {
			if err := s.flush(); err != nil {
				return err
			}
			if s.text.Len() == 0 { // otherwise it is inside a function's body
				s.of = e
			}
		}
	case line[0] == '\\':
		if err := s.flush(); err != nil {
			return err
		}
		if s.text.Len() == 0 {
			return s.command(strings.TrimSpace(string(line)))
		}
	case bytes.HasSuffix(line, copyEnd):
		if err := s.flush(); err != nil {
			return err
		}
		if statement, ok := s.copies(line); ok {
			s.text.Reset()
			s.checked = 0
			return s.copy(statement)
		}
	}
	s.text.Write(line)
	if s.text.Len()-s.checked > most && bytes.HasSuffix(line, []byte(";\n")) {
		return s.flush()
	}
	return nil
}

// flush passes on the entry's text so far, unless it ends inside a statement.
func (s *script) flush() error {
	if s.text.Len() == 0 || s.text.Len() == s.checked {
		return nil
	}
	text := s.text.String()
	list, open, err := seedfile.Script(s.name, text)
	if remedy.Code(err) == "seed.psql" {
		return s.psql(fmt.Sprintf("in the entry at line %d: %v", s.from, err))
	}
	if open {
		s.checked = len(text)
		return nil
	}
	of, from := s.of, s.from
	s.text.Reset()
	s.checked, s.from = 0, s.line
	if of.ofDatabase() {
		return nil
	}
	for _, st := range list {
		if ofServer(st) && !of.clears(st) {
			return s.beyond(fmt.Sprintf("line %d: %s", from+st.Line-1, st.Excerpt(80)))
		}
	}
	return s.to.statements(of, from, text)
}

// clears reports whether a statement removes existing objects first, as pg_dump --clean writes it before the first
// entry, up to DROP DATABASE of the very database that the file is restored into. A fresh database contains none of
// them.
func (e entry) clears(st seedfile.Statement) bool {
	if e.kind != "" {
		return false
	}
	switch st.Command {
	case "DROP", "ALTER":
		return true
	case "CREATE":
		return st.Begins("CREATE", "OR", "REPLACE", "VIEW")
	case "UPDATE":
		return st.Begins("UPDATE", "PG_CATALOG", "PG_DATABASE")
	case "SELECT":
		return st.Begins("SELECT", "PG_CATALOG", "LO_UNLINK") || st.Begins("SELECT", "CASE", "WHEN", "EXISTS") && strings.Contains(st.Text, "lo_unlink")
	}
	return false
}

// ofServer reports whether a statement is about other databases, or the whole server: a restore changes only one
// database.
func ofServer(st seedfile.Statement) bool {
	switch st.Command {
	case "CREATE", "DROP", "ALTER":
		return st.Begins(st.Command, "DATABASE") || st.Begins(st.Command, "TABLESPACE") || st.Begins(st.Command, "SYSTEM")
	case "UPDATE", "DELETE", "INSERT":
		return st.Begins("UPDATE", "PG_CATALOG", "PG_DATABASE") || st.Begins("DELETE", "FROM", "PG_CATALOG", "PG_DATABASE")
	}
	return false
}

// beyond refuses a file with statements whose effect would remain if a failed restore drops the fresh database.
func (s *script) beyond(seen string) error {
	return remedy.New("backup.server", remedy.ExitFailed, "the file has a statement about other databases, or the whole server, which pg_dump does not write there; nothing was changed").
		WithSeen(s.name, seen).WithFix("remove what does not belong there, and restore the file again")
}

// command handles one of psql's commands between two statements.
func (s *script) command(text string) error {
	word, _, _ := strings.Cut(text, " ")
	switch {
	case word == `\restrict`, word == `\unrestrict`:
		return nil
	case word == `\connect` && s.of.ofDatabase():
		return nil
	}
	return s.psql(fmt.Sprintf("line %d: %s", s.line, text))
}

// psql refuses a file with commands for psql itself, which may be commands for a shell.
func (s *script) psql(seen string) error {
	return remedy.New("backup.psql", remedy.ExitFailed, "the file has a command of psql, which pg_dump does not write; nothing was changed").
		WithSeen(s.name, seen).WithFix("remove what does not belong there, and restore the file again")
}

// copies returns the COPY that the line ends, if it ends one: a name in it may span several lines.
func (s *script) copies(line []byte) (string, bool) {
	list, open, err := seedfile.Script(s.name, s.text.String()+string(line))
	if err != nil || open || len(list) != 1 || list[0].Copy == nil {
		return "", false
	}
	return list[0].Text, true
}

// copy passes on the rows that follow.
func (s *script) copy(statement string) error {
	data := &copyData{in: s.in, line: &s.line}
	err := s.to.rows(s.of, s.line, statement, data)
	if err == nil {
		_, err = io.Copy(io.Discard, data)
	}
	s.from = s.line + 1
	if data.failed != nil {
		return unreadable(s.name, data.failed)
	}
	if err == nil && !data.ended {
		return cutOff(s.name, fmt.Sprintf("it ends in line %d, among the rows of %s", s.line, s.of.name))
	}
	return err
}

// copyData reads the lines of a COPY up to the one that is only \.
type copyData struct {
	in    *bufio.Reader
	line  *int
	rest  []byte // of the last read
	mid   bool   // the last piece did not end its line
	ended bool
	rows  int64

	failed error // why it could not be read
}

func (c *copyData) Read(p []byte) (int, error) {
	for len(c.rest) == 0 {
		if c.ended {
			return 0, io.EOF
		}
		piece, err := c.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if !errors.Is(err, io.EOF) {
				c.failed = err
			}
			return 0, err
		}
		whole := !c.mid
		c.mid = err != nil
		if !c.mid {
			*c.line++
		}
		if whole && (string(piece) == "\\.\n" || string(piece) == "\\.\r\n") {
			c.ended = true
			continue
		}
		if !c.mid {
			c.rows++
		}
		c.rest = piece
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func cutOff(name, seen string) error {
	return remedy.New("backup.damaged", remedy.ExitFailed, "the file is cut off or damaged; nothing was changed").
		WithSeen(name, seen).WithFix("copy it once more from where it came from, or take another backup")
}

func unreadable(name string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return cutOff(name, "it ends too early")
	}
	if _, ok := remedy.Of(err); ok {
		return err
	}
	return remedy.New("backup.damaged", remedy.ExitFailed, "the file cannot be read to its end; nothing was changed").
		Wrap(err).WithSeen(name).WithFix("copy it once more from where it came from, or take another backup")
}
