package dockerctl

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/server"
)

// Stats measures the container of a name; nil if there is none. What is free on this machine's disk is not looked at.
func (e *Engine) Stats(ctx context.Context, name string) (*server.Stats, error) {
	c, err := e.Describe(ctx, name)
	if err != nil || c == nil {
		return nil, err
	}
	out := &server.Stats{Name: c.Name, Image: c.ImageRef, Status: c.Status, Started: c.StartedAt, Health: c.Health, Restarts: c.Restarts, CPU: -1, HostFree: -1}
	if c.Status != "running" {
		return out, nil
	}
	e.mu.Lock()
	before, measured := e.last[c.ID]
	e.mu.Unlock()
	now, err := e.sample(ctx, c.ID)
	if err != nil {
		return nil, e.lost(ctx, "measure the container", err)
	}
	out.Memory, out.MemoryLimit = memoryUsed(now), int64(now.MemoryStats.Limit) // the machine's memory where there is no limit
	if measured {
		out.CPU = cpuShare(before, now)
	}
	return out, nil
}

// sampleAge is for how long a sample is good enough for an answer that cannot wait. The engine gives out one a second
// for each container, and has the second one who asks wait for it.
const sampleAge = 2 * time.Second

// Memory returns what a running container has in use, in bytes: by a fresh sample if one is available before ctx ends,
// else by the last one; 0 if there is none.
func (e *Engine) Memory(ctx context.Context, id string) int64 {
	e.mu.Lock()
	last, ok := e.last[id]
	e.mu.Unlock()
	if ok && time.Since(last.Read) < sampleAge {
		return memoryUsed(last)
	}
	if s, err := e.sample(ctx, id); err == nil {
		return memoryUsed(s)
	}
	return memoryUsed(last)
}

// sample measures a container now and remembers it.
func (e *Engine) sample(ctx context.Context, id string) (container.StatsResponse, error) {
	var s container.StatsResponse
	answer, err := e.cli.ContainerStatsOneShot(ctx, id)
	if err != nil {
		return s, fmt.Errorf("measure container %s: %w", id, err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		return s, fmt.Errorf("read the measurement of container %s: %w", id, err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last[id] = s
	return s, nil
}

// memoryUsed leaves out the page cache that nobody has touched lately, as docker stats does; the name of that number
// differs between cgroup v1 and v2.
func memoryUsed(s container.StatsResponse) int64 {
	cache := s.MemoryStats.Stats["total_inactive_file"]
	if v, ok := s.MemoryStats.Stats["inactive_file"]; ok && cache == 0 {
		cache = v
	}
	if cache > s.MemoryStats.Usage {
		return int64(s.MemoryStats.Usage)
	}
	return int64(s.MemoryStats.Usage - cache)
}

// cpuShare returns the CPU time between two samples over the time between them; -1 if none passed or it started again.
func cpuShare(before, now container.StatsResponse) float64 {
	passed := now.Read.Sub(before.Read)
	if passed <= 0 || now.CPUStats.CPUUsage.TotalUsage < before.CPUStats.CPUUsage.TotalUsage {
		return -1
	}
	used := now.CPUStats.CPUUsage.TotalUsage - before.CPUStats.CPUUsage.TotalUsage // nanoseconds
	return float64(used) / float64(passed.Nanoseconds())
}
