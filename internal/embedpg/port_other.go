//go:build !linux

package embedpg

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/program"
)

// portOwner asks lsof, which macOS and the BSDs have; elsewhere nobody is named.
func portOwner(port int) PortOwner {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	cmd, err := program.Here().Command(ctx, program.Lsof, "-nP", "-iTCP:"+strconv.Itoa(port), "-sTCP:LISTEN", "-Fpc")
	if err != nil {
		return PortOwner{}
	}
	out, err := cmd.Output()
	if err != nil {
		return PortOwner{}
	}
	var o PortOwner
	for line := range strings.Lines(string(out)) {
		value := strings.TrimSpace(line[1:])
		switch {
		case line[0] == 'p' && o.PID == 0:
			o.PID, _ = strconv.Atoi(value)
		case line[0] == 'c' && o.Process == "":
			o.Process = value
		}
	}
	return o
}
