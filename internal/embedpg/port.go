package embedpg

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Port is a port of this machine as it is.
type Port struct {
	Number int
	Taken  bool
	Owner  PortOwner // who listens on it; zero if unknown
	Free   int       // a free port near it, for the remedy; 0 if none was looked for
	Denied bool      // it may not be listened on, as a port below 1024
}

// PortOwner is the process that listens on a port.
type PortOwner struct {
	PID     int
	Process string // its name
}

func (o PortOwner) String() string {
	switch {
	case o.PID > 0 && o.Process != "":
		return fmt.Sprintf("process %s (pid %d)", visible.String(o.Process), o.PID)
	case o.PID > 0:
		return fmt.Sprintf("process with pid %d", o.PID)
	}
	return "a process that cannot be seen from here"
}

// lookAtPort tries to listen on a port, and finds out who has it.
func lookAtPort(number int) Port {
	p := Port{Number: number}
	err := tryListen(number)
	if err == nil && !answers(number) {
		return p
	}
	if errors.Is(err, syscall.EACCES) {
		p.Denied = true
	} else {
		p.Taken = true
		p.Owner = portOwner(number)
	}
	p.Free = FreePort(number + 1)
	return p
}

// FreePort is the first port from a number on that nobody listens on; 0 if a hundred are taken.
func FreePort(from int) int {
	for near := max(from, 1025); near < min(from+100, 65536); near++ {
		if tryListen(near) == nil {
			return near
		}
	}
	return 0
}

func tryListen(port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort(BindHost, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return l.Close()
}

// answers tells whether somebody accepts connections on a port that could be listened on: macOS lets a socket on
// 127.0.0.1 take over from one on all addresses.
func answers(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(BindHost, strconv.Itoa(port)), 200*time.Millisecond)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
