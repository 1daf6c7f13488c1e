package main

import (
	"path/filepath"
	"strconv"

	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// askSchema asks which of several Prisma schemas is the database's. It returns the place, absolute, for this command
// only, or "" without an answer.
func (a *app) askSchema(several *workspace.Several) string {
	a.tell("%s has several Prisma schemas:", visible.String(several.Root))
	for i, place := range several.Places {
		a.tell("  %d  %s", i+1, visible.String(place))
	}
	n, err := strconv.Atoi(a.ask("Which one is the database's? [1-" + strconv.Itoa(len(several.Places)) + "] "))
	if err != nil || n < 1 || n > len(several.Places) {
		return ""
	}
	place := several.Places[n-1]
	a.tell(`To be asked no more, write into naap.toml in %s: schema = "%s"`, visible.String(several.Root), visible.String(place))
	return filepath.Join(several.Root, filepath.FromSlash(place))
}
