package devenv

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// checkPrisma compares the Prisma versions that the workspace has installed: its tool and its client must be of one
// version.
func (d *doctor) checkPrisma() {
	ws := d.env.ws
	if ws.Root == "" {
		return
	}
	cli, client := installed(ws.Root, "prisma"), installed(ws.Root, "@prisma/client")
	switch {
	case cli == "" && client == "":
		return
	case cli != "" && client != "" && cli != client:
		d.add("prisma", Warning, "prisma and @prisma/client are of different versions",
			[]string{"prisma " + cli, "@prisma/client " + client}, remedy.Words("npm install prisma@"+client+" @prisma/client@"+client))
	default:
		d.fine("prisma", "Prisma", strings.TrimSpace("prisma "+cli), strings.TrimSpace("@prisma/client "+client))
	}
}

// installed is a package's version in the workspace's node_modules, that of packages/database first; "" for none.
func installed(root, name string) string {
	for _, dir := range []string{filepath.Join(root, "packages", "database"), root} {
		text, err := files.ReadNow(filepath.Join(dir, "node_modules", filepath.FromSlash(name), "package.json"), files.Settings)
		if err != nil {
			continue
		}
		var p struct {
			Version string `json:"version"`
		}
		if json.Unmarshal(text, &p) == nil {
			return p.Version
		}
	}
	return ""
}
