package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// Ping asks the server whether it answers, on a connection of its own, which does not wait for others. Nobody is asked
// where the last start left it. The error says what helps with this engine.
func (e *Env) Ping(ctx context.Context) error {
	url, err := "", error(nil)
	if rec := readRecord(e.StateDir()); !e.IsExternal() && rec.Port != 0 {
		url = e.dialURL(loopback.Host, rec.Port)
	} else if url, err = e.findServer(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	conn, err := postgres.Connect(ctx, url, postgres.Options{Application: "naap probe", ConnectTimeout: pingWithin})
	if postgres.HasCode(err, "53300") {
		return nil // it is full, and says so
	}
	if err != nil {
		return e.cannotConnect(err, url)
	}
	defer postgres.Close(conn)
	if _, err := conn.Exec(ctx, "SELECT 1"); err != nil {
		return e.cannotConnect(err, url)
	}
	return nil
}

// pingWithin is how long a server may take to answer a Ping. A busy one still accepts a session within seconds, or says
// that it is full.
const pingWithin = 4 * time.Second
