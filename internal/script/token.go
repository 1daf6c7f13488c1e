// Package script reads TypeScript and JavaScript, JSX included, as far as a checker of imports needs it: into tokens,
// so that a comment, a string or a piece of JSX text is never taken for code, and from the tokens into imports.
//
// It is a lexer and not a parser. The two things that a JavaScript lexer cannot know without a parser are decided by
// the token before: whether a slash begins a regular expression, and whether a "<" begins a JSX element.
package script

import "bytes"

// Kind is the kind of a token.
type Kind uint8

const (
	Word     Kind = iota + 1 // an identifier or a keyword
	String                   // '…' or "…", quotes included
	Template                 // `…` without a substitution, backquotes included
	Head                     // the part of a template from ` to ${
	Middle                   // the part of a template from } to ${
	Tail                     // the part of a template from } to `
	Number
	Regexp
	Punct   // an operator or a bracket; only those that matter here are longer than one byte
	JSXText // text between JSX tags
)

// Token is a part of the source, End exclusive. Both are byte offsets.
type Token struct {
	Kind       Kind
	Start, End int
}

// Span is a part of the source, End exclusive, in bytes.
type Span struct{ Start, End int }

// Source is a script that was read.
type Source struct {
	Text     []byte
	Tokens   []Token
	Comments []Span
}

// Dialect is what a file's name says about its language.
type Dialect struct {
	// JSX makes a "<" where an expression is expected begin an element. Without it, it begins a type.
	JSX bool
}

// text returns a token's text, without a copy.
func (s *Source) text(i int) []byte {
	t := s.Tokens[i]
	return s.Text[t.Start:t.End]
}

// Is reports whether token i exists and its text is text. That of a string never is: it begins with its quote.
func (s *Source) Is(i int, text string) bool {
	if i < 0 || i >= len(s.Tokens) {
		return false
	}
	t := s.Tokens[i]
	return (t.Kind == Word || t.Kind == Punct) && string(s.Text[t.Start:t.End]) == text
}

// Kind returns token i's kind, or 0 if there is no such token.
func (s *Source) Kind(i int) Kind {
	if i < 0 || i >= len(s.Tokens) {
		return 0
	}
	return s.Tokens[i].Kind
}

// Literal returns the value of token i if it is a string or a template without substitutions.
func (s *Source) Literal(i int) (string, bool) {
	switch s.Kind(i) {
	case String, Template:
		return unquote(s.text(i)), true
	}
	return "", false
}

// Word returns token i's text if it is a word, else "".
func (s *Source) Word(i int) string {
	if s.Kind(i) != Word {
		return ""
	}
	return string(s.text(i))
}

// Value returns the value of the string, or of the part of a template, that token i is.
func (s *Source) Value(i int) string {
	switch s.Kind(i) {
	case String, Template:
		return unquote(s.text(i))
	case Head, Middle, Tail:
		text := bytes.TrimSuffix(s.text(i)[1:], []byte("${"))
		return string(bytes.TrimSuffix(text, []byte("`")))
	}
	return ""
}
