package schemaplan

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// LockOut keeps naap's and Prisma's pushes away from the database until the transaction ends, and waits for one that is
// running.
func LockOut(ctx context.Context, tx postgres.Tx) error {
	for _, lock := range []int64{pushLock, prismaLock} {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", lock); err != nil {
			return fmt.Errorf("wait for other changes of the schema: %w", err)
		}
	}
	return nil
}
