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
	Health          string // "starting", "healthy", "unhealthy"; "" where nobody checks
	Restarts        int
	StartedAt       time.Time // zero if it never started
}

// Describe looks at a container without touching it; nil if there is none of that name.
func (e *Engine) Describe(ctx context.Context, name string) (*Description, error) {
	c, err := e.containerState(ctx, name)
	if err != nil || c == nil {
		return nil, e.lost(ctx, "look at the container", err)
	}
	d := &Description{
		Name: c.Name, ID: c.ID, Image: c.ImageRef, Status: c.Status,
		Host: reachable(c.Host), Port: c.Port, Identity: c.Identity, Adopted: adopted(*c), Volume: c.Volume,
		User: c.User, Database: c.Database,
		ExitCode: c.ExitCode, OOMKilled: c.OOMKilled, Health: c.Health, Restarts: c.Restarts, StartedAt: c.StartedAt,
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
	return d, nil
}
