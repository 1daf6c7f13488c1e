package doctor

import (
	"context"
	"os"
	"time"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// toolsCheck says which versions of Node's tools are installed: the platform's own scripts need them, naap does not.
var toolsCheck = check{nothing, func(ctx context.Context, l *look) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, tool := range []program.Program{program.Node, program.Npm} {
		cmd, err := l.Programs().Command(ctx, tool, "--version")
		if err != nil {
			seen := append([]string{"the platform's own scripts need it; naap needs npm once, without Docker"}, program.Passed(err)...)
			l.add("tools", remedy.Notable, tool.Name+" is not on the PATH", seen, remedy.Words("https://nodejs.org"))
			continue
		}
		cmd.Dir, _ = os.UserHomeDir() // in the workspace npm would read its .npmrc, and a version manager its settings
		out, err := cmd.Output()
		if err != nil {
			l.add("tools", remedy.Warning, tool.Name+" does not run", []string{cmd.Path, err.Error()}, remedy.Words(cmd.Path+" --version"), remedy.Words("https://nodejs.org"))
			continue
		}
		l.fine("tools", tool.Name+" "+version(out), cmd.Path)
	}
}}
