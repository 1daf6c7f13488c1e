package rules

import (
	"bytes"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/files"
)

// ruleReadable: what the rules are about was read. Everything that was not is reported, here or in Report.LeftOut.
var ruleReadable = &Rule{
	ID: "naap/0-readable", Number: 0,
	Title: "What is to be checked can be read",
	Why:   "A file that no rule could read may hold anything, and a report that says nothing of it says too much.",
}

// LeftOut is a file or folder that git does not ignore, and that a check left out because of what it is or says about
// itself.
type LeftOut struct {
	Path string `json:"path"`
	Why  string `json:"why"` // "it is a repository of its own"
}

// unread is a file that should have been read, and why it could not be.
type unread struct {
	path, why string
	severity  Severity
}

// checkUnread finds what could not be read, and a schema without anything to check.
func checkUnread(r *run) {
	schema := false
	for _, u := range r.unread {
		schema = schema || r.isMeasure(u.path)
		r.report(ruleReadable, u.severity, &file{path: u.path}, 0, 0, u.why, nil)
	}
	said := slices.ContainsFunc(r.schema.files, func(f *file) bool { return len(f.prisma.Blocks) > 0 || len(f.mistakes) > 0 })
	if len(r.schema.files) > 0 && !said && !schema {
		r.report(ruleReadable, Error, &file{path: r.schema.files[0].path}, 0, 0,
			"this is the schema, and there is no model in it nor anything else that could be checked", nil)
	}
}

// isMeasure reports whether other files are compared with a file: it is part of the unified schema, or the script that
// creates the schemas. A finding about it concerns every part of the workspace.
func (r *run) isMeasure(name string) bool { return r.options.isMeasure(name) }

func (o Options) isMeasure(name string) bool { return o.isUnified(name) || name == o.InitSQL }

// cannot records a file that should have been read.
func (w *walker) cannot(name string, s Severity, why string) {
	if w.options.isMeasure(name) {
		s = Error
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.ContainsFunc(w.unread, func(u unread) bool { return u.path == name }) {
		w.unread = append(w.unread, unread{name, why, s})
	}
}

func (w *walker) leftOut(name, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = append(w.left, LeftOut{name, why})
}

// readable reports whether the rules can read a file that they want, by its first bytes and its size. If not, that is
// recorded: with an error if the programs that the file is for read it all the same.
func (w *walker) readable(name string, k kind, data []byte) bool {
	why, severity := "", Warning
	switch text := encoding(data); {
	case len(data) > largest:
		why = "this is larger than 4 MB, which no rule reads"
	case text == "UTF-16" || text == "UTF-32":
		// TypeScript reads it, and so do readers of YAML.
		why, severity = "this is "+text+", which no rule reads: write it in UTF-8", Error
	case k == scriptFile || k == composeFile:
		return true // JavaScript may contain such bytes; the reader of YAML reports what it cannot read
	case text == "binary":
		why = "this is binary, which no rule reads"
	case k == prismaFile && text != "":
		why, severity = "this is not UTF-8, which no rule reads, nor does Prisma", Error
	default:
		return true
	}
	w.cannot(name, severity, why)
	return false
}

// encoding returns the encoding of a text that is not UTF-8: "UTF-16" or "UTF-32" in either byte order, by its mark or
// by the positions of its zero bytes, "binary" with other zero bytes, or "another". It is "" for UTF-8, with or without
// its mark.
func encoding(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return "UTF-32"
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "UTF-16"
	case bytes.IndexByte(data, 0) < 0:
		if utf8.Valid(data) {
			return ""
		}
		return "another"
	}
	// In a text that is mostly ASCII, every second byte is zero, and never the others.
	head := data[:min(len(data), 1000)&^1]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	if many := len(head) / 4; many > 0 && (zeros[0] > many && zeros[1] == 0 || zeros[1] > many && zeros[0] == 0) {
		return "UTF-16"
	}
	return "binary"
}

// narrow returns a text without its zero bytes: the ASCII part of a text in UTF-16.
func narrow(data []byte) []byte {
	if bytes.IndexByte(data, 0) < 0 {
		return data
	}
	return bytes.ReplaceAll(data, []byte{0}, nil)
}

// inside returns the path of a real path relative to the real root, with forward slashes; ok is false if it is not
// below.
func (w *walker) inside(real string) (rel string, ok bool) {
	rel, ok = files.Below(w.real, real)
	return filepath.ToSlash(rel), ok
}
