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

// Section returns the section with that name, or nil.
func (f *File) Section(name string) *Section {
	for i := range f.Sections {
		if f.Sections[i].Name == name {
			return &f.Sections[i]
		}
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
	open, err := r.next()
	if err != nil {
		return nil, err
	}
	if open.tok != json.Delim('{') {
		return nil, fmt.Errorf("a package.json is an object, and this begins with %v", open.tok)
	}
	for r.dec.More() {
		name, err := r.next()
		if err != nil {
			return nil, err
		}
		value, err := r.next()
		if err != nil {
			return nil, err
		}
		if err := r.member(f, name, value); err != nil {
			return nil, err
		}
	}
	end, err := r.next()
	if err != nil {
		return nil, err
	}
	f.At = Span{open.at.Start, end.at.End}
	return f, nil
}

type reader struct {
	src     []byte
	skipped int
	dec     *json.Decoder
}

type token struct {
	tok json.Token
	at  Span
}

// next reads one token. The decoder says where it ends; it begins after the blanks, the comma or the colon before it.
func (r *reader) next() (token, error) {
	start := int(r.dec.InputOffset()) + r.skipped
	tok, err := r.dec.Token()
	if err != nil {
		return token{}, err
	}
	end := int(r.dec.InputOffset()) + r.skipped
	for start < end && bytes.IndexByte([]byte(" \t\r\n,:"), r.src[start]) >= 0 {
		start++
	}
	return token{tok, Span{start, end}}, nil
}

func (r *reader) member(f *File, name, value token) error {
	key, _ := name.tok.(string)
	if text, ok := value.tok.(string); ok && key == "name" {
		f.Name = text
	}
	if value.tok != json.Delim('{') {
		return r.skip(value)
	}
	s := Section{Name: key, NameAt: name.at}
	for r.dec.More() {
		k, err := r.next()
		if err != nil {
			return err
		}
		v, err := r.next()
		if err != nil {
			return err
		}
		m := Member{At: Span{k.at.Start, v.at.End}, ValueAt: v.at}
		m.Name, _ = k.tok.(string)
		m.Value, _ = v.tok.(string)
		if err := r.skip(v); err != nil {
			return err
		}
		m.At.End = int(r.dec.InputOffset()) + r.skipped
		m.ValueAt.End = m.At.End
		s.Members = append(s.Members, m)
	}
	end, err := r.next()
	if err != nil {
		return err
	}
	s.At = Span{value.at.Start, end.at.End}
	f.Sections = append(f.Sections, s)
	return nil
}

// skip reads the rest of a value that begins with t.
func (r *reader) skip(t token) error {
	depth := 0
	for {
		switch t.tok {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if t, err = r.next(); err != nil {
			return err
		}
	}
}
