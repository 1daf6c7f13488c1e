//go:build unix

package engine

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// started is an engine of an instance of the test's own, which leaves nothing behind.
func started(t *testing.T, name string) (Engine, Config) {
	t.Helper()
	cache, _ := os.UserCacheDir()
	c := config(t, nil, "NAAP_ENGINE="+name, fmt.Sprintf("NAAP_INSTANCE=engine%d", os.Getpid()), fmt.Sprintf("NAAP_PORT=%d", porttest.Free()), "XDG_CACHE_HOME="+cache)
	c.Folder = memtest.Dir(t)
	set := &c.Workspace.Settings
	for kind, name := range map[string]string{leftovers.Container: set.Container, leftovers.Volume: set.Volume, leftovers.Embedded: filepath.Join(c.Folder, "embedded")} {
		if err := leftovers.Note(kind, name); err != nil {
			t.Fatal(err)
		}
	}
	eng, reason, err := Choose(t.Context(), c)
	if err != nil {
		if name == nameDocker && os.Getenv("NAAP_TEST_DOCKER") != "required" {
			t.Skip("no Docker engine answers; NAAP_TEST_DOCKER=required makes this a failure")
		}
		t.Fatal(remedy.Text(err))
	}
	if !strings.Contains(reason, "NAAP_ENGINE") {
		t.Errorf("it was chosen because %q", reason)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if data, err := eng.Deletable(ctx); err == nil {
			_, _ = eng.Stop(ctx, progress.Discard)
			_, _ = eng.DeleteData(ctx, data, progress.Discard)
		}
		eng.Close()
	})
	return eng, c
}

// TestTheEnginesKeepTheirWord has each engine that starts servers go through the life of one.
func TestTheEnginesKeepTheirWord(t *testing.T) {
	pgtest.URL(t) // the programs of the embedded one are on this machine
	for _, name := range []string{nameDocker, nameEmbedded} {
		t.Run(name, func(t *testing.T) {
			eng, c := started(t, name)
			life{t, eng, c}.whole()
		})
	}
}

type life struct {
	*testing.T
	eng Engine
	c   Config
}

func (l life) whole() {
	if s := l.looks(Absent); remedy.Code(s.Gone) != "server.removed" {
		l.Errorf("of a server that was never made: %+v", s)
	}
	if plan, err := l.eng.Plan(l.Context()); plan == "" || err != nil {
		l.Errorf("it plans %q, %v", plan, err)
	}
	if stats, err := l.eng.Stats(l.Context()); err != nil || stats != nil && stats.Status == "running" {
		l.Errorf("before there is one, %+v, %v", stats, err)
	}
	at, err := l.eng.Ensure(l.Context(), l.answers, progress.Discard)
	if err != nil || !at.Created || at.Identity == "" {
		l.Fatalf("%+v, %v", at, err)
	}
	s := l.looks(Running)
	if s.Port != at.Port || s.Identity != at.Identity || s.Paused || s.Gone != nil || s.RunsAsYou != at.RunsAsYou {
		l.Errorf("it started at %+v, and is %+v", at, s)
	}
	l.running(s)
	l.elsewhere(s)
	l.paused()
	l.stops()
}

// answers is the probe.
func (l life) answers(ctx context.Context, at server.Endpoint) error {
	set := &l.c.Workspace.Settings
	conn, err := postgres.Connect(ctx, set.URL(at.Host, at.Port)+"?sslmode=disable", postgres.Options{})
	if err == nil {
		postgres.Close(conn)
	}
	return err
}

func (l life) looks(want State) Server {
	l.Helper()
	s, err := l.eng.Look(l.Context())
	if err != nil || s.State != want {
		l.Fatalf("it is %+v, %v; want %s", s, err, want)
	}
	return s
}

func (l life) running(s Server) {
	if l.eng.Memory(l.Context(), s) < 1<<20 {
		l.Error("it uses no memory")
	}
	if stats, err := l.eng.Stats(l.Context()); err != nil || stats.Status != "running" || stats.Process != (s.Process != nil) || stats.HostFree <= 0 {
		l.Errorf("%+v, %v", stats, err)
	}
	var log strings.Builder
	if err := l.eng.Logs(l.Context(), &log, server.LogOptions{Tail: -1}); err != nil || !strings.Contains(log.String(), "ready to accept connections") {
		l.Errorf("its log is %q, %v", log.String(), err)
	}
	var out strings.Builder
	code, err := l.eng.Exec(l.Context(), server.Command{Args: []string{"sh", "-c", "echo $WORD; exit 7"}, Env: []string{"WORD=inside"}, Stdout: &out, Stderr: io.Discard})
	inside := l.eng.Kind().Inside
	if inside != (l.eng.Inside() != nil) || inside != (err == nil && code == 7 && out.String() == "inside\n") {
		l.Errorf("inside is %v, %q; a program there prints %q and ends with %d, %v", inside, l.eng.Inside(), out.String(), code, err)
	}
	x := l.eng.Examine(l.Context())
	if len(x.Findings) == 0 || len(x.Space) != 1 || x.Space[0].Free <= 0 || slices.ContainsFunc(x.Findings, func(f remedy.Finding) bool { return f.Severity == remedy.Broken }) {
		l.Errorf("the examination finds %+v", x)
	}
}

// elsewhere names another endpoint as that of the last start: the same server under it is another way to the same engine, and
// another server is left alone.
func (l life) elsewhere(s Server) {
	if l.eng.Where() == "" {
		return
	}
	c := l.c
	for identity, want := range map[string]string{s.Identity: remedy.Code(nil), "naap:other:1": "engine.elsewhere"} {
		c.Last = Last{Engine: l.eng.Kind().Name, Where: "unix:///elsewhere.sock", Identity: identity}
		eng, _, err := Choose(l.Context(), c)
		if remedy.Code(err) != want {
			l.Errorf("last started elsewhere as %q: %v, want %q", identity, err, want)
		}
		if err == nil {
			eng.Close()
		}
	}
}

// paused stops the server's processes, and has them go on by the command that the engine tells.
func (l life) paused() {
	if l.eng.Kind().Lacks.Events != "" {
		return
	}
	var mu sync.Mutex
	var kinds []string
	heard := func(kind string) bool {
		mu.Lock()
		defer mu.Unlock()
		return slices.Contains(kinds, kind)
	}
	ctx, cancel := context.WithCancel(l.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- l.eng.Events(ctx, func(e server.Event) bool {
			mu.Lock()
			defer mu.Unlock()
			kinds = append(kinds, e.Kind)
			return true
		})
	}()
	defer func() { cancel(); <-ended }()
	var s Server
	l.until("it is paused", func() bool {
		l.pause()
		if s, _ = l.eng.Look(ctx); !s.Paused {
			return false
		}
		for range 20 { // who listens too late does not hear of this pause, but of the next one
			if heard("pause") {
				return true
			}
			time.Sleep(50 * time.Millisecond)
		}
		l.goesOn(s)
		return false
	})
	if remedy.Code(s.Gone) != "server.paused" {
		l.Fatalf("%+v", s)
	}
	l.goesOn(s)
	l.until("it goes on", func() bool { return heard("unpause") })
	l.looks(Running)
}

// goesOn runs what the engine tells to run.
func (l life) goesOn(s Server) {
	l.Helper()
	if out, err := exec.Command("sh", "-c", s.Gone.Fix[0].String()).CombinedOutput(); err != nil {
		l.Fatalf("%s: %v\n%s", s.Gone.Fix[0], err, out)
	}
}

// pause pauses the server, by its process or its container. The kernel refuses to freeze a container in which a program is
// being started.
func (l life) pause() {
	s, err := l.eng.Look(l.Context())
	switch {
	case err != nil || s.Paused:
	case s.Process != nil:
		_ = syscall.Kill(s.Process.PID, syscall.SIGSTOP)
	default:
		_ = exec.Command("docker", "pause", s.Container.Name).Run()
	}
}

func (l life) until(what string, is func() bool) {
	l.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.Fatalf("after 30 s not yet: %s", what)
		}
	}
}

func (l life) stops() {
	for _, want := range []bool{true, false} {
		if stopped, err := l.eng.Stop(l.Context(), progress.Discard); err != nil || stopped != want {
			l.Errorf("stopped: %v, want %v; %v", stopped, want, err)
		}
	}
	l.looks(Stopped)
	data, err := l.eng.Deletable(l.Context())
	if err != nil || data == "" {
		l.Fatalf("%q, %v", data, err)
	}
	for _, want := range []bool{true, false} {
		if deleted, err := l.eng.DeleteData(l.Context(), data, progress.Discard); err != nil || deleted != want {
			l.Errorf("deleted: %v, want %v; %v", deleted, want, err)
		}
	}
	l.looks(Absent)
}
