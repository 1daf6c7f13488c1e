package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// apart asks in one read-only transaction of one round trip, in which what the server refuses of one ask does not affect
// the others: each has a savepoint. An ask may take as long as each, and less once all of them together have taken longer
// than all; then only what is answered at once still is. All see the same moment.
func apart(ctx context.Context, pc *pgconn.PgConn, each, all time.Duration, asks ...*ask) error {
	limits := fmt.Sprintf(`SELECT pg_catalog.set_config('statement_timeout', greatest(10, least(%d,
	%d - 1000 * extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.transaction_timestamp())))::int::text, true),
	pg_catalog.set_config('lock_timeout', '200ms', true), pg_catalog.set_config('jit', 'off', true)`, each.Milliseconds(), all.Milliseconds())
	out := []*ask{newAsk("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil)}
	var own []*ask // whose failure is everybody's
	for _, a := range asks {
		before, limit, after := newAsk("SAVEPOINT naap_apart", nil), newAsk(limits, nil), newAsk("ROLLBACK TO SAVEPOINT naap_apart", nil)
		own = append(own, before, limit, after)
		out = append(out, before, limit, a, after)
	}
	end := newAsk("ROLLBACK", nil)
	own = append(own, out[0], end)
	out = append(append(out, end), letGo(pc)...)
	if err := exchange(ctx, pc, out...); err != nil {
		return err
	}
	return firstError(own...)
}

// problemOf says in a few words why the server did not answer an ask about a table; "" where it did.
func problemOf(err error) string {
	said, ok := AsServerError(err)
	if !ok {
		return ""
	}
	switch said.Code {
	case queryCanceled:
		return "takes too long"
	case lockNotAvailable:
		return "another session has locked it"
	case Forbidden:
		return "the role may not read it"
	case undefinedTable:
		return "it is gone"
	}
	return strings.TrimSpace(said.Message)
}
