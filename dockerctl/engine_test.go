package dockerctl

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// secret is the password of the tests' servers; it must turn up nowhere.
const secret = "s3cr3t-hunter2-Zq"

func TestMain(m *testing.M) {
	pgtest.Heed()
	pgtest.SideBySide()
	os.Exit(m.Run())
}

// engine is a real Docker engine with the default image, or the test is skipped; with NAAP_TEST_DOCKER=required it then
// fails.
func engine(t *testing.T) *Engine {
	t.Helper()
	e, err := Find(t.Context(), FindOptions{})
	if err != nil {
		missing(t, err.Error())
	}
	t.Cleanup(func() { e.Close() })
	img, err := e.imageInfo(t.Context(), defaultImage)
	if err != nil {
		t.Fatal(err)
	}
	if img == nil {
		missing(t, "the engine has no image "+defaultImage)
	}
	return e
}

func missing(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("NAAP_TEST_DOCKER") == "required" {
		t.Fatal(reason)
	}
	t.Skip("needs a Docker engine with " + defaultImage + ": " + reason)
}

// newSpec is a spec that no other test has, whose container and volume go with the test.
func newSpec(t *testing.T, e *Engine) Spec {
	t.Helper()
	var b [5]byte
	rand.Read(b[:])
	name := "naaptest-" + hex.EncodeToString(b[:])
	spec := Spec{
		Wanted:    server.Wanted{Instance: name, Port: porttest.Free(), User: "postgres", Password: secret, Database: "naap"},
		Container: name + "-db", Volume: name + "-data", Image: defaultImage,
		Init: InitScript{Content: []byte("CREATE SCHEMA plugin_one;\nCREATE SCHEMA plugin_two;\n")},
	}
	if err := errors.Join(leftovers.Note(leftovers.Container, spec.Container), leftovers.Note(leftovers.Volume, spec.Volume)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeAll(t, e, spec.Container, spec.Volume) })
	return spec
}

func removeAll(t *testing.T, e *Engine, name, volume string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_ = e.cli.ContainerRemove(ctx, name, container.RemoveOptions{Force: true, RemoveVolumes: true}) // those without a name
	if volume == "" {
		return
	}
	e.removeInspectors(ctx, volume, 0)
	if err := e.cli.VolumeRemove(ctx, volume, true); err != nil && !cerrdefs.IsNotFound(err) {
		t.Errorf("the test's volume stays: %v", err)
	}
}

// probe asks spec's server for its identity and its init script's schemas.
func probe(spec Spec) server.Probe {
	return func(ctx context.Context, at server.Endpoint) error {
		url := fmt.Sprintf("postgresql://%s:%s@%s/%s?sslmode=disable", spec.User, spec.Password, at.Address(), spec.Database)
		conn, err := postgres.Connect(ctx, url, postgres.Options{})
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		var cluster, system string
		err = conn.QueryRow(ctx, "SELECT current_setting('cluster_name'), system_identifier::text FROM pg_control_system()").Scan(&cluster, &system)
		if err != nil {
			return err
		}
		if at.Identity != "" && at.Identity != cluster {
			return remedy.New(server.CodeForeign, remedy.ExitNoServer, "its cluster_name is %q", cluster)
		}
		if at.SystemID != "" && at.SystemID != system {
			return remedy.New(server.CodeForeign, remedy.ExitNoServer, "its system identifier is %s", system)
		}
		return nil
	}
}

// ask runs a query that yields one text.
func ask(t *testing.T, spec Spec, at server.Endpoint, sql string) string {
	t.Helper()
	url := fmt.Sprintf("postgresql://%s:%s@%s/%s?sslmode=disable", spec.User, spec.Password, at.Address(), spec.Database)
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var answer string
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil && !errors.Is(err, postgres.ErrNoRows) {
		t.Fatal(err)
	}
	return answer
}

// journal keeps all that was reported.
type journal struct {
	mu    sync.Mutex
	steps []progress.Step
}

func (j *journal) report(s progress.Step) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.steps = append(j.steps, s)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var b strings.Builder
	for _, s := range j.steps {
		fmt.Fprintf(&b, "%s %s %q %q\n", s.Name, s.Status, s.Title, s.Detail)
	}
	return b.String()
}

// ensure is Ensure that must succeed.
func ensure(t *testing.T, e *Engine, spec Spec) server.Endpoint {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var j journal
	at, err := e.Ensure(ctx, spec, probe(spec), j.report)
	if err != nil {
		t.Fatalf("Ensure: %v\n%s", err, j.String())
	}
	// A pause that meets a command on its start freezes both, and runc never returns from it; so none is on its way.
	e.background.Wait()
	if strings.Contains(j.String(), secret) {
		t.Fatalf("the password was reported:\n%s", j.String())
	}
	t.Logf("%s", j.String())
	return at
}

const errPermission = syscall.EACCES

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// itoa is a port as the engine takes it.
func itoa(n int) string { return strconv.Itoa(n) }

// patience is how long a test waits for what takes seconds, on a machine that is busy with other things.
const patience = 3 * time.Minute

// waitFor waits until something is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if so() {
			return
		}
	}
	t.Fatalf("it did not come about in %s", patience)
}

// inVolume runs a shell script of the image in spec's volume, as a container of its own, and returns its output.
func inVolume(t *testing.T, e *Engine, spec Spec, script string) string {
	t.Helper()
	made, err := e.cli.ContainerCreate(t.Context(),
		&container.Config{Image: spec.Image, Entrypoint: []string{"sh", "-c", script}, WorkingDir: defaultDataDir},
		&container.HostConfig{NetworkMode: "none", Mounts: []mount.Mount{{Type: mount.TypeVolume, Source: spec.Volume, Target: defaultDataDir}}},
		nil, nil, "")
	must(t, err)
	defer e.cli.ContainerRemove(context.Background(), made.ID, container.RemoveOptions{Force: true})
	exit := e.watchExit(t.Context(), made.ID)
	defer exit.stop()
	must(t, e.cli.ContainerStart(t.Context(), made.ID, container.StartOptions{}))
	if got := <-exit.code; got.StatusCode != 0 {
		t.Fatalf("%s: exit code %d", script, got.StatusCode)
	}
	var text strings.Builder
	must(t, e.Logs(t.Context(), &text, made.ID, server.LogOptions{Tail: -1}))
	return text.String()
}

// inspectors counts the containers that were made to look into spec's volume.
func inspectors(t *testing.T, e *Engine, spec Spec) int {
	t.Helper()
	list, err := e.cli.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(
		filters.Arg("label", labelPurpose+"=inspect"), filters.Arg("label", labelInstance+"="+spec.Instance))})
	must(t, err)
	return len(list)
}
