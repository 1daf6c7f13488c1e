// Package verbs is the screens of what changes the database: push, reset, undo, snapshots, backups and seeds. Each shows its
// plan, asks, and carries out what it showed.
package verbs

import (
	"strings"
	"time"

	"github.com/livepeer/naap-dev/tui/draw"
)

const planLimit = time.Minute

// planRole is the colour of a line of a plan by its sign.
func planRole(line string) draw.Role {
	switch {
	case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "! "):
		return draw.Bad
	case strings.HasPrefix(line, "~ "):
		return draw.Warn
	}
	return draw.Plain
}
