package embedpg

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// State is what Observe saw. It holds all that decide needs.
type State struct {
	Dir      string         // the instance's folder
	Data     dataState      // what lies in its data directory
	Server   *runningServer // that holds the data directory; nil if none does
	StalePID int            // in the lock file of a server that is gone; 0 if there is none
	Reused   bool           // another process has that pid now
	Port     portState      // the port that a start would take; looked at only where nothing runs on it
	LastPort int            // that the server was last started on; 0 if unknown
	Binaries Binaries       // of the last start; zero if unknown
}

// dataState is what a data directory holds.
type dataState struct {
	Path     string
	Exists   bool   // there is a folder with something in it
	Major    int    // of PG_VERSION
	Damage   string // why it is not a whole cluster; empty if it is one
	Identity string // the cluster_name it is started with; empty if naap did not make it
}

// observe looks at the instance without changing anything.
func (e *Engine) observe(spec Spec) (State, error) {
	s, err := e.Describe()
	if err != nil {
		return s, err
	}
	s.Reused = s.StalePID != 0 && alive(s.StalePID)
	want := s.wantedPort(spec)
	s.Port = portState{Number: want}
	if s.Server == nil || s.Server.Port != want {
		s.Port = lookAtPort(want)
	}
	return s, nil
}

// wantedPort returns the asked one; where nobody asked for one, a server stays on the port it was on.
func (s State) wantedPort(spec Spec) int {
	switch {
	case spec.PortPinned:
		return spec.Port
	case s.Server != nil && s.Server.Port != 0:
		return s.Server.Port
	case s.LastPort != 0:
		return s.LastPort
	}
	return spec.Port
}

// readData looks for what every cluster has. The folder appears by a rename once it is whole, so that a broken one was
// not left by a killed naap.
func (l layout) readData() (dataState, error) {
	d := dataState{Path: l.data()}
	entries, err := files.List(context.Background(), d.Path, files.TreeEntries)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return d, nil
	}
	d.Exists = true
	if err != nil {
		return d, err
	}
	version, err := l.readInData(filepath.Join(d.Path, "PG_VERSION"))
	if err != nil {
		d.Damage = "it has no PG_VERSION"
		return d, nil
	}
	if d.Major, err = strconv.Atoi(strings.TrimSpace(string(version))); err != nil {
		d.Damage = "its PG_VERSION names no version"
		return d, nil
	}
	for _, name := range []string{"global/pg_control", "base", "pg_wal", "postgresql.conf", "pg_hba.conf"} {
		if _, err := os.Stat(filepath.Join(d.Path, filepath.FromSlash(name))); err != nil {
			d.Damage = "it has no " + name
			return d, nil
		}
	}
	id, err := l.readInData(l.identityFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.Damage = "its " + filepath.Base(l.identityFile()) + " cannot be read"
		if r, refused := files.Refused(err); refused {
			d.Damage = "of its " + filepath.Base(l.identityFile()) + ": " + r.Message
		}
	}
	d.Identity = strings.TrimSpace(string(id))
	return d, nil
}
