// Package envfile compares what the .env files of a workspace say of its database with the instance, and mends what is
// wrong. It reads what people have, whether git ignores it or not, and shows no secret.
package envfile

import (
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Options are what the files are compared with.
type Options struct {
	Root      string                       // absolute
	Near      []string                     // folders, absolute: where the program that reads the schema looks for a .env, the closest first
	Variables []workspace.DatabaseVariable // the names by which the workspace finds its database
	URL       string                       // where the instance is, with its password
	Others    map[int]string               // other instances of this machine, by their ports
	Hosts     []string                     // names of the server in a network of containers
	OneSchema bool                         // the Prisma file names no schemas: all tables are in public
	External  bool                         // naap did not start the server
	// Private reports whether the password may be in a file: with one that nobody else knows, only in a file that the
	// repository does not share. Nil allows any.
	Private func(ctx context.Context, name string) (bool, error)
}

// Verdict is what is to be said of a line.
type Verdict string

const (
	Right      Verdict = "right"
	Wrong      Verdict = "wrong"      // it names this machine, and not the instance
	Missing    Verdict = "missing"    // the file should have the line
	Production Verdict = "production" // another machine, with a password written out
	Elsewhere  Verdict = "elsewhere"  // another machine
	ForTests   Verdict = "tests"      // a database that tests empty
	Shadow     Verdict = "shadow"     // a database that Prisma empties
	Overridden Verdict = "overridden" // a later line of the file counts
	Unknown    Verdict = "unknown"    // it cannot be told
)

// Kind is what a file is for, by its name; "" is for one that programs read on a developer's machine.
type Kind string

const (
	Template Kind = "template" // to be copied
	Deployed Kind = "deployed" // for production, staging or a preview
	Tests    Kind = "tests"
	Script   Kind = "script" // a shell's, such as direnv's .envrc
)

// Report is what the files say.
type Report struct {
	URL   string // of the instance, without its password
	Files []File

	options Options
	ours    dburl.Target
}

// File is a .env file.
type File struct {
	Path    string // relative to the root, with slashes
	Kind    Kind
	SameAs  string // the file that this is a link to, or ""
	Problem string // why it is not looked at, or ""
	Lines   []Line // those about the database, in their order
	Refused string // why it is not written, or ""

	text []byte
}

// Line is what a file says under one name.
type Line struct {
	Number  int // from 1; for a missing line, that of the line it would follow, and 0 at a file's end
	Name    string
	Verdict Verdict
	Shown   string   // the value, without its password; "" for a missing line
	Why     []string // what is wrong, or what is special
	Becomes string   // the right value, without its password; "" where nothing is to be mended

	edit *edit
}

// edit replaces bytes of a file.
type edit struct {
	start, end    int
	text          string
	before, after []string // the line without its password, for a diff
}

// Wrong returns how many lines are wrong or missing in files that programs read.
func (r *Report) Wrong() int {
	n := 0
	for _, f := range r.Files {
		for _, l := range f.Lines {
			if l.isFault(f.Kind) {
				n++
			}
		}
	}
	return n
}

// Faults returns the lines of a file that are wrong or missing.
func (f File) Faults() []Line {
	var out []Line
	for _, l := range f.Lines {
		if l.isFault(f.Kind) {
			out = append(out, l)
		}
	}
	return out
}

func (l Line) isFault(of Kind) bool {
	return of == "" && (l.Verdict == Wrong || l.Verdict == Missing)
}
