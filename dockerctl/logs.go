package dockerctl

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"
)

// LogOptions say which part of a container's log is wanted.
type LogOptions struct {
	Follow bool
	Tail   int    // last lines; all where negative
	Since  string // RFC 3339 or a duration such as 10m; empty for the beginning
}

// Logs returns a container's log, stdout and stderr as one stream in the order they were written. Closing it ends the
// following. The text is as the container wrote it: make it visible before showing it.
func (e *Engine) Logs(ctx context.Context, name string, o LogOptions) (io.ReadCloser, error) {
	got, err := e.cli.ContainerInspect(ctx, name)
	if err != nil {
		return nil, e.lost(ctx, "read the log", fmt.Errorf("read the log of %s: %w", name, err))
	}
	options := container.LogsOptions{ShowStdout: true, ShowStderr: true, Follow: o.Follow, Since: o.Since}
	if o.Tail >= 0 {
		options.Tail = strconv.Itoa(o.Tail)
	}
	ctx, cancel := context.WithCancel(ctx)
	body, err := e.cli.ContainerLogs(ctx, got.ID, options)
	if err != nil {
		cancel()
		return nil, e.lost(ctx, "read the log", fmt.Errorf("read the log of %s: %w", name, err))
	}
	if got.Config.Tty {
		return &logStream{Reader: body, close: func() { cancel(); body.Close() }}, nil
	}
	r, w := io.Pipe()
	go func() {
		_, err := stdcopy.StdCopy(w, w, body)
		w.CloseWithError(err)
	}()
	return &logStream{Reader: r, close: func() { cancel(); body.Close(); r.Close() }}, nil
}

type logStream struct {
	io.Reader
	close func()
}

func (s *logStream) Close() error {
	s.close()
	return nil
}

// tail returns the last n lines since a container was last started by someone.
func (e *Engine) tail(ctx context.Context, id string, n int) (string, error) {
	got, err := e.cli.ContainerInspect(ctx, id)
	if err != nil {
		return "", err
	}
	since := got.State.StartedAt
	if got.Created > since || got.RestartCount > 0 {
		since = "" // it never started, or was started again since the lines that matter
	}
	stream, err := e.Logs(ctx, id, LogOptions{Tail: n, Since: since})
	if err != nil {
		return "", err
	}
	defer stream.Close()
	text, err := io.ReadAll(io.LimitReader(stream, maxRead))
	return string(text), err
}
