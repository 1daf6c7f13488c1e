package postgres

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/dburl"
)

// harmlessParams are the parameters that do not name another place than the URL's host and port or a file of this
// machine, and do not ask for more than a session. A parameter of a later libpq is not harmless until it has been
// examined.
var harmlessParams = []string{
	"sslmode", "sslnegotiation", "sslsni", "channel_binding", "require_auth", "gssencmode", "connect_timeout", "target_session_attrs",
	"load_balance_hosts", "application_name", "fallback_application_name", "client_encoding", "options", "keepalives", "keepalives_idle",
	"keepalives_interval", "keepalives_count", "tcp_user_timeout", "search_path", "statement_timeout", "lock_timeout", "timezone",
}

// OnThisMachine reports whether a URL leads to a server of this machine, whatever name services say: each host is a
// loopback address, the name localhost, or the folder of a Unix socket that can be trusted; and no parameter leads
// elsewhere, such as hostaddr, or names a file, such as passfile. A name that resolves to a loopback address now may
// resolve to another one later.
func OnThisMachine(t dburl.Target) bool {
	for name := range t.ForLibpq().Params {
		if !slices.Contains(harmlessParams, name) {
			return false
		}
	}
	for _, h := range t.Hosts {
		if !hostHere(h) {
			return false
		}
	}
	return len(t.Hosts) > 0
}

func hostHere(h dburl.Host) bool {
	if strings.HasPrefix(h.Name, "/") {
		return trustedSocket(filepath.Join(h.Name, ".s.PGSQL."+strconv.Itoa(h.Port)))
	}
	ip := net.ParseIP(h.Name)
	return strings.EqualFold(h.Name, "localhost") || ip != nil && ip.IsLoopback()
}

// trustedSocket reports whether a socket belongs to this user, to root, or to the owner of a folder in which others
// cannot create one. In /tmp anyone can create one, and ask for a password.
func trustedSocket(path string) bool {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return os.IsNotExist(err) // what does not exist cannot ask for a password
	}
	shared := folder.Mode().Perm()&0o002 != 0
	socket, err := os.Stat(path)
	if err != nil {
		return os.IsNotExist(err) && !shared
	}
	return ownedByUsOrRoot(socket) || !shared && sameOwner(socket, folder)
}

// lookupHere wraps a look-up so that localhost is this machine, as RFC 6761 requires, whatever a name server or a
// changed hosts file adds. OnThisMachine relies on the name.
func lookupHere(lookup pgconn.LookupFunc) pgconn.LookupFunc {
	return func(ctx context.Context, host string) ([]string, error) {
		found, err := lookup(ctx, host)
		if err != nil || !strings.EqualFold(host, "localhost") {
			return found, err
		}
		found = slices.DeleteFunc(found, func(addr string) bool {
			ip := net.ParseIP(addr)
			return ip == nil || !ip.IsLoopback()
		})
		if len(found) == 0 {
			return nil, &net.DNSError{Err: "no address of this machine", Name: host, IsNotFound: true}
		}
		return found, nil
	}
}
