package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"

	"github.com/docker/docker/api/types/container"

	"github.com/livepeer/naap-dev/internal/loopback"
)

// portState looks at whether a port can be published, before anything is started. self is the container whose own
// claim does not count.
func (e *Engine) portState(running []container.Summary, number int, self string) portState {
	p := portState{Number: number, Owners: publishers(running, number, self)}
	if e.info.Remote {
		p.Tunnel = len(p.Owners) == 0 && loopback.Answers(number)
		p.Taken = len(p.Owners) > 0
		return p
	}
	if len(p.Owners) == 0 && taken(number) {
		for _, o := range loopback.Owners(number) {
			p.Owners = append(p.Owners, portOwner{Owner: o})
		}
		if len(p.Owners) == 0 {
			p.Owners = []portOwner{{}}
		}
	}
	p.Taken = len(p.Owners) > 0
	if p.Taken {
		p.Free = freePort(running, number)
	}
	return p
}

// running lists the containers that run, with their ports and mounts.
func (e *Engine) running(ctx context.Context) ([]container.Summary, error) {
	list, err := e.cli.ContainerList(ctx, container.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list the running containers: %w", err)
	}
	return list, nil
}

// publishers lists the running containers that publish a port, self aside.
func publishers(running []container.Summary, number int, self string) []portOwner {
	var owners []portOwner
	for _, c := range running {
		if c.ID != self && slices.ContainsFunc(c.Ports, func(p container.Port) bool {
			return int(p.PublicPort) == number && p.Type == "tcp"
		}) {
			owners = append(owners, portOwner{Container: containerName(c)})
		}
	}
	return owners
}

// taken reports whether something on this machine listens on a port, such that 127.0.0.1 cannot be published or would
// not be reached.
func taken(port int) bool {
	err := loopback.Listen(port)
	if err == nil && runtime.GOOS == "linux" {
		return false
	}
	// A low port may be one that the engine may publish though we may not listen on it.
	return errors.Is(err, syscall.EADDRINUSE) || loopback.Answers(port)
}

// freePort returns a port near one that nobody has, to be offered; 0 if there is none.
func freePort(running []container.Summary, number int) int {
	return loopback.Free(number+1, func(n int) bool { return !taken(n) && len(publishers(running, n, "")) == 0 })
}
