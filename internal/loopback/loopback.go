// Package loopback is about 127.0.0.1, the one address that naap's servers listen on: which of its ports are free, who
// has one, and the name by which a server that answers there is recognized as an instance's own.
package loopback

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Host is the loopback address.
const Host = "127.0.0.1"

// Address returns the address of a port as net.Dial takes it.
func Address(port int) string { return net.JoinHostPort(Host, strconv.Itoa(port)) }

// Listen tries to listen on a port. Except on Linux it may succeed although another process listens on every address: a
// socket on 127.0.0.1 then takes precedence. See Answers.
func Listen(port int) error {
	l, err := net.Listen("tcp4", Address(port))
	if err != nil {
		return err
	}
	return l.Close()
}

// MayListen reports whether a port can be listened on.
func MayListen(port int) bool { return Listen(port) == nil }

// Answers reports whether anything accepts connections on a port.
func Answers(port int) bool {
	conn, err := net.DialTimeout("tcp4", Address(port), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// Free returns the first free port from a given one on, to be suggested; 0 if a hundred are not free.
func Free(from int, isFree func(port int) bool) int {
	for port := from; port < min(from+100, 1<<16); port++ {
		if isFree(port) {
			return port
		}
	}
	return 0
}

// Owner is a process that listens on a port. The zero Owner is a process that cannot be seen.
type Owner struct {
	PID     int
	Process string // its name
}

func (o Owner) String() string {
	switch {
	case o.PID > 0 && o.Process != "":
		return fmt.Sprintf("process %s (pid %d)", visible.String(o.Process), o.PID)
	case o.PID > 0:
		return fmt.Sprintf("process with pid %d", o.PID)
	}
	return "a process that cannot be seen from here"
}
