package password

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// readerPath returns where the role's password is kept. It is of use to this home only: another home makes its own
// role.
func readerPath(dir string) string { return filepath.Join(dir, "reader.json") }

// readerSecret is the content of that file.
type readerSecret struct {
	Role     string `json:"role"`
	Password string `json:"password"`
}

// Reader returns the role of this home's instance that only reads; dir is the instance's folder. Its password is made up,
// unless one is kept that nobody else could have read.
func Reader(dir, owner string) (postgres.Reader, error) {
	path := readerPath(dir)
	s, err := readSecret(path)
	if err != nil {
		s, err = makeSecret(path)
	}
	return postgres.Reader{Role: s.Role, Password: s.Password, Owner: owner}, err
}

// KeptReader is like Reader, and makes up nothing: without a password that is kept it fails.
func KeptReader(dir, owner string) (postgres.Reader, error) {
	s, err := readSecret(readerPath(dir))
	return postgres.Reader{Role: s.Role, Password: s.Password, Owner: owner}, err
}

// readSecret reads a password from a file that only its owner can read; any other file is an error.
func readSecret(path string) (s readerSecret, err error) {
	f, err := files.Open(context.Background(), path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	if err := files.Guarded(path); err != nil {
		return s, err
	}
	if othersRead(info) {
		return s, errors.New("others can read it")
	}
	text, err := files.ReadFrom(context.Background(), f, path, files.Small)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, err
	}
	if s.Role == "" || s.Password == "" {
		return s, errors.New("it names no role")
	}
	return s, nil
}

// makeSecret makes up a role's name and its password. If two do so at once, both use what one of them made.
func makeSecret(path string) (s readerSecret, err error) {
	text := rand.Text()
	sum := sha256.Sum256([]byte(text))
	s = readerSecret{Role: postgres.ReaderPrefix + hex.EncodeToString(sum[:4]), Password: text}
	content, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return s, err
	}
	if err := files.Guarded(path); err != nil {
		return s, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "reader-*.json") // only its owner can read it
	if err != nil {
		return s, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(append(content, '\n'))
	if err := errors.Join(err, tmp.Close()); err != nil {
		return s, err
	}
	if err := os.Link(tmp.Name(), path); err == nil {
		return s, nil
	}
	if other, err := readSecret(path); err == nil {
		return other, nil
	}
	return s, os.Rename(tmp.Name(), path)
}

// ForgetReader forgets the role that only reads, of data that is gone.
func ForgetReader(dir string) error {
	if err := os.Remove(readerPath(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
