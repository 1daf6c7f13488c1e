// Package pgtools runs a pg_dump and pg_restore that fit a server: those beside it, or those of this machine that are not
// older.
package pgtools

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

var clientVersion = lazy.Regexp{Text: `\(PostgreSQL\) (\d+)`}

// toolFolder finds pg_dump and pg_restore: in the folder of the server's programs, on the PATH, or in Debian's folder
// for each version.
func toolFolder(ctx context.Context, programs program.Finder, bin string, server postgres.Version) (string, error) {
	folders := programs.Folders()
	if bin != "" {
		folders = append([]string{bin}, folders...)
	}
	if more, err := filepath.Glob("/usr/lib/postgresql/*/bin"); err == nil {
		folders = append(folders, more...)
	}
	var seen []string
	for _, dir := range folders {
		dump, restore := filepath.Join(dir, "pg_dump"), filepath.Join(dir, "pg_restore")
		if _, err := os.Stat(restore); err != nil {
			continue
		}
		if why := cmp.Or(programs.Objection(dump), programs.Objection(restore)); why != "" && dir != bin {
			seen = append(seen, visible.String(dump+": "+why))
			continue
		}
		cmd, err := programs.At(ctx, program.PgDump, dump, "--version")
		if err != nil {
			continue
		}
		said, err := cmd.Output()
		m := clientVersion.Get().FindSubmatch(said)
		if err != nil || m == nil {
			continue
		}
		if major, _ := strconv.Atoi(string(m[1])); major >= server.Major() {
			return dir, nil
		}
		seen = append(seen, dump+": "+strings.TrimSpace(string(said)))
	}
	e := remedy.New("backup.tools", remedy.ExitFailed, "there is no pg_dump for PostgreSQL %d on this machine", server.Major()).WithSeen(seen...)
	return "", e.WithHelp(remedy.Words(fmt.Sprintf("sudo apt-get install postgresql-client-%d    (or: brew install libpq)", server.Major())),
		remedy.Line("or a snapshot, which needs no tools: ", remedy.Naap("dev snapshot save", "NAME")))
}

// Find returns the programs of this machine that fit a server of a version, and connect to a target: those in the folder
// bin, if it is given, else those of the PATH.
func Find(ctx context.Context, programs program.Finder, bin string, server postgres.Version, target dburl.Target, password string) (backup.Tools, error) {
	dir, err := toolFolder(ctx, programs, bin, server)
	if err != nil {
		return nil, err
	}
	return localTools{programs, dir, target, password}, nil
}

type localTools struct {
	programs program.Finder
	dir      string
	target   dburl.Target
	password string
}

// Run runs a program of this machine. The password is in its environment, because other users can read a command line.
func (l localTools) Run(ctx context.Context, tool, database string, args []string, in io.Reader, out io.Writer) error {
	cmd, err := l.programs.At(ctx, program.PgDump, filepath.Join(l.dir, tool), args...)
	if err != nil {
		return err
	}
	var hosts, ports []string
	for _, h := range l.target.Hosts {
		hosts, ports = append(hosts, h.Name), append(ports, strconv.Itoa(h.Port))
	}
	cmd.Env = append(cmd.Env, "PGHOST="+strings.Join(hosts, ","), "PGPORT="+strings.Join(ports, ","))
	if attrs := l.target.Params.Get("target_session_attrs"); attrs != "" {
		cmd.Env = append(cmd.Env, "PGTARGETSESSIONATTRS="+attrs)
	}
	// naap reads what the programs print, which must be English whatever the machine's language.
	cmd.Env = append(cmd.Env, "LC_ALL=C", "PGUSER="+l.target.User, "PGPASSWORD="+l.password, "PGDATABASE="+database)
	if mode := l.target.Params.Get("sslmode"); mode != "" {
		cmd.Env = append(cmd.Env, "PGSSLMODE="+mode)
	}
	var said bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, &said
	cmd.WaitDelay = 2 * time.Second // in case the reader of its output does not read
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return backup.ToolError(tool, said.String(), exit.ExitCode())
	}
	return err
}

// Inside returns the programs beside the server of an engine, which open opens.
func Inside(open func(context.Context) (engine.Engine, string, error), set *workspace.Settings) backup.Tools {
	return insideTools{open, set}
}

type insideTools struct {
	open func(context.Context) (engine.Engine, string, error)
	set  *workspace.Settings
}

// Run runs a program beside the server.
func (t insideTools) Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error {
	eng, _, err := t.open(ctx)
	if err != nil {
		return err
	}
	defer eng.Close()
	var said bytes.Buffer
	code, err := eng.Exec(ctx, server.Command{
		Args: append([]string{program}, args...), Stdin: in, Stdout: out, Stderr: &said,
		Env: []string{"LC_ALL=C", "PGHOST=127.0.0.1", "PGUSER=" + t.set.User, "PGPASSWORD=" + t.set.Password, "PGDATABASE=" + database},
	})
	if err == nil && code != 0 {
		err = backup.ToolError(program, said.String(), code)
	}
	return err
}
