package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/docker/cli/cli/connhelper/commandconn"
	sshhelper "github.com/docker/cli/cli/connhelper/ssh"
	"github.com/docker/docker/api/types/versions"
	"github.com/docker/docker/client"

	"github.com/livepeer/naap-dev/internal/program"
)

// minimumAPI is Docker 20.10's. What is used here exists since then.
const minimumAPI = "1.41"

// failure is why a candidate is not the engine.
type failure int

const (
	failNone         failure = iota
	failNotInstalled         // no socket, and no program that would make one
	failNotRunning           // no socket, or one that nobody listens on
	failPermission           // there, and closed to this user
	failNotDocker            // something answers, and it isn't a Docker engine
	failSilent               // something accepts, and does not answer in time
	failTooOld               // an engine from before API 1.41
	failTLS                  // the certificates don't fit
	failUnreachable          // another machine that cannot be reached
	failConfig               // what was configured cannot be read
)

func (f failure) String() string {
	return [...]string{"answers", "not installed", "not running", "permission denied", "not a Docker engine",
		"does not answer", "too old", "TLS does not fit", "cannot be reached", "wrong configuration"}[f]
}

// tried is a candidate with what came of it.
type tried struct {
	candidate
	Failure failure
	Err     error
	client  *asker
}

// try makes sure that a Docker engine answers at c. Its client is open iff Failure is failNone.
func try(ctx context.Context, o FindOptions, c candidate) tried {
	t := tried{candidate: c}
	if c.err != nil {
		t.Failure, t.Err = failConfig, c.err
		return t
	}
	timeout := o.Timeout
	if isRemote(c.Host) {
		timeout *= 5
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if path, ok := strings.CutPrefix(c.Host, "unix://"); ok {
		// The client hides the errno, so the socket is dialled once by hand.
		if t.Err = dialUnix(ctx, path); t.Err != nil {
			t.Failure = classifyDial(o, c.Runtime, t.Err)
			return t
		}
	}
	options, err := o.clientOptions(c)
	if err != nil {
		t.Failure, t.Err = failConfig, err
		return t
	}
	cli, err := newAsker(o.Patience, options)
	if err != nil {
		t.Failure, t.Err = failConfig, err
		return t
	}
	ping, err := cli.Ping(ctx)
	if t.Failure, t.Err = classifyPing(c.Host, ping.APIVersion, err, ctx.Err()); t.Failure != failNone {
		cli.Close()
		return t
	}
	cli.NegotiateAPIVersionPing(ping)
	t.client = cli
	return t
}

// clientOptions returns those of the docker command for an endpoint, but that ssh is the one that was found.
func (o FindOptions) clientOptions(c candidate) ([]client.Opt, error) {
	options, err := c.endpoint.ClientOpts()
	if err != nil || !strings.HasPrefix(c.Host, "ssh://") {
		return options, err
	}
	ssh, err := o.Programs.Find(program.SSH)
	if err != nil {
		return nil, err
	}
	at, err := sshhelper.ParseURL(c.Host)
	if err != nil {
		return nil, err
	}
	remote := []string{"docker"}
	if strings.Trim(at.Path, "/") != "" {
		remote = append(remote, "--host=unix://"+at.Path)
	}
	args, err := at.Command([]string{"-o ConnectTimeout=30", "-T"}, append(remote, "system", "dial-stdio")...)
	if err != nil {
		return nil, err
	}
	return append(options, client.WithDialContext(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return commandconn.New(ctx, ssh, args...)
	})), nil
}

func dialUnix(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err != nil {
		return err
	} else if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s: %w", path, errNoSocket)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	return conn.Close()
}

var errNoSocket = errors.New("not a socket")

// classifyDial says what an error of opening a runtime's socket means.
func classifyDial(o FindOptions, runtime string, err error) failure {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return failPermission
	case errors.Is(err, errNoSocket):
		return failNotDocker
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		for _, name := range programs(runtime, o.GOOS) {
			if _, err := o.Programs.Find(program.Program{Name: name}); err == nil {
				return failNotRunning
			}
		}
		return failNotInstalled
	case errors.Is(err, syscall.ECONNREFUSED):
		return failNotRunning
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return failSilent
	}
	return failNotRunning
}

// classifyPing says what the answer to a ping means: api is the version in its header, ended the context's error.
func classifyPing(host, api string, err, ended error) (failure, error) {
	switch {
	case err == nil && api == "":
		return failNotDocker, errors.New("it speaks HTTP without Docker's Api-Version")
	case err == nil && versions.LessThan(api, minimumAPI):
		return failTooOld, fmt.Errorf("it offers API %s, naap needs %s (Docker 20.10)", api, minimumAPI)
	case err == nil:
		return failNone, nil
	case errors.Is(err, context.DeadlineExceeded), ended != nil:
		return failSilent, errors.New("no answer in time")
	}
	text := strings.ToLower(err.Error())
	switch {
	case strings.Contains(text, "x509:"), strings.Contains(text, "tls:"),
		strings.Contains(text, "server gave http response to https client"),
		strings.Contains(text, "client sent an http request to an https server"):
		return failTLS, err
	case strings.Contains(text, "malformed http"), strings.Contains(text, "page not found"),
		api == "" && !client.IsErrConnectionFailed(err):
		if strings.HasPrefix(host, "ssh://") {
			return failUnreachable, err
		}
		return failNotDocker, err
	case isRemote(host): // what is denied there is a login, and no socket of this machine
		return failUnreachable, err
	case errors.Is(err, fs.ErrPermission), strings.Contains(text, "permission denied") && !isRuntimes(err.Error()):
		return failPermission, err
	}
	return failNotRunning, err
}

// isRemote reports whether an engine's address is on another machine. A tunnel to one looks local, and is found out when
// its files turn out to be others.
func isRemote(host string) bool {
	u, err := url.Parse(host)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "unix", "npipe", "fd", "":
		return false
	}
	name := u.Hostname()
	if name == "localhost" {
		return false
	}
	ip := net.ParseIP(name)
	return ip == nil || !ip.IsLoopback()
}

// firstAnswer returns the first of the candidates that is an engine, in their order; all that were tried are returned
// with it. It does not wait for those behind it.
func firstAnswer(ctx context.Context, o FindOptions, list []candidate) (*tried, []tried) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make([]chan tried, len(list))
	for i, c := range list {
		results[i] = make(chan tried, 1)
		go func() { results[i] <- try(ctx, o, c) }()
	}
	var all []tried
	for i, r := range results {
		t := <-r
		all = append(all, t)
		if t.Failure != failNone {
			continue
		}
		go closeRest(results[i+1:])
		return &t, all
	}
	return nil, all
}

func closeRest(results []chan tried) {
	for _, r := range results {
		select {
		case t := <-r:
			if t.client != nil {
				t.client.Close()
			}
		case <-time.After(time.Minute):
		}
	}
}
