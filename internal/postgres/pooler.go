package postgres

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// A pooler such as PgBouncer gives each transaction whichever of its server sessions is free. What belongs to a session
// (settings, prepared statements, temporary tables, advisory locks, LISTEN) is then lost between two transactions, or
// affects another client. With Options.Pooled, only what works within a transaction is used.

// PooledByURL returns what a connection URL says about a pooler: Prisma's ?pgbouncer=true. said is false if it says
// nothing.
func PooledByURL(raw string) (pooled, said bool) {
	t, err := dburl.ParseTarget(raw)
	if err != nil || !t.Params.Has("pgbouncer") {
		return false, false
	}
	pooled, err = strconv.ParseBool(t.Params.Get("pgbouncer"))
	return pooled, err == nil
}

// IsPooled reports whether a connection leads to a pooler: the process that answers is not the one announced at its
// start. A pooler that pools sessions looks the same; ?pgbouncer=false in the URL distinguishes the two.
func IsPooled(ctx context.Context, conn *Conn) (bool, error) {
	var pid uint32
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()", pgx.QueryExecModeSimpleProtocol).Scan(&pid); err != nil {
		return false, fmt.Errorf("ask which process answers: %w", err)
	}
	return pid != conn.PgConn().PID(), nil
}

// behindSQL asks where the server itself listens; the address is NULL over a Unix socket.
const behindSQL = `SELECT coalesce(host(inet_server_addr()), ''), current_setting('port')`

// Behind returns the address of the server behind a pooler, as the server itself knows it. It may be valid only in the
// server's own network.
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

// poolable configures a connection for a pooler. The description of an unnamed statement may come from another server
// session than the one that runs it.
func poolable(cfg *pgx.ConnConfig) {
	cfg.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	cfg.StatementCacheCapacity = 0
	remember(cfg, pooledKey)
}

// remember makes each connection of a configuration remember something about itself.
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

// pooledKey is the key under which a connection remembers that it leads to a pooler.
const pooledKey = "naap pooled"

func pooled(pc *pgconn.PgConn) bool { return remembers(pc, pooledKey) }

func remembers(pc *pgconn.PgConn, key string) bool {
	yes, _ := pc.CustomData()[key].(bool)
	return yes
}

// ofSession are the statements that affect the session, beyond the transaction.
var ofSession = map[string]bool{
	"SET": true, "RESET": true, "LISTEN": true, "UNLISTEN": true, "PREPARE": true, "DEALLOCATE": true, "DISCARD": true, "LOAD": true,
}

// leavesTraces finds the first statement of a text whose effect a pooler would carry over into other clients' sessions.
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
