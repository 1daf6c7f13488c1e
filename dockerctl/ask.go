package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// How much longer than an answer to a plain question the engine may take for what is work to it. A registry that is
// asked for an image may be silent for long; what follows a log or waits for an end may be silent for ever.
const (
	workTimes = 6  // creating, starting, removing, copying
	pullTimes = 18 // between two words of a pull
)

// question is what a route of the engine's API asks for.
type question struct {
	what  string // in words, with %s for the name of what it is about
	times int    // how many times as much work it is as a plain question; 0 where the engine may be silent for ever
}

// questions are the routes, * being a name. One that is not here is a plain question.
var questions = map[string]question{
	"GET containers/*/json":     {"inspect container %s", 1},
	"GET containers/json":       {"list the containers", 1},
	"POST containers/create":    {"create container %s", workTimes},
	"POST containers/*/start":   {"start container %s", workTimes},
	"POST containers/*/stop":    {"stop container %s", workTimes},
	"POST containers/*/restart": {"restart container %s", workTimes},
	"POST containers/*/kill":    {"signal container %s", 1},
	"DELETE containers/*":       {"remove container %s", workTimes},
	"GET containers/*/logs":     {"read the log of container %s", 1},
	"HEAD containers/*/archive": {"look into container %s", 1},
	"GET containers/*/stats":    {"measure container %s", 1},
	"PUT containers/*/archive":  {"copy into container %s", workTimes},
	"GET containers/*/archive":  {"copy from container %s", 1},
	"POST containers/*/exec":    {"run a command in container %s", 1},
	"POST containers/*/wait":    {},
	"POST containers/*/unpause": {}, // unpause has a limit of its own
	"POST exec/*/start":         {"run a command in a container", 1},
	"GET exec/*/json":           {"ask how a command ended", 1},
	"POST exec/*/resize":        {"resize a command's terminal", 1},
	"GET images/*/json":         {"inspect image %s", 1},
	"GET images/json":           {"list the images", 1},
	"POST images/create":        {"pull image %s", pullTimes},
	"GET volumes/*":             {"inspect volume %s", 1},
	"POST volumes/create":       {"create a volume", workTimes},
	"DELETE volumes/*":          {"remove volume %s", workTimes},
	"GET networks/*":            {"inspect network %s", 1},
	"POST networks/create":      {"create a network", workTimes},
	"POST networks/*/connect":   {"attach a container to network %s", workTimes},
	"GET events":                {},
	"HEAD _ping":                {},
	"GET _ping":                 {},
}

// asker is the engine's client with a limit to every question: an engine can answer its ping and hang in all else, as
// when its storage or one container's runtime is stuck, and would hold naap for ever. What is silent for too long fails
// with docker.unreachable. After one silence the others are not waited for as long again.
type asker struct {
	*client.Client
	base     http.RoundTripper
	patience time.Duration // for the answer to a plain question
	silence  func(what string, within time.Duration) error
	silent   atomic.Bool
}

func newAsker(patience time.Duration, options []client.Opt) (a *asker, err error) {
	a = &asker{patience: patience}
	a.Client, err = client.NewClientWithOpts(append(options, a.between)...)
	return a, err
}

// between puts the limits between the client and its transport. The client looks for the dialer and the certificates in
// the transport that it has, so that stays, and hands the requests on.
func (a *asker) between(c *client.Client) error {
	t, ok := c.HTTPClient().Transport.(*http.Transport)
	if !ok {
		return fmt.Errorf("the engine's transport is a %T", c.HTTPClient().Transport)
	}
	scheme := "http"
	if t.TLSClientConfig != nil {
		scheme = "https"
	}
	a.base = t.Clone()
	t.RegisterProtocol(scheme, a)
	return nil
}

// Close lets go of the connections.
func (a *asker) Close() error {
	(&http.Client{Transport: a.base}).CloseIdleConnections()
	return a.Client.Close()
}

// errSilent is the cause of a question that was given up.
var errSilent = errors.New("the engine did not answer in time")

// limit returns how long a question may take that is so many times as much work as a plain one.
func (a *asker) limit(times int) time.Duration {
	if a.silent.Load() {
		return max(a.patience/10, time.Millisecond)
	}
	return a.patience * time.Duration(times)
}

func (a *asker) gaveUp(what string, limit time.Duration) error {
	a.silent.Store(true)
	return a.silence(what, limit)
}

// RoundTrip asks the engine. The limit is for its first word, and again for each further one but of a log that is
// followed. The client puts words of its own before the error of a connection and not before that of an answer, so that a
// silence is answered as a gateway does.
func (a *asker) RoundTrip(r *http.Request) (*http.Response, error) {
	what, limit := a.about(r)
	if limit == 0 {
		return a.base.RoundTrip(r)
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	t := &timedBody{a: a, what: what, limit: limit, ctx: ctx, cancel: cancel, follows: r.URL.Query().Has("follow")}
	t.timer = time.AfterFunc(limit, func() { cancel(errSilent) })
	answer, err := a.base.RoundTrip(r.WithContext(ctx))
	t.timer.Stop()
	switch {
	case err == nil:
		t.ReadCloser, answer.Body = answer.Body, t
		return answer, nil
	case context.Cause(ctx) == errSilent:
		t.ReadCloser = http.NoBody
		return &http.Response{StatusCode: http.StatusGatewayTimeout, Request: r, Body: t}, nil
	}
	cancel(nil)
	return nil, err
}

// timedBody is an answer whose silence has a limit.
type timedBody struct {
	io.ReadCloser
	a       *asker
	what    string
	limit   time.Duration
	follows bool
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
}

func (t *timedBody) Read(p []byte) (int, error) {
	if !t.follows {
		t.timer.Reset(t.limit)
		defer t.timer.Stop()
	}
	n, err := t.ReadCloser.Read(p)
	if err != nil && context.Cause(t.ctx) == errSilent {
		err = t.a.gaveUp(t.what, t.limit)
	}
	return n, err
}

// Close ends the answer.
func (t *timedBody) Close() error {
	t.cancel(nil)
	return t.ReadCloser.Close()
}

// beforeRoute is what comes before the route in a request's path.
var beforeRoute = lazy.Regexp{Text: `^.*?/v[0-9.]+/`}

// about returns what a request asks for, and how long the engine may be silent; 0 for as long as it likes.
func (a *asker) about(r *http.Request) (what string, limit time.Duration) {
	given := r.URL.Query()
	parts := strings.Split(strings.Trim(beforeRoute.Get().ReplaceAllString(r.URL.Path, ""), "/"), "/")
	last := len(parts) - 1
	verb := parts[last]
	name := given.Get("name") + given.Get("fromImage")
	switch {
	case last > 1:
		name = strings.Join(parts[1:last], "/")
		parts = []string{parts[0], "*", verb}
	case last == 1 && verb != "json" && verb != "create":
		name, parts[1] = verb, "*"
	}
	route := r.Method + " " + strings.Join(parts, "/")
	q, known := questions[route]
	switch {
	case !known:
		q = question{route, 1}
	case q.times == 0:
		return "", 0
	}
	if limit = a.limit(q.times); verb == "stop" || verb == "restart" {
		limit += grace(given.Get("t"))
	}
	return strings.ReplaceAll(q.what, "%s", name), limit
}

// grace returns how long the engine waits for a container to end before it kills it: so many seconds, 10 by default.
func grace(seconds string) time.Duration {
	if n, err := strconv.Atoi(seconds); err == nil {
		return time.Duration(n) * time.Second
	}
	return 10 * time.Second
}

// ContainerExecAttach has a limit to the command's start, and none to its output. The client dials for it itself, and
// heeds no context.
func (a *asker) ContainerExecAttach(ctx context.Context, exec string, o container.ExecAttachOptions) (none types.HijackedResponse, _ error) {
	type answer struct {
		types.HijackedResponse
		err error
	}
	answers, gone := make(chan answer), make(chan struct{})
	defer close(gone)
	go func() {
		got, err := a.Client.ContainerExecAttach(context.WithoutCancel(ctx), exec, o)
		select {
		case answers <- answer{got, err}:
		case <-gone:
			if err == nil {
				got.Close()
			}
		}
	}()
	limit := a.limit(workTimes)
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case got := <-answers:
		return got.HijackedResponse, got.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C:
		return none, a.gaveUp("run a command in a container", limit)
	}
}
