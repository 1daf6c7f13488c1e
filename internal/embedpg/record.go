package embedpg

import (
	"encoding/json"

	"github.com/livepeer/naap-dev/internal/files"
)

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
