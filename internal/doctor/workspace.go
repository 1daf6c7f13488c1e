package doctor

import (
	"context"

	"github.com/livepeer/naap-dev/internal/remedy"
)

var workspaceCheck = check{nothing, func(_ context.Context, l *look) {
	ws := l.Workspace()
	l.fine("workspace", "Workspace", ws.Describe())
	for _, w := range ws.Warnings {
		l.add("workspace", remedy.Warning, "The workspace has a warning", []string{w}, remedy.Naap("config"))
	}
}}
