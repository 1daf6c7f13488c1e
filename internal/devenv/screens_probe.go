package devenv

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// How long the parts of a probe may take. An engine answers in a few ms. A server that has its hands full still lets
// somebody in within seconds, or says that it is full.
const (
	engineLook  = time.Second
	serverLimit = 4 * time.Second
)

// Probe looks whether the server is there: at its engine, which knows of a pause and of an end, and then on a connection
// of its own, which waits for nothing that others do. Its error says what helps with this engine.
func (s *Screens) Probe(ctx context.Context) error {
	if err := s.engineSays(ctx); err != nil {
		return err
	}
	url, err := s.where(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, serverLimit)
	defer cancel()
	conn, err := postgres.Connect(ctx, url, postgres.Options{Application: "naap probe", ConnectTimeout: serverLimit})
	if postgres.HasCode(err, "53300") {
		return nil // it is full, and says so
	}
	if err != nil {
		return s.env.cannotConnect(err, url)
	}
	defer postgres.Close(conn)
	if _, err := conn.Exec(ctx, "SELECT 1"); err != nil {
		return s.env.cannotConnect(err, url)
	}
	return nil
}

// where is the database's URL, without asking anybody where the last start left it.
func (s *Screens) where(ctx context.Context) (string, error) {
	if rec := readRecord(s.env.stateDir()); !s.env.IsExternal() && rec.Port != 0 {
		return s.env.dialURL("127.0.0.1", rec.Port), nil
	}
	return s.env.findServer(ctx)
}

// engineSays is why the engine knows that the server cannot answer; nil where it knows nothing of the kind.
func (s *Screens) engineSays(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, engineLook)
	defer cancel()
	switch {
	case s.env.IsExternal():
		return nil
	case !s.env.usesDocker(ctx):
		return s.processSays()
	}
	x, err := s.docker(ctx)
	if err != nil {
		return nil // an engine that does not answer says nothing about the server
	}
	name := x.spec.Container
	c, err := x.Describe(ctx, name)
	switch {
	case err != nil:
		return nil
	case c == nil:
		return remedy.New("server.gone", remedy.ExitNoServer, "the container %s is gone", name).WithHelp(remedy.Again("dev up"))
	case c.Status == "paused":
		return remedy.New("server.paused", remedy.ExitNoServer, "the container %s is paused", name).WithFix("docker unpause " + name)
	case c.Status != "running":
		return remedy.New("server.stopped", remedy.ExitNoServer, "the container %s is %s", name, c.Status).WithHelp(remedy.Again("dev up"))
	}
	return nil
}

// processSays is engineSays for the embedded server, of which the kernel knows.
func (s *Screens) processSays() error {
	eng, err := s.env.embeddedEngine()
	if err != nil {
		return nil
	}
	state, err := eng.(embedded).Describe()
	if err != nil {
		return nil
	}
	if state.Server == nil {
		return remedy.New("server.stopped", remedy.ExitNoServer, "the embedded server does not run").WithHelp(remedy.Again("dev up"))
	}
	if paused, ok := processPaused(state.Server.PID); ok && paused {
		return remedy.New("server.paused", remedy.ExitNoServer, "the embedded server, process %d, is stopped by a signal", state.Server.PID).
			WithFix(fmt.Sprintf("kill -CONT %d", state.Server.PID))
	}
	return nil
}
