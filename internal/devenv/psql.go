package devenv

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// Psql is how psql is run for an instance: the one beside the server, or the one on the PATH.
type Psql struct {
	Inside []string // the command that runs it beside the server; nil for a program of this machine
	Args   []string // program and arguments
	Env    []string // the whole environment of a program of this machine; the password goes here, never into Args
	engine engine.Engine
}

// Psql finds a psql for the running instance: the one beside the server, whose version fits, else the one on the PATH.
func (e *Env) Psql(ctx context.Context, args []string) (*Psql, error) {
	url, err := e.findURL(ctx)
	if err != nil {
		return nil, err
	}
	if e.runsInside() {
		if eng, _, err := e.Engine(ctx); err == nil {
			set := &e.ws.Settings
			return &Psql{
				Inside: eng.Inside(), engine: eng, Env: []string{"PGPASSWORD=" + set.Password},
				Args: append([]string{"psql", "-h", "127.0.0.1", "-U", set.User, "-d", set.Database}, args...),
			}, nil
		}
	}
	path, err := e.Programs().Find(program.Psql)
	if err != nil {
		return nil, remedy.New("psql.missing", remedy.ExitFailed, "there is no psql on the PATH").WithSeen(program.Passed(err)...).
			WithHelp(remedy.Words("sudo apt-get install postgresql-client"), remedy.Words("brew install libpq"),
				remedy.Line("or without psql: ", remedy.Naap("dev sql", "SELECT 1")), remedy.Line("or in the terminal app, with the key i: ", remedy.Naap("dev")))
	}
	target, err := dburl.ParseTarget(url)
	if err != nil {
		return nil, err
	}
	env := e.Programs().Env(program.Psql)
	if !e.IsExternal() {
		env = slices.DeleteFunc(env, ofOtherServers)
	}
	return &Psql{
		Args: append([]string{path, "-d", psqlConnection(target)}, args...),
		Env:  append(env, "PGPASSWORD="+e.passwordFor(url)),
	}, nil
}

// passwordFor returns the password for a program that connects in naap's place to the URL that findURL returned.
func (e *Env) passwordFor(url string) string {
	if !e.IsExternal() {
		url = dburl.AsOwn(url)
	}
	return postgres.PasswordFor(url)
}

// ofOtherServers reports whether a variable tells libpq how to connect: it is meant for servers other than naap's own.
// Variables that only say how a session begins are meant for any server.
func ofOtherServers(kv string) bool {
	name, _, _ := strings.Cut(kv, "=")
	return strings.HasPrefix(name, "PG") && !slices.Contains([]string{"PGDATESTYLE", "PGTZ", "PGGEQO", "PGCLIENTENCODING", "PGAPPNAME"}, name)
}

// psqlConnection returns the target for psql's -d, without its secrets: other users can read a command line. psql asks
// for a key's passphrase itself.
func psqlConnection(t dburl.Target) string { return t.WithoutSecrets().ForLibpq().URL() }

// Command returns psql, ready to be given a terminal, if it is a program of this machine.
func (p *Psql) Command(ctx context.Context) (*exec.Cmd, error) {
	return program.Ready(ctx, p.Args, p.Env)
}

// PsqlHere returns psql as a program of this machine, ready to be given the terminal: beside a server it is run by naap
// itself.
func (e *Env) PsqlHere(ctx context.Context) (*exec.Cmd, error) {
	p, err := e.Psql(ctx, nil)
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx) // psql runs for longer than it takes to find it
	if p.Inside == nil {
		return p.Command(ctx)
	}
	defer p.engine.Close()
	argv, err := e.selfCommand("dev", "psql")
	if err != nil {
		return nil, err
	}
	return program.Ready(ctx, argv, environ())
}

// RunInside runs psql beside the server with the given streams and returns its exit status.
func (p *Psql) RunInside(ctx context.Context, c server.Command) (int, error) {
	defer p.engine.Close()
	c.Args, c.Env = p.Args, p.Env
	return p.engine.Exec(ctx, c)
}

// selfCommand returns the command that runs this program again for the same workspace and instance.
func (e *Env) selfCommand(args ...string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return slices.Concat([]string{self, "-C", e.ws.Dir}, args, e.named()), nil
}
