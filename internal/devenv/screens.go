package devenv

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Screens is an Env as the terminal app sees it: every verb takes and returns values, and nothing is remembered but the
// last snapshot, which makes the next one cheap.
type Screens struct {
	env  *Env
	boot UpOptions

	mu     sync.Mutex
	last   *postgres.Snapshot
	engine engine.Engine // kept between two measurements; see open
}

// NewScreens returns the terminal app's view of an environment. boot holds the options of the `up` that it may run.
func NewScreens(env *Env, boot UpOptions) *Screens {
	// A server that no longer answers must show within two seconds.
	env.cancelWait = 300 * time.Millisecond
	env.quiet = true
	return &Screens{env: env, boot: boot}
}

// Boot brings the environment up.
func (s *Screens) Boot(ctx context.Context, report progress.Report) error {
	return s.explained(ctx, "dev up", func(ctx context.Context) error {
		env, err := s.reread(ctx)
		if err != nil {
			return err
		}
		_, err = env.Up(ctx, s.boot, report)
		return err
	})
}

// Identity returns what the header shows of the instance.
func (s *Screens) Identity() Identity {
	set := &s.env.ws.Settings
	rec := readRecord(s.env.stateDir())
	id := Identity{Instance: set.Instance, Engine: rec.Engine, Workspace: "built-in workspace"}
	if !s.env.ws.IsBuiltin() {
		id.Workspace = s.env.ws.Root
	}
	port := rec.Port
	if port == 0 {
		port = set.Port
	}
	id.Address = fmt.Sprintf("127.0.0.1:%d/%s", port, set.Database)
	if set.DatabaseURL != "" {
		id.Engine = s.env.kind().Name
		if t, err := postgres.ParseTarget(set.DatabaseURL); err == nil {
			id.Address = t.Endpoint()
		}
	}
	id.Address = visible.String(id.Address)
	id.Lacks = s.lacks()
	return id
}

// lacks returns what the engine cannot do, as far as it is known which engine it is.
func (s *Screens) lacks() engine.Lacks {
	if kind := s.env.kind(); kind != nil {
		return kind.Lacks
	}
	return engine.Lacks{}
}

// Stop stops the server; its data stays.
func (s *Screens) Stop(ctx context.Context, report progress.Report) error {
	if err := s.lacks().Stop.Err(); err != nil {
		return err
	}
	_, err := s.env.Down(ctx, DownOptions{}, report)
	return err
}

// Snapshot does one refresh: at most two round trips. With fresh, everything is read and counted again.
func (s *Screens) Snapshot(ctx context.Context, fresh bool) (*postgres.Snapshot, error) {
	db, err := s.env.Connect(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	opt := postgres.SnapshotOptions{Previous: s.last, CountIn: s.env.connectReader}
	s.mu.Unlock()
	if fresh {
		opt = postgres.SnapshotOptions{CountBytes: 1 << 40, CountTables: 100_000, CountIn: s.env.connectReader}
	}
	snap, err := db.Snapshot(ctx, opt)
	if err != nil {
		return nil, db.Diagnose(err)
	}
	s.mu.Lock()
	s.last = snap
	s.mu.Unlock()
	return snap, nil
}

// Logs follows the server's own log, a line at a time, until ctx ends or emit returns false.
func (s *Screens) Logs(ctx context.Context, tail int, emit func(line string) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	over := false
	w := &lineWriter{emit: func(line string) {
		if over = over || !emit(line); over { // what was already written may hold more lines
			cancel()
		}
	}}
	if err := s.env.Logs(ctx, w, server.LogOptions{Follow: true, Tail: tail}); !over {
		return err
	}
	return nil
}

// lineWriter cuts what is written into lines. A line longer than 64 KiB is cut there.
type lineWriter struct {
	emit func(string)
	rest []byte
}

const longestLine = 64 << 10

func (w *lineWriter) Write(p []byte) (int, error) {
	for _, c := range p {
		switch {
		case c == '\n':
			w.emit(string(w.rest))
			w.rest = w.rest[:0]
		case c != '\r' && len(w.rest) < longestLine:
			w.rest = append(w.rest, c)
		}
	}
	return len(p), nil
}

// Psql returns the command that opens psql on the database.
func (s *Screens) Psql(ctx context.Context) (*exec.Cmd, error) {
	p, err := s.env.Psql(ctx, nil)
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx) // psql runs for longer than it takes to find it
	if p.Inside == nil {
		return p.Command(ctx)
	}
	defer p.engine.Close()
	// The terminal app gives its terminal to a program of this machine, which naap itself is.
	argv, err := s.env.selfCommand("dev", "psql")
	if err != nil {
		return nil, err
	}
	return program.Ready(ctx, argv, environ())
}
