package screen

import (
	"path"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
)

// FilesNews tells every screen that files of the workspace have changed: what it says of them may be old.
type FilesNews struct{ Names []string }

// Listed is a few names, and how many more there are.
func Listed(names []string) string { return say.Some(names, 3) }

// listedIn is listed in w cells, as far as paths can be cut at their beginning: whole folders go, the longest path's first,
// and names stay.
func listedIn(names []string, w int, dots string) string {
	names = slices.Clone(names)
	cut := make([]string, len(names)) // what is left of each
	copy(cut, names)
	for draw.Width(Listed(names)) > w {
		longest := -1
		for i, path := range cut {
			if strings.Contains(path, "/") && (longest < 0 || draw.Width(path) > draw.Width(cut[longest])) {
				longest = i
			}
		}
		if longest < 0 {
			break
		}
		_, cut[longest], _ = strings.Cut(cut[longest], "/")
		names[longest] = dots + "/" + cut[longest]
	}
	return Listed(names)
}

// AsOf names a Prisma file with the moment that an answer speaks of: "schema.prisma as of 14:02:07".
func AsOf(f backend.FileState) string {
	name := path.Base(f.Name)
	switch {
	case f.Name == "":
		return "schema.prisma"
	case f.AsOf.IsZero():
		return "the built-in " + name
	}
	return name + " as of " + f.AsOf.Format("15:04:05")
}
