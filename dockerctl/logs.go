package dockerctl

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/livepeer/naap-dev/internal/server"
)

// Logs writes a container's log to w, stdout and stderr in the order in which they were written. The text is as the
// container wrote it: make it visible before showing it.
func (e *Engine) Logs(ctx context.Context, w io.Writer, name string, o server.LogOptions) error {
	got, err := e.cli.ContainerInspect(ctx, name)
	if err != nil {
		return e.lost(ctx, "read the log", fmt.Errorf("read the log of %s: %w", name, err))
	}
	options := container.LogsOptions{Follow: o.Follow}
	if o.Tail >= 0 {
		options.Tail = strconv.Itoa(o.Tail)
	}
	return e.copyLog(ctx, w, got, options, math.MaxInt64)
}

// copyLog writes what a container has logged to w, at most so many bytes of it.
func (e *Engine) copyLog(ctx context.Context, w io.Writer, of container.InspectResponse, options container.LogsOptions, most int64) error {
	options.ShowStdout, options.ShowStderr = true, true
	body, err := e.cli.ContainerLogs(ctx, of.ID, options)
	if err != nil {
		return e.lost(ctx, "read the log", fmt.Errorf("read the log of %s: %w", of.Name, err))
	}
	defer body.Close()
	text := io.LimitReader(body, most)
	if of.Config.Tty {
		_, err = io.Copy(w, text)
	} else {
		_, err = stdcopy.StdCopy(w, w, text)
	}
	return err
}

// tail returns the last n lines since a container was last started by someone.
func (e *Engine) tail(ctx context.Context, id string, n int) (string, error) {
	got, err := e.cli.ContainerInspect(ctx, id)
	if err != nil {
		return "", err
	}
	options := container.LogsOptions{Tail: strconv.Itoa(n), Since: got.State.StartedAt}
	if got.Created > options.Since || got.RestartCount > 0 {
		options.Since = "" // it never started, or was started again since the lines that matter
	}
	var text bytes.Buffer
	err = e.copyLog(ctx, &text, got, options, maxRead)
	return text.String(), err
}
