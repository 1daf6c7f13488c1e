package engine

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// OtherMajor returns a line saying which image of the workspace's files has another major version of PostgreSQL than
// the server that an engine runs, or "". Nothing is known of a server that naap does not start.
func OtherMajor(ctx context.Context, kind *Kind, ws *workspace.Workspace) string {
	runs := Major
	switch kind {
	case &externalKind:
		return ""
	case &dockerKind:
		if major := workspace.ImageMajor(ws.Settings.Image); major > 0 {
			runs = major
		}
	}
	for _, image := range ws.ServerImages(ctx) {
		if image.Major != runs {
			return fmt.Sprintf("%s has PostgreSQL %d (%s), and this server is PostgreSQL %d: what only the one has does not work with the other",
				visible.String(image.Where), image.Major, visible.String(image.Ref), runs)
		}
	}
	return ""
}
