package devenv

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/server"
)

// record is what naap remembers of an instance between two runs, in the state folder. It is only a hint: every verb
// looks at the engine and asks the server, and nothing is lost with the record.
type record struct {
	Engine   string `json:"engine"`             // "docker" or "embedded": what the verbs act on, whatever the settings say by then
	Port     int    `json:"port,omitempty"`     // where the server was last published
	Asked    bool   `json:"asked,omitempty"`    // the user chose the port, so that the compose file's does not apply
	Identity string `json:"identity,omitempty"` // its cluster_name
	Root     string `json:"root,omitempty"`     // the workspace it was last started for
	Attached bool   `json:"attached,omitempty"` // only looked at: its tables are another workspace's
	Where    string `json:"where,omitempty"`    // which of several engines of its kind has it: see engine.Engine
}

// endpoint returns where the server was last published; ok is false where that is not known, or not which server it is.
func (r record) endpoint() (at server.Endpoint, ok bool) {
	return server.Endpoint{Host: loopback.Host, Port: r.Port, Identity: r.Identity}, r.Port != 0 && r.Identity != ""
}

func recordPath(dir string) string { return filepath.Join(dir, "instance.json") }

// readRecord returns the zero record if there is none or it cannot be read.
func readRecord(dir string) record {
	var r record
	text, err := files.ReadNow(recordPath(dir), files.Small)
	if err != nil || json.Unmarshal(text, &r) != nil {
		return record{}
	}
	return r
}

// writeRecord replaces the record atomically, so that a kill leaves the old or the new one.
func writeRecord(dir string, r record) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return files.Note(recordPath(dir), append(text, '\n'))
}

func removeRecord(dir string) error {
	if err := os.Remove(recordPath(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
