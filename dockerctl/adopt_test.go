package dockerctl

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/mount"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/go-connections/nat"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func status(t *testing.T, e *Engine, name string) string {
	t.Helper()
	d, err := e.Describe(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		return "absent"
	}
	return d.Status
}

// must fails the test on an error of something that is only its setting.
// pause pauses a container. The kernel refuses to freeze one in which a program is being started, as the health check is
// now and then.
func pause(ctx context.Context, e *Engine, id string) (err error) {
	for range 50 {
		if err = e.cli.ContainerPause(ctx, id); err == nil || !strings.Contains(err.Error(), "unable to freeze") {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// seeded is a server of ours with one row in it, so that a test can tell whether the data was kept.
func seeded(t *testing.T, e *Engine, spec Spec) server.Endpoint {
	t.Helper()
	filled(t, e, spec)
	at := ensure(t, e, spec)
	ask(t, spec, at, "CREATE TABLE kept AS SELECT 'still here' AS word")
	return at
}

func stillSeeded(t *testing.T, spec Spec, at server.Endpoint) {
	t.Helper()
	if got := ask(t, spec, at, "SELECT word FROM kept"); got != "still here" {
		t.Errorf("the data is gone: %q", got)
	}
}

func TestOurContainerIsTakenUpFromEveryStateItCanBeIn(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	first := seeded(t, e, spec)
	id := first.ContainerID
	for _, test := range []struct {
		name string
		put  func() error
	}{
		{"running", func() error { return nil }},
		{"paused", func() error { return pause(t.Context(), e, id) }},
		{"exited", func() error { return e.cli.ContainerStop(t.Context(), id, container.StopOptions{}) }},
		{"killed", func() error { return e.cli.ContainerKill(t.Context(), id, "KILL") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			must(t, test.put())
			at := ensure(t, e, spec)
			if at.ContainerID != id || at.Created || at.Adopted != "" || at.Identity != first.Identity {
				t.Errorf("%+v, want container %s", at, id)
			}
			stillSeeded(t, spec, at)
		})
	}
	t.Run("a container that is gone leaves its volume", func(t *testing.T) {
		must(t, e.cli.ContainerRemove(t.Context(), id, container.RemoveOptions{Force: true}))
		at := ensure(t, e, spec)
		if !at.Created || at.Identity == first.Identity {
			t.Errorf("%+v", at)
		}
		stillSeeded(t, spec, at)
	})
	t.Run("another port moves it when it is stopped", func(t *testing.T) {
		_, err := e.Stop(t.Context(), spec.Container, progress.Discard)
		must(t, err)
		l, err := net.Listen("tcp4", loopback.Address(spec.Port))
		must(t, err)
		defer l.Close()
		if _, err = e.Ensure(t.Context(), spec, probe(spec), progress.Discard); remedy.Code(err) != "port.taken" {
			t.Fatalf("error %s", remedy.Text(err))
		}
		spec.Port = porttest.Free()
		at := ensure(t, e, spec)
		if at.Port != spec.Port || !at.Created {
			t.Errorf("%+v", at)
		}
		stillSeeded(t, spec, at)
	})
}

func TestAContainerThatWasMadeAndNeverStartedIsStartedWithItsScript(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	// What a naap leaves that is killed after creating the container, before copying the script.
	state, err := e.Observe(t.Context(), spec)
	must(t, err)
	p := decide(*state, spec)
	must(t, e.createVolume(t.Context(), p.spec, p.Volume, p.Image, *p.image))
	_, _, err = e.createVerified(t.Context(), p, loopback.NewIdentity(spec.Instance))
	must(t, err)
	at := ensure(t, e, spec)
	if at.Created {
		t.Errorf("it was made again: %+v", at)
	}
	if got := ask(t, spec, at, "SELECT count(*)::text FROM pg_namespace WHERE nspname LIKE 'plugin%'"); got != "2" {
		t.Errorf("%s schemas of the init script", got)
	}
}

func TestAContainerInARestartLoopIsRestartedAtOnce(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	spec.Restart = "always"
	at := seeded(t, e, spec)
	// The server cannot start while its data directory's version file says otherwise.
	version := filepath.Join(defaultDataDir, "PG_VERSION")
	run := func(script string) {
		if code, err := e.Exec(t.Context(), spec.Container, server.Command{Args: []string{"sh", "-c", script}}); err != nil || code != 0 {
			t.Fatalf("%s: %d, %v", script, code, err)
		}
	}
	run("echo 15 > " + version)
	_ = e.cli.ContainerRestart(t.Context(), at.ContainerID, container.StopOptions{})
	waitFor(t, func() bool { s := status(t, e, spec.Container); return s == "restarting" })
	_, err := e.Ensure(t.Context(), spec, probe(spec), progress.Discard)
	if remedy.Code(err) != "container.incompatible-data" {
		t.Errorf("still looping: %v", remedy.Text(err))
	}
}

func TestAContainerOfDockerComposeIsAdoptedWithAWarning(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	project := spec.Instance
	labels := map[string]string{composeProject: project, composeService: "database", composeConfigHash: "abc",
		composeNumber: "1", composeOneoff: "False"}
	volumeName := project + "_naap-db-data"
	_, err := e.cli.VolumeCreate(t.Context(), volume.CreateOptions{Name: volumeName, Labels: map[string]string{composeProject: project, composeVolume: "naap-db-data"}})
	must(t, err)
	id := foreign(t, e, spec, volumeName, labels)
	for _, put := range []string{"created", "exited", "paused", "running"} {
		switch put {
		case "exited":
			must(t, e.cli.ContainerStop(t.Context(), id, container.StopOptions{}))
		case "paused":
			must(t, pause(t.Context(), e, id))
		}
		at := ensure(t, e, spec)
		if at.ContainerID != id || at.Created || at.Identity != "" {
			t.Fatalf("%s: %+v", put, at)
		}
		if at.Adopted != "made by docker compose (project "+project+")" {
			t.Errorf("%s: adopted %q", put, at.Adopted)
		}
		if put != "created" && at.SystemID == "" {
			t.Errorf("%s: nothing proves which server it is: %+v", put, at)
		}
		if text := strings.Join(at.Warnings, "\n"); !strings.Contains(text, "0.0.0.0") || !strings.Contains(text, volumeName) {
			t.Errorf("%s: warnings %q", put, at.Warnings)
		}
		if at.Host != loopback.Host {
			t.Errorf("%s: reached at %s", put, at.Host)
		}
	}
}

// foreign makes a container of spec's name as somebody else would: published on every address, no identity, its data in
// another volume.
func foreign(t *testing.T, e *Engine, spec Spec, volumeName string, labels map[string]string) string {
	t.Helper()
	t.Cleanup(func() { removeAll(t, e, spec.Container, volumeName) })
	made, err := e.cli.ContainerCreate(t.Context(),
		&container.Config{
			Image: spec.Image, Labels: labels, ExposedPorts: nat.PortSet{containerPort: {}},
			Env: []string{"POSTGRES_USER=" + spec.User, "POSTGRES_PASSWORD=" + spec.Password, "POSTGRES_DB=" + spec.Database, "POSTGRES_INITDB_ARGS=--no-sync"},
		},
		&container.HostConfig{
			PortBindings: nat.PortMap{containerPort: {{HostPort: itoa(spec.Port)}}},
			Mounts:       []mount.Mount{{Type: mount.TypeVolume, Source: volumeName, Target: defaultDataDir}},
		}, nil, nil, spec.Container)
	must(t, err)
	return made.ID
}

func TestAVolumeOfAnotherVersionIsRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	inVolume(t, e, spec, "echo 15 > PG_VERSION; mkdir global; echo /usr/lib/postgresql/15/bin/postgres > postmaster.opts")
	_, err := e.Ensure(t.Context(), spec, probe(spec), progress.Discard)
	if remedy.Code(err) != "data.version" || !strings.Contains(remedy.Text(err), "naap dev up --image postgres:15") {
		t.Fatalf("error %s", remedy.Text(err))
	}
	if got := status(t, e, spec.Container); got != "absent" {
		t.Errorf("a container was left: %s", got)
	}
	if left := inspectors(t, e, spec); left != 0 {
		t.Errorf("%d containers for looking were left", left)
	}
	if got := inVolume(t, e, spec, "cat PG_VERSION"); strings.TrimSpace(got) != "15" {
		t.Errorf("the volume was changed: %q", got)
	}
}

func TestAVolumeOfAnotherCLibraryIsRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	inVolume(t, e, spec, `echo 16 > PG_VERSION; echo '/usr/local/bin/postgres "-D" "x"' > postmaster.opts`)
	_, err := e.Ensure(t.Context(), spec, probe(spec), progress.Discard)
	if remedy.Code(err) != "data.libc" || !strings.Contains(remedy.Text(err), "naap dev up --image postgres:16-alpine") {
		t.Fatalf("error %s", remedy.Text(err))
	}
	if got := status(t, e, spec.Container); got != "absent" {
		t.Errorf("a container was left: %s", got)
	}
}

// imageLike makes an image like the default one with another environment, and has it removed with the test.
func imageLike(t *testing.T, e *Engine, ref string, env ...string) {
	t.Helper()
	made, err := e.cli.ContainerCreate(t.Context(), &container.Config{Image: defaultImage}, &container.HostConfig{NetworkMode: "none"}, nil, nil, "")
	must(t, err)
	defer e.cli.ContainerRemove(context.Background(), made.ID, container.RemoveOptions{Force: true, RemoveVolumes: true})
	_, err = e.cli.ContainerCommit(t.Context(), made.ID, container.CommitOptions{Reference: ref, Config: &container.Config{Env: env}})
	must(t, err)
	t.Cleanup(func() {
		ctx := context.Background()
		users, err := e.cli.ContainerList(ctx, container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("ancestor", ref))})
		must(t, err)
		for _, c := range users {
			_ = e.cli.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
		}
		_, err = e.cli.ImageRemove(ctx, ref, image.RemoveOptions{})
		must(t, err)
	})
}

func TestAVolumeIsKeptOnTheImageThatFilledIt(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	alpine := spec.Instance + "/postgres:16-alpine"
	imageLike(t, e, alpine, "DOCKER_PG_LLVM_DEPS=llvm")
	asAlpine := spec
	asAlpine.Image = alpine
	at := seeded(t, e, asAlpine)
	must(t, e.cli.ContainerRemove(t.Context(), at.ContainerID, container.RemoveOptions{Force: true}))

	pinned := spec
	pinned.ImagePinned = true
	if _, err := e.Ensure(t.Context(), pinned, never, progress.Discard); remedy.Code(err) != "data.libc" ||
		!strings.Contains(remedy.Text(err), "naap dev up --image "+alpine) {
		t.Errorf("asked for by hand: %s", remedy.Text(err))
	}
	kept := ensure(t, e, spec)
	if d, err := e.Describe(t.Context(), spec.Container); err != nil || d.ImageRef != alpine {
		t.Errorf("it runs on %+v, %v", d, err)
	}
	if !strings.Contains(strings.Join(kept.Warnings, "\n"), "kept on it") {
		t.Errorf("warnings %q", kept.Warnings)
	}
	stillSeeded(t, spec, kept)
}

func TestAContainerOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	other := spec
	other.Image = spec.Instance + "/postgres:15"
	imageLike(t, e, other.Image, "PG_MAJOR=15")
	foreign(t, e, other, spec.Volume, nil)
	_, err := e.Ensure(t.Context(), spec, never, progress.Discard)
	if remedy.Code(err) != "container.version" || !strings.Contains(remedy.Text(err), "naap dev up --image "+other.Image) {
		t.Errorf("error %s", remedy.Text(err))
	}
	if got := status(t, e, spec.Container); got != "created" {
		t.Errorf("it is %s", got)
	}
}

func TestAVolumeThatAnotherServerUsesIsRefused(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	at := seeded(t, e, spec)
	second := newSpec(t, e)
	second.Volume = spec.Volume
	_, err := e.Ensure(t.Context(), second, probe(second), progress.Discard)
	if remedy.Code(err) != "data.in-use" || !strings.Contains(remedy.Text(err), "docker stop "+spec.Container) {
		t.Fatalf("error %s", remedy.Text(err))
	}
	stillSeeded(t, spec, at)
}

func TestTheScriptIsMountedReadOnlyAndCopiedWhereItCannotBe(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, test := range []struct {
		name string
		mode os.FileMode
		want initWay
	}{
		{"readable by all", 0o644, initMounted},
		{"readable by its owner only", 0o600, initCopied},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := newSpec(t, e)
			spec.Init.Path = filepath.Join(t.TempDir(), "init.sql")
			must(t, os.WriteFile(spec.Init.Path, spec.Init.Content, test.mode))
			must(t, os.Chmod(spec.Init.Path, test.mode))
			at := ensure(t, e, spec)
			got, err := e.cli.ContainerInspect(t.Context(), at.ContainerID)
			must(t, err)
			if how := initWay(got.Config.Labels[labelInit]); how != test.want {
				t.Errorf("%s, want %s", how, test.want)
			}
			for _, m := range got.Mounts {
				if m.Destination == InitTarget && m.RW {
					t.Error("the script can be written to")
				}
			}
			if n := ask(t, spec, at, "SELECT count(*)::text FROM pg_namespace WHERE nspname LIKE 'plugin%'"); n != "2" {
				t.Errorf("%s schemas of the script", n)
			}
			if test.want != initMounted {
				return
			}
			// The folder with the script goes away, as with a checkout that is moved.
			_, err = e.Stop(t.Context(), spec.Container, progress.Discard)
			must(t, err)
			must(t, os.Remove(spec.Init.Path))
			if again := ensure(t, e, spec); again.Identity == "" {
				t.Errorf("%+v", again)
			}
		})
	}
}

func TestAFileThatTheEngineSeesOtherwiseIsCopied(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	_, err := e.cli.VolumeCreate(t.Context(), volume.CreateOptions{Name: spec.Volume}) // there and empty: it is filled all the same
	must(t, err)
	spec.Init.Path = filepath.Join(t.TempDir(), "init.sql")
	// As on a host where another file lies at the same path.
	must(t, os.WriteFile(spec.Init.Path, []byte("SELECT 1/0;"), 0o644))
	at := ensure(t, e, spec)
	if n := ask(t, spec, at, "SELECT count(*)::text FROM pg_namespace WHERE nspname LIKE 'plugin%'"); n != "2" {
		t.Errorf("%s schemas of the script", n)
	}
}

func TestTenAtOnceMakeOneContainer(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	ids, errs := make([]string, 10), make([]error, 10)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			at, err := e.Ensure(t.Context(), spec, probe(spec), progress.Discard)
			ids[i], errs[i] = at.ContainerID, err
		})
	}
	all.Wait()
	for i := range ids {
		if errs[i] != nil {
			t.Errorf("%d: %s", i, remedy.Text(errs[i]))
		}
		if ids[i] != ids[0] {
			t.Errorf("two containers: %s and %s", ids[0], ids[i])
		}
	}
}

// TestEndedAtAnyStepTheNextOneSucceeds ends each run one step later than the one before, which goes on with what that left.
func TestEndedAtAnyStepTheNextOneSucceeds(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	// The calls to the engine that a kill cuts off are those that a context cuts off; the engine carries on either way.
	ended := 0
	for ; ended < 50; ended++ {
		ctx, cancel := context.WithCancel(t.Context())
		var told atomic.Int32
		_, err := e.Ensure(ctx, spec, probe(spec), func(progress.Step) {
			if told.Add(1) == int32(ended+1) {
				cancel()
			}
		})
		cancel()
		if err == nil {
			break // it had no more steps
		}
	}
	if t.Logf("%d were ended", ended); ended < 2 || ended == 50 {
		t.Error("that is not the steps of a start")
	}
	at := ensure(t, e, spec)
	if n := ask(t, spec, at, "SELECT count(*)::text FROM pg_namespace WHERE nspname LIKE 'plugin%'"); n != "2" {
		t.Errorf("%s schemas of the script", n)
	}
}
