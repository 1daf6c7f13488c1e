package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// driverConfig returns the driver's configuration for a connection URL or keyword string. What is missing there comes
// from libpq's variables, service file and password file, except for a server of naap's own (dburl.AsOwn).
//
// Errors: url.malformed, without the text; file.kind and file.size for a certificate, a key or a service file that is
// not a regular file or is too large.
func driverConfig(raw string) (*pgx.ConnConfig, error) {
	return configOf(raw, pgx.ParseConfig, func(cfg *pgx.ConnConfig) *pgx.ConnConfig { return cfg })
}

// poolConfig is like driverConfig, for a pool.
func poolConfig(raw string) (*pgxpool.Config, error) {
	return configOf(raw, pgxpool.ParseConfig, func(cfg *pgxpool.Config) *pgx.ConnConfig { return cfg.ConnConfig })
}

// configOf returns what parse makes of a connection string, and secures the connection configuration in it.
func configOf[C any](raw string, parse func(string) (*C, error), connection func(*C) *pgx.ConnConfig) (*C, error) {
	text, err := dburl.KeywordString(raw)
	if err != nil {
		return nil, err
	}
	own := dburl.IsOwn(raw)
	if own {
		text += withoutCertificates
	} else if err := readsFiles(text); err != nil {
		return nil, err
	}
	cfg, err := readByDriver(parse, text+withoutPassfile, own)
	if err != nil {
		return nil, unreadable(err)
	}
	secure(connection(cfg), text, own)
	return cfg, nil
}

// withoutCertificates keeps the driver from those in the home folder, which are for servers other than naap's own.
const withoutCertificates = " sslcertmode=disable sslrootcert=''"

var libpqEnvironment sync.RWMutex

// Environ returns os.Environ with libpq's variables, even while a connection is being made without them.
func Environ() []string {
	libpqEnvironment.RLock()
	defer libpqEnvironment.RUnlock()
	return os.Environ()
}

// readByDriver calls the driver's parser. The driver looks in the process's environment for what a text does not say,
// which cannot be turned off: for a server of naap's own, the variables that it would use are removed meanwhile.
// Programs are started with a copy of the environment, which Environ makes when it is complete.
func readByDriver[C any](parse func(string) (*C, error), text string, own bool) (*C, error) {
	if !own {
		libpqEnvironment.RLock()
		defer libpqEnvironment.RUnlock()
		return parse(text)
	}
	libpqEnvironment.Lock()
	defer libpqEnvironment.Unlock()
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(strings.ToUpper(name), "PG") && os.Unsetenv(name) == nil {
			defer os.Setenv(name, value)
		}
	}
	return parse(text)
}

// readFiles are the parameters that name files which the driver reads entirely, whatever they are, with their
// variables.
var readFiles = map[string]string{"sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "servicefile": "PGSERVICEFILE"}

// readsFiles refuses a device, a pipe or a huge file where the driver would read it.
func readsFiles(text string) error {
	pairs, _ := dburl.Keywords(text)
	for _, name := range slices.Sorted(maps.Keys(readFiles)) {
		path := parameter(pairs, name, readFiles[name])
		if path == "" || name == "sslrootcert" && path == "system" {
			continue
		}
		err := files.Check(context.Background(), path, files.Settings)
		if r, refused := files.Refused(err); refused {
			return r.WithSeen("the database's URL or the environment names it: " + name)
		}
	}
	return nil
}

// parameter returns the last value that a connection string gives for a name, else the variable's; "" for none.
func parameter(pairs []dburl.Keyword, name, variable string) string {
	value := os.Getenv(variable)
	for _, p := range pairs {
		if p.Name == name {
			value = p.Value
		}
	}
	return value
}

// withoutPassfile keeps the driver from the password file, which the driver does not check: it may be readable by
// others, or be theirs, and its entry for one host would be used for the others of the same URL.
const withoutPassfile = " passfile=''"

func secure(cfg *pgx.ConnConfig, text string, own bool) {
	cfg.LookupFunc = lookupHere(cfg.LookupFunc)
	if cfg.Password == "" && !own {
		cfg.Password, _ = passwordFor(cfg, text)
	}
	if cfg.RequireAuth == "" {
		cfg.AfterNetConnect = refuseCleartext
	}
}

// refuseCleartext forbids the server to ask for the password in clear text over a connection that others can listen to:
// an impostor of the server could ask for it, and with sslmode=prefer could do without TLS. libpq leaves that to
// require_auth, which applies here too if it is set.
//
// The driver calls it for each attempt with a configuration of that attempt's own, before it reads RequireAuth.
func refuseCleartext(_ context.Context, cfg *pgconn.Config, conn net.Conn) (net.Conn, error) {
	cfg.RequireAuth = ""
	if _, encrypted := conn.(*tls.Conn); !encrypted && !staysHere(conn.RemoteAddr()) {
		cfg.RequireAuth = "!password"
	}
	return conn, nil
}

// staysHere reports whether what is sent to an address does not leave this machine.
func staysHere(addr net.Addr) bool {
	switch a := addr.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	}
	return false
}

// unreadable returns the driver's refusal of a connection string, without that string.
func unreadable(err error) error {
	r := remedy.New("url.malformed", remedy.ExitUsage, "the database's URL cannot be read").WithFix("postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
	var parse *pgconn.ParseConfigError
	if !errors.As(err, &parse) {
		return r
	}
	if said := parse.Error(); strings.Contains(said, "`: ") {
		r.WithSeen(said[strings.LastIndex(said, "`: ")+len("`: "):])
	}
	return r
}
