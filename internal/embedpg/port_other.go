//go:build !linux

package embedpg

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// portOwner asks lsof, which macOS and the BSDs have; elsewhere nobody is named.
func portOwner(port int) PortOwner {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "lsof", "-nP", "-iTCP:"+strconv.Itoa(port), "-sTCP:LISTEN", "-Fpc").Output()
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
