// Package doctor checks everything around the database that can be wrong on a developer's machine. A check is a value;
// a new one is a value and its name in the list. The caller, who has the database, says how it is reached.
package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/client"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/envfile"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Subject is what is examined: an instance of a workspace.
type Subject interface {
	Workspace() *workspace.Workspace
	StateDir() string // the instance's folder
	Last() Last
	Programs() program.Finder
	Getenv(name string) string
	Target() remedy.Target
	IsExternal() bool
	IsPasswordPublic() bool

	Engine(ctx context.Context) (eng engine.Engine, reason string, err error)

	Connect(ctx context.Context) (*postgres.DB, error)
	// Owner returns whose the database is; nil where that is not recorded in it.
	Owner(ctx context.Context, db *postgres.DB) (*Owner, error)
	// Reader says why what only reads has no role of its own, and what helps; "" where it has one.
	Reader(ctx context.Context) (why string, fix []remedy.Advice, err error)
	// Drift returns what a push would do; nil where the workspace has no Prisma file.
	Drift(ctx context.Context, q postgres.Querier) (*schemaplan.Plan, error)
	// Migrations returns how the workspace's migrations and the database stand to each other; nil where it has none, or does
	// not use them.
	Migrations(ctx context.Context) (*migrate.History, error)
	// Disagreements returns the differences between the lists of schemas, a line each.
	Disagreements(ctx context.Context) ([]string, error)
	Seeds(ctx context.Context, db *postgres.DB) ([]seeding.Seed, error)
	// Clients returns the generated clients, compared with the Prisma file, and the command that generates them.
	Clients(ctx context.Context) (clients []*client.Client, generate string)
	// EnvFiles returns what the workspace's .env files say of the database.
	EnvFiles(ctx context.Context) (*envfile.Report, error)
}

// Last is what is remembered of the instance's last start: a hint, which may be lost.
type Last struct {
	Port     int
	Identity string
}

// Owner is the workspace that a database belongs to.
type Owner struct {
	Ours bool
	Name string
	How  string // how it came to own it: "made"
	Day  string
	Ways []remedy.Advice // what to do if it is another's
}

// check is one check.
type check struct {
	needs need
	run   func(ctx context.Context, l *look)
}

// need is what a check cannot do without. If it is missing, the check is skipped: that failure is reported once.
type need int

const (
	nothing  need = iota
	running       // a running server
	database      // a connection to it
	facts         // what the server says about itself
	sessions      // what it says about its sessions
)

// checks are made in this order. That of the engine comes before those that need a server.
var checks = []check{
	workspaceCheck, shellCheck, envCheck, toolsCheck, prismaCheck, clientCheck, engineCheck, passwordCheck, diskCheck, memoryCheck,
	ownerCheck, versionCheck, encodingCheck, identityCheck, clockCheck, collationCheck, connectionsCheck, sessionsCheck,
	indexesCheck, sequencesCheck, readerCheck, loginsCheck, migrationsCheck, driftCheck, schemasCheck, undoCheck, snapshotsCheck, shadowsCheck, seedsCheck,
}

// look is an examination under way.
type look struct {
	Subject
	longTx   time.Duration // how long a transaction may be open; not below what postgres lists: 5 s
	diskFree func(dir string) (bytes int64, ok bool)
	memory   func() (total, available int64, ok bool)

	findings []remedy.Finding
	has      need
	kind     *engine.Kind        // nil where there is no engine
	server   engine.Server       // with running
	db       *postgres.DB        // with database
	info     postgres.ServerInfo // with facts
	health   *postgres.Health    // with sessions
}

func begin(s Subject) *look {
	return &look{Subject: s, longTx: time.Minute, diskFree: engine.DiskFree, memory: memory}
}

// timeout bounds the whole examination.
const timeout = 20 * time.Second

// Examine makes every check. Each finding has its evidence and, where something is wrong, the command that mends it.
// What is fine is a finding too.
func Examine(ctx context.Context, s Subject) []remedy.Finding {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	l := begin(s)
	l.make(ctx, checks...)
	return l.findings
}

func (l *look) make(ctx context.Context, checks ...check) {
	asked := false
	for _, c := range checks {
		if c.needs >= database && !asked && l.has >= running {
			asked = true
			l.connect(ctx)
		}
		if l.has >= c.needs {
			c.run(ctx, l)
		}
	}
}

func (l *look) connect(ctx context.Context) {
	var err error
	if l.db, err = l.Connect(ctx); err != nil {
		l.failed("server", "The server does not answer", err)
		return
	}
	l.has = database
	if l.info, err = l.db.ServerInfo(ctx); err != nil {
		l.failed("server.info", "The server can't be asked about itself", err)
		return
	}
	l.has = facts
	if l.health, err = l.db.Health(ctx); err != nil {
		l.failed("health", "The server's health can't be asked for", err)
		return
	}
	l.has = sessions
}

func (l *look) take(f remedy.Finding) {
	f.Title = visible.String(f.Title)
	for i := range f.Seen {
		f.Seen[i] = visible.String(f.Seen[i])
	}
	l.findings = append(l.findings, f)
}

func (l *look) add(code string, severity remedy.Severity, title string, seen []string, fix ...remedy.Advice) {
	fix = slices.DeleteFunc(fix, func(a remedy.Advice) bool { return len(a) == 0 })
	l.take(remedy.Finding{Code: code, Severity: severity, Title: title, Seen: seen, Fix: fix})
}

func (l *look) fine(code, title string, seen ...string) { l.add(code, remedy.Fine, title, seen) }

// failed adds a finding made from an error, with the error's evidence and remedy.
func (l *look) failed(code, title string, err error) { l.take(remedy.Failed(code, title, err)) }

// hints returns those of the engine, if there is one.
func (l *look) hints() engine.Hints {
	if l.kind == nil {
		return engine.Hints{}
	}
	return l.kind.Hints
}

// ask runs a query for one row; if the server refuses it, that is a finding of its own, and ok is false.
func (l *look) ask(ctx context.Context, code, sql string, into ...any) (ok bool) {
	err := l.db.QueryRow(ctx, sql).Scan(into...)
	if err == nil {
		return true
	}
	if !errors.Is(err, postgres.ErrNoRows) {
		l.add(code, remedy.Notable, "Could not be checked", []string{err.Error()}, remedy.Words("nothing needs to be done: only this check is missing"))
	}
	return false
}

// sqlCommand returns the command that runs statements that write, quoted for a shell.
func sqlCommand(statements string) remedy.Advice {
	return remedy.Naap("dev sql", "--write", statements)
}

// psqlCommand returns the same for what PostgreSQL refuses inside a transaction, which naap dev sql opens.
func psqlCommand(statement string) remedy.Advice {
	return remedy.Naap("dev psql", "--", "-c", statement)
}

// version returns a version that a program printed.
func version(out []byte) string { return visible.String(strings.TrimSpace(string(out))) }
