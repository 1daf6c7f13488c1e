package engine

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// isElsewhere refuses a Docker engine other than the one that has the instance, as DOCKER_HOST or another context would
// choose it: what is missing here is not gone, and what has its name here is another's.
func (x docker) isElsewhere(ctx context.Context) error {
	last := x.c.Last
	if last.Engine != nameDocker || last.Where == "" || sameEndpoint(last.Where, x.Where()) {
		return nil
	}
	c, err := x.at.Describe(ctx, x.spec.Container)
	if err != nil {
		return nil // whoever asks is told
	}
	seen := "there is no container " + x.spec.Container
	if c != nil {
		if last.Identity == "" || c.Identity == last.Identity {
			return nil // another way to the same engine
		}
		seen = "the container " + visible.String(c.Name) + " there is another server"
	}
	set, info := &x.c.Workspace.Settings, x.at.Info()
	r := remedy.New("engine.elsewhere", remedy.ExitRefused, "instance %q is in another Docker engine than the one that is chosen now", set.Instance).
		WithSeen("it was started in "+visible.String(last.Where), "chosen now: "+visible.String(info.Host)+" ("+visible.String(info.Source)+"); "+seen, "nothing was changed")
	if set.Docker.Context != "" {
		r.WithFix("docker.context is set by " + set.Origin("docker.context").String() + ": name the context of that engine there, or NAAP_DOCKER_CONTEXT")
	} else {
		r.WithHelp(remedy.Line("DOCKER_HOST="+remedy.ShellWord(last.Where)+" ", remedy.Again("dev status")))
	}
	return r.WithHelp(remedy.Naap("dev up", Second(set, nameDocker)...).Note("an instance of its own in the engine that is chosen now"))
}

// sameEndpoint reports whether two endpoints are the same: a socket may be named by a link to it.
func sameEndpoint(a, b string) bool {
	return a == b || resolvedSocket(a) == resolvedSocket(b)
}

func resolvedSocket(host string) string {
	path, isSocket := strings.CutPrefix(host, "unix://")
	if !isSocket {
		return host
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return "unix://" + path
}
