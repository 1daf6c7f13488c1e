package devenv

import (
	"context"
	"os/exec"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Streams are a terminal, or what stands for one.
type Streams = dockerctl.ExecOptions

// Size is a terminal's, in cells.
type Size = dockerctl.Size

// Psql is how psql is run for an instance: the container's own, or the one on the PATH.
type Psql struct {
	Container string   // run in it; "" for a program of this machine
	Args      []string // program and arguments
	Env       []string // of a program of this machine all of it; the password goes here, never into Args
	engine    docker
}

// Psql finds a psql for the running instance: that of the container, whose version fits, else the one on the PATH.
func (e *Env) Psql(ctx context.Context, args []string) (*Psql, error) {
	url, err := e.findURL(ctx)
	if err != nil {
		return nil, err
	}
	if e.ws.Settings.DatabaseURL == "" && e.usesDocker(ctx) {
		eng, err := e.dockerEngine(ctx)
		if err == nil {
			set := &e.ws.Settings
			return &Psql{
				Container: set.Container, engine: eng.(docker), Env: []string{"PGPASSWORD=" + set.Password},
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
	target, err := postgres.ParseTarget(url)
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

// passwordFor is the password for a program that connects in naap's place to what findURL found.
func (e *Env) passwordFor(url string) string {
	if !e.IsExternal() {
		url = dburl.AsOwn(url)
	}
	return postgres.PasswordFor(url)
}

// elsewhere are libpq's variables that win over a host that is given, or lead past it.
var elsewhere = []string{"PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS"}

// toItsServer is one of PostgreSQL's programs in a container as it reaches the server there: a compose file's environment,
// which nobody was asked about, is the container's, and its PGHOSTADDR would have the password be given elsewhere.
func toItsServer(args []string) []string {
	cmd := []string{"env"}
	for _, name := range elsewhere {
		cmd = append(cmd, "-u", name)
	}
	return append(cmd, args...)
}

// ofOtherServers reports whether a variable is one of libpq's on how to connect, which naap's own server is not meant by:
// all but those on how a session begins.
func ofOtherServers(kv string) bool {
	name, _, _ := strings.Cut(kv, "=")
	return strings.HasPrefix(name, "PG") && !slices.Contains([]string{"PGDATESTYLE", "PGTZ", "PGGEQO", "PGCLIENTENCODING", "PGAPPNAME"}, name)
}

// psqlConnection is the target as psql's -d takes it, without what is secret: other users can read a command line. For
// a key's passphrase psql asks.
func psqlConnection(t postgres.Target) string { return t.WithoutSecrets().ForLibpq().URL() }

func (e *Env) usesDocker(context.Context) bool {
	switch e.ws.Settings.Engine {
	case EngineDocker:
		return true
	case EngineEmbedded:
		return false
	}
	return readRecord(e.stateDir()).Engine == EngineDocker
}

// Command is psql, ready to be given a terminal, where it is a program of this machine.
func (p *Psql) Command(ctx context.Context) (*exec.Cmd, error) {
	return program.Ready(ctx, p.Args, p.Env)
}

// RunInContainer runs psql in the container with the given streams and returns its exit status.
func (p *Psql) RunInContainer(ctx context.Context, s Streams) (int, error) {
	defer p.engine.Close()
	s.Container, s.Cmd, s.Env = p.Container, toItsServer(p.Args), p.Env
	return p.engine.Exec(ctx, s)
}

// Shown is the command for a person, without the password.
func (p *Psql) Shown() string {
	s := ""
	if p.Container != "" {
		s = "docker exec -it " + p.Container + " "
	}
	for i, a := range p.Args {
		if i > 0 {
			s += " "
		}
		s += remedy.ShellWord(a)
	}
	return s
}
