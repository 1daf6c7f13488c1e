package dockerctl

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/volume"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestADeathIsClassifiedByItsLog(t *testing.T) {
	for _, test := range []struct {
		line string
		code int
		oom  bool
		want string
	}{
		{"FATAL:  could not write to file \"pg_wal/xlogtemp.29\": No space left on device", 1, false, "container.disk-full"},
		{"FATAL:  database files are incompatible with server", 1, false, "container.incompatible-data"},
		{"psql:/docker-entrypoint-initdb.d/01-init-schemas.sql:3: ERROR:  syntax error at or near \"CREAT\"", 3, false, "container.init-script"},
		{"initdb: error: directory \"/var/lib/postgresql/data\" exists but is not empty", 1, false, "container.half-initialised"},
		{"PANIC:  could not locate a valid checkpoint record", 1, false, "container.half-initialised"},
		{"FATAL:  unrecognized configuration parameter \"nonsense\"", 1, false, "container.config"},
		{"Error: Database is uninitialized and superuser password is not specified.", 1, false, "container.password"},
		{"FATAL:  could not map anonymous shared memory: Cannot allocate memory", 1, false, "container.memory"},
		{"chown: changing ownership of '/var/lib/postgresql/data': Operation not permitted", 1, false, "container.permission"},
		{"FATAL:  lock file \"postmaster.pid\" already exists", 1, false, "container.locked"},
		{"LOG:  could not bind IPv4 address \"0.0.0.0\": Address already in use", 1, false, "container.port"},
		{"LOG:  all is well", 137, true, "container.oom"},
		{"LOG:  all is well", 137, false, "container.killed"},
		{"LOG:  received fast shutdown request", 0, false, "container.stopped"},
		{"exec: nothing: not found", 127, false, "container.command"},
		{"LOG:  all is well", 9, false, "container.died"},
	} {
		d := death{Container: "naap-db", Volume: "naap-db-data", Image: "postgres:16", ExitCode: test.code, OOMKilled: test.oom, Lines: []string{"LOG:  before", test.line}}
		e := d.remedy(wanted())
		if e.Code != test.want || len(e.Fix) == 0 {
			t.Errorf("%q: %s with %q, want %s", test.line, e.Code, e.Fix, test.want)
		}
		if text := remedy.Text(e); !strings.Contains(text, test.line) {
			t.Errorf("the log is not in:\n%s", text)
		}
	}
}

func TestMaskHidesPasswordsAndKeepsWordsThatAreNone(t *testing.T) {
	spec := Spec{Wanted: server.Wanted{User: "postgres", Password: "hunter2!", Database: "naap"}}
	for in, want := range map[string]string{
		"FATAL: role hunter2! is no role":                         "FATAL: role *** is no role",
		"postgresql://bob:tops3cret@h/db":                         "postgresql://bob:***@h/db",
		"host=h password=tops3cret user=bob":                      "host=h password=*** user=bob",
		"password = 'top s3cret' x":                               "password = *** x",
		"ALTER ROLE bob PASSWORD 'tops3cret';":                    "ALTER ROLE bob PASSWORD ***;",
		"POSTGRES_PASSWORD=tops3cret":                             "POSTGRES_PASSWORD=***",
		"FATAL:  password authentication failed for user \"bob\"": "FATAL:  password authentication failed for user \"bob\"",
	} {
		if got := mask(in, spec); got != want {
			t.Errorf("mask(%q) = %q, want %q", in, got, want)
		}
	}
	spec.Password = "postgres"
	if in := `FATAL:  role "postgres" does not exist`; mask(in, spec) != in {
		t.Errorf("the default password hides a user's name: %q", mask(in, spec))
	}
}

// never is a probe that gets no answer.
func never(context.Context, server.Endpoint) error { return errors.New("no answer") }

// endsWith runs Ensure, does something to the container once it runs, and returns Ensure's error.
func endsWith(t *testing.T, e *Engine, spec Spec, act func(id string) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var j journal
	once := false
	_, err := e.Ensure(ctx, spec, func(ctx context.Context, at server.Endpoint) error {
		if !once {
			once = true
			if err := act(at.ContainerID); err != nil {
				t.Error(err)
			}
		}
		return errors.New("no answer")
	}, j.report)
	if err == nil {
		t.Fatal("Ensure succeeded")
	}
	if text := remedy.Text(err) + j.String(); strings.Contains(text, secret) {
		t.Errorf("the password is in:\n%s", text)
	}
	return err
}

// expiring is a context whose deadline passes when the test says so.
type expiring struct {
	context.Context
	passed chan struct{}
}

func (c expiring) Done() <-chan struct{} { return c.passed }

func (c expiring) Err() error {
	select {
	case <-c.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func TestWhatHappensToAContainerWhileWeWaitIsReportedAndTheNextUpMendsIt(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	t.Run("another server answers on the port", func(t *testing.T) {
		_, err := e.Ensure(t.Context(), spec, func(context.Context, server.Endpoint) error {
			return remedy.New(server.CodeForeign, remedy.ExitNoServer, "another")
		}, progress.Discard)
		if remedy.Code(err) != "port.shadowed" || remedy.Exit(err) != remedy.ExitNoServer {
			t.Errorf("error %s", remedy.Text(err))
		}
	})
	t.Run("a deadline passes", func(t *testing.T) {
		ctx, asked := expiring{t.Context(), make(chan struct{})}, 0
		_, err := e.Ensure(ctx, spec, func(context.Context, server.Endpoint) error {
			if asked++; asked == 2 { // the first answer was heard
				close(ctx.passed)
			}
			return errors.New("no answer")
		}, progress.Discard)
		if remedy.Code(err) != "server.not-ready" || !strings.Contains(remedy.Text(err), "no answer") {
			t.Errorf("error %s", remedy.Text(err))
		}
	})
	seeded(t, e, spec)
	t.Run("it is killed", func(t *testing.T) {
		err := endsWith(t, e, spec, func(id string) error { return e.cli.ContainerKill(t.Context(), id, "KILL") })
		if remedy.Code(err) != "container.killed" || !strings.Contains(err.Error(), "137") {
			t.Errorf("error %s", remedy.Text(err))
		}
		stillSeeded(t, spec, ensure(t, e, spec))
	})
	t.Run("it is paused", func(t *testing.T) {
		err := endsWith(t, e, spec, func(id string) error { return pause(t.Context(), e, id) })
		if remedy.Code(err) != "container.paused" {
			t.Errorf("error %s", remedy.Text(err))
		}
		stillSeeded(t, spec, ensure(t, e, spec))
	})
	t.Run("it is removed", func(t *testing.T) {
		err := endsWith(t, e, spec, func(id string) error {
			return e.cli.ContainerRemove(t.Context(), id, container.RemoveOptions{Force: true})
		})
		if code := remedy.Code(err); code != "container.removed" && code != "container.killed" {
			t.Errorf("error %s", remedy.Text(err))
		}
		stillSeeded(t, spec, ensure(t, e, spec))
	})
}

func TestABrokenInitScriptIsShownWithItsLine(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	spec.Init.Content = []byte("CREATE SCHEMA plugin_one;\nCREAT SCHEMA plugin_two; -- password '" + secret + "'\n")
	_, err := e.Ensure(t.Context(), spec, never, progress.Discard)
	if remedy.Code(err) != "container.init-script" {
		t.Fatalf("error %s", remedy.Text(err))
	}
	text := remedy.Text(err)
	for _, want := range []string{"01-init-schemas.sql", "syntax error", "half initialised",
		"naap dev down --delete-data --yes=" + spec.Volume + " && naap dev up"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	if strings.Contains(text, secret) {
		t.Errorf("the password is in:\n%s", text)
	}
	if r, _ := remedy.Of(err); len(r.Seen) > logLines+1 {
		t.Errorf("%d lines", len(r.Seen))
	}
	if _, err := e.cli.VolumeInspect(t.Context(), spec.Volume); err != nil {
		t.Errorf("the volume is gone: %v", err)
	}
}

func TestAFullDiskIsSaid(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	_, err := e.cli.VolumeCreate(t.Context(), volume.CreateOptions{Name: spec.Volume, Driver: "local",
		DriverOpts: map[string]string{"type": "tmpfs", "device": "tmpfs", "o": "size=4m"}})
	must(t, err)
	_, err = e.Ensure(t.Context(), spec, never, progress.Discard)
	if remedy.Code(err) != "container.disk-full" {
		t.Errorf("error %s", remedy.Text(err))
	}
}

func TestAWrongSettingIsSaidAndItsCorrectionIsTakenUp(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	seeded(t, e, spec)
	_, err := e.Stop(t.Context(), spec.Container, progress.Discard)
	must(t, err)
	spec.Args = []string{"-c", "nonsense=1"}
	_, err = e.Ensure(t.Context(), spec, never, progress.Discard)
	if remedy.Code(err) != "container.config" || !strings.Contains(remedy.Text(err), "nonsense") {
		t.Fatalf("error %s", remedy.Text(err))
	}
	spec.Args = []string{"-c", "max_connections=37"}
	at := ensure(t, e, spec)
	stillSeeded(t, spec, at)
	if got := ask(t, spec, at, "SHOW max_connections"); got != "37" {
		t.Errorf("max_connections %s", got)
	}
}

func TestRunningOutOfMemoryIsSaid(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	spec.Memory = 12 << 20
	_, err := e.Ensure(t.Context(), spec, never, progress.Discard)
	if code := remedy.Code(err); code != "container.oom" && code != "container.memory" {
		t.Fatalf("error %s", remedy.Text(err))
	}
	if text := remedy.Text(err); !strings.Contains(text, "docker update --memory") {
		t.Errorf("no remedy in:\n%s", text)
	}
}
