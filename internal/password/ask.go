package password

import (
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// MustAsk refuses to change the password of a server that does not ask for one here, or to change it to a random one if
// the server lets some in without: that would promise protection that does not exist. The server listens on a port of
// this machine; inside says that it has a loopback of its own.
func MustAsk(ctx context.Context, db *postgres.DB, ws *workspace.Workspace, port int, inside, random bool) error {
	set := ws.Settings // a copy, with a password that is certainly wrong
	set.Password = newOne()
	conn, err := postgres.Connect(ctx, dburl.AsOwn(set.URL("127.0.0.1", port)+"?sslmode=allow"), postgres.Options{Application: "naap probe"})
	if err == nil {
		postgres.Close(conn)
		return unasked("the server does not ask for a password on this machine, so another one would change nothing").
			WithSeen("a wrong password was let in: POSTGRES_HOST_AUTH_METHOD=trust of the container, or trust in pg_hba.conf")
	}
	if !random {
		return nil // everybody knows the password that it gets
	}
	// It asks, here and now; or it is gone, which the change will find. pg_hba.conf may have a line for another database
	// or role. A container's own loopback, which its image trusts, is reached only from inside.
	lines, err := postgres.UnaskedLines(ctx, db, !inside)
	if err != nil || len(lines) == 0 {
		return nil
	}
	for i := range lines {
		lines[i] = visible.String("pg_hba.conf: " + lines[i])
	}
	return unasked("the server lets some in without a password, so another one would not keep them out").WithSeen(lines...)
}

func unasked(what string) *remedy.Error {
	return remedy.New("password.unasked", remedy.ExitRefused, "%s", what).
		WithFix("have pg_hba.conf say scram-sha-256 in trust's place, for host lines")
}
