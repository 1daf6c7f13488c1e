package postgres

import (
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// OpenMaintenance opens a pool on the maintenance database of a database's server, postgres or else template1: for what
// needs the database itself to have no session.
func OpenMaintenance(ctx context.Context, t dburl.Target, opt Options) (*DB, error) {
	var last error
	of := t.Database
	for _, name := range []string{"postgres", "template1"} {
		if name == of {
			continue
		}
		t.Database = name
		db, err := Open(ctx, t.URL(), opt)
		if err != nil {
			return nil, err
		}
		if _, err = db.Exec(ctx, "SELECT 1"); err == nil {
			return db, nil
		}
		db.Close()
		if last = err; !HasCode(err, "3D000") {
			break
		}
	}
	return nil, Diagnose(last, t.URL())
}
