package postgres

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// A pooler such as PgBouncer gives each transaction whichever of its server's sessions is free. What belongs to a session
// (settings, prepared statements, temporary tables, advisory locks, LISTEN) is then lost between two transactions, or
// met by somebody else. Options.Pooled keeps to what a transaction can do.

// PooledByURL is what a connection URL says of a pooler: Prisma's ?pgbouncer=true. said is false where it says nothing.
func PooledByURL(raw string) (pooled, said bool) {
	t, err := ParseTarget(raw)
	if err != nil || !t.Params.Has("pgbouncer") {
		return false, false
	}
	pooled, err = strconv.ParseBool(t.Params.Get("pgbouncer"))
	return pooled, err == nil
}

// IsPooled reports whether a connection leads to a pooler: the process that it was promised at its start is not the one
// that answers. A pooler that pools sessions looks the same; ?pgbouncer=false in the URL tells the two apart.
func IsPooled(ctx context.Context, conn *Conn) (bool, error) {
	var pid uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&pid); err != nil {
		return false, fmt.Errorf("ask which process answers: %w", err)
	}
	return pid != conn.PgConn().PID(), nil
}

// behindSQL asks where the server itself listens; the address is NULL over a Unix socket.
const behindSQL = `SELECT coalesce(host(inet_server_addr()), ''), current_setting('port')`

// Behind is where the server behind a pooler listens, as the server itself knows it. It may be a name for its own network
// only.
func Behind(ctx context.Context, q Querier) (string, error) {
	var host, port string
	if err := q.QueryRow(ctx, behindSQL).Scan(&host, &port); err != nil {
		return "", fmt.Errorf("ask where the server listens: %w", err)
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}

// poolable sets a connection up for a pooler. A description, which is of an unnamed statement, may come from another of the
// server's sessions than the one that runs it.
func poolable(cfg *pgx.ConnConfig) {
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	cfg.StatementCacheCapacity = 0
	remember(cfg, pooledKey)
}

// remember has each connection of a configuration know something of itself.
func remember(cfg *pgx.ConnConfig, key string) {
	after := cfg.AfterConnect
	cfg.AfterConnect = func(ctx context.Context, pc *pgconn.PgConn) error {
		pc.CustomData()[key] = true
		if after != nil {
			return after(ctx, pc)
		}
		return nil
	}
}

// pooledKey is where a connection remembers that it leads to a pooler.
const pooledKey = "naap pooled"

func pooled(pc *pgconn.PgConn) bool { return remembers(pc, pooledKey) }

func remembers(pc *pgconn.PgConn, key string) bool {
	yes, _ := pc.CustomData()[key].(bool)
	return yes
}

// ofSession are the statements whose effect is the session's, and outlives a transaction.
var ofSession = map[string]bool{
	"SET": true, "RESET": true, "LISTEN": true, "UNLISTEN": true, "PREPARE": true, "DEALLOCATE": true, "DISCARD": true, "LOAD": true,
}

// leavesTraces finds the first statement of a text that a pooler would carry over into other people's sessions.
func leavesTraces(statements []Statement) (at int, err error) {
	for i, st := range statements {
		if ofSession[st.Verb] && lasts(st) {
			e := remedy.New("sql.session", remedy.ExitUsage, "%s is for a session, and behind a pooler the next statement may have another", st.Verb).
				WithFix("connect to the server itself instead of the pooler: --database-url")
			if st.Verb == "SET" {
				e.WithFix("or for this text alone: SET LOCAL …")
			}
			return i, e
		}
	}
	return 0, nil
}

// lasts reports whether a statement that sets something does so for longer than its transaction.
func lasts(st Statement) bool {
	return st.Verb != "SET" || !slices.Contains([]string{"LOCAL", "TRANSACTION", "CONSTRAINTS"}, st.second())
}
