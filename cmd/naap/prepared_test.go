//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/memtest"
)

// What the data of an instance can hold before its test begins. They are what `up` made in this process once: to copy
// them takes a twentieth of the time that initdb takes, which most tests are not about.
var (
	// empty is the instance's database without any tables.
	empty = sync.OnceValues(func() (string, error) {
		return prepare("", "-C", "bare", "dev", "up", "--detach", "--no-push", "--no-seed")
	})
	// builtin has the tables and rows of the built-in workspace.
	builtin = sync.OnceValues(func() (string, error) {
		from, err := empty()
		if err != nil {
			return "", err
		}
		return prepare(from, "dev", "up", "--detach")
	})
)

// cheap has the password hashed once: the usual 4096 times are half of what a connection costs client and server.
const cheap = "SET scram_iterations = 1; ALTER ROLE postgres PASSWORD 'postgres'"

// prepare returns the data folder of an instance whose server ran while naap did something, and is stopped again. It
// begins with a copy of earlier data, or with none where from is "".
func prepare(from string, args ...string) (string, error) {
	in, err := memtest.Base()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(in, "")
	if err != nil {
		return "", err
	}
	p, err := newProgramIn(dir, dir, "embedded")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		err = noteInstance(p.instance, p.state())
	}
	if bare := filepath.Join(dir, "bare"); err == nil { // a workspace that has no schemas to be created
		err = errors.Join(os.Mkdir(bare, 0o755), os.WriteFile(filepath.Join(bare, "naap.toml"), []byte("schema = \"schema.prisma\"\n"), 0o644),
			os.WriteFile(filepath.Join(bare, "schema.prisma"), []byte(watchedHead), 0o644))
	}
	if err == nil && from != "" {
		err = p.copyData(from)
	}
	for _, args := range [][]string{args, {"dev", "sql", "--write", cheap}, {"dev", "down"}} {
		if err == nil {
			var out []byte
			if out, err = p.command(args...).CombinedOutput(); err != nil {
				err = fmt.Errorf("naap %q: %w\n%s", args, err, out)
			}
		}
	}
	if err != nil {
		return "", err
	}
	data, err := p.data()
	if err == nil {
		// Whatever flushes the new cluster to disk may be at work still, and takes its mark away at some time.
		err = os.RemoveAll(filepath.Join(data, "naap.unsynced"))
	}
	return data, err
}

// newPrepared returns naap with an instance of the embedded engine that has data already. Its server does not run.
func newPrepared(t *testing.T, data func() (string, error)) *program {
	t.Helper()
	p := newProgram(t, "embedded")
	p.fill(t, data)
	return p
}

func (p *program) fill(t *testing.T, data func() (string, error)) {
	t.Helper()
	from, err := data()
	if err == nil {
		err = p.copyData(from)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// newUsed returns naap with an engine whose instance, where that is cheap, has an empty database already.
func newUsed(t *testing.T, engine string) *program {
	t.Helper()
	if engine != "embedded" {
		return newProgram(t, engine)
	}
	return newPrepared(t, empty)
}

// prepared gives a script's instance data without any tables: prepared.
func prepared(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: prepared")
	}
	from, err := empty()
	ts.Check(err)
	p := &program{instance: ts.Getenv("NAAP_INSTANCE"), home: filepath.Dir(ts.Getenv("XDG_STATE_HOME"))}
	ts.Check(p.copyData(from))
}

// data returns the folder of the embedded engine's data.
func (p *program) data() (string, error) {
	engine, err := embedpg.New(embedpg.Options{Dir: filepath.Join(p.instanceDir(), "embedded")})
	if err != nil {
		return "", err
	}
	return filepath.Join(engine.Dir(), "data"), nil
}

// instanceDir is the folder in which naap keeps what it knows of the instance.
func (p *program) instanceDir() string {
	return filepath.Join(p.state(), "naap", "instances", p.instance)
}

// copyData copies the data of a stopped instance. Its name is left out: two servers never have the same. The server's
// user may enter the folder, so that the data lie in it even where the tests run as root.
func (p *program) copyData(from string) error {
	data, err := p.data()
	if err == nil {
		err = os.MkdirAll(filepath.Dir(data), 0o755)
	}
	if err != nil {
		return err
	}
	if out, err := exec.Command("cp", "-R", "-p", from, data).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the data: %w\n%s", err, out)
	}
	return os.Remove(filepath.Join(data, "naap.identity"))
}
