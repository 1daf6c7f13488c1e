package dockerctl

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestARunningServerCanBeWatchedAndStopped(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	happened := make(chan server.Event, 64)
	go func() { _ = e.Events(ctx, spec.Container, func(ev server.Event) bool { happened <- ev; return true }) }()
	at := ensure(t, e, spec)
	ask(t, spec, at, "CREATE TABLE kept AS SELECT 'still here' AS word")

	t.Run("Describe", func(t *testing.T) {
		d, err := e.Describe(ctx, spec.Container)
		must(t, err)
		if d.ID != at.ContainerID || d.Status != "running" || d.Port != spec.Port || d.ImageRef != spec.Image || d.Identity != at.Identity {
			t.Errorf("%+v", d)
		}
		if d, err := e.Describe(ctx, spec.Container+"-other"); d != nil || err != nil {
			t.Errorf("of no container: %+v, %v", d, err)
		}
	})
	t.Run("Stats", func(t *testing.T) {
		fresh := engine(t) // one that has measured nothing yet
		first, err := fresh.Stats(ctx, spec.Container)
		must(t, err)
		if first.CPU >= 0 || first.Memory < 1<<20 || first.MemoryLimit < first.Memory {
			t.Errorf("first: %+v", first)
		}
		if used := fresh.Memory(ctx, at.ContainerID); used < 1<<20 {
			t.Errorf("memory: %d", used)
		}
		ended, end := context.WithCancel(ctx)
		end()
		if used := engine(t).Memory(ended, at.ContainerID); used != 0 {
			t.Errorf("memory of what could not be asked: %d", used)
		}
		ask(t, spec, at, "SELECT count(*)::text FROM generate_series(1, 300000)")
		second, err := fresh.Stats(ctx, spec.Container)
		must(t, err)
		if second.CPU <= 0 {
			t.Errorf("second: %+v", second)
		}
	})
	t.Run("Logs", func(t *testing.T) {
		read := func(tail int) string {
			var text strings.Builder
			must(t, e.Logs(ctx, &text, spec.Container, server.LogOptions{Tail: tail}))
			return text.String()
		}
		if text := read(3); !strings.Contains(text, "ready to accept connections") || strings.Contains(text, secret) || strings.Count(text, "\n") > 3 {
			t.Errorf("log:\n%s", text)
		}
		for tail, want := range map[int]bool{0: false, -1: true} {
			text := read(tail)
			if got := len(text) > 0; got != want {
				t.Errorf("the last %d lines:\n%s", tail, text)
			}
		}
		following, end := context.WithCancel(ctx)
		log, w := io.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = e.Logs(following, w, spec.Container, server.LogOptions{Follow: true, Tail: 1})
		}()
		_, err := io.ReadFull(log, make([]byte, 1))
		must(t, err)
		go io.Copy(io.Discard, log)
		end()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Error("the following does not end with its context")
		}
	})
	t.Run("Exec", func(t *testing.T) {
		var out, errs bytes.Buffer
		code, err := e.Exec(ctx, spec.Container, server.Command{
			Env:   []string{"PGPASSWORD=" + spec.Password},
			Args:  []string{"psql", "-h", "127.0.0.1", "-U", spec.User, "-d", spec.Database, "-At"},
			Stdin: strings.NewReader("SELECT word FROM kept;\nnonsense;\n"), Stdout: &out, Stderr: &errs,
		})
		if err != nil || code != 0 || out.String() != "still here\n" || !strings.Contains(errs.String(), "syntax error") {
			t.Errorf("%d, %v, %q, %q", code, err, out.String(), errs.String())
		}
		if code, err := e.Exec(ctx, spec.Container, server.Command{Args: []string{"sh", "-c", "exit 7"}}); code != 7 || err != nil {
			t.Errorf("exit status %d, %v", code, err)
		}
		out.Reset()
		code, err = e.Exec(ctx, spec.Container, server.Command{Args: []string{"stty", "size"}, Tty: true, Size: server.Size{Width: 91, Height: 37},
			Stdin: strings.NewReader(""), Stdout: &out})
		if err != nil || code != 0 {
			t.Errorf("with a terminal: %d, %v, %q", code, err, out.String())
		}
	})
	t.Run("what runs in the container ends with its context", func(t *testing.T) {
		short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		defer stop()
		if _, err := e.Exec(short, spec.Container, server.Command{Args: []string{"sh", "-c", "sleep 4711"}}); err == nil {
			t.Error("it ended by itself")
		}
		waitFor(t, func() bool {
			top, err := e.cli.ContainerTop(ctx, at.ContainerID, nil)
			must(t, err)
			for _, p := range top.Processes {
				if strings.Contains(strings.Join(p, " "), "sleep 4711") {
					return false
				}
			}
			return true
		})
	})
	t.Run("the first boot's data is flushed in the background", func(t *testing.T) {
		waitFor(t, func() bool {
			_, err := e.cli.ContainerStatPath(ctx, at.ContainerID, syncedMark)
			return err == nil
		})
	})
	t.Run("Stop", func(t *testing.T) {
		for _, put := range []func() error{
			func() error { return nil },
			func() error { ensure(t, e, spec); return pause(ctx, e, at.ContainerID) },
			func() error { return e.cli.ContainerStart(ctx, at.ContainerID, container.StartOptions{}) }, // it boots
		} {
			must(t, put())
			stopped, err := e.Stop(ctx, spec.Container, progress.Discard)
			if !stopped || err != nil {
				t.Fatalf("stopped %v, %v", stopped, err)
			}
			d, err := e.Describe(ctx, spec.Container)
			must(t, err)
			if d.Status != "exited" || d.ExitCode == 137 {
				t.Errorf("%+v", d)
			}
		}
		ensure(t, e, spec)
		_, err := e.Stop(ctx, spec.Container, progress.Discard)
		must(t, err)
		if stopped, err := e.Stop(ctx, spec.Container, progress.Discard); stopped || err != nil {
			t.Errorf("again: stopped %v, %v", stopped, err)
		}
		log, err := e.tail(ctx, at.ContainerID, 30)
		must(t, err)
		if !strings.Contains(log, "received fast shutdown request") || !strings.Contains(log, "database system is shut down") {
			t.Errorf("it was not shut down in order:\n%s", log)
		}
	})
	t.Run("Events", func(t *testing.T) {
		var seen []string
		for len(happened) > 0 {
			ev := <-happened
			seen = append(seen, ev.Kind)
		}
		if text := strings.Join(seen, " "); !strings.Contains(text, "start") {
			t.Errorf("events: %s", text)
		}
	})
}

func TestDeletingDataTakesTheNamedVolumeAndNoOther(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	ensure(t, e, spec)
	user := newSpec(t, e)
	user.Volume = spec.Volume
	foreign(t, e, user, spec.Volume, nil) // never started, but it has the volume
	_, err := e.DeleteData(t.Context(), spec.Container, spec.Volume, progress.Discard)
	if remedy.Code(err) != "data.in-use" || remedy.Exit(err) != remedy.ExitRefused || status(t, e, spec.Container) != "running" {
		t.Fatalf("in use: %v, container %s", err, status(t, e, spec.Container))
	}
	removeAll(t, e, user.Container, "")
	if deleted, err := e.DeleteData(t.Context(), spec.Container, spec.Volume, progress.Discard); err != nil || !deleted {
		t.Errorf("deleted %v, %v", deleted, err)
	}
	if got := status(t, e, spec.Container); got != "absent" {
		t.Errorf("container %s", got)
	}
	if there, err := e.HasVolume(t.Context(), spec.Volume); there || err != nil {
		t.Errorf("the volume is there: %v, %v", there, err)
	}
	// Nothing left to delete is no failure, and no deletion.
	var j journal
	if deleted, err := e.DeleteData(t.Context(), spec.Container, spec.Volume, j.report); err != nil || deleted || !strings.Contains(j.String(), "there is no such volume") {
		t.Errorf("a second time: deleted %v, %v\n%s", deleted, err, j.String())
	}
	if _, err := e.DeleteData(t.Context(), spec.Container, "", progress.Discard); remedy.Code(err) != "data.unnamed" {
		t.Errorf("without a name: %v", err)
	}
}

func TestTheDataToDeleteIsWhereTheContainerHasIt(t *testing.T) {
	t.Parallel()
	e := engine(t)
	spec := newSpec(t, e)
	if name, err := e.DataOf(t.Context(), spec); name != spec.Volume || err != nil {
		t.Errorf("without a container: %q, %v", name, err)
	}
	other := spec.Instance + "_elsewhere"
	foreign(t, e, spec, other, nil)
	seeded(t, e, spec)
	if name, err := e.DataOf(t.Context(), spec); name != other || err != nil {
		t.Errorf("of an adopted container: %q, %v", name, err)
	}
	// The name that the settings have is not that of its data.
	if deleted, err := e.DeleteData(t.Context(), spec.Container, spec.Volume, progress.Discard); deleted || err != nil || status(t, e, spec.Container) != "running" {
		t.Errorf("deleted %v, %v, container %s", deleted, err, status(t, e, spec.Container))
	}
	if deleted, err := e.DeleteData(t.Context(), spec.Container, other, progress.Discard); !deleted || err != nil {
		t.Errorf("deleted %v, %v", deleted, err)
	}
	if there, err := e.HasVolume(t.Context(), other); there || err != nil {
		t.Errorf("the volume is there: %v, %v", there, err)
	}
}
