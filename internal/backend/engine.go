package backend

import (
	"context"
	"errors"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/server"
)

func (b *environment) Events(ctx context.Context, emit func(server.Event) bool) error {
	eng, err := b.open(ctx)
	if err != nil {
		return err
	}
	return b.keep(eng.Events(ctx, emit))
}

func (b *environment) EngineStats(ctx context.Context) (*server.Stats, error) {
	eng, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	stats, err := eng.Stats(ctx)
	return stats, b.keep(err)
}

// open returns the engine, found once and kept until it fails: finding Docker asks every socket, and the share of the
// processor is a difference between two measurements.
func (b *environment) open(ctx context.Context) (engine.Engine, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if kind := b.env.Kind(); b.engine != nil && (kind == nil || kind == b.engine.Kind()) {
		return b.engine, nil
	}
	eng, _, err := b.env.Engine(ctx)
	if err == nil {
		b.engine = eng
	}
	return eng, err
}

// keep drops an engine that failed, so that the next call finds one again.
func (b *environment) keep(err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		b.mu.Lock()
		b.engine = nil
		b.mu.Unlock()
	}
	return err
}

// engineLook is how long an engine may take to say how its server is; it answers in a few ms.
const engineLook = time.Second

func (b *environment) Probe(ctx context.Context) error {
	if err := b.engineSays(ctx); err != nil {
		return err
	}
	return b.env.Ping(ctx)
}

// engineSays returns why the engine knows that the server cannot answer; nil where it does not know.
func (b *environment) engineSays(ctx context.Context) error {
	if b.env.IsExternal() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, engineLook)
	defer cancel()
	eng, err := b.open(ctx)
	if err != nil {
		return nil // an engine that does not answer says nothing about the server
	}
	server, err := eng.Look(ctx)
	if err != nil {
		_ = b.keep(err)
		return nil
	}
	if server.Gone == nil && (server.State == engine.Running || server.State == engine.Starting) {
		return nil
	}
	return engine.Gone(eng, server, postgres.NoAnswer, nil)
}
