package devenv

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// probe asks the server at an endpoint whether it answers, and whether it is ours: over TCP the port may lead to
// another server, and the first boot's temporary server is reached through its socket only.
func (e *Env) probe(ctx context.Context, at server.Endpoint) error {
	opt := postgres.Options{Application: "naap probe"}
	conn, err := postgres.Connect(ctx, e.dialURL(at.Host, at.Port), opt)
	if password.Other(e.ws, err) {
		conn, err = postgres.Connect(ctx, e.dialURL(at.Host, at.Port), opt)
	}
	if err != nil {
		return e.diagnose(at, err)
	}
	defer postgres.Close(conn)
	return e.isOurs(ctx, conn, at)
}

func (e *Env) isOurs(ctx context.Context, conn *postgres.Conn, at server.Endpoint) error {
	name, err := postgres.Identity(ctx, conn)
	if err != nil {
		return err
	}
	if at.Identity != "" && name != at.Identity {
		return e.anotherServer(at, name)
	}
	if at.Identity != "" || at.SystemID == "" {
		return nil
	}
	id, err := postgres.SystemID(ctx, conn)
	if err != nil || id == at.SystemID {
		return nil // only a superuser may ask; then the port is all there is
	}
	return e.anotherServer(at, name)
}

// diagnose turns an error that waiting does not mend into one with a remedy: a wrong password, a missing database.
func (e *Env) diagnose(at server.Endpoint, err error) error {
	server, ok := postgres.AsServerError(err)
	if !ok {
		return err
	}
	switch server.Code {
	case "28P01", "28000", "3D000": // invalid password, authorization, no such database
		return postgres.Diagnose(err, e.dialURL(at.Host, at.Port))
	}
	return err
}

func (e *Env) anotherServer(at server.Endpoint, name string) error {
	seen := "the server there has no identity (cluster_name is empty)"
	if name != "" {
		seen = fmt.Sprintf("the server there calls itself %q", name)
	}
	return remedy.New(server.CodeForeign, remedy.ExitNoServer, "another PostgreSQL answers on %s", at.Address()).
		WithSeen("expected "+cmp.Or(at.Identity, "system identifier "+at.SystemID), seen).
		WithHelp(remedy.Words("stop that server, or take another port:"), remedy.Again("dev up", "--port", strconv.Itoa(at.Port+1)))
}

// dialURL returns the URL of the instance's database at a host and port, for naap's own connections: on this machine's
// loopback TLS is the second choice, not the first. Otherwise a server without TLS, as ours is, would be connected to
// twice, and start a process each time.
//
// A server that knows a password of naap's own has to prove it, by SCRAM: whoever listens on its port while it is down
// is not told the password, and not believed either.
//
// libpq's variables in the user's shell, such as PGSERVICE and PGOPTIONS, are about other servers: see dburl.AsOwn.
func (e *Env) dialURL(host string, port int) string {
	url := e.ws.Settings.URL(host, port) + "?sslmode=allow"
	if e.ws.Settings.PasswordIs.Kept {
		url += "&require_auth=scram-sha-256"
	}
	return dburl.AsOwn(url)
}
