// Package manifest reads a package.json with the place of everything in it, so that a finding can refer to a line and a
// fix can change that line alone.
//
// A YAML parser would not do, although JSON is YAML: its nodes have no end positions, it refuses characters that are
// written as surrogate pairs, and it accepts a trailing comma, which npm does not.
package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Span is a stretch of the source, End exclusive, in bytes.
type Span struct{ Start, End int }

// Member is one "name": "value" of an object.
type Member struct {
	Name, Value string
	At          Span // from the name's quote to the end of the value
	ValueAt     Span // the value, quotes included
}

// Section is one object of the manifest: "scripts", "dependencies" and so on.
type Section struct {
	Name    string
	At      Span // the object, braces included
	NameAt  Span // its name, quotes included
	Members []Member
}

// Find returns the member with that name, or nil.
func (s *Section) Find(name string) *Member {
	if s == nil {
		return nil
	}
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i]
		}
	}
	return nil
}

// File is a package.json that was read.
type File struct {
	Name     string
	Sections []Section // in the file's order
	At       Span      // the whole object
}

// Section returns the section with that name, or nil; nil also of a file that could not be read.
func (f *File) Section(name string) *Section {
	if f == nil {
		return nil
	}
	for i := range f.Sections {
		if f.Sections[i].Name == name {
			return &f.Sections[i]
		}
	}
	return nil
}

// Scripts returns what `npm run` can run.
func (f *File) Scripts() []Member {
	if s := f.Section("scripts"); s != nil {
		return s.Members
	}
	return nil
}

// Dependencies are the sections that name packages. peerDependencies are packages that the user of this one must have.
var Dependencies = []string{"dependencies", "devDependencies", "peerDependencies", "optionalDependencies"}

// Depends finds a package in any of the sections that name packages, and returns the section too.
func (f *File) Depends(pkg string) (*Member, *Section) {
	for _, name := range Dependencies {
		s := f.Section(name)
		if m := s.Find(pkg); m != nil {
			return m, s
		}
	}
	return nil, nil
}

// Read reads a package.json.
func Read(src []byte) (*File, error) {
	body := bytes.TrimPrefix(src, []byte("\xEF\xBB\xBF"))
	skipped := len(src) - len(body)
	r := &reader{src: src, skipped: skipped, dec: json.NewDecoder(bytes.NewReader(body))}
	f := &File{}
	open := r.next()
	if r.err == nil && open.tok != json.Delim('{') {
		return nil, fmt.Errorf("a package.json is an object, and this begins with %v", open.tok)
	}
	for r.more() {
		name := r.next()
		r.member(f, name, r.next())
	}
	f.At = Span{open.at.Start, r.next().at.End}
	if r.err != nil {
		return nil, r.err
	}
	return f, nil
}

type reader struct {
	src     []byte
	skipped int
	dec     *json.Decoder
	err     error // the first; nothing is read after it
}

type token struct {
	tok json.Token
	at  Span
}

// next reads one token. The decoder says where it ends; it begins after the blanks, the comma or the colon before it.
func (r *reader) next() token {
	start := int(r.dec.InputOffset()) + r.skipped
	if r.err != nil {
		return token{}
	}
	var tok json.Token
	if tok, r.err = r.dec.Token(); r.err != nil {
		return token{}
	}
	end := int(r.dec.InputOffset()) + r.skipped
	for start < end && bytes.IndexByte([]byte(" \t\r\n,:"), r.src[start]) >= 0 {
		start++
	}
	return token{tok, Span{start, end}}
}

func (r *reader) more() bool { return r.err == nil && r.dec.More() }

func (r *reader) member(f *File, name, value token) {
	key, _ := name.tok.(string)
	if text, ok := value.tok.(string); ok && key == "name" {
		f.Name = text
	}
	if value.tok != json.Delim('{') {
		r.skip(value)
		return
	}
	s := Section{Name: key, NameAt: name.at}
	for r.more() {
		k := r.next()
		v := r.next()
		r.skip(v)
		end := int(r.dec.InputOffset()) + r.skipped
		m := Member{At: Span{k.at.Start, end}, ValueAt: Span{v.at.Start, end}}
		m.Name, _ = k.tok.(string)
		m.Value, _ = v.tok.(string)
		s.Members = append(s.Members, m)
	}
	s.At = Span{value.at.Start, r.next().at.End}
	f.Sections = append(f.Sections, s)
}

// skip reads the rest of a value that begins with t.
func (r *reader) skip(t token) {
	for depth := 0; r.err == nil; t = r.next() {
		switch t.tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return
		}
	}
}
