package engine

import (
	"github.com/livepeer/naap-dev/internal/server"
)

// Beside opens a server of naap's own beside that of an instance: an embedded one of a major version of PostgreSQL, and no
// other, with its data in a folder of its own. It is for what must not, or may not, be done on the instance's.
func Beside(c Config, folder string, major int, w server.Wanted) (Engine, error) {
	c.Folder = folder
	x, err := newEmbedded(c, major)
	if err != nil {
		return nil, err
	}
	x.spec.Wanted = w
	return x, nil
}
