package dockerctl

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// execMark is the variable by which a command is found again among a container's processes, to be ended.
const execMark = "NAAP_EXEC_ID"

// Exec runs a command in the running container of a name and returns its exit status. When ctx ends, the command is
// ended too, with what it started.
func (e *Engine) Exec(ctx context.Context, name string, c server.Command) (int, error) {
	var random [8]byte
	rand.Read(random[:]) // never fails, by its documentation
	mark := execMark + "=" + hex.EncodeToString(random[:])
	options := container.ExecOptions{
		Cmd: c.Args, Env: append(slices.Clone(c.Env), mark), Tty: c.Tty,
		AttachStdin: c.Stdin != nil, AttachStdout: true, AttachStderr: true,
	}
	made, err := e.cli.ContainerExecCreate(ctx, name, options)
	if err != nil {
		return 0, e.notInside(ctx, name, c.Args[0], err)
	}
	attached, err := e.cli.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{Tty: c.Tty})
	if err != nil {
		return 0, e.notInside(ctx, name, c.Args[0], err)
	}
	defer attached.Close()
	if c.Tty {
		go e.resize(ctx, made.ID, c)
	}
	if c.Stdin != nil {
		go func() {
			_, _ = io.Copy(attached.Conn, c.Stdin) // ends with the connection
			_ = attached.CloseWrite()
		}()
	}
	finished := make(chan error, 1)
	go func() { finished <- readOutput(attached.Reader, c) }()
	if err = e.awaitOutput(ctx, name, c, finished); ctx.Err() != nil {
		e.endMarked(context.WithoutCancel(ctx), name, mark)
		return 0, ctx.Err()
	}
	if err != nil {
		return 0, e.lost(ctx, "run a command in the container", fmt.Errorf("read the output of %s: %w", c.Args[0], err))
	}
	return e.execStatus(ctx, made.ID)
}

// notInside returns why a program could not be started in a container.
func (e *Engine) notInside(ctx context.Context, name, program string, err error) error {
	if c, lookErr := e.containerState(ctx, name); lookErr == nil {
		switch {
		case c == nil:
			return remedy.New("container.missing", remedy.ExitNoServer, "there is no container %s to run %s in", visible.String(name), program).
				WithHelp(remedy.Naap("dev up")).Wrap(err)
		case c.Status == "paused":
			return pausedInside(name, program).Wrap(err)
		case c.Status != "running":
			return remedy.New("container.stopped", remedy.ExitNoServer, "the container %s does not run, and %s was to run in it", visible.String(name), program).
				WithHelp(remedy.Naap("dev up")).Wrap(err)
		}
	}
	return e.lost(ctx, "run a command in the container", fmt.Errorf("run %s in container %s: %w", program, name, err))
}

func pausedInside(name, program string) *remedy.Error {
	return remedy.New("container.paused", remedy.ExitNoServer, "the container %s is paused, and %s runs in it", visible.String(name), program).
		WithFix(Unpausing(name), "then the same command again")
}

// awaitOutput waits for the end of a command's output. A command may be silent for as long as it likes, and in a paused
// container, or where the engine hangs, it would be for ever: so the container is looked at now and then. What the user
// types in has the user to end it.
func (e *Engine) awaitOutput(ctx context.Context, name string, c server.Command, finished <-chan error) error {
	look := time.NewTicker(e.cli.patience / 2)
	defer look.Stop()
	for {
		select {
		case err := <-finished:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
		if c.Tty {
			continue
		}
		of, err := e.containerState(ctx, name)
		if err == nil && of != nil && of.Status == "paused" {
			return pausedInside(name, c.Args[0])
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func readOutput(r io.Reader, c server.Command) error {
	out, errs := c.Stdout, c.Stderr
	if out == nil {
		out = io.Discard
	}
	if errs == nil {
		errs = io.Discard
	}
	if c.Tty {
		_, err := io.Copy(out, r)
		return err
	}
	_, err := stdcopy.StdCopy(out, errs, r)
	return err
}

// resize tells the command's terminal how large the user's is.
func (e *Engine) resize(ctx context.Context, id string, c server.Command) {
	set := func(s server.Size) {
		if s.Width > 0 && s.Height > 0 {
			_ = e.cli.ContainerExecResize(ctx, id, container.ResizeOptions{Width: s.Width, Height: s.Height})
		}
	}
	set(c.Size)
	for {
		select {
		case s, ok := <-c.Resize:
			if !ok {
				return
			}
			set(s)
		case <-ctx.Done():
			return
		}
	}
}

// execStatus returns the exit status of a command whose output has ended. The engine notes the end a moment later.
func (e *Engine) execStatus(ctx context.Context, id string) (int, error) {
	for {
		got, err := e.cli.ContainerExecInspect(ctx, id)
		if err != nil {
			return 0, e.lost(ctx, "ask how the command ended", err)
		}
		if !got.Running {
			return got.ExitCode, nil
		}
		if err := server.Wait(ctx, 5*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// endScript ends the processes that carry a mark, those without children first. A process that dies after its parent is
// handed to process 1, which is PostgreSQL: it takes the unknown child's signal for a crash of its own and restarts
// (CleanupBackend in postmaster.c). So none is ended before its children were, nor one that process 1 has already.
const endScript = `
signal=TERM; round=0
while [ $round -lt 60 ]; do
  pids=; parents=" "
  for dir in /proc/[0-9]*; do
    grep -qs "$1" "$dir/environ" || continue
    parent=$(sed -n 's/^PPid:[^0-9]*//p' "$dir/status" 2>/dev/null)
    [ "$parent" = 1 ] && continue
    pids="$pids ${dir#/proc/}"; parents="$parents$parent "
  done
  [ -n "$pids" ] || exit 0
  for pid in $pids; do
    case "$parents" in *" $pid "*) ;; *) kill -$signal $pid 2>/dev/null ;; esac
  done
  sleep 0.05; round=$((round + 1))
  [ $round -eq 30 ] && signal=KILL
done`

// endMarked ends a command and all it started. The engine has no call for it: closing the connection leaves the command
// running. Each carries the mark in its environment.
func (e *Engine) endMarked(ctx context.Context, name, mark string) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	made, err := e.cli.ContainerExecCreate(ctx, name, container.ExecOptions{Cmd: []string{"sh", "-c", endScript, "sh", mark}})
	if err == nil {
		_ = e.cli.ContainerExecStart(ctx, made.ID, container.ExecStartOptions{Detach: true})
	}
}
