// Package script reads TypeScript and JavaScript, JSX included, as far as a checker of imports needs it: into tokens, so
// that a comment, a string or a piece of JSX text is never taken for code, and from the tokens into imports.
//
// It is a lexer and not a parser. The two things that a JavaScript lexer cannot know without a parser are decided by the
// token before: whether a slash begins a regular expression, and whether a "<" begins a JSX element.
package script

import "bytes"

// Kind is what sort of token it is.
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

// Token is a stretch of the source, End exclusive. Both are byte offsets.
type Token struct {
	Kind       Kind
	Start, End int
}

// Span is a stretch of the source, End exclusive, in bytes.
type Span struct{ Start, End int }

// Source is a script that was read.
type Source struct {
	Text     []byte
	Tokens   []Token
	Comments []Span
}

// Dialect is what a file's name says about the language in it.
type Dialect struct {
	// JSX makes "<" in the place of an expression begin an element. Without it, it is a type's bracket.
	JSX bool
}

// text is a token's text, without a copy.
func (s *Source) text(i int) []byte {
	t := s.Tokens[i]
	return s.Text[t.Start:t.End]
}

// Is tells whether token i exists and reads as text. A string never does: it begins with its quote.
func (s *Source) Is(i int, text string) bool {
	if i < 0 || i >= len(s.Tokens) {
		return false
	}
	t := s.Tokens[i]
	return (t.Kind == Word || t.Kind == Punct) && string(s.Text[t.Start:t.End]) == text
}

// Kind is token i's kind, or 0 where there is no such token.
func (s *Source) Kind(i int) Kind {
	if i < 0 || i >= len(s.Tokens) {
		return 0
	}
	return s.Tokens[i].Kind
}

// Literal is the value of token i where it is a string or a template without substitutions.
func (s *Source) Literal(i int) (string, bool) {
	switch s.Kind(i) {
	case String, Template:
		return unquote(s.text(i)), true
	}
	return "", false
}

// Word is token i's text where it is a word, else "".
func (s *Source) Word(i int) string {
	if s.Kind(i) != Word {
		return ""
	}
	return string(s.text(i))
}

// Value is the value of a string, or of the part of a template that token i is.
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
