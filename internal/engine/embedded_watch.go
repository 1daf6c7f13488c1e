package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// serverLook is how often the embedded server's process is looked at. A look reads one open file of the kernel's; with
// that and the lock file opened four times a second, naap at rest took 0.1 % more of the processor.
const serverLook = 500 * time.Millisecond

// Events tells when the server ends, is paused or comes back, from what the kernel says of its process. The server itself
// is asked nothing.
func (x *embedded) Events(ctx context.Context, emit func(server.Event) bool) error {
	if err := embeddedKind.Lacks.Events.Err(); err != nil {
		return err
	}
	w := serverWatch{lock: filepath.Join(x.data(), "postmaster.pid")}
	defer w.close()
	was := w.look()
	if was.paused && !emit(was.event(serverProcess{pid: was.pid})) {
		return nil
	}
	ticks := time.NewTicker(serverLook)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := w.look()
		if now == was {
			continue
		}
		if !emit(now.event(was)) {
			return nil
		}
		was = now
	}
}

// serverProcess is what the kernel says of the embedded server: pid 0 while there is none.
type serverProcess struct {
	pid    int
	paused bool
}

// serverWatch is the process that the server's lock file names, and the kernel's file about it.
type serverWatch struct {
	lock string
	pid  int
	stat *os.File
	buf  [1024]byte
}

// look is how the server is now. The lock file is read again when the process is gone.
func (w *serverWatch) look() serverProcess {
	if p, ok := w.state(); ok {
		return p
	}
	w.close()
	text, err := files.ReadNow(w.lock, files.Small)
	if err != nil {
		return serverProcess{}
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if w.pid, err = strconv.Atoi(strings.TrimSpace(first)); err != nil || w.pid <= 0 {
		return serverProcess{}
	}
	if w.stat, err = os.Open("/proc/" + strconv.Itoa(w.pid) + "/stat"); err != nil {
		w.stat = nil
		return serverProcess{}
	}
	p, _ := w.state()
	return p
}

// state reads the process's state: ok is false where it has ended, which makes reading fail.
func (w *serverWatch) state() (p serverProcess, ok bool) {
	if w.stat == nil {
		return p, false
	}
	n, _ := w.stat.ReadAt(w.buf[:], 0)
	at := bytes.LastIndexByte(w.buf[:n], ')') + 2 // the name before it may hold anything
	if at < 2 || at >= n || w.buf[at] == 'Z' || w.buf[at] == 'X' {
		return p, false
	}
	return serverProcess{w.pid, w.buf[at] == 'T'}, true
}

func (w *serverWatch) close() {
	if w.stat != nil {
		_ = w.stat.Close()
		w.stat = nil
	}
}

// event is what happened between one look and this one.
func (p serverProcess) event(was serverProcess) server.Event {
	e := server.Event{At: time.Now()}
	switch {
	case p.pid == 0:
		e.Kind, e.Text, e.Fix = "die", fmt.Sprintf("process %d is gone", was.pid), remedy.Again("dev up")
	case p.paused:
		e.Kind, e.Text, e.Fix = "pause", fmt.Sprintf("process %d is stopped by a signal", p.pid), remedy.Words(goOn(p.pid))
	case p.pid == was.pid:
		e.Kind, e.Text = "unpause", fmt.Sprintf("process %d goes on", p.pid)
	default:
		e.Kind, e.Text = "start", fmt.Sprintf("process %d", p.pid)
	}
	return e
}
