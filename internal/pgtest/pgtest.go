// Package pgtest gives tests a real PostgreSQL 16 on 127.0.0.1, with a password: one server per test process, started
// by the first test that asks and gone when the process is, however that ends. NAAP_TEST_POSTGRES_URL names a server to
// use instead; its user must be a superuser.
package pgtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Option sets one thing about a server or a database.
type Option func(*options)

type options struct {
	settings map[string]string
	template string
	name     string
	with     string
}

// Setting gives a server started by Server a setting, such as Setting("max_connections", "5").
func Setting(name, value string) Option {
	return func(o *options) { o.settings[name] = value }
}

// Template makes NewDatabase copy a database of the same server instead of creating an empty one.
func Template(database string) Option {
	return func(o *options) { o.template = database }
}

// With makes NewDatabase run statements in the new database. In one process they run only once: databases with the same
// statements are copies.
func With(sql string) Option {
	return func(o *options) { o.with = sql }
}

// Named gives the new database this name instead of a random one.
func Named(database string) Option {
	return func(o *options) { o.name = database }
}

func collect(opts []Option) options {
	o := options{settings: map[string]string{}, template: "template1"}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// shared is the server of this test process.
var shared struct {
	sync.Mutex
	server *Instance
}

// NewDatabase returns the connection URL of a new, empty database of this process's server. The database is dropped
// when the test ends.
func NewDatabase(t testing.TB, opts ...Option) string {
	t.Helper()
	if given := os.Getenv("NAAP_TEST_POSTGRES_URL"); given != "" {
		return newDatabase(t, given, opts)
	}
	return newDatabase(t, sharedServer(t).URL(), opts)
}

// URL returns the connection URL of the database postgres on this process's server, as its superuser.
func URL(t testing.TB) string {
	t.Helper()
	if given := os.Getenv("NAAP_TEST_POSTGRES_URL"); given != "" {
		return given
	}
	return sharedServer(t).URL()
}

func sharedServer(t testing.TB) *Instance {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		s, err := newInstance(map[string]string{})
		if err == nil {
			err = s.start()
		}
		if err != nil {
			t.Fatalf("start the tests' PostgreSQL: %v", err)
		}
		shared.server = s
	}
	return shared.server
}

// newDatabase creates a database on the server that the URL names.
func newDatabase(t testing.TB, server string, opts []Option) string {
	t.Helper()
	o := collect(opts)
	if o.name == "" {
		o.name = "test_" + strings.ToLower(rand.Text()[:12])
	}
	given := os.Getenv("NAAP_TEST_POSTGRES_URL") != "" // no template may be left on that server
	if o.with != "" && !given {
		o.template = prepared(t, server, o.with)
	}
	name := pgx.Identifier{o.name}.Sanitize()
	exec(t, server, "CREATE DATABASE "+name+" TEMPLATE "+pgx.Identifier{o.template}.Sanitize()+" STRATEGY FILE_COPY") // a third of the usual one's work, in memory
	t.Cleanup(func() {
		if !t.Failed() || os.Getenv("NAAP_TEST_KEEP") == "" {
			tryExec(server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") // the test may have killed the server
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + o.name
	if o.with != "" && given {
		exec(t, u.String(), o.with)
	}
	return u.String()
}

// templates are the databases that With copies, by server and statements.
var templates sync.Map

// prepared returns the name of a database of the server in which the statements ran.
func prepared(t testing.TB, server, sql string) string {
	t.Helper()
	making, _ := templates.LoadOrStore(server+" "+sql, sync.OnceValues(func() (string, error) {
		u, err := url.Parse(server)
		if err != nil {
			return "", err
		}
		u.Path = "/with_" + strings.ToLower(rand.Text()[:12])
		name := u.Path[1:]
		err = tryExec(server, "CREATE DATABASE "+name)
		if err == nil {
			err = tryExec(u.String(), sql)
		}
		return name, err
	}))
	name, err := making.(func() (string, error))()
	if err != nil {
		t.Fatalf("prepare a database: %v", err)
	}
	return name
}

// Exec runs statements, separated by semicolons, on the database that the URL names.
func Exec(t testing.TB, url, sql string) {
	t.Helper()
	exec(t, url, sql)
}

func exec(t testing.TB, url, sql string) {
	t.Helper()
	if err := tryExec(url, sql); err != nil {
		t.Fatalf("%.200s: %v", sql, err)
	}
}

func tryExec(url, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}
