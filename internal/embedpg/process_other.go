//go:build unix && !linux

package embedpg

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/program"
)

// servesData reports whether the process is a PostgreSQL server whose data directory is dir, by its command line, which
// names it: that tells it from another process that has got the pid of a dead server.
func servesData(pid int, dir string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	cmd, err := program.Here().Command(ctx, program.Ps, "-ww", "-o", "command=", "-p", strconv.Itoa(pid))
	if err != nil {
		return false
	}
	out, err := cmd.Output()
	return err == nil && strings.Contains(string(out), "postgres") && strings.Contains(string(out), dir)
}

// outputOfBound is cmd.CombinedOutput: only Linux ends a program with its parent. Elsewhere it ends by itself, and what
// it made is removed by the next naap.
func outputOfBound(cmd *exec.Cmd) ([]byte, error) { return cmd.CombinedOutput() }
