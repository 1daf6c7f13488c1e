package schemaplan

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// LockOut keeps pushes away from the database until the transaction ends, and waits for one that is at work.
func LockOut(ctx context.Context, tx postgres.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(pushLock)); err != nil {
		return fmt.Errorf("wait for other changes of the schema: %w", err)
	}
	return nil
}
