package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// How long the parts of a probe may take. An engine answers in a few ms. A busy server still accepts a session within
// seconds, or says that it is full.
const (
	engineLook  = time.Second
	serverLimit = 4 * time.Second
)

// Probe checks whether the server is there: first at its engine, which knows whether it is paused or has ended, and
// then on a connection of its own, which does not wait for others. Its error says what helps with this engine.
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

// where returns the database's URL; it does not ask anybody where the last start left it.
func (s *Screens) where(ctx context.Context) (string, error) {
	if rec := readRecord(s.env.stateDir()); !s.env.IsExternal() && rec.Port != 0 {
		return s.env.dialURL("127.0.0.1", rec.Port), nil
	}
	return s.env.findServer(ctx)
}

// engineSays returns why the engine knows that the server cannot answer; nil where it does not know.
func (s *Screens) engineSays(ctx context.Context) error {
	if s.env.IsExternal() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, engineLook)
	defer cancel()
	eng, err := s.open(ctx)
	if err != nil {
		return nil // an engine that does not answer says nothing about the server
	}
	server, err := eng.Look(ctx)
	if err != nil {
		_ = s.keep(err)
		return nil
	}
	if server.Gone == nil && (server.State == engine.Running || server.State == engine.Starting) {
		return nil
	}
	return s.env.gone(eng, server, postgres.NoAnswer, nil)
}
