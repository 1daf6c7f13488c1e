//go:build !linux

package dockerctl

import (
	"os/exec"
	"strconv"
	"strings"
)

// listeners lists the processes that listen on a port of this machine, as lsof sees them. Where there is no lsof, as on
// Windows, nothing is known.
func listeners(number int) []PortOwner {
	out, err := exec.Command("lsof", "-nP", "-iTCP:"+strconv.Itoa(number), "-sTCP:LISTEN", "-Fpc").Output()
	if err != nil {
		return nil
	}
	var owners []PortOwner
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p"):
			pid, _ := strconv.Atoi(line[1:])
			owners = append(owners, PortOwner{PID: pid})
		case strings.HasPrefix(line, "c") && len(owners) > 0:
			owners[len(owners)-1].Process = line[1:]
		}
	}
	return owners
}
