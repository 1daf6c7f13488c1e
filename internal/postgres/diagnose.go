package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Diagnose turns a failure to connect, or a lost or silent connection, into an error that says what is wrong and what
// helps. Other errors, and those that already have a remedy, are returned unchanged. No password of url appears in it.
//
// Codes: url.malformed; database.refused, .cleartext, .host, .timeout, .socket, .unreachable, .tls, .auth, .missing,
// .full, .starting, .stopping, .readonly, .foreign (not PostgreSQL, or not ready), .permission; connection.lost.
func Diagnose(err error, url string) error {
	if err == nil {
		return nil
	}
	if _, ok := remedy.Of(err); ok {
		return err
	}
	where := dburl.MaskURL(url)
	if t, terr := dburl.ParseTarget(url); terr == nil {
		where = t.Endpoint()
	}
	if said, ok := AsServerError(err); ok {
		return diagnoseServer(err, said, where, url)
	}
	var connecting *pgconn.ConnectError
	if !errors.As(err, &connecting) && !lostConnection(err) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if !errors.As(err, &connecting) && lostConnection(err) {
		return remedy.New("connection.lost", remedy.ExitNoServer, "the connection to %s was lost", where).
			WithSeen(seen(err)...).WithFix("the same command again").WithHelp(remedy.Naap("dev status")).Behind(err)
	}
	return diagnoseNetwork(err, where).WithSeen(seen(err)...)
}

// lostConnection reports whether a connection that had been made was lost.
func lostConnection(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || strings.Contains(err.Error(), "conn closed")
}

// diagnoseServer diagnoses what a server says while a session begins, or when it ends one.
func diagnoseServer(err error, said *ServerError, where, url string) error {
	fail := func(code, format string, args ...any) *remedy.Error {
		return remedy.New(code, remedy.ExitNoServer, format, args...).WithSeen(said.Message).Wrap(nil)
	}
	user, database := "", ""
	if t, terr := dburl.ParseTarget(url); terr == nil {
		user, database = t.User, t.Database
	}
	switch said.Code {
	case "28P01":
		r := fail("database.auth", "%s does not accept the password of user %q", where, user).Behind(err)
		return ignoredFor(url).told(r).WithFix("put the right password into the URL, or into ~/.pgpass")
	case "28000":
		return fail("database.auth", "%s does not let user %q in", where, user).
			WithFix("choose a role that exists and may log in, over a connection that the server's pg_hba.conf allows").Behind(err)
	case "3D000":
		return fail("database.missing", "the server at %s has no database %q", where, database).
			WithFix(fmt.Sprintf("CREATE DATABASE %s;", Ident(database))).Behind(err)
	case "53300":
		return fail("database.full", "every connection of %s is taken", where).
			WithFix("close programs that hold connections, or raise max_connections").Behind(err)
	case "57P03":
		return fail("database.starting", "%s is not ready for connections yet", where).
			WithHelp(remedy.Naap("dev logs"), remedy.Words("wait a moment and try again")).Behind(err)
	case "57P01", "57P02":
		return fail("database.stopping", "%s is shutting down, or has ended this session", where).WithHelp(remedy.Again("dev up")).Behind(err)
	}
	if said.Severity == "FATAL" {
		return fail("database.unreachable", "%s refused the session", where).WithHelp(remedy.Naap("dev logs")).Behind(err)
	}
	return err
}

// diagnoseNetwork diagnoses what happens before a server has sent a PostgreSQL message.
func diagnoseNetwork(err error, where string) *remedy.Error {
	fail := func(code, format string, args ...any) *remedy.Error {
		return remedy.New(code, remedy.ExitNoServer, format, args...).Behind(err)
	}
	var dns *net.DNSError
	var timeout net.Error
	text := err.Error()
	switch {
	case strings.Contains(text, "server requested password authentication"):
		return fail("database.cleartext", "%s asks for the password in clear text, over a connection that others can listen to", where).
			WithFix("sslmode=verify-full in the URL, so that it is encrypted, and the server is the one that it claims to be", "require_auth=password in the URL, where you trust everything on the way to it")
	case strings.Contains(text, "require_auth check failed"):
		return fail("database.method", "%s asks for the password in another way than require_auth allows", where).
			WithFix("change require_auth in the URL, or the variable PGREQUIREAUTH, where you trust the server")
	case errors.As(err, &dns):
		return fail("database.host", "the host of %s is unknown", where).WithFix("check the host's name in the URL")
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail("database.refused", "nothing listens on %s", where).WithHelp(remedy.Again("dev up"))
	case errors.Is(err, fs.ErrNotExist):
		return fail("database.socket", "there is no server socket at %s", where).WithHelp(remedy.Again("dev up"))
	case errors.Is(err, os.ErrPermission):
		return fail("database.permission", "this user may not open the socket of %s", where)
	case errors.Is(err, pgconn.ErrReadOnlyConnection), errors.Is(err, pgconn.ErrReadWriteConnection),
		errors.Is(err, pgconn.ErrPrimaryConnection), errors.Is(err, pgconn.ErrStandbyConnection):
		return fail("database.readonly", "no server of %s is of the kind that target_session_attrs asks for", where).
			WithFix("check which server is the primary: SELECT pg_is_in_recovery()")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fail("database.timeout", "%s does not answer", where).
			WithHelp(remedy.Naap("dev status"), remedy.Words("check that the server isn't paused and that no firewall is in the way"))
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return fail("database.unreachable", "there is no route to %s", where)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fail("database.foreign", "what listens on %s closed the connection without a word", where).
			WithHelp(remedy.Words("wait a moment if the server is starting, and try again"), remedy.Naap("dev logs"),
				remedy.Words("check that it is PostgreSQL that listens there"))
	case strings.Contains(text, "unexpected message"), strings.Contains(text, "unknown message type"), strings.Contains(text, "invalid length"),
		strings.Contains(text, "invalid body length"), strings.Contains(text, "unexpected response"):
		return fail("database.foreign", "what listens on %s does not speak PostgreSQL's protocol", where).
			WithHelp(remedy.Line("check the port: ", remedy.Naap("dev status")), remedy.Again("dev up", "--port", "N"))
	case isTLS(err, text):
		return fail("database.tls", "%s cannot be reached with TLS", where).
			WithFix("sslmode=disable in the URL, for a server on this machine", "sslrootcert=FILE in the URL, for a server with its own authority")
	}
	return fail("database.unreachable", "%s cannot be reached", where).WithHelp(remedy.Naap("dev status"))
}

// isTLS is asked last: with sslmode=prefer a refused TLS connection is only the first of two attempts.
func isTLS(err error, text string) bool {
	var header tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	return errors.As(err, &header) || errors.As(err, &verify) || errors.As(err, &unknown) ||
		strings.Contains(text, "server refused TLS connection") || strings.Contains(text, "tls: ")
}

// seen returns what each attempt said, a line each, without the text that the driver puts around it.
//
// With sslmode=prefer each address is tried twice, and a server without TLS refuses the first attempt: that is normal,
// and not the cause.
func seen(err error) []string {
	var out, expected []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = strings.TrimSpace(line)
		frame := strings.HasPrefix(line, "failed to connect to `") && strings.HasSuffix(line, ":")
		switch {
		case line == "" || frame || slices.Contains(out, line):
		case strings.HasSuffix(line, "tls error: server refused TLS connection"):
			expected = append(expected, line)
		default:
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return expected
	}
	return out
}
