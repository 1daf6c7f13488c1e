// Package command runs commands of a workspace, which its files name and the user has allowed, or which the user typed,
// with every variable that names a database set to one: the instance's.
package command

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Command is a command to be run. The permission to run it was asked for before.
type Command struct {
	Args []string // program and arguments
	Dir  string   // absolute: the folder to run it in
	Bin  []string // folders that precede those of the PATH, such as node_modules/.bin
}

// Database is what a command sees of the database.
type Database struct {
	URL       string // with the password
	Variables []workspace.DatabaseVariable
}

// Failure is the error of a command that ran and failed, or did not start.
type Failure struct {
	Err    error
	Output string // its last lines, without passwords, indented, safe to show
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the error of package os/exec.
func (f *Failure) Unwrap() error { return f.Err }

// Run runs a command and passes on each line of its output, without passwords. When the context ends, so does the
// command, and its error is the context's; otherwise a command that fails is a *Failure.
func Run(ctx context.Context, programs program.Finder, c Command, db Database, tell func(line string)) error {
	x, err := c.Exec(ctx, programs, db)
	if err != nil {
		return &Failure{Err: err}
	}
	var last tailBuffer
	mask := withoutPassword(db.URL)
	out := program.Lines(func(line string) {
		line = mask(line)
		last.add(line)
		tell(line)
	})
	x.Stdout, x.Stderr = out, out
	end := ownGroup(x)
	x.WaitDelay = 5 * time.Second
	if err := x.Run(); err != nil {
		end()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Failure{err, visible.Text(last.String())}
	}
	return nil
}

// Exec returns the command, ready to be started, as `npm run` would start it: with the user's environment, and with the
// programs of its dependencies before those of the PATH. The shell, or the package manager, is the user's own if there
// is one: what the user was shown is what those run.
func (c Command) Exec(ctx context.Context, programs program.Finder, db Database) (*exec.Cmd, error) {
	path := strings.Join(append(append([]string{}, c.Bin...), programs.Path), string(os.PathListSeparator))
	file, err := program.Along(strings.Join(programs.Folders(), string(os.PathListSeparator)), c.Dir, c.Args[0])
	if err != nil {
		file, err = program.Along(path, c.Dir, c.Args[0])
	}
	if err != nil {
		return nil, err
	}
	x, err := programs.At(ctx, program.Allowed, file, c.Args[1:]...)
	if err != nil {
		return nil, err
	}
	x.Dir = c.Dir
	x.Env = append(db.Environ(x.Env), "PATH="+path)
	return x, nil
}

// Typed returns a command that the user typed: its program is found along their own PATH, as their shell would find it.
func (c Command) Typed(ctx context.Context, programs program.Finder, db Database) (*exec.Cmd, error) {
	file, err := program.Along(programs.Path, c.Dir, c.Args[0])
	if err != nil {
		return nil, err
	}
	if file, err = filepath.Abs(file); err != nil {
		return nil, err
	}
	x, err := programs.At(ctx, program.Allowed, file, c.Args[1:]...)
	if err != nil {
		return nil, err
	}
	x.Args[0], x.Dir = c.Args[0], c.Dir
	x.Env = db.Environ(x.Env)
	return x, nil
}

// tailBuffer keeps the last lines added to it.
type tailBuffer struct{ lines []string }

func (b *tailBuffer) add(line string) {
	b.lines = append(b.lines, line)
	if len(b.lines) > 20 {
		b.lines = b.lines[1:]
	}
}

func (b *tailBuffer) String() string {
	var out bytes.Buffer
	for _, l := range b.lines {
		out.WriteString("    " + l + "\n")
	}
	return out.String()
}
