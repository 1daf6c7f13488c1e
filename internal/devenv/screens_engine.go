package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Events tells what happens to the container or the embedded server, until ctx ends or emit says false.
func (s *Screens) Events(ctx context.Context, emit func(EngineEvent) bool) error {
	if err := s.lacks().Events.Err(); err != nil {
		return err
	}
	if !s.env.usesDocker(ctx) {
		return s.watchServer(ctx, emit)
	}
	x, err := s.docker(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, failed := x.Events(ctx, x.spec.Container)
	for ev := range events {
		text := ev.Action
		if ev.ExitCode != "" {
			text += ", exit code " + ev.ExitCode
		}
		e := EngineEvent{At: ev.Time, Kind: ev.Action, Text: text, Fix: remedy.Again("dev up")}
		if ev.Action == "pause" {
			e.Fix = remedy.Words("docker unpause " + x.spec.Container)
		}
		if !emit(e) {
			return nil
		}
	}
	return <-failed
}

// EngineStats measures the container or the embedded server.
func (s *Screens) EngineStats(ctx context.Context) (*EngineStats, error) {
	if err := s.lacks().Stats.Err(); err != nil {
		return nil, err
	}
	if !s.env.usesDocker(ctx) {
		return s.embeddedStats()
	}
	x, err := s.docker(ctx)
	if err != nil {
		return nil, err
	}
	c, err := x.Describe(ctx, x.spec.Container)
	if err != nil || c == nil {
		return nil, err
	}
	out := &EngineStats{Name: c.Name, Image: c.Image, Status: c.Status, Started: c.StartedAt, Restarts: c.Restarts, VolumeBytes: -1, HostFree: -1}
	if free, ok := diskFree(s.env.stateDir()); ok {
		out.HostFree = free
	}
	if c.Status != "running" {
		out.CPU = -1
		return out, nil
	}
	st, err := x.Stats(ctx, c.Name)
	if err != nil {
		return nil, err
	}
	out.CPU, out.Memory, out.MemoryLimit = st.CPUPercent/100, st.MemoryBytes, st.MemoryLimit
	if st.CPUPercent < 0 {
		out.CPU = -1
	}
	return out, nil
}

func (s *Screens) embeddedStats() (*EngineStats, error) {
	eng, err := s.env.embeddedEngine()
	if err != nil {
		return nil, err
	}
	state, err := eng.(embedded).Describe()
	if err != nil {
		return nil, err
	}
	out := &EngineStats{Name: "embedded server", Image: "PostgreSQL " + state.Binaries.Version, Status: "stopped", VolumeBytes: -1, HostFree: -1, Process: true, CPU: -1}
	if state.Server != nil {
		out.Status, out.Started = "running", state.Server.Started
		out.Memory = processMemory(state.Server.PID)
		out.CPU = s.share(state.Server.PID, time.Now())
		if paused, ok := processPaused(state.Server.PID); ok && paused {
			out.Status = "paused"
		}
	}
	if free, ok := diskFree(eng.DataName()); ok {
		out.HostFree = free
	}
	return out, nil
}

// docker is the Docker engine, found once and kept: finding it asks every socket.
func (s *Screens) docker(ctx context.Context) (docker, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.engine != nil && time.Since(s.engineAt) < time.Minute {
		return docker{Engine: s.engine, spec: s.env.containerSpec()}, nil
	}
	eng, err := s.env.dockerEngine(ctx)
	if err != nil {
		return docker{}, err
	}
	x := eng.(docker)
	s.engine, s.engineAt = x.Engine, time.Now()
	return x, nil
}
