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

// environment is the Backend of an Env. It remembers nothing but the last snapshot, which makes the next one cheap, and the
// engine.
type environment struct {
	env  *devenv.Env
	boot devenv.UpOptions

	mu     sync.Mutex
	last   *postgres.Snapshot
	engine engine.Engine // kept between two measurements; see open
}

// New returns the terminal app's view of an environment. boot holds the options of the `up` that it may run.
func New(env *devenv.Env, boot devenv.UpOptions) Backend {
	env.Hurry()
	return &environment{env: env, boot: boot}
}

// reread returns the environment with the workspace's files as they are now. The terminal app stays open for days, so
// verbs and screens read files when they are asked.
func (b *environment) reread(ctx context.Context) (*devenv.Env, error) { return b.env.Again(ctx) }

// asNow calls f with the files as they are now.
func asNow[T any](ctx context.Context, b *environment, f func(*devenv.Env) (T, error)) (out T, err error) {
	env, err := b.reread(ctx)
	if err != nil {
		return out, err
	}
	return f(env)
}

// explained runs a verb, which fails as it does on the command line: see Env.Explained.
func (b *environment) explained(ctx context.Context, verb string, do func(context.Context) error) error {
	ctx, _ = postgres.WithJournal(ctx)
	return b.env.Explained(ctx, verb, do(ctx))
}

// verb is like explained, with the files as they are now.
func (b *environment) verb(ctx context.Context, verb string, do func(context.Context, *devenv.Env) error) error {
	return b.explained(ctx, verb, func(ctx context.Context) error {
		env, err := b.reread(ctx)
		if err != nil {
			return err
		}
		return do(ctx, env)
	})
}

func (b *environment) Boot(ctx context.Context, report progress.Report) error {
	return b.verb(ctx, "dev up", func(ctx context.Context, env *devenv.Env) error {
		_, err := env.Up(ctx, b.boot, report)
		return err
	})
}

func (b *environment) Identity() devenv.Identity { return b.env.Identity() }

func (b *environment) Stop(ctx context.Context, report progress.Report) error {
	if err := b.Identity().Lacks.Stop.Err(); err != nil {
		return err
	}
	_, err := b.env.Down(ctx, devenv.DownOptions{}, report)
	return err
}

func (b *environment) Snapshot(ctx context.Context, fresh bool) (*postgres.Snapshot, error) {
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

func (b *environment) Logs(ctx context.Context, tail int, emit func(line string) bool) error {
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

func (b *environment) Psql(ctx context.Context) (*exec.Cmd, error) { return b.env.PsqlHere(ctx) }
