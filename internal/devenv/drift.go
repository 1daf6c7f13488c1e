package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// drift is how the database differs from the Prisma file.
type drift struct {
	plan             *schemaplan.Plan
	err              error
	missing, unknown map[string][]string // schema → tables
}

// drift compares; a mistake in the Prisma file is part of the answer.
func (e *Env) drift(ctx context.Context, q postgres.Querier) drift {
	want := e.desired()
	if want.err != nil || want.db == nil {
		return drift{err: want.err}
	}
	plan, err := schemaplan.Compute(ctx, q, want.db, schemaplan.ComputeOptions{NoCounts: true, LockTimeout: time.Second, WithImage: engine.WithImage})
	if err != nil {
		return drift{err: err}
	}
	d := drift{plan: plan, missing: map[string][]string{}, unknown: map[string][]string{}}
	for _, s := range plan.Steps {
		t := s.Table()
		switch s.Kind {
		case schemaplan.CreateTable:
			d.missing[t.Schema] = append(d.missing[t.Schema], t.Name)
		case schemaplan.DropTable:
			d.unknown[t.Schema] = append(d.unknown[t.Schema], t.Name)
		}
	}
	return d
}

// status returns the drift for the status document; nil where the workspace has no Prisma file.
func (d drift) status() *StatusDrift {
	if d.err != nil {
		return &StatusDrift{Problem: d.err.Error()}
	}
	if d.plan == nil {
		return nil
	}
	return &StatusDrift{PendingStatements: len(d.plan.Steps), Destructive: len(d.plan.Losses())}
}

func countKind(p *schemaplan.Plan, kind schemaplan.Kind) int {
	n := 0
	for _, s := range p.Steps {
		if s.Kind == kind {
			n++
		}
	}
	return n
}
