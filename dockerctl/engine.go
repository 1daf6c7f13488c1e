// Package dockerctl keeps the one container that an instance's PostgreSQL runs in: it finds the Docker engine, looks at
// what is there, decides what is to be done, does it, and waits until SQL answers. Nothing in it deletes or overwrites a
// volume except DeleteData, which says so.
//
// It is the one owner of the Docker client.
package dockerctl

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Engine is a Docker engine that answers. It is safe for use from several goroutines.
type Engine struct {
	cli  *asker
	info Info
	find FindOptions
	from candidate

	background sync.WaitGroup // what was set off and not waited for

	mu   sync.Mutex
	last map[string]container.StatsResponse // the sample before, by container: CPU use is a difference
}

// Info says which engine it is.
type Info struct {
	Host    string // unix:///var/run/docker.sock
	Source  string // why this one: "DOCKER_HOST", "known socket"
	Runtime string // Docker, Colima, Podman …
	API     string // version in use, such as 1.41
	Remote  bool   // it runs on another machine, so that its 127.0.0.1 isn't this one's
}

// Find returns the engine that the docker command would use, or else the first known socket that answers. What the
// user chose (DOCKER_HOST, DOCKER_CONTEXT, the config's current context) is never passed over for another. Its error is
// a remedy with code docker.unreachable that lists each candidate and why it failed.
func Find(ctx context.Context, o FindOptions) (*Engine, error) {
	o = o.withDefaults()
	list, explicit := candidates(o)
	found, all := firstAnswer(ctx, o, list)
	if found != nil {
		return newEngine(o, *found), nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var others []tried
	if explicit {
		others = answering(ctx, o)
	}
	return nil, unreachable(o, all, others)
}

func newEngine(o FindOptions, t tried) *Engine {
	e := &Engine{
		find: o,
		from: t.candidate,
		info: Info{
			Host: t.Host, Source: t.Source, Runtime: t.Runtime,
			API: t.client.ClientVersion(), Remote: isRemote(t.Host),
		},
		last: map[string]container.StatsResponse{},
		cli:  t.client,
	}
	e.cli.silence = e.silence
	return e
}

// silence returns the remedy for an engine that answers its ping and not a question.
func (e *Engine) silence(what string, within time.Duration) error {
	r := remedy.New("docker.unreachable", remedy.ExitNoServer, "the Docker engine takes connections and does not answer: asked to %s, it was silent for %s",
		visible.String(what), within.Round(time.Millisecond)).
		WithSeen(fmt.Sprintf("%s at %s (%s)", e.from.Runtime, visible.String(e.from.Host), e.from.Source))
	return r.WithFix("restart the engine:", restartCommand(e.from.Runtime, e.find.GOOS), "or go on without Docker:").WithHelp(remedy.Again("dev up", "--engine", "embedded"))
}

// answering lists the known sockets that do answer, to be named when the chosen engine does not.
func answering(ctx context.Context, o FindOptions) []tried {
	none := o
	none.Env = func(name string) string {
		if strings.HasPrefix(name, "DOCKER_") {
			return ""
		}
		return o.Env(name)
	}
	found, _ := firstAnswer(ctx, none, knownCandidates(none))
	if found == nil {
		return nil
	}
	found.client.Close()
	return []tried{*found}
}

// Info says which engine it is.
func (e *Engine) Info() Info { return e.info }

// Close waits, a few seconds at most, for what was set off in the background to have begun, and lets go of the
// connections. Containers go on.
func (e *Engine) Close() error {
	e.background.Wait()
	return e.cli.Close()
}

// lost turns an error of a call into the remedy for an engine that went away, if that is what happened; else it
// returns err as it is.
func (e *Engine) lost(ctx context.Context, doing string, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if _, ok := remedy.Of(err); ok {
		return err
	}
	t := try(ctx, e.find, e.from)
	if t.Failure == failNone {
		t.client.Close()
		return err
	}
	gone := unreachable(e.find, []tried{t}, nil)
	gone.Message = "the Docker engine stopped answering while naap was to " + doing
	return gone.Wrap(err)
}
