package reset

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Options say how a reset or an undo is carried out.
type Options struct {
	// Desired is the database that the Prisma file describes; nil where there is none, and then a reset schema is
	// empty.
	Desired *schemaplan.Database
	// FromMigrations says that Desired is what the migrations make, and not what the Prisma file says.
	FromMigrations bool
	// Made is what migrations made besides, which is made again, too; nil where the Prisma file says all.
	Made *Made
	// Seed fills the schemas that were recreated, in the reset's transaction; nil for empty tables.
	Seed func(ctx context.Context, tx postgres.Tx) error

	// WithImage gives the options of an up that has the server run from an image, for a remedy.
	WithImage func(image string) []string

	Cascade           bool          // give up what cannot be kept; apply ON DELETE to rows elsewhere
	TerminateBlockers bool          // end sessions that hold locks
	LockTimeout       time.Duration // for each lock; 5 s where zero
	Limits            Limits        // what undo keeps: the plan of a reset names the entries that it gives up
	LookOnly          bool          // make the plan without a rehearsal, which briefly takes locks
	DryRun            bool          // for an undo: roll it back, and return what it would have done
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
