package doctor

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// prismaCheck compares the Prisma versions that the workspace has installed: its command and its client must have the
// same one.
var prismaCheck = check{nothing, func(_ context.Context, l *look) {
	homes := l.Workspace().Homes()
	cli, client := installed(homes, "prisma"), installed(homes, "@prisma/client")
	switch {
	case cli == "" && client == "":
	case cli != "" && client != "" && cli != client:
		l.add("prisma", remedy.Warning, "prisma and @prisma/client are of different versions",
			[]string{"prisma " + cli, "@prisma/client " + client}, remedy.Words("npm install prisma@"+client+" @prisma/client@"+client))
	default:
		l.fine("prisma", "Prisma", strings.TrimSpace("prisma "+cli), strings.TrimSpace("@prisma/client "+client))
	}
}}

// installed returns a package's version in the node_modules of the first of these folders that has it, or "".
func installed(homes []string, name string) string {
	for _, dir := range homes {
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
