package devenv

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/command"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// exitNotFound is what a shell ends with if there is no such program.
const exitNotFound = 127

// ExitNotStarted is what a shell ends with if a program is there and does not start.
const ExitNotStarted = 126

// Exec returns a command that the user typed, ready to be started in the folder where naap was, with every variable that
// names a database set to the running instance.
func (e *Env) Exec(ctx context.Context, words []string) (*exec.Cmd, error) {
	db, err := e.commandDatabase(ctx)
	if err != nil {
		return nil, err
	}
	x, err := command.Command{Args: words, Dir: e.ws.Dir}.Typed(ctx, e.Programs(), db)
	if err != nil {
		if e.namesFile(words[0]) {
			return nil, remedy.New("exec.start", ExitNotStarted, "%s is not a program that can be run", visible.String(words[0])).
				WithSeen("it is a file that nobody may execute").WithFix("chmod +x " + remedy.ShellWord(words[0]))
		}
		r := remedy.New("exec.missing", exitNotFound, "there is no command %s", visible.String(words[0])).WithSeen(visible.String(err.Error()))
		if strings.ContainsAny(words[0], " \t") {
			r.WithHelp(remedy.Naap("dev exec", append([]string{"--"}, strings.Fields(words[0])...)...).Note("each word by itself"))
		}
		return nil, r
	}
	return x, nil
}

// namesFile reports whether a command is the path of a file.
func (e *Env) namesFile(word string) bool {
	path := word
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.ws.Dir, path)
	}
	return filepath.Base(word) != word && isFile(path)
}

// StrangerToCommand is like Stranger, for a command whose statements naap does not see.
func (e *Env) StrangerToCommand(ctx context.Context) (string, error) {
	return e.strangerTo(ctx, "the command")
}

// Become hands this process to a command that Exec returned, where the system can do that; otherwise it runs the command
// and returns its exit status.
func Become(ctx context.Context, x *exec.Cmd) (status int, err error) { return program.Become(ctx, x) }
