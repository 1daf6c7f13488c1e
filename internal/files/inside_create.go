package files

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"path/filepath"
)

// Create writes a file that must not exist yet (fs.ErrExist), and creates missing folders. It refuses what Replace does.
func (in *Inside) Create(name string, data []byte) error {
	rel, err := in.absent(name)
	if err != nil {
		return err
	}
	return in.explain(in.swap(rel, data, nil), name)
}

// CreateFolder makes a folder that must not exist yet (fs.ErrExist), with files in it, and creates missing folders above
// it. Others see all of it or nothing: it is filled beside the folder that it belongs to, and moved there.
func (in *Inside) CreateFolder(name string, content map[string][]byte) error {
	rel, err := in.absent(name)
	if err != nil {
		return err
	}
	return in.explain(in.moveFolder(rel, content), name)
}

// absent returns the place of what is to be made, in a folder that exists then.
func (in *Inside) absent(name string) (string, error) {
	rel, err := in.place(name)
	if err != nil {
		return "", err
	}
	switch _, err := in.root.Lstat(rel); {
	case err == nil:
		return "", &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	case !errors.Is(err, fs.ErrNotExist):
		return "", in.explain(err, name)
	}
	return rel, in.explain(in.root.MkdirAll(filepath.Dir(rel), 0o755), name)
}

func (in *Inside) moveFolder(rel string, content map[string][]byte) error {
	var random [12]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	made := filepath.Join(filepath.Dir(filepath.Dir(rel)), ".naap-"+hex.EncodeToString(random[:]))
	if err := in.root.Mkdir(made, 0o777); err != nil { // less what the user's umask takes away
		return err
	}
	for file, data := range content {
		if err := in.root.WriteFile(filepath.Join(made, file), data, 0o666); err != nil {
			_ = in.root.RemoveAll(made)
			return err
		}
	}
	if err := in.root.Rename(made, rel); err != nil {
		_ = in.root.RemoveAll(made)
		return err
	}
	return nil
}
