// Package porttest finds ports for the servers of tests.
package porttest

import (
	"os"
	"sync/atomic"

	"github.com/livepeer/naap-dev/internal/loopback"
)

// The ports that Free returns lie below those that systems give to outgoing connections, from 32768 on with Linux: such a
// port can be lost to any client between its choice and the start of its server.
const lowest, count = 10_000, 22_000

// last counts the ports that were tried. Each process begins at a place of its own.
var last atomic.Int64

func init() { last.Store(int64(os.Getpid()) * 97) }

// Free returns a port that nothing listens on, and that it has not returned before in this process.
func Free() int {
	for {
		if port := lowest + int(last.Add(1)%count); loopback.MayListen(port) {
			return port
		}
	}
}
