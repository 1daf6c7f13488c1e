package backup

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Object is something in a database, by its name in pg_dump's table of contents.
type Object struct {
	Kind   string `json:"kind"`             // "table", "view", "function", "column", …
	Schema string `json:"schema,omitempty"` // "" for what is in none
	Name   string `json:"name"`             // of a column, trigger or constraint with its table's before it
}

var blanks = strings.NewReplacer("\n", " ", "\r", " ")

func (o Object) String() string {
	if o.Schema == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Schema + "." + o.Name
}

var needlessQuotes = lazy.Regexp{Text: `"([a-z_][a-z0-9_$]*)"`}

// plain returns the object with the types in its name unquoted; pg_dump --quote-all-identifiers quotes them all.
func (o Object) plain() Object {
	switch o.Kind {
	case "function", "procedure", "aggregate", "cast":
		o.Name = needlessQuotes.Get().ReplaceAllString(o.Name, "$1")
	}
	return o
}

// File is a backup file and its contents.
type File struct {
	Path    string   `json:"path"`
	Format  string   `json:"format"` // "custom", "tar" or "plain"
	Bytes   int64    `json:"bytes"`
	Schemas []string `json:"schemas"` // those of which it contains something
	Tables  int      `json:"tables"`
	Rows    int64    `json:"rows,omitempty"`
	// RowsExact is false where the rows are INSERTs, which are counted by lines. Write does not count any.
	RowsExact bool `json:"rows_exact,omitempty"`
	// Streamed reports whether it went to standard output, a pipe, a socket or a device.
	Streamed bool `json:"streamed,omitempty"`
	// Outward are its statements that reach outside the database, which a backup has if the database had such
	// functions, extensions or servers, and a stranger's file for other reasons.
	Outward []postgres.Outward `json:"outward,omitempty"`

	objects map[Object]bool
	counts  map[Object]int64 // rows of its tables, where it contains them
	known   map[Object]bool  // tables whose columns are known
	makes   map[string]bool  // schemas that it creates: public exists in every database
	own     bool             // it contains the ledger
	global  bool             // it contains what is in no schema: extensions, large objects, …
}

// contents is a reader that notes what a script creates.
type contents struct{ *File }

func newFile(path, format string) *File {
	return &File{Path: path, Format: format, RowsExact: true, objects: map[Object]bool{}, counts: map[Object]int64{}, known: map[Object]bool{}, makes: map[string]bool{}}
}

// read reads a file's table of contents, and counts its rows. It reads the file to its end, so that damage is found
// before anything is touched.
func (s *source) read(ctx context.Context, tools Tools) (*File, error) {
	f := newFile(s.path, s.format)
	f.Bytes = s.info.Size()
	if err := s.script(ctx, tools, contents{f}); err != nil {
		return nil, err
	}
	f.finish()
	return f, nil
}

func (f *File) finish() {
	schemas := map[string]bool{}
	for o := range f.objects {
		if o.Kind == "table" && o.Schema != hidden.Ledger {
			f.Tables++
		}
		switch {
		case o.Kind == "schema":
			schemas[o.Name] = true
		case o.Schema != "":
			schemas[o.Schema] = true
		default:
			f.global = true
		}
	}
	f.own = schemas[hidden.Ledger]
	delete(schemas, hidden.Ledger)
	for name := range schemas {
		f.Schemas = append(f.Schemas, name)
	}
	slices.Sort(f.Schemas)
	for t, n := range f.counts {
		if t.Schema != hidden.Ledger { // counted like its tables and the database's own rows
			f.Rows += n
		}
	}
}

// oneSchema returns the schema of a file that contains only one: it replaces only that schema.
func (f *File) oneSchema() (string, bool) {
	if len(f.Schemas) != 1 || f.own || f.global {
		return "", false
	}
	return f.Schemas[0], true
}

const anyName = `"(?:[^"]|"")+"|[a-z_\x80-\xff][a-z0-9_$\x80-\xff]*`

var (
	largeObject = lazy.Regexp{Text: `(?m)^SELECT pg_catalog\.lo_create\('(\d+)'\);$`}
	makesSchema = lazy.Regexp{Text: `(?m)^CREATE SCHEMA `}
	columnLine  = lazy.Regexp{Text: `(?m)^    (` + anyName + `) `}
	ofType      = lazy.Regexp{Text: `^CREATE (?:UNLOGGED )?TABLE (?:` + anyName + `)\.(?:` + anyName + `) OF `}
)

// unlisted are entries that only add to an object.
var unlisted = map[string]bool{
	"COMMENT": true, "ACL": true, "DEFAULT": true, "DEFAULT ACL": true, "SEQUENCE OWNED BY": true, "SEQUENCE SET": true,
	"TABLE ATTACH": true, "INDEX ATTACH": true, "ROW SECURITY": true, "SECURITY LABEL": true, "SHELL TYPE": true,
	"PUBLICATION TABLE": true, "PUBLICATION TABLES IN SCHEMA": true, "CHECK CONSTRAINT": true, "BLOB METADATA": true, "BLOB": true,
	"BLOBS": true, "ENCODING": true, "STDSTRINGS": true, "SEARCHPATH": true, "DATABASE": true, "DATABASE PROPERTIES": true,
	"MATERIALIZED VIEW DATA": true, "TABLE DATA": true, "": true, "SUBSCRIPTION": true, "STATISTICS DATA": true, "TRANSFORM": true,
	"PROCEDURAL LANGUAGE": true, "ACCESS METHOD": true, "USER MAPPING": true,
}

func (c contents) statements(of entry, line int, text string) error {
	for _, o := range postgres.FindOutward(text) {
		o.Line += line - 1
		c.Outward = append(c.Outward, o)
	}
	switch {
	case of.kind == "TABLE DATA":
		c.inserts(of, text)
		return nil
	case strings.HasPrefix(of.kind, "BLOB"):
		for _, m := range largeObject.Get().FindAllStringSubmatch(text, -1) {
			c.objects[Object{Kind: "large object", Name: m[1]}] = true
		}
		return nil
	case of.data || unlisted[of.kind]:
		return nil
	}
	c.objects[Object{strings.ToLower(of.kind), of.schema, of.name}.plain()] = true
	switch of.kind {
	case "SCHEMA":
		c.makes[of.name] = c.makes[of.name] || makesSchema.Get().MatchString(text)
	case "TABLE":
		c.columns(of, text)
	}
	return nil
}

// inserts counts the rows of a table that are written as INSERTs: in one with several rows, each is on a line of its
// own. A value of several lines may look like one.
func (c contents) inserts(of entry, text string) {
	list, _, err := seedfile.Script(c.Path, text)
	if err != nil {
		return // the walk has already split it
	}
	t := Object{"table", of.schema, of.name}
	c.counts[t] += 0
	for _, s := range list {
		if s.Command == "INSERT" {
			c.counts[t] += max(1, int64(strings.Count(s.Text, "\n\t(")))
			c.RowsExact = false
		}
	}
}

// columns notes a table's columns, each on a line of its own. Inherited ones are only in the rows' heading, and those
// of a table of a composite type are the type's.
func (c contents) columns(of entry, text string) {
	start := strings.Index(text, "CREATE ")
	if start < 0 || strings.Contains(text[start:], "\nINHERITS (") || ofType.Get().MatchString(text[start:]) {
		return
	}
	body := text[start:]
	if end := strings.Index(body, "\n)"); end >= 0 {
		body = body[:end]
	}
	for _, m := range columnLine.Get().FindAllStringSubmatch(body, -1) {
		if m[1] != "CONSTRAINT" {
			c.objects[Object{"column", of.schema, of.name + " " + blanks.Replace(sqltext.Unquote(m[1]))}] = true
		}
	}
	c.known[Object{"table", of.schema, of.name}] = true
}

func (c contents) rows(of entry, _ int, _ string, data io.Reader) error {
	if _, err := io.Copy(io.Discard, data); err != nil {
		return err
	}
	if d, ok := data.(*copyData); ok {
		c.counts[Object{"table", of.schema, of.name}] += d.rows
	}
	return nil
}
