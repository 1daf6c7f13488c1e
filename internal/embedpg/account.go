package embedpg

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
)

// Root's home folder is closed to others, and the server of a naap that is root runs as another user. Its programs and
// its data then lie in these folders.
const (
	rootCache = "/var/cache/naap"
	rootState = "/var/lib/naap"
)

// CacheDir returns where fetched installations are kept, for naap's cache folder: postgresql in that, or in
// /var/cache/naap for root where the server's user cannot enter that.
func CacheDir(cache string) (string, error) {
	account, err := ServerAccount()
	if err != nil {
		return "", noAccount(err)
	}
	if account.reaches(cache) != nil {
		cache = rootCache
	}
	return filepath.Join(cache, "postgresql"), nil
}

// stateDir returns where an instance's cluster and log lie, for the folder meant for them: that folder itself, or for
// root, where the server's user cannot enter that, one in /var/lib/naap that stands for it alone.
func stateDir(dir string, account Account) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the state folder: %w", err)
	}
	if account.reaches(abs) == nil || !missing(layout{abs}.data()) {
		return abs, nil // data stays where it is, even if its folder was closed since
	}
	// Two state folders stay two: the name carries a digest of the path it stands for.
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(rootState, filepath.Base(filepath.Dir(abs))+"-"+hex.EncodeToString(sum[:6])), nil
}

// Account is a user of this machine under which the server runs because naap itself runs as root, which PostgreSQL
// refuses. The zero Account means naap's own user.
type Account struct {
	Name     string
	UID, GID uint32
}

// IsZero reports whether the server runs under naap's own user.
func (a Account) IsZero() bool { return a == Account{} }
