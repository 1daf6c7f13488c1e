//go:build unix

package password

import (
	"os"

	"github.com/livepeer/naap-dev/internal/files"
)

// othersRead reports whether a file belongs to another user, or can be read by others.
func othersRead(info os.FileInfo) bool {
	uid, ok := files.OwnerID(info)
	return info.Mode().Perm()&0o077 != 0 || ok && uid != os.Geteuid()
}
