package embedpg

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
)

// runningServer is a running server, as its lock file postmaster.pid describes it.
type runningServer struct {
	PID      int
	Port     int
	Status   string    // "starting", "stopping", "ready" or "standby"; empty in its first moments
	Started  time.Time // to the second
	Identity string    // its cluster_name, where naap started it; else empty
	Confined bool      // it reaches its data and the system's files, and nothing of the user's
}

// parsePidFile reads postmaster.pid: a line each of pid, data directory, start time, port, socket folder, listen
// address, shared memory key and status (src/include/utils/pidfile.h). A server that is just starting has written the
// first lines only.
func parsePidFile(data []byte) (s runningServer, ok bool) {
	lines := strings.Split(string(data), "\n")
	at := func(i int) string {
		if i < len(lines) {
			return strings.TrimSpace(lines[i])
		}
		return ""
	}
	pid, err := strconv.Atoi(at(0))
	if err != nil || pid == 0 {
		return runningServer{}, false
	}
	s = runningServer{PID: pid, Status: at(7)}
	if pid < 0 { // a single-user backend: no server, and the data is its own until it ends
		s.PID, s.Status = -pid, "stopping"
	}
	s.Port, _ = strconv.Atoi(at(3))
	if sec, err := strconv.ParseInt(at(2), 10, 64); err == nil {
		s.Started = time.Unix(sec, 0)
	}
	return s, true
}

var optsClusterName = lazy.Regexp{Text: `"cluster_name=([^"]*)"`}

// readServer returns the server that holds the data directory, and the pid in a lock file that no server holds.
func (l layout) readServer() (server *runningServer, stale int) {
	data, err := l.readInData(l.pidFile())
	if err != nil {
		return nil, 0
	}
	s, ok := parsePidFile(data)
	if !ok {
		return nil, 0
	}
	if !servesData(s.PID, l.data()) {
		return nil, s.PID
	}
	s.Confined = isConfined(s.PID)
	if opts, err := l.readInData(l.optsFile()); err == nil {
		if found := optsClusterName.Get().FindSubmatch(opts); found != nil {
			s.Identity = string(found[1])
		}
	}
	return &s, 0
}

// claimPidFile writes naap's own pid over that of a process which is not a server, whatever it is: PostgreSQL takes a lock
// file that names its parent for stale, and still finds backends of a killed server by the shared memory that the file
// names. Removing the file would blind it to those.
func (l layout) claimPidFile() error {
	data, err := l.readInData(l.pidFile())
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(data, []byte("\n"))
	return rewrite(l.pidFile(), fmt.Appendf(nil, "%d\n%s", os.Getpid(), rest))
}

// readInData reads a file of the data directory, in which whoever logs in to the server as a superuser can write. By a link
// there it could have naap read what is the user's, and be told that: the cluster's name is told to everybody who asks.
func (l layout) readInData(path string) ([]byte, error) {
	data, err := files.OpenInside(l.data())
	if err != nil {
		return nil, err
	}
	defer data.Close()
	return data.Read(context.Background(), path, files.Small)
}
