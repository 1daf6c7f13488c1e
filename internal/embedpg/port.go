package embedpg

import (
	"errors"
	"syscall"

	"github.com/livepeer/naap-dev/internal/loopback"
)

// Port is the state of a port of this machine.
type Port struct {
	Number int
	Taken  bool
	Owner  loopback.Owner // who listens on it; zero if unknown
	Free   int            // a free port near it, for the remedy; 0 if none was looked for
	Denied bool           // it may not be listened on, as a port below 1024
}

// lookAtPort tries to listen on a port, and finds out who has it.
func lookAtPort(number int) Port {
	p := Port{Number: number}
	err := loopback.Listen(number)
	if err == nil && !loopback.Answers(number) {
		return p
	}
	if errors.Is(err, syscall.EACCES) {
		p.Denied = true
	} else {
		p.Taken = true
		if owners := loopback.Owners(number); len(owners) > 0 {
			p.Owner = owners[0]
		}
	}
	p.Free = loopback.Free(number+1, loopback.MayListen)
	return p
}
