package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// stuckEngine is an engine that answers its ping, and what else says; to all other questions it is silent.
func stuckEngine(t *testing.T, what http.HandlerFunc) *Engine {
	t.Helper()
	path := filepath.Join(t.TempDir(), "d.sock")
	l, err := net.Listen("unix", path)
	must(t, err)
	ends := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/_ping") {
			w.Header().Set("Api-Version", "1.41")
			return
		}
		if what != nil {
			what(w, r)
		}
		<-ends
	})}
	go server.Serve(l)
	t.Cleanup(func() { close(ends); server.Close() })
	e, err := Find(t.Context(), FindOptions{
		Env:      func(name string) string { return map[string]string{"DOCKER_HOST": "unix://" + path}[name] },
		Patience: 200 * time.Millisecond, Timeout: patience,
	})
	must(t, err)
	t.Cleanup(func() { e.Close() })
	return e
}

// givesUp runs a question, which must not hold its asker for ever.
func givesUp(t *testing.T, name string, ask func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- ask(ctx) }()
	select {
	case err := <-failed:
		e, ok := remedy.Of(err)
		if !ok || e.Code != "docker.unreachable" || e.Exit != remedy.ExitNoServer || len(e.Fix) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "http:") {
			t.Errorf("%s: the client's own words are before the remedy: %v", name, err)
		}
	case <-time.After(time.Minute):
		t.Errorf("%s waits for ever", name)
	}
}

func TestAnEngineThatAnswersNothingButItsPingHoldsNobodyForEver(t *testing.T) {
	spec := Spec{Wanted: server.Wanted{Instance: "x", Port: 1}, Container: "naap-x-db", Volume: "naap-x-db-data", Image: defaultImage}.withDefaults()
	for name, ask := range map[string]func(context.Context, *Engine) error{
		"describe": func(ctx context.Context, e *Engine) error { _, err := e.Describe(ctx, spec.Container); return err },
		"observe":  func(ctx context.Context, e *Engine) error { _, err := e.Observe(ctx, spec); return err },
		"ensure": func(ctx context.Context, e *Engine) error {
			_, err := e.Ensure(ctx, spec, func(context.Context, server.Endpoint) error { return nil }, progress.Discard)
			return err
		},
		"stop": func(ctx context.Context, e *Engine) error {
			_, err := e.Stop(ctx, spec.Container, progress.Discard)
			return err
		},
		"data": func(ctx context.Context, e *Engine) error { _, err := e.DataOf(ctx, spec); return err },
		"delete": func(ctx context.Context, e *Engine) error {
			_, err := e.DeleteData(ctx, spec.Container, spec.Volume, progress.Discard)
			return err
		},
		"volume": func(ctx context.Context, e *Engine) error { _, err := e.HasVolume(ctx, spec.Volume); return err },
		"image":  func(ctx context.Context, e *Engine) error { _, err := e.imageInfo(ctx, defaultImage); return err },
		"stats":  func(ctx context.Context, e *Engine) error { _, err := e.Stats(ctx, spec.Container); return err },
		"logs": func(ctx context.Context, e *Engine) error {
			return e.Logs(ctx, io.Discard, spec.Container, server.LogOptions{})
		},
		"follow": func(ctx context.Context, e *Engine) error {
			return e.Logs(ctx, io.Discard, spec.Container, server.LogOptions{Follow: true})
		},
		"run": func(ctx context.Context, e *Engine) error {
			_, err := e.Exec(ctx, spec.Container, server.Command{Args: []string{"true"}})
			return err
		},
		"pull": func(ctx context.Context, e *Engine) error {
			return e.pull(ctx, "somewhere/else:1", "", progress.Discard)
		},
		"what naap does not ask": func(ctx context.Context, e *Engine) error {
			_, err := e.cli.ContainerTop(ctx, spec.Container, nil)
			return err
		},
		"interrupt": func(ctx context.Context, e *Engine) error { return e.cli.ContainerKill(ctx, spec.Container, "SIGINT") },
		"attachment": func(ctx context.Context, e *Engine) error {
			_, err := e.cli.ContainerExecAttach(ctx, "x", container.ExecAttachOptions{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := stuckEngine(t, nil)
			givesUp(t, name, func(ctx context.Context) error { return ask(ctx, e) })
		})
	}
}

func TestAnAnswerThatStopsHalfWayHoldsNobodyForEver(t *testing.T) {
	half := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/images/create"):
			_, _ = io.WriteString(w, `{"status":"Pulling from somewhere/else","id":"1"}`+"\n")
		case strings.HasSuffix(r.URL.Path, "/json"):
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"Id":"abc","Name":"/naap-x-db","Con`)
		default:
			return
		}
		w.(http.Flusher).Flush()
	}
	e := stuckEngine(t, half)
	givesUp(t, "inspect", func(ctx context.Context) error { _, err := e.Describe(ctx, "naap-x-db"); return err })
	e = stuckEngine(t, half)
	givesUp(t, "pull", func(ctx context.Context) error { return e.pull(ctx, "somewhere/else:1", "", progress.Discard) })
}

// TestAPullMayTakeAsLongAsItGoesOn has one that says a word more often than it has to, and takes longer than any one
// silence may.
func TestAPullMayTakeAsLongAsItGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &asker{patience: Patience, silence: func(what string, within time.Duration) error { return fmt.Errorf("%s: silent for %s", what, within) }}
		limit, words := a.limit(pullTimes), 0
		a.base = roundTrip(func(*http.Request) (*http.Response, error) {
			time.Sleep(limit - time.Second)
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(readFunc(func(p []byte) (int, error) {
				if words++; words > 400 {
					return 0, io.EOF
				}
				time.Sleep(limit - time.Second)
				return copy(p, "word\n"), nil
			}))}, nil
		})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://docker/v1.41/images/create?fromImage=postgres", nil)
		must(t, err)
		answer, err := a.RoundTrip(r)
		must(t, err)
		if text, err := io.ReadAll(answer.Body); err != nil || len(text) != 5*400 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		must(t, answer.Body.Close())
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func TestAPersonsInterruptIsNotTheEnginesSilence(t *testing.T) {
	e := stuckEngine(t, nil)
	e.cli.patience = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Describe(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
