package files

import (
	"errors"
	"os"
	"path/filepath"
)

// Keep gives one of naap's own files new content that only its owner may read, atomically: a kill leaves the old one or
// the new one. It is on disk when Keep returns. The folder must exist.
func Keep(path string, data []byte) error { return keep(path, data, (*os.File).Sync) }

// Note is Keep for a hint, whose loss does no harm: it does not wait for the disk.
func Note(path string, data []byte) error {
	return keep(path, data, func(*os.File) error { return nil })
}

func keep(path string, data []byte, settle func(*os.File) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // created with 0600, whatever the umask is
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err := errors.Join(err, settle(tmp), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
