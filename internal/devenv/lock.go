package devenv

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// holder is what the lock file says about who holds the lock. The lock itself is the kernel's, so that a killed process
// does not keep it; the text is only for another naap's message.
type holder struct {
	PID   int       `json:"pid"`
	Verb  string    `json:"verb"`
	Since time.Time `json:"since"`
}

// lock takes the instance's lock for a verb that changes something. If another process holds it, lock waits where wait
// is set, and otherwise fails with ExitBusy and that process's pid. The returned function releases the lock.
func lock(ctx context.Context, dir, verb string, wait bool) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, remedy.New("state.folder", remedy.ExitFailed, "the state folder can't be made").Wrap(err).
			WithSeen(dir).WithHelp(remedy.Line("XDG_STATE_HOME=/a/folder/of/yours ", remedy.Again(verbLine(verb))))
	}
	path := filepath.Join(dir, "lock")
	l := flock.New(path, flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	got, err := l.TryLock()
	if err != nil {
		return nil, remedy.New("state.lock", remedy.ExitFailed, "the lock file can't be used").Wrap(err).WithSeen(path).
			WithHelp(remedy.Line("XDG_STATE_HOME=/a/folder/of/yours ", remedy.Again(verbLine(verb))))
	}
	if !got && !wait {
		return nil, busy(path, verb)
	}
	if !got {
		if _, err := l.TryLockContext(ctx, 50*time.Millisecond); err != nil {
			return nil, fmt.Errorf("wait for the other naap: %w", err)
		}
	}
	writeHolder(path, verb)
	return func() {
		_ = os.Truncate(path, 0) // so that the next holder is not taken for this one
		_ = l.Unlock()
	}, nil
}

func writeHolder(path, verb string) {
	text, err := json.Marshal(holder{PID: os.Getpid(), Verb: verb, Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return
	}
	// Not renamed into place: the lock belongs to this inode. A reader that sees an incomplete text says "another naap".
	_ = os.WriteFile(path, append(text, '\n'), 0o600)
}

// nameWithin is how long a holder may take from getting the lock to writing who it is.
var nameWithin = 100 * time.Millisecond

// readHolder reads who holds the lock. A holder that has just got it has not written that yet.
func readHolder(path string) (h holder, ok bool) {
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if text, err := files.ReadNow(path, files.Small); err == nil && json.Unmarshal(text, &h) == nil && h.PID > 0 {
			return h, true
		}
		if time.Since(began) > nameWithin {
			return holder{}, false
		}
	}
}

// verbLine returns the words of a verb that holds a lock: what naap dev does not have is said whole.
func verbLine(verb string) string {
	if strings.HasPrefix(verb, "migrate ") {
		return verb
	}
	return "dev " + verb
}

func busy(path, verb string) error {
	e := remedy.New("busy", remedy.ExitBusy, "another naap is working on this instance")
	if h, ok := readHolder(path); ok {
		e.Message = fmt.Sprintf("another naap (pid %d) is working on this instance", h.PID)
		e.WithSeen(fmt.Sprintf("pid %d: its verb is %s, since %s", h.PID, h.Verb, h.Since.Local().Format("15:04:05")))
	}
	return e.WithHelp(remedy.Again(verbLine(verb), "--wait").Note("waits until it has finished"))
}
