package reset

import (
	"context"
	"encoding/json"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Options say how a reset or an undo is carried out.
type Options struct {
	// Desired is the database that the Prisma file means; nil where there is none, and then a reset schema is empty.
	Desired *schemaplan.Database
	// Seed fills the schemas that were recreated, in the reset's transaction; nil for empty tables.
	Seed func(ctx context.Context, tx postgres.Tx) error
	// Remember is what the caller's own bookkeeping says of the schemas, before they are reset; Recall puts it back.
	// Both may be nil.
	Remember func(ctx context.Context, tx postgres.Tx, schemas []string) (json.RawMessage, error)
	Recall   func(ctx context.Context, tx postgres.Tx, schemas []string, note json.RawMessage) error

	Cascade           bool          // let go what cannot be kept; do to rows elsewhere what ON DELETE says
	TerminateBlockers bool          // end sessions that hold locks
	LockTimeout       time.Duration // for each lock; 5 s where zero
	Limits            Limits        // what undo keeps: a plan of a reset names the entries that go for it
	LookOnly          bool          // a plan is made without a rehearsal, which takes locks for a moment
	DryRun            bool          // of an undo: roll it back, and tell what it would have done
	Report            progress.Report
}

func (o Options) lockTimeout() time.Duration {
	if o.LockTimeout <= 0 {
		return 5 * time.Second
	}
	return o.LockTimeout
}

func (o Options) report(name, title string, status progress.Status, detail string) {
	if o.Report != nil {
		o.Report(progress.Step{Name: name, Title: title, Status: status, Detail: detail})
	}
}
