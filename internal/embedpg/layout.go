package embedpg

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
)

// layout is where the parts of an instance lie. Home and the log belong to naap's user, data and sockets to the
// server's.
type layout struct{ home string }

func (l layout) data() string         { return filepath.Join(l.home, "data") }
func (l layout) logFile() string      { return filepath.Join(l.home, "log", "server.log") }
func (l layout) oldLogFile() string   { return filepath.Join(l.home, "log", "server.1.log") }
func (l layout) sockets() string      { return filepath.Join(l.home, "sockets") }
func (l layout) lockFile() string     { return filepath.Join(l.home, "engine.lock") }
func (l layout) recordFile() string   { return filepath.Join(l.home, "engine.json") }
func (l layout) pidFile() string      { return filepath.Join(l.data(), "postmaster.pid") }
func (l layout) optsFile() string     { return filepath.Join(l.data(), "postmaster.opts") }
func (l layout) identityFile() string { return filepath.Join(l.data(), "naap.identity") }
func (l layout) unsyncedFile() string { return filepath.Join(l.data(), "naap.unsynced") } // while initdb's work may not be on disk

// Folders in home that are being filled or emptied. What a killed naap leaves of them is removed by the next one.
const (
	makingPrefix   = ".making-"
	deletingPrefix = ".deleting-"
)

// maxSocketPath is the longest path of a socket in bytes: sun_path of Linux less the closing zero is 107, macOS has 103.
const maxSocketPath = 103

// socketDir returns the folder of the server's socket, or empty where the path would be too long for one; then the
// server listens on TCP only.
func (l layout) socketDir(port int) string {
	if len(filepath.Join(l.sockets(), ".s.PGSQL."+strconv.Itoa(port)+".lock")) > maxSocketPath {
		return ""
	}
	return l.sockets()
}

// make makes the folders. The server's user may pass through home. It is handed the log open, and so
// has no way to make naap write elsewhere by a link in the log's place.
func (l layout) make(account Account) error {
	parents, mode := makeSharedDir, os.FileMode(0o711)
	if account.IsZero() {
		parents, mode = func(dir string) error { return os.MkdirAll(dir, 0o700) }, 0o700
	}
	if err := parents(filepath.Dir(l.home)); err != nil {
		return err
	}
	if err := os.Mkdir(l.home, mode); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := account.reaches(l.home); err != nil {
		return fmt.Errorf("%w: chmod o+x it, or set XDG_STATE_HOME", err)
	}
	for _, dir := range []string{filepath.Dir(l.logFile()), l.sockets()} {
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return account.Own(l.sockets())
}

// sweep removes what a killed naap left half made or half deleted. A program that it had started may still be writing
// there for a moment; what cannot be removed is removed the next time.
func (l layout) sweep() {
	for _, prefix := range []string{makingPrefix, deletingPrefix} {
		left, _ := filepath.Glob(filepath.Join(l.home, prefix+"*"))
		for _, dir := range left {
			for range 5 {
				if os.RemoveAll(dir) == nil {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
}

// clearSockets removes the sockets and their lock files. The folder is the instance's own, and no server holds its data
// now; but a server that was killed a moment ago can still be there as a process, for which PostgreSQL would refuse
// to start.
func (l layout) clearSockets() error {
	old, err := filepath.Glob(filepath.Join(l.sockets(), ".s.PGSQL.*"))
	for _, file := range old {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}

// record is what is remembered of the last start, so that a look at a running server runs no program. It is a hint: a
// lost one loses nothing.
type record struct {
	Port     int      `json:"port"`
	Binaries Binaries `json:"binaries"`
}

func (l layout) readRecord() record {
	var r record
	if data, err := files.ReadNow(l.recordFile(), files.Small); err == nil && json.Unmarshal(data, &r) != nil {
		r = record{}
	}
	return r
}

// writeRecord replaces the record in one step.
func (l layout) writeRecord(r record) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return files.Note(l.recordFile(), append(data, '\n'))
}

// sets reports whether the cluster's own files have a setting: one that the user chose, or ALTER SYSTEM. What postgresql.conf
// includes is not looked at.
func (l layout) sets(setting string) bool {
	for _, name := range []string{"postgresql.conf", "postgresql.auto.conf"} {
		text, err := files.ReadNow(filepath.Join(l.data(), name), files.Small)
		if err != nil {
			continue // the server says what is wrong with its files
		}
		for line := range strings.Lines(string(text)) {
			rest, found := strings.CutPrefix(strings.ToLower(strings.TrimSpace(line)), setting) // a name is taken in any case
			if found && rest != "" && strings.ContainsAny(rest[:1], " \t=") {
				return true
			}
		}
	}
	return false
}
