//go:build !linux

package loopback

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/program"
)

// Owners returns the processes that listen on a port of this machine, according to lsof. Without lsof, as on Windows,
// nothing is known.
func Owners(port int) []Owner {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd, err := program.Here().Command(ctx, program.Lsof, "-nP", "-iTCP:"+strconv.Itoa(port), "-sTCP:LISTEN", "-Fpc")
	if err != nil {
		return nil
	}
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	var owners []Owner
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p"):
			pid, _ := strconv.Atoi(line[1:])
			owners = append(owners, Owner{PID: pid})
		case strings.HasPrefix(line, "c") && len(owners) > 0:
			owners[len(owners)-1].Process = line[1:]
		}
	}
	return owners
}
