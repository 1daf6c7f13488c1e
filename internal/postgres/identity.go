package postgres

import (
	"context"
	"fmt"
)

// Identity is the server's cluster_name, which naap sets to a value of its own when it starts a server: it proves over
// TCP that the server reached is the one that was started. "" for other servers.
func Identity(ctx context.Context, q Querier) (string, error) {
	var name string
	if err := q.QueryRow(ctx, "SELECT pg_catalog.current_setting('cluster_name')").Scan(&name); err != nil {
		return "", fmt.Errorf("ask for the server's identity: %w", err)
	}
	return name, nil
}

// Reach connects once, asks the server what it is, and leaves. Its errors carry a remedy; see Diagnose.
func Reach(ctx context.Context, url string, opt Options) (ServerInfo, error) {
	conn, err := Connect(ctx, url, opt)
	if err != nil {
		return ServerInfo{}, Diagnose(err, url)
	}
	defer Close(conn)
	var s ServerInfo
	err = readOnlyExchange(ctx, conn.PgConn(), newAsk(fixedPath, nil), newAsk(serverSQL, s.read))
	return s, Diagnose(err, url)
}
