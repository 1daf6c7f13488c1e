package program

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Command returns a program, found and ready to be started, like exec.CommandContext. Its environment is what the
// program may see; set adds to it, KEY=VALUE, and takes precedence. Its error is one of Find.
func (f Finder) Command(ctx context.Context, p Program, args ...string) (*exec.Cmd, error) {
	file, err := f.Find(p)
	if err != nil {
		return nil, err
	}
	return f.At(ctx, p, file, args...)
}

// At is Command for a program whose file is known, by its absolute path. The caller must know that it may be run.
func (f Finder) At(ctx context.Context, p Program, file string, args ...string) (*exec.Cmd, error) {
	if !filepath.IsAbs(file) {
		return nil, fmt.Errorf("%s is not started: its path is relative", visible.String(file))
	}
	if batchFile(file) && slices.ContainsFunc(args, forCmd) {
		return nil, fmt.Errorf("%s is not started: it is a batch file, and an argument has characters that cmd.exe would read as its own", visible.String(file))
	}
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Env = f.Env(p)
	return cmd, nil
}

// Ready returns a command that was found and given its environment before: the first word of argv is the program's
// absolute path.
func Ready(ctx context.Context, argv, env []string) (*exec.Cmd, error) {
	cmd, err := Finder{}.At(ctx, Program{}, argv[0], argv[1:]...)
	if err == nil {
		cmd.Env = env
	}
	return cmd, err
}

func batchFile(file string) bool {
	return runtime.GOOS == "windows" && slices.Contains([]string{".cmd", ".bat"}, strings.ToLower(filepath.Ext(file)))
}

// forCmd reports whether cmd.exe would split or expand an argument, for which no quoting is safe
// (https://www.kb.cert.org/vuls/id/123335).
func forCmd(arg string) bool { return strings.ContainsAny(arg, "\"%!&|<>^\r\n\x00") }
