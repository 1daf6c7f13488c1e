// Package dockerfile reads the stages and the environment of a Dockerfile.
package dockerfile

import (
	"bytes"
	"strings"
)

// Span is a stretch of the source, End exclusive, in bytes.
type Span struct{ Start, End int }

// Stage is one FROM. In its image, the defaults of the ARGs above the first FROM are filled in.
type Stage struct {
	Image string // as resolved: the name of an earlier stage stands for that stage's image
	At    Span   // the image as written
	Name  string // the name after AS, or ""
}

// Variable is one name of an ENV or an ARG with a value.
type Variable struct {
	Name, Value string
	At          Span // the value, quotes included
}

// Command is one instruction that changes the image or says what it runs: COPY, ADD, RUN, CMD, ENTRYPOINT, WORKDIR.
type Command struct {
	Name  string // in capitals
	Words []string
	At    Span // from its name to the end of its last word
}

// Text returns the words as one line.
func (c Command) Text() string { return strings.Join(c.Words, " ") }

// File is a Dockerfile that was read.
type File struct {
	Stages    []Stage
	Variables []Variable
	Commands  []Command
}

// Read reads a Dockerfile. It skips what it does not know.
func Read(src []byte) *File {
	f := &File{}
	escape := byte('\\')
	if bytes.Contains(bytes.ToLower(src[:min(len(src), 200)]), []byte("escape=`")) {
		escape = '`'
	}
	args := map[string]string{}
	for pos := 0; pos < len(src); {
		var words []word
		words, pos = instruction(src, pos, escape)
		if len(words) == 0 {
			continue
		}
		switch name := strings.ToUpper(words[0].text); name {
		case "FROM":
			f.from(words[1:], args)
		case "ARG":
			vars := variables(words[1:])
			if len(f.Stages) == 0 {
				for _, v := range vars {
					args[v.Name] = v.Value
				}
			}
			f.Variables = append(f.Variables, vars...)
		case "COPY", "ADD", "RUN", "CMD", "ENTRYPOINT", "WORKDIR":
			f.command(name, words)
		case "ENV":
			f.Variables = append(f.Variables, variables(words[1:])...)
		}
	}
	return f
}

func (f *File) from(words []word, args map[string]string) {
	for len(words) > 0 && strings.HasPrefix(words[0].text, "--") {
		words = words[1:]
	}
	if len(words) == 0 {
		return
	}
	s := Stage{Image: expand(words[0].text, args), At: words[0].at}
	for _, earlier := range f.Stages {
		if earlier.Name != "" && strings.EqualFold(earlier.Name, s.Image) {
			s.Image = earlier.Image
		}
	}
	if len(words) > 2 && strings.EqualFold(words[1].text, "AS") {
		s.Name = words[2].text
	}
	f.Stages = append(f.Stages, s)
}

func (f *File) command(name string, words []word) {
	c := Command{Name: name, At: Span{words[0].at.Start, words[len(words)-1].at.End}}
	for _, w := range words[1:] {
		c.Words = append(c.Words, w.text)
	}
	f.Commands = append(f.Commands, c)
}

// variables reads NAME=value …, and the older NAME value.
func variables(words []word) []Variable {
	var vars []Variable
	if len(words) == 2 && !strings.Contains(words[0].text, "=") {
		return []Variable{{words[0].text, words[1].text, words[1].at}}
	}
	for _, w := range words {
		if name, value, ok := strings.Cut(w.text, "="); ok {
			vars = append(vars, Variable{name, value, Span{w.at.Start + len(name) + 1, w.at.End}})
		}
	}
	return vars
}

// expand fills in ${NAME}, ${NAME:-default} and $NAME.
func expand(s string, args map[string]string) string {
	for name, value := range args {
		s = strings.ReplaceAll(s, "${"+name+"}", value)
		s = strings.ReplaceAll(s, "$"+name, value)
	}
	if i := strings.Index(s, "${"); i >= 0 {
		if j := strings.IndexByte(s[i:], '}'); j > 0 {
			if name, def, ok := strings.Cut(s[i+2:i+j], ":-"); ok {
				if v, known := args[name]; known {
					def = v
				}
				return s[:i] + def + s[i+j+1:]
			}
		}
	}
	return s
}

type word struct {
	text string // without quotes
	at   Span
}

// instruction reads one instruction from pos on, and returns its words and the offset of the next one.
func instruction(src []byte, pos int, escape byte) ([]word, int) {
	var words []word
	for pos < len(src) {
		c := src[pos]
		switch {
		case c == '\n':
			return words, pos + 1
		case c == ' ' || c == '\t' || c == '\r':
			pos++
		case c == '#' && lineStart(src, pos):
			pos = lineEnd(src, pos)
			if len(words) > 0 { // a comment between the lines of an instruction
				pos = min(pos+1, len(src))
			}
		case c == escape && continues(src, pos):
			pos = min(lineEnd(src, pos)+1, len(src))
		default:
			var w word
			w, pos = readWord(src, pos, escape)
			words = append(words, w)
		}
	}
	return words, pos
}

func readWord(src []byte, pos int, escape byte) (word, int) {
	start := pos
	var text strings.Builder
	quote := byte(0)
	for pos < len(src) {
		c := src[pos]
		if c == '\n' || quote == 0 && (c == ' ' || c == '\t' || c == '\r') || c == escape && continues(src, pos) {
			break
		}
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		default:
			text.WriteByte(c)
		}
		pos++
	}
	return word{text.String(), Span{start, pos}}, pos
}

func continues(src []byte, pos int) bool {
	return len(bytes.TrimRight(src[pos+1:lineEnd(src, pos)], " \t\r")) == 0
}

func lineStart(src []byte, pos int) bool {
	i := bytes.LastIndexByte(src[:pos], '\n')
	return len(bytes.TrimLeft(src[i+1:pos], " \t")) == 0
}

func lineEnd(src []byte, pos int) int {
	if i := bytes.IndexByte(src[pos:], '\n'); i >= 0 {
		return pos + i
	}
	return len(src)
}
