package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// daemon is a Docker engine of the test's own.
type daemon struct {
	dir, bridge string
	process     *exec.Cmd
	ended       chan struct{}
}

// privateDaemon starts one beside the machine's, with its own data, socket and bridge, and gives it the image. It needs
// root.
func privateDaemon(t *testing.T) *daemon {
	t.Helper()
	for _, program := range []string{"dockerd", "docker", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, "there is no "+program)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("needs root to run a Docker engine of its own")
	}
	dir := filepath.Join(memtest.Place(), fmt.Sprintf("nd%d", os.Getpid()))
	must(t, leftovers.Note(leftovers.Engine, dir))
	must(t, os.Mkdir(dir, 0o700))
	d := &daemon{dir: dir, bridge: filepath.Base(dir)}
	t.Cleanup(func() {
		d.stop()
		_ = exec.Command("ip", "link", "delete", d.bridge).Run()
		_ = os.RemoveAll(dir)
	})
	for _, args := range [][]string{
		{"link", "add", d.bridge, "type", "bridge"}, {"addr", "add", freeNetwork(t), "dev", d.bridge}, {"link", "set", d.bridge, "up"},
	} {
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Skipf("this machine makes no bridge: ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	d.start(t)
	load := exec.Command("sh", "-c", fmt.Sprintf("docker save %s | docker -H %s load", defaultImage, d.host()))
	load.Env = append(os.Environ(), "DOCKER_HOST=") // for the one that saves: the machine's own
	if out, err := load.CombinedOutput(); err != nil {
		missing(t, fmt.Sprintf("the image cannot be carried over: %v: %s", err, out))
	}
	return d
}

// freeNetwork returns an address in a network that no interface of this machine is in, another one in each process.
func freeNetwork(t *testing.T) string {
	t.Helper()
	taken, err := net.InterfaceAddrs()
	must(t, err)
	for n := range 256 {
		ip := net.IPv4(10, 213, byte(os.Getpid()+n), 1)
		if !slices.ContainsFunc(taken, func(a net.Addr) bool { in, ok := a.(*net.IPNet); return ok && in.Contains(ip) }) {
			return ip.String() + "/24"
		}
	}
	t.Skip("this machine has no network to spare")
	return ""
}

func (d *daemon) host() string { return "unix://" + d.dir + "/d.sock" }

func (d *daemon) start(t *testing.T) {
	t.Helper()
	log, err := os.Create(filepath.Join(d.dir, "log"))
	must(t, err)
	d.process = exec.Command("dockerd", "--host", d.host(), "--data-root", d.dir+"/data", "--exec-root", d.dir+"/run",
		"--pidfile", d.dir+"/pid", "--bridge", d.bridge, "--iptables=false", "--ip6tables=false", "--shutdown-timeout", "10")
	d.process.Stdout, d.process.Stderr = log, log
	must(t, d.process.Start())
	log.Close()
	d.ended = make(chan struct{})
	go func() { d.process.Wait(); close(d.ended) }()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if e, err := d.find(context.Background()); err == nil {
			e.Close()
			return
		}
		select {
		case <-d.ended:
			text, _ := os.ReadFile(filepath.Join(d.dir, "log"))
			t.Skipf("a second Docker engine does not run here:\n%s", text)
		default:
		}
	}
	t.Fatal("the engine does not answer")
}

func (d *daemon) stop() {
	if d.process == nil {
		return
	}
	_ = d.process.Process.Signal(os.Interrupt)
	<-d.ended
}

func (d *daemon) find(ctx context.Context) (*Engine, error) {
	return Find(ctx, FindOptions{Env: func(name string) string {
		return map[string]string{"DOCKER_HOST": d.host()}[name]
	}})
}

func TestAnEngineThatStopsWhileWeWaitIsReportedAndTakenUpAgain(t *testing.T) {
	t.Parallel()
	engine(t) // the image comes from there
	d := privateDaemon(t)
	e, err := d.find(t.Context())
	must(t, err)
	defer e.Close()
	spec := newSpec(t, engine(t))
	at := seeded(t, e, spec)

	_, err = e.Stop(t.Context(), spec.Container, progress.Discard)
	must(t, err)
	var stopping chan struct{}
	answers := probe(spec)
	_, err = e.Ensure(t.Context(), spec, func(ctx context.Context, at server.Endpoint) error {
		if stopping == nil && answers(ctx, at) == nil {
			stopping = make(chan struct{})
			go func() { d.stop(); close(stopping) }()
		}
		return errors.New("no answer")
	}, progress.Discard)
	if remedy.Code(err) != "docker.unreachable" || remedy.Exit(err) != remedy.ExitNoServer {
		t.Fatalf("error %s", remedy.Text(err))
	}
	if text := remedy.Text(err); !strings.Contains(text, d.host()) || !strings.Contains(text, "systemctl start docker") {
		t.Errorf("error:\n%s", text)
	}
	<-stopping
	if _, err := e.Observe(t.Context(), spec); remedy.Code(err) != "docker.unreachable" {
		t.Errorf("with no engine: %v", err)
	}
	if _, err := d.find(t.Context()); remedy.Code(err) != "docker.unreachable" {
		t.Errorf("with no engine: %v", err)
	}

	d.start(t)
	again := ensure(t, e, spec)
	if again.ContainerID != at.ContainerID {
		t.Errorf("another container: %+v", again)
	}
	stillSeeded(t, spec, again)
}
