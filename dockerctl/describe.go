package dockerctl

import (
	"context"
	"time"
)

// Description is a container for a status report.
type Description struct {
	Name, ID, Image string
	Status          string // created, running, paused, restarting, exited, dead
	Host            string // where the server's port is published; empty if it isn't
	Port            int
	Identity        string // cluster_name; empty if naap did not make it
	SystemID        string // database system identifier, where there is no identity and the container runs
	Adopted         string // who made it, if not naap
	Volume          string
	User, Database  string // that it was made for
	ExitCode        int
	OOMKilled       bool
	Restarts        int
	StartedAt       time.Time // zero if it never started
	MemoryBytes     int64     // in use; 0 if it does not run, or if the engine would not say at once
}

// Describe looks at a container without touching it; nil if there is none of that name.
func (e *Engine) Describe(ctx context.Context, name string) (*Description, error) {
	return e.DescribeWithin(ctx, name, sampleWait)
}

// DescribeWithin is Describe for somebody in more of a hurry: it waits no longer than this for the engine to measure the
// memory in use.
func (e *Engine) DescribeWithin(ctx context.Context, name string, wait time.Duration) (*Description, error) {
	c, err := e.containerState(ctx, name)
	if err != nil || c == nil {
		return nil, e.lost(ctx, "look at the container", err)
	}
	d := &Description{
		Name: c.Name, ID: c.ID, Image: c.ImageRef, Status: c.Status,
		Host: reachable(c.Host), Port: c.Port, Identity: c.Identity, Adopted: adopted(*c), Volume: c.Volume,
		User: c.User, Database: c.Database,
		ExitCode: c.ExitCode, OOMKilled: c.OOMKilled, Restarts: c.Restarts, StartedAt: c.StartedAt,
	}
	if c.Port == 0 {
		d.Host = ""
	}
	if c.Status != "running" && c.Status != "paused" {
		return d, nil
	}
	if c.Identity == "" {
		d.SystemID = e.systemID(ctx, c.ID, c.DataPath)
	}
	d.MemoryBytes = e.memoryNow(ctx, c.ID, wait)
	return d, nil
}
