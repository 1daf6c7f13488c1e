package devenv

import (
	"context"
	"errors"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/server"
)

// Events emits what happens to the container or the embedded server, until ctx ends or emit returns false.
func (s *Screens) Events(ctx context.Context, emit func(server.Event) bool) error {
	eng, err := s.open(ctx)
	if err != nil {
		return err
	}
	return s.keep(eng.Events(ctx, emit))
}

// EngineStats measures the container or the embedded server.
func (s *Screens) EngineStats(ctx context.Context) (*server.Stats, error) {
	eng, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	stats, err := eng.Stats(ctx)
	return stats, s.keep(err)
}

// open returns the engine, found once and kept until it fails: finding Docker asks every socket, and the share of the
// processor is a difference between two measurements.
func (s *Screens) open(ctx context.Context) (engine.Engine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if kind := s.env.kind(); s.engine != nil && (kind == nil || kind == s.engine.Kind()) {
		return s.engine, nil
	}
	eng, _, err := s.env.engine(ctx)
	if err == nil {
		s.engine = eng
	}
	return eng, err
}

// keep drops an engine that failed, so that the next call finds one again.
func (s *Screens) keep(err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		s.mu.Lock()
		s.engine = nil
		s.mu.Unlock()
	}
	return err
}
