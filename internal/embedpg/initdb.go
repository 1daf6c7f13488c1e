package embedpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// locales are tried in order: that of the postgres:16 image, then the nearest that every system has.
func locales(goos string) []string {
	if goos == "darwin" {
		return []string{"en_US.UTF-8", "C"}
	}
	return []string{"en_US.utf8", "C.UTF-8", "C"}
}

// makeCluster makes the data directory with the user and the database in it. All is done in a folder beside it, which
// becomes the data directory by a rename: there is never half a cluster.
func (r *run) makeCluster(ctx context.Context) error {
	if err := r.locate(ctx); err != nil {
		return err
	}
	r.sayCluster(progress.Running, "initdb")
	work, err := os.MkdirTemp(r.at.home, makingPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	data := filepath.Join(work, "data")
	locale, err := r.initdb(ctx, work, data)
	if err != nil {
		return err
	}
	if err := r.createDatabase(ctx, data); err != nil {
		return err
	}
	id := filepath.Join(data, filepath.Base(r.at.identityFile()))
	if err := r.account.create(id, []byte(loopback.NewIdentity(r.spec.Instance)+"\n")); err != nil {
		return fmt.Errorf("name the cluster: %w", err)
	}
	if err := r.account.create(filepath.Join(data, filepath.Base(r.at.unsyncedFile())), nil); err != nil {
		return fmt.Errorf("note that the cluster is to be synced: %w", err)
	}
	if err := os.Rename(data, r.at.data()); err != nil { // an empty folder there gives way
		return fmt.Errorf("put the cluster in its place: %w", err)
	}
	r.created = true
	r.sayCluster(progress.Done, fmt.Sprintf("made by initdb %s, locale %s", r.binaries.Version, locale))
	return nil
}

// initdb makes the cluster like the image's: its own superuser, a password for everybody, UTF-8, UTC. It is not synced
// to disk yet, which takes longer than all the rest; syncInBackground does that.
func (r *run) initdb(ctx context.Context, work, data string) (locale string, err error) {
	secret := filepath.Join(work, "password")
	if err := os.WriteFile(secret, []byte(r.spec.Password+"\n"), 0o600); err != nil {
		return "", err
	}
	if err := r.account.Own(work); err != nil {
		return "", err
	}
	for _, locale := range locales(runtime.GOOS) {
		out, err := r.runProgram(ctx, work, nil, r.binaries.Initdb(),
			"-D", data, "--username", r.spec.User, "--pwfile", secret, "--encoding", "UTF8", "--locale", locale,
			"--auth", "scram-sha-256", "--no-sync", "--no-instructions")
		if err == nil {
			return locale, os.Remove(secret)
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if !bytes.Contains(out, []byte("invalid locale name")) {
			return "", r.programFailed("initdb", out, err)
		}
	}
	return "", errors.New("initdb knows none of the locales " + strings.Join(locales(runtime.GOOS), ", "))
}

// createDatabase makes the instance's database with a single-user backend, before there is a server that anybody could
// find without it.
func (r *run) createDatabase(ctx context.Context, data string) error {
	if r.spec.Database == "postgres" || r.spec.Database == "template1" {
		return nil
	}
	sql := "CREATE DATABASE " + sqltext.Ident(r.spec.Database) + "\n"
	out, err := r.runProgram(ctx, data, strings.NewReader(sql), r.binaries.Postgres(),
		"--single", "-F", "-D", data, "-c", "log_checkpoints=off", "-c", "exit_on_error=true", "postgres")
	// Without exit_on_error such a backend reports success whatever happened.
	if err != nil {
		return r.programFailed("create the database", out, err)
	}
	return nil
}

// runProgram runs one of PostgreSQL's programs to its end, as the server's user.
func (r *run) runProgram(ctx context.Context, dir string, stdin *strings.Reader, file string, args ...string) ([]byte, error) {
	cmd, err := r.command(ctx, program.Initdb, file, args...)
	if err != nil {
		return nil, err
	}
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second
	if stdin != nil {
		cmd.Stdin = stdin
	}
	interruptInsteadOfKill(cmd)
	r.account.Apply(cmd)
	return outputOfBound(cmd)
}

// programFailed returns the remedy for a program's failure, with what it printed.
func (r *run) programFailed(what string, out []byte, err error) error {
	lines := lastLines(string(out), 8)
	e := classify(lines)
	e.Message = fmt.Sprintf("%s failed: %s", what, e.Message)
	return e.Wrap(err).WithSeen(lines...)
}

// syncScript flushes a cluster and, once all of it is on disk, takes the mark away. The shell does so as naap may be
// gone by then.
const syncScript = `"$1" --sync-only -D "$2" && rm -f "$3"`

// syncInBackground flushes a new cluster to disk while the database is used already. It goes on when naap ends; where it
// did not come to its end, the next start does it again. It is confined as the server is, which may have put links for it
// to follow where tablespaces are looked for.
func (r *run) syncInBackground() {
	if missing(r.at.unsyncedFile()) || r.binaries.Dir == "" {
		return
	}
	shell, err := r.programs.Find(program.Shell)
	if err != nil {
		return // the next start tries again
	}
	cmd, err := r.command(context.Background(), program.Shell, shell, "-c", syncScript, "sh", r.binaries.Initdb(), r.at.data(), r.at.unsyncedFile())
	if err != nil {
		return
	}
	cmd.Dir = r.at.data()
	r.account.Apply(cmd)
	if r.startAsServer(cmd) == nil {
		go cmd.Wait()
	}
}

func (r *run) sayCluster(status progress.Status, detail string) {
	r.report(progress.Step{Name: stepCluster, Title: "Cluster", Status: status, Detail: detail})
}

// command returns one of PostgreSQL's programs, or what runs one, with its environment. Its time zone is the image's.
// LC_ALL is not the databases' locale; on macOS a server without it refuses to start, as looking for the user's locale
// starts a thread.
func (r *run) command(ctx context.Context, p program.Program, file string, args ...string) (*exec.Cmd, error) {
	cmd, err := r.programs.At(ctx, p, file, args...)
	if err == nil {
		cmd.Env = append(cmd.Env, "TZ=UTC", "LC_ALL=C")
	}
	return cmd, err
}

// lastLines returns the last n lines of a text that aren't empty, safe to show.
func lastLines(text string, n int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, visible.String(line))
		}
	}
	return lines[max(0, len(lines)-n):]
}
