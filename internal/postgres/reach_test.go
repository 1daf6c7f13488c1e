package postgres

import "context"

// reach connects once, asks the server what it is, and disconnects; its error is the one that the user sees.
func reach(ctx context.Context, url string, opt Options) (ServerInfo, error) {
	conn, err := Connect(ctx, url, opt)
	if err != nil {
		return ServerInfo{}, Diagnose(err, url)
	}
	defer Close(conn)
	var s ServerInfo
	err = readOnlyExchange(ctx, conn.PgConn(), newAsk(fixedPath, nil), newAsk(serverSQL, s.read))
	return s, Diagnose(err, url)
}
