package workspace

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/lazy"
)

// ServerImage is an image of PostgreSQL that the workspace's files name.
type ServerImage struct {
	Where string // "docker-compose.yml:4", or the origin of the setting image
	Ref   string
	Major int
}

// ServerImages returns the images of PostgreSQL whose major version is known: the one that is set, and those of the
// compose files in the root, whichever service has them. These files are read by their lines, since the services of
// another repository need not be ones that naap can use.
func (w *Workspace) ServerImages(ctx context.Context) []ServerImage {
	var found []ServerImage
	if major := ImageMajor(w.Settings.Image); major > 0 && w.Settings.IsPinned("image") {
		found = append(found, ServerImage{w.Settings.Origin("image").String(), w.Settings.Image, major})
	}
	if w.Root == "" {
		return found
	}
	for _, name := range slices.Concat(composeNames, overrideNames) {
		text, err := files.Read(ctx, filepath.Join(w.Root, name), composeLimit)
		if err != nil || w.outside(filepath.Join(w.Root, name)) != "" {
			continue
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
			if !ok || strings.Trim(key, `"'`) != "image" {
				continue
			}
			value, _, _ = strings.Cut(value, " #")
			ref := strings.Trim(strings.TrimSpace(value), `"'`)
			if major := ImageMajor(ref); major > 0 {
				found = append(found, ServerImage{name + ":" + strconv.Itoa(n), ref, major})
			}
		}
	}
	return found
}

// serverRepositories are the last parts of the names of images that are PostgreSQL.
var serverRepositories = []string{"postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"}

var (
	defaultInName = lazy.Regexp{Text: `\$\{\w+:?-([^{}]*)\}`}
	namedMajor    = lazy.Regexp{Text: `(?:^|[-_.])pg(\d+)(?:\D|$)`}
	leadingMajor  = lazy.Regexp{Text: `^v?(\d+)(?:\D|$)`}
)

// ImageMajor returns the major version of PostgreSQL that an image's name says it has, or 0. The default of a variable
// in the name counts.
func ImageMajor(ref string) int {
	ref = defaultInName.Get().ReplaceAllString(ref, "$1")
	ref, _, _ = strings.Cut(ref, "@")
	repository, tag, _ := strings.Cut(path.Base(ref), ":")
	if !slices.Contains(serverRepositories, repository) {
		return 0
	}
	for _, form := range []*lazy.Regexp{&namedMajor, &leadingMajor} {
		m := form.Get().FindStringSubmatch(tag)
		if form == &leadingMajor && (repository == "pgvector" || strings.HasPrefix(repository, "timescaledb")) {
			return 0 // that is the extension's own version
		}
		if m != nil {
			major, _ := strconv.Atoi(m[1])
			return major
		}
	}
	return 0
}
