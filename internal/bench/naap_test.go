package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// program is naap, built once as a release is.
var program struct {
	sync.Once
	dir string
	err error
}

func naapBinary(b *testing.B) string {
	b.Helper()
	program.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "naap-bench"); program.err != nil {
			return
		}
		program.err = buildAsReleased(filepath.Join(program.dir, "naap"), "../../cmd/naap")
	})
	if program.err != nil {
		b.Fatal(program.err)
	}
	return filepath.Join(program.dir, "naap")
}

// buildAsReleased builds a program without cgo, stripped, and without the paths of this machine in it.
func buildAsReleased(to, from string) error {
	c := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, from)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", from, err, out)
	}
	return nil
}

func removeProgram() {
	if program.dir != "" {
		os.RemoveAll(program.dir)
	}
}

// instance is a naap instance in a workspace, with a name, port and state of its own.
type instance struct {
	path, workspace, engine, name, state string
	port                                 int
	env                                  []string
}

var instances atomic.Int32

func newInstance(b *testing.B, engine, workspace string) *instance {
	b.Helper()
	in := &instance{path: naapBinary(b), workspace: workspace, engine: engine, port: porttest.Free(),
		name: fmt.Sprintf("bench-%d-%d", os.Getpid(), instances.Add(1)), state: openDir(b)}
	in.env = append(os.Environ(), "XDG_STATE_HOME="+in.state, "NO_COLOR=1",
		"NAAP_INSTANCE="+in.name, "NAAP_ENGINE="+engine, "NAAP_PORT="+strconv.Itoa(in.port), "NAAP_NO_SEED=true", "NAAP_IMAGE="+image)
	b.Cleanup(func() { in.delete(b) })
	return in
}

// openDir returns a temporary folder that the embedded server's own user can enter.
func openDir(b *testing.B) string {
	b.Helper()
	dir, err := os.MkdirTemp("", "naap-bench-state")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (in *instance) command(args ...string) *exec.Cmd {
	c := exec.Command(in.path, append([]string{"-C", in.workspace}, args...)...)
	c.Env = in.env
	return c
}

// earlier returns the command that does the same as args with the binary that NAAP_BENCH_BEFORE names, as a peer that
// naap is to need at most that share of; none where it is not set.
func (in *instance) earlier(b *testing.B, atMost float64, args ...string) []peer {
	b.Helper()
	path := os.Getenv("NAAP_BENCH_BEFORE")
	if path == "" {
		b.Log("not compared with an earlier naap: NAAP_BENCH_BEFORE names none")
		return nil
	}
	before := *in
	before.path = path
	return []peer{{contender{"an earlier naap", func(b *testing.B) effort { return before.run(b, args...) }}, atMost}}
}

// run runs naap and returns what it took.
func (in *instance) run(b *testing.B, args ...string) effort {
	b.Helper()
	return run(b, in.command(args...))
}

func (in *instance) up(b *testing.B) effort {
	b.Helper()
	return in.run(b, "dev", "up", "--detach")
}

// upUntilReady runs up with two measures: until naap says that SQL answers, and until its process ends.
func (in *instance) upUntilReady(b *testing.B) (ready, end effort) {
	b.Helper()
	c := in.command("dev", "up", "--detach", "--events")
	events, err := c.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(events); lines.Scan(); {
		var step struct{ Name, Status string }
		if json.Unmarshal(lines.Bytes(), &step) == nil && step.Name == "server" && step.Status == string(progress.Done) {
			ready.wall = time.Since(began)
		}
		fmt.Fprintln(&said, lines.Text())
	}
	err = c.Wait()
	if err != nil || ready.wall == 0 {
		b.Fatalf("up: %v\n%s", err, said.String())
	}
	return ready, effort{time.Since(began), c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
}

// container and volume return naap's names for this instance.
func (in *instance) container() string { return "naap-" + in.name + "-db" }
func (in *instance) volume() string    { return in.container() + "-data" }

// delete removes the instance with its data, whatever state it is in.
func (in *instance) delete(b *testing.B) {
	b.Helper()
	if in.engine == "docker" {
		removeContainer(in.container(), in.volume())
		os.RemoveAll(filepath.Join(in.state, "naap"))
		return
	}
	eng, err := embedpg.New(embedpg.Options{Dir: filepath.Join(in.state, "naap", "instances", in.name, "embedded")})
	if err == nil {
		_, err = eng.DeleteData(context.Background(), progress.Discard)
	}
	if err != nil {
		b.Error(err)
	}
}

// url returns the URL where the instance's server answers.
func (in *instance) url(database string) string { return serverURL(in.port, database) }

func serverURL(port int, database string) string {
	return fmt.Sprintf("postgresql://postgres:postgres@127.0.0.1:%d/%s", port, database)
}

// run runs a command to its end and returns what it took; the command must succeed.
func run(b *testing.B, c *exec.Cmd) effort {
	b.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	began := time.Now()
	err := c.Run()
	took := time.Since(began)
	if err != nil {
		b.Fatalf("%s: %v\n%s", strings.Join(c.Args, " "), err, out.Bytes())
	}
	return effort{took, c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
}

// tables makes sure that a contender did all the work: the database must hold that many tables.
func tables(b *testing.B, url string, want int) {
	b.Helper()
	var n int
	query(b, url, &n, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'naap_dev')`)
	if n != want {
		b.Fatalf("%d tables, want %d", n, want)
	}
}

func query(b *testing.B, url string, into any, sql string) {
	b.Helper()
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, url, postgres.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(ctx)
	if into == nil {
		_, err = conn.Exec(ctx, sql)
	} else {
		err = conn.QueryRow(ctx, sql).Scan(into)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// The part of the real platform that touches the database, and what real Prisma makes of its schema file.
const (
	naapTables = 112
	schemaFile = "packages/database/prisma/schema.prisma"
)

func naapRepo(b *testing.B) string { return sharedtest.Path(b, "naap-repo") }
func naapSQL(b *testing.B) string  { return sharedtest.Path(b, "prisma/golden/naap.sql") }
