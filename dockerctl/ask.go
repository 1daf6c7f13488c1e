package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/api/types/volume"
	"github.com/docker/docker/client"
)

// How much longer than an answer to a plain question the engine may take for what is work to it. A registry that is
// asked for an image may be silent for long; what follows a log or waits for an end may be silent for ever.
const (
	workTimes = 6  // creating, starting, removing, copying
	pullTimes = 18 // between two words of a pull
)

// asker is the engine's client with a limit to every question: an engine can answer its ping and hang in all else, as
// when its storage or one container's runtime is stuck, and would hold naap for ever. What is silent for too long fails
// with docker.unreachable. After one silence the others are not waited for as long again.
//
// It overrides each call of the client that naap makes. Events and ContainerWait have no limit, because they
// are there to wait.
type asker struct {
	*client.Client
	patience time.Duration // for the answer to a plain question
	silence  func(what string, within time.Duration) error
	silent   *atomic.Bool
}

func newAsker(c *client.Client, patience time.Duration, silence func(string, time.Duration) error) asker {
	return asker{Client: c, patience: patience, silence: silence, silent: new(atomic.Bool)}
}

// errSilent is the cause of a question that was given up.
var errSilent = errors.New("the engine did not answer in time")

// limit returns how long a question may take that is so many times as much work as a plain one.
func (a asker) limit(times int) time.Duration {
	if a.silent.Load() {
		return max(a.patience/10, time.Millisecond)
	}
	return a.patience * time.Duration(times)
}

// within asks f, and gives up after a while even if f heeds no context, as the client's hijacked connections do.
func within[T any](ctx context.Context, a asker, what string, limit time.Duration, f func(context.Context) (T, error)) (T, error) {
	short, cancel := context.WithTimeoutCause(ctx, limit, errSilent)
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		v, err := f(short)
		answers <- answer{v, err}
	}()
	var none T
	select {
	case got := <-answers:
		if got.err == nil || context.Cause(short) != errSilent {
			return got.value, got.err
		}
	case <-short.Done():
		if context.Cause(short) != errSilent {
			return none, ctx.Err()
		}
	}
	a.silent.Store(true)
	return none, a.silence(what, limit)
}

// told is within for what has no answer but its end.
func told(ctx context.Context, a asker, what string, limit time.Duration, f func(context.Context) error) error {
	_, err := within(ctx, a, what, limit, func(ctx context.Context) (struct{}, error) { return struct{}{}, f(ctx) })
	return err
}

// ask1 is within for a call with one argument, ask2 for one with two, and tell2 for one that has no answer.
func ask1[A, T any](ctx context.Context, a asker, what string, limit time.Duration, call func(context.Context, A) (T, error), arg A) (T, error) {
	return within(ctx, a, what, limit, func(ctx context.Context) (T, error) { return call(ctx, arg) })
}

func ask2[A, B, T any](ctx context.Context, a asker, what string, limit time.Duration, call func(context.Context, A, B) (T, error), x A, y B) (T, error) {
	return within(ctx, a, what, limit, func(ctx context.Context) (T, error) { return call(ctx, x, y) })
}

func tell2[A, B any](ctx context.Context, a asker, what string, limit time.Duration, call func(context.Context, A, B) error, x A, y B) error {
	return told(ctx, a, what, limit, func(ctx context.Context) error { return call(ctx, x, y) })
}

// stream is within for an answer that comes in pieces: the limit is for the first, and again for each further one where
// pieces is set. f's context lives until the stream is closed.
func stream(ctx context.Context, a asker, what string, limit time.Duration, pieces bool, f func(context.Context) (io.ReadCloser, error)) (io.ReadCloser, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	t := &timedBody{a: a, what: what, limit: limit, pieces: pieces, ctx: ctx, cancel: cancel}
	t.timer = time.AfterFunc(limit, func() { cancel(errSilent) })
	body, err := f(ctx)
	if err != nil {
		t.timer.Stop()
		err = t.explained(err)
		cancel(nil)
		return nil, err
	}
	t.body = body
	if !pieces {
		t.timer.Stop()
	}
	return t, nil
}

// timedBody is a stream whose silence has a limit.
type timedBody struct {
	a      asker
	what   string
	limit  time.Duration
	pieces bool
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	body   io.ReadCloser
	once   sync.Once
}

func (t *timedBody) Read(p []byte) (int, error) {
	if t.pieces {
		t.timer.Reset(t.limit)
		defer t.timer.Stop()
	}
	n, err := t.body.Read(p)
	return n, t.explained(err)
}

func (t *timedBody) explained(err error) error {
	if err == nil || context.Cause(t.ctx) != errSilent {
		return err
	}
	t.a.silent.Store(true)
	return t.a.silence(t.what, t.limit)
}

// Close ends the stream.
func (t *timedBody) Close() (err error) {
	t.once.Do(func() {
		t.timer.Stop()
		t.cancel(nil)
		err = t.body.Close()
	})
	return err
}

func named(what, name string) string { return fmt.Sprintf("%s %s", what, name) }

func (a asker) ContainerInspect(ctx context.Context, id string) (container.InspectResponse, error) {
	return ask1(ctx, a, named("inspect container", id), a.limit(1), a.Client.ContainerInspect, id)
}

func (a asker) ContainerList(ctx context.Context, o container.ListOptions) ([]container.Summary, error) {
	return ask1(ctx, a, "list the containers", a.limit(1), a.Client.ContainerList, o)
}

func (a asker) ContainerCreate(ctx context.Context, c *container.Config, h *container.HostConfig, n *network.NetworkingConfig, name string) (container.CreateResponse, error) {
	return within(ctx, a, named("create container", name), a.limit(workTimes), func(ctx context.Context) (container.CreateResponse, error) {
		return a.Client.ContainerCreate(ctx, c, h, n, nil, name)
	})
}

func (a asker) ContainerStart(ctx context.Context, id string, o container.StartOptions) error {
	return tell2(ctx, a, named("start container", id), a.limit(workTimes), a.Client.ContainerStart, id, o)
}

// ContainerStop may take longer by the grace period that the container is given.
func (a asker) ContainerStop(ctx context.Context, id string, o container.StopOptions) error {
	return tell2(ctx, a, named("stop container", id), grace(o)+a.limit(workTimes), a.Client.ContainerStop, id, o)
}

func (a asker) ContainerRestart(ctx context.Context, id string, o container.StopOptions) error {
	return tell2(ctx, a, named("restart container", id), grace(o)+a.limit(workTimes), a.Client.ContainerRestart, id, o)
}

// grace returns how long the engine waits for a container to end before it kills it: 10 s by default.
func grace(o container.StopOptions) time.Duration {
	if o.Timeout == nil {
		return 10 * time.Second
	}
	return time.Duration(*o.Timeout) * time.Second
}

func (a asker) ContainerKill(ctx context.Context, id, signal string) error {
	return tell2(ctx, a, named("signal container", id), a.limit(1), a.Client.ContainerKill, id, signal)
}

func (a asker) ContainerRemove(ctx context.Context, id string, o container.RemoveOptions) error {
	return tell2(ctx, a, named("remove container", id), a.limit(workTimes), a.Client.ContainerRemove, id, o)
}

func (a asker) ContainerLogs(ctx context.Context, id string, o container.LogsOptions) (io.ReadCloser, error) {
	return stream(ctx, a, named("read the log of container", id), a.limit(1), !o.Follow, func(ctx context.Context) (io.ReadCloser, error) {
		return a.Client.ContainerLogs(ctx, id, o)
	})
}

func (a asker) ContainerStatPath(ctx context.Context, id, path string) (container.PathStat, error) {
	return ask2(ctx, a, named("look into container", id), a.limit(1), a.Client.ContainerStatPath, id, path)
}

func (a asker) ContainerStatsOneShot(ctx context.Context, id string) (container.StatsResponseReader, error) {
	var r container.StatsResponseReader
	body, err := stream(ctx, a, named("measure container", id), a.limit(1), true, func(ctx context.Context) (io.ReadCloser, error) {
		var err error
		r, err = a.Client.ContainerStatsOneShot(ctx, id)
		return r.Body, err
	})
	r.Body = body
	return r, err
}

func (a asker) CopyToContainer(ctx context.Context, id, path string, content io.Reader, o container.CopyToContainerOptions) error {
	return told(ctx, a, named("copy into container", id), a.limit(workTimes), func(ctx context.Context) error {
		return a.Client.CopyToContainer(ctx, id, path, content, o)
	})
}

func (a asker) CopyFromContainer(ctx context.Context, id, path string) (io.ReadCloser, container.PathStat, error) {
	var stat container.PathStat
	body, err := stream(ctx, a, named("copy from container", id), a.limit(1), true, func(ctx context.Context) (io.ReadCloser, error) {
		var err error
		var body io.ReadCloser
		body, stat, err = a.Client.CopyFromContainer(ctx, id, path)
		return body, err
	})
	return body, stat, err
}

func (a asker) ContainerExecCreate(ctx context.Context, id string, o container.ExecOptions) (container.ExecCreateResponse, error) {
	return ask2(ctx, a, named("run a command in container", id), a.limit(1), a.Client.ContainerExecCreate, id, o)
}

func (a asker) ContainerExecStart(ctx context.Context, exec string, o container.ExecStartOptions) error {
	return tell2(ctx, a, "run a command in a container", a.limit(1), a.Client.ContainerExecStart, exec, o)
}

// ContainerExecAttach has a limit to the command's start, and none to its output.
func (a asker) ContainerExecAttach(ctx context.Context, exec string, o container.ExecAttachOptions) (types.HijackedResponse, error) {
	return within(ctx, a, "run a command in a container", a.limit(workTimes), func(short context.Context) (types.HijackedResponse, error) {
		got, err := a.Client.ContainerExecAttach(context.WithoutCancel(ctx), exec, o)
		if err == nil && short.Err() != nil { // nobody waits for it any more
			got.Close()
			err = short.Err()
		}
		return got, err
	})
}

func (a asker) ContainerExecInspect(ctx context.Context, exec string) (container.ExecInspect, error) {
	return ask1(ctx, a, "ask how a command ended", a.limit(1), a.Client.ContainerExecInspect, exec)
}

func (a asker) ContainerExecResize(ctx context.Context, exec string, o container.ResizeOptions) error {
	return tell2(ctx, a, "resize a command's terminal", a.limit(1), a.Client.ContainerExecResize, exec, o)
}

func (a asker) ImageInspect(ctx context.Context, ref string, o ...client.ImageInspectOption) (image.InspectResponse, error) {
	return within(ctx, a, named("inspect image", ref), a.limit(1), func(ctx context.Context) (image.InspectResponse, error) {
		return a.Client.ImageInspect(ctx, ref, o...)
	})
}

func (a asker) ImageList(ctx context.Context, o image.ListOptions) ([]image.Summary, error) {
	return ask1(ctx, a, "list the images", a.limit(1), a.Client.ImageList, o)
}

// ImagePull may take any time as long as the engine keeps reporting.
func (a asker) ImagePull(ctx context.Context, ref string, o image.PullOptions) (io.ReadCloser, error) {
	return stream(ctx, a, named("pull image", ref), a.limit(pullTimes), true, func(ctx context.Context) (io.ReadCloser, error) {
		return a.Client.ImagePull(ctx, ref, o)
	})
}

func (a asker) VolumeInspect(ctx context.Context, name string) (volume.Volume, error) {
	return ask1(ctx, a, named("inspect volume", name), a.limit(1), a.Client.VolumeInspect, name)
}

func (a asker) VolumeCreate(ctx context.Context, o volume.CreateOptions) (volume.Volume, error) {
	return ask1(ctx, a, named("create volume", o.Name), a.limit(workTimes), a.Client.VolumeCreate, o)
}

func (a asker) VolumeRemove(ctx context.Context, name string, force bool) error {
	return tell2(ctx, a, named("remove volume", name), a.limit(workTimes), a.Client.VolumeRemove, name, force)
}

func (a asker) NetworkInspect(ctx context.Context, name string, o network.InspectOptions) (network.Inspect, error) {
	return ask2(ctx, a, named("inspect network", name), a.limit(1), a.Client.NetworkInspect, name, o)
}

func (a asker) NetworkCreate(ctx context.Context, name string, o network.CreateOptions) (network.CreateResponse, error) {
	return ask2(ctx, a, named("create network", name), a.limit(workTimes), a.Client.NetworkCreate, name, o)
}

func (a asker) NetworkConnect(ctx context.Context, name, id string, o *network.EndpointSettings) error {
	return told(ctx, a, named("attach container to network", name), a.limit(workTimes), func(ctx context.Context) error {
		return a.Client.NetworkConnect(ctx, name, id, o)
	})
}
