package dockerctl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/container"
)

// portState looks at whether a port can be published, before anything is started. self is the container whose own
// claim does not count.
func (e *Engine) portState(running []container.Summary, number int, self string) Port {
	p := Port{Number: number, Owners: publishers(running, number, self)}
	if e.info.Remote {
		p.Tunnel = len(p.Owners) == 0 && listens(number)
		p.Taken = len(p.Owners) > 0
		return p
	}
	if len(p.Owners) == 0 && taken(number) {
		p.Owners = listeners(number)
		if len(p.Owners) == 0 {
			p.Owners = []PortOwner{{}}
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
func publishers(running []container.Summary, number int, self string) []PortOwner {
	var owners []PortOwner
	for _, c := range running {
		if c.ID != self && slices.ContainsFunc(c.Ports, func(p container.Port) bool {
			return int(p.PublicPort) == number && p.Type == "tcp"
		}) {
			owners = append(owners, PortOwner{Container: containerName(c)})
		}
	}
	return owners
}

// taken tells whether something on this machine listens on a port, such that 127.0.0.1 cannot be published or would
// not be reached.
func taken(number int) bool {
	l, err := net.Listen("tcp4", address(number))
	if err == nil {
		l.Close()
		if runtime.GOOS == "linux" {
			return false
		}
		// Elsewhere one may listen on 127.0.0.1 beside another that listens on every address.
		return listens(number)
	}
	if errors.Is(err, os.ErrPermission) {
		return listens(number) // a low port, which the engine may publish though we may not
	}
	return errors.Is(err, syscall.EADDRINUSE) || listens(number)
}

// listens tells whether a connection to 127.0.0.1 is accepted.
func listens(number int) bool {
	conn, err := net.DialTimeout("tcp4", address(number), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func address(number int) string { return net.JoinHostPort(BindHost, strconv.Itoa(number)) }

// freePort is the next port that nobody has, to be offered; 0 if a hundred are taken.
func freePort(running []container.Summary, number int) int {
	for n := number + 1; n <= number+100 && n < 1<<16; n++ {
		if !taken(n) && len(publishers(running, n, "")) == 0 {
			return n
		}
	}
	return 0
}
