// Package shell reads a shell script (sh, bash, zsh) into its commands, as far as a checker needs them: words with
// their quotes resolved, assignments, lists and the defaults of ${NAME:-default}. Comments are left out, command
// substitutions are read like the rest.
//
// A real shell parser would not do: mvdan.cc/sh stops at the first mistake, such as GitHub's ${{ … }} in a script, and
// recurses as deeply as the text is nested, so that a file of 300,000 parentheses ends the process.
package shell

// Span is a stretch of the source, End exclusive, in bytes.
type Span struct{ Start, End int }

// Word is one word of a command.
type Word struct {
	At Span
	// Text is the word without its quotes. Expansions are kept as written: ${HOME}/x.
	Text string
	// Static reports whether nothing in the word is expanded, so that Text is what the command gets.
	Static bool
}

// Assignment is NAME=value or NAME=(a b c), before a command, alone, or after export, local and the like.
type Assignment struct {
	Name   string
	At     Span // the whole assignment
	Value  Word
	List   []Word
	IsList bool
	Append bool // NAME+=…: it adds to a value set elsewhere
}

// Command is a simple command: its assignments and its words. Either may be empty.
type Command struct {
	At          Span
	Assignments []Assignment
	Words       []Word
	Targets     []Word      // the files that its output goes to
	Documents   []*Document // the here-documents that it reads
}

// Document is a here-document's text.
type Document struct {
	At   Span
	Text string // as written, including expansions and the tabs of <<-
}

// Loop is for NAME in words.
type Loop struct {
	Name string
	At   Span // the words
	List []Word
}

// Default is ${NAME:-value}, ${NAME-value}, ${NAME:=value} or ${NAME=value}.
type Default struct {
	Name  string
	Value string
	At    Span // the value
}

// Script is a script that was read.
type Script struct {
	Commands []Command
	Loops    []Loop
	Defaults []Default
}
