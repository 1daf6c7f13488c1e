// Package seedfile reads seed files: which of them a folder has, for which schema, in which order and with what
// content. It splits SQL scripts as psql does and checks CSV and JSON lines; it does not talk to a database.
package seedfile

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Format is the format of a seed file.
type Format string

const (
	SQL   Format = "sql"   // a script, as psql reads it
	CSV   Format = "csv"   // rows of one table; the first line has the columns' names
	JSONL Format = "jsonl" // rows of one table, an object a line
)

// Table names a table.
type Table struct {
	Schema string
	Name   string
}

// File is one seed file.
type File struct {
	Name   string // relative to the seeds folder, with forward slashes: "01-public.users.sql", "public/User.csv"
	Path   string // for messages
	Schema string
	Table  string // the table of CSV or JSON lines; "" for SQL
	Part   string // what is between schema and extension: "users"; "" for nothing
	Format Format
	Order  int      // the number before the name; 0 where there is none
	Hash   string   // SHA-256 of the content in hex; independent of the kind of line end
	After  []string // schemas or files that must come first, from the header
	Text   string   // the content, without a byte order mark

	keys   []Key
	body   int // the offset of the rows of CSV or JSON lines, after the header's comments
	tables []Table
}

// Parse returns the File for a name and its content. path is its name in messages. Parse checks the header and, for a
// table's rows, their form; SQL is split only when Statements is called.
func Parse(name, path string, data []byte) (*File, error) {
	f := &File{Name: name, Path: path}
	if !f.parseName() {
		return nil, remedy.New("seed.name", remedy.ExitFailed, "%s is not the name of a seed file", visible.String(name)).
			WithFix("name it SCHEMA.sql, 10-SCHEMA.part.sql, SCHEMA/TABLE.csv or SCHEMA/TABLE.jsonl")
	}
	f.Text = strings.TrimPrefix(string(data), "\ufeff")
	sum := sha256.Sum256([]byte(strings.ReplaceAll(f.Text, "\r\n", "\n")))
	f.Hash = hex.EncodeToString(sum[:])
	if at := invalidUTF8(f.Text); at >= 0 {
		line, col := newLines(f.Text).at(at)
		return nil, f.fail("seed.encoding", line, col, "the file is not UTF-8").
			WithFix("iconv -f WINDOWS-1252 -t UTF-8 " + visible.String(path) + "   # or from the encoding that it is in")
	}
	if err := f.parseHeader(); err != nil {
		return nil, err
	}
	var err error
	switch f.Format {
	case CSV:
		_, err = f.Columns()
	case JSONL:
		_, err = f.Objects()
	}
	if f.Format != SQL {
		f.tables = []Table{{f.Schema, f.Table}}
	}
	return f, err
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or that is NUL, which PostgreSQL's text cannot
// contain; -1 if there is none.
func invalidUTF8(s string) int {
	for i, r := range s {
		if r == 0 || r == utf8.RuneError && !strings.HasPrefix(s[i:], string(r)) {
			return i
		}
	}
	return -1
}

// fail returns an error with its place in the file.
func (f *File) fail(code string, line, col int, format string, args ...any) *remedy.Error {
	e := remedy.New(code, remedy.ExitFailed, format, args...)
	e.Message = visible.String(f.Path) + ":" + itoa(line) + ":" + itoa(col) + ": " + e.Message
	return e
}

// Tables returns the tables that the file puts rows into, each once, in the order of their first appearance. A name
// without a schema is taken to be in the file's own. For a script that cannot be split it returns none.
func (f *File) Tables() []Table {
	if f.Format == SQL && f.tables == nil {
		if _, tables, err := f.split(); err == nil {
			f.tables = tables
		}
	}
	return f.tables
}
