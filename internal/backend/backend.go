// Package backend answers what the terminal app's screens ask for: an environment in which every verb takes and returns
// values, reads the workspace's files when it is asked, and carries out only the plan that was shown.
package backend

import (
	"context"
	"os/exec"
	"sync"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/server"
)

// Backend is an Env as the terminal app sees it. It remembers nothing but the last snapshot, which makes the next one
// cheap, and the engine.
type Backend struct {
	env  *devenv.Env
	boot devenv.UpOptions

	mu     sync.Mutex
	last   *postgres.Snapshot
	engine engine.Engine // kept between two measurements; see open
}

// New returns the terminal app's view of an environment. boot holds the options of the `up` that it may run.
func New(env *devenv.Env, boot devenv.UpOptions) *Backend {
	env.Hurry()
	return &Backend{env: env, boot: boot}
}

// reread returns the environment with the workspace's files as they are now. The terminal app stays open for days, so
// verbs and screens read files when they are asked.
func (b *Backend) reread(ctx context.Context) (*devenv.Env, error) { return b.env.Again(ctx) }

// asNow calls f with the files as they are now.
func asNow[T any](ctx context.Context, b *Backend, f func(*devenv.Env) (T, error)) (out T, err error) {
	env, err := b.reread(ctx)
	if err != nil {
		return out, err
	}
	return f(env)
}

// explained runs a verb, which fails as it does on the command line: see Env.Explained.
func (b *Backend) explained(ctx context.Context, verb string, do func(context.Context) error) error {
	ctx, _ = postgres.WithJournal(ctx)
	return b.env.Explained(ctx, verb, do(ctx))
}

// verb is like explained, with the files as they are now.
func (b *Backend) verb(ctx context.Context, verb string, do func(context.Context, *devenv.Env) error) error {
	return b.explained(ctx, verb, func(ctx context.Context) error {
		env, err := b.reread(ctx)
		if err != nil {
			return err
		}
		return do(ctx, env)
	})
}

// Boot brings the environment up.
func (b *Backend) Boot(ctx context.Context, report progress.Report) error {
	return b.verb(ctx, "dev up", func(ctx context.Context, env *devenv.Env) error {
		_, err := env.Up(ctx, b.boot, report)
		return err
	})
}

// Identity returns what the header shows of the instance.
func (b *Backend) Identity() devenv.Identity { return b.env.Identity() }

// Stop stops the server; its data stays.
func (b *Backend) Stop(ctx context.Context, report progress.Report) error {
	if err := b.Identity().Lacks.Stop.Err(); err != nil {
		return err
	}
	_, err := b.env.Down(ctx, devenv.DownOptions{}, report)
	return err
}

// Snapshot does one refresh: at most two round trips. With fresh, everything is read and counted again.
func (b *Backend) Snapshot(ctx context.Context, fresh bool) (*postgres.Snapshot, error) {
	b.mu.Lock()
	opt := postgres.SnapshotOptions{Previous: b.last}
	b.mu.Unlock()
	if fresh {
		opt = postgres.SnapshotOptions{CountBytes: 1 << 40, CountTables: 100_000}
	}
	snap, err := b.env.Snapshot(ctx, opt)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.last = snap
	b.mu.Unlock()
	return snap, nil
}

// Logs follows the server's own log, a line at a time, until ctx ends or emit returns false.
func (b *Backend) Logs(ctx context.Context, tail int, emit func(line string) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := false
	w := program.Lines(func(line string) {
		if over = over || !emit(line); over { // what was already written may hold more lines
			cancel()
		}
	})
	if err := b.env.Logs(ctx, w, server.LogOptions{Follow: true, Tail: tail}); !over {
		return err
	}
	return nil
}

// Psql returns the command that opens psql on the database.
func (b *Backend) Psql(ctx context.Context) (*exec.Cmd, error) { return b.env.PsqlHere(ctx) }
