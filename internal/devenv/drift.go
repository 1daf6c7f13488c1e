package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Drift returns what a push would do; nil where the workspace has no Prisma file. Its rows are not counted, and it does
// not wait for locks.
func (e *Env) Drift(ctx context.Context, q postgres.Querier) (*schemaplan.Plan, error) {
	want := e.desired()
	if want.err != nil || want.db == nil {
		return nil, want.err
	}
	return schemaplan.Compute(ctx, q, want.db, schemaplan.ComputeOptions{NoCounts: true, LockTimeout: time.Second, WithImage: e.withImage})
}
