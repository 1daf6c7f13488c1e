package rules

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/dotenv"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/rules/dockerfile"
	"github.com/livepeer/naap-dev/internal/rules/manifest"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/script"
)

// file is a file that may concern a rule, with its content parsed.
type file struct {
	path string
	kind kind
	data []byte

	facts   *scriptFacts // of a script that was judged, whose text and what was made of it are forgotten
	script  *script.Source
	imports []script.Import
	shell   *shell.Script
	env     []dotenv.Entry
	docker  *dockerfile.File
	pkg     *manifest.File
	prisma  *prisma.File
	yaml    *yamlFile

	tables   []shownList         // of a document
	starts   []int               // where each line of data begins, once that was asked
	broken   error               // why it could not be read
	mistakes []prisma.Diagnostic // what could not be read in a Prisma file
}

// parse parses the content according to the file's kind. A byte order mark is replaced by blanks: the programs that
// read such files skip it.
func (f *file) parse() {
	data := f.data
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		data = append([]byte("   "), data[3:]...)
	}
	switch f.kind {
	case scriptFile:
		name := innerName(f.path)
		jsx := !strings.HasSuffix(name, ".ts") && !strings.HasSuffix(name, ".mts") && !strings.HasSuffix(name, ".cts")
		f.script = script.Read(data, script.Dialect{JSX: jsx})
		f.imports = f.script.Imports()
	case shellFile, unnamed:
		f.shell = shell.Read(data)
	case textFile:
		if isMarkdown(f.path) {
			f.tables = tables(f)
		}
	case makeFile:
		f.shell = shell.Read(recipes(data))
	case envFile:
		f.env = dotenv.Read(data)
	case dockerFile:
		f.docker = dockerfile.Read(data)
	case manifestFile:
		f.pkg, f.broken = manifest.Read(data)
	case prismaFile:
		if f.data == nil {
			return // it cannot be parsed
		}
		f.prisma, f.mistakes = prisma.ParseFile(prisma.Source{Name: f.path, Text: string(f.data)})
	case composeFile, workflowFile:
		data = f.data
		if strings.HasSuffix(f.path, ".json") {
			data = withoutJSONComments(data)
		}
		f.yaml, f.broken = readYAML(data)
	}
}

// withoutJSONComments replaces the comments that editors allow in JSON by blanks, so that offsets stay.
func withoutJSONComments(data []byte) []byte {
	out := bytes.Clone(data)
	for _, c := range script.Read(data, script.Dialect{}).Comments {
		for i := c.Start; i < c.End; i++ {
			if out[i] != '\n' {
				out[i] = ' '
			}
		}
	}
	return bytes.ReplaceAll(out, []byte("\t"), []byte(" "))
}

// recipes returns a makefile with everything but its recipes blanked out, so that offsets stay. $(VAR) and $$x become
// words that the shell reader leaves alone.
func recipes(data []byte) []byte {
	out := bytes.Clone(data)
	continued := false
	for start := 0; start < len(out); {
		end := start + bytes.IndexByte(out[start:], '\n')
		if end < start {
			end = len(out)
		}
		line := out[start:end]
		if recipe := continued || len(line) > 0 && line[0] == '\t'; !recipe {
			blankOut(line)
		} else {
			continued = bytes.HasSuffix(bytes.TrimRight(line, "\r"), []byte("\\"))
			for i := 0; i < len(line) && bytes.IndexByte([]byte("\t@-+ "), line[i]) >= 0; i++ {
				line[i] = ' '
			}
			for i := 0; i+1 < len(line); i++ {
				if line[i] == '$' && line[i+1] == '(' {
					line[i+1] = '_'
				}
			}
		}
		start = end + 1
	}
	return out
}

func blankOut(line []byte) {
	for i := range line {
		line[i] = ' '
	}
}

// place returns the Place of the bytes from start to end of the file. If these span several lines, it ends with the
// first one.
func (f *file) place(start, end int) Place {
	start = min(max(start, 0), len(f.data))
	end = min(max(end, start), len(f.data))
	n := f.lineOf(start)
	lineStart := f.starts[n-1]
	if i := bytes.IndexByte(f.data[start:end], '\n'); i >= 0 {
		end = start + i
	}
	end = max(start, len(bytes.TrimRight(f.data[:end], "\r")))
	column := utf8.RuneCount(f.data[lineStart:start]) + 1
	return Place{
		Path: f.path, Line: n,
		Column: column, EndColumn: column + max(utf8.RuneCount(f.data[start:end]), 1),
	}
}

// lineOf returns the line that the offset is in, counted from 1. Where each line begins is found out once: a file may
// have as many findings as lines.
func (f *file) lineOf(offset int) int {
	if f.starts == nil {
		f.starts = []int{0}
		for i, c := range f.data {
			if c == '\n' {
				f.starts = append(f.starts, i+1)
			}
		}
	}
	return sort.SearchInts(f.starts, offset+1)
}

// line returns the text of line n, counted from 1.
func (f *file) line(n int) string {
	f.lineOf(0)
	if n > len(f.starts) {
		return ""
	}
	at := f.starts[n-1]
	return strings.TrimRight(string(f.data[at:lineEndAt(f.data, at)]), "\r")
}

// newline returns the line end that the file uses.
func newline(data []byte) string {
	if i := bytes.IndexByte(data, '\n'); i > 0 && data[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// generatedMark reports whether the comments before the file's first line of code say that a tool generated it.
func generatedMark(data []byte) bool {
	head := leadingComments(data[:min(len(data), 2000)])
	return bytes.Contains(head, []byte("@generated")) || generatedWords.Get().Match(head)
}

var generatedWords = lazy.Regexp{Text: `(?i)generated[^\n]{0,100}do not (?:edit|modify)|(?s)\bgenerated\b.{0,200}DO NOT EDIT|DO NOT EDIT.{0,200}\bgenerated\b`}

// leadingComments returns the part of a script before its first line of code.
func leadingComments(data []byte) []byte {
	inside, end := false, 0
	for end < len(data) {
		next := min(lineEndAt(data, end)+1, len(data))
		line := bytes.TrimSpace(data[end:next])
		switch {
		case inside:
			inside = !bytes.Contains(line, []byte("*/"))
		case bytes.HasPrefix(line, []byte("/*")):
			inside = !bytes.Contains(line, []byte("*/"))
		case len(line) == 0, bytes.HasPrefix(line, []byte("//")), bytes.HasPrefix(line, []byte("#!")), bytes.HasPrefix(line, []byte(`"use `)), bytes.HasPrefix(line, []byte("'use ")):
		default:
			return data[:end]
		}
		end = next
	}
	return data
}

func lineEndAt(data []byte, i int) int {
	if j := bytes.IndexByte(data[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(data)
}
