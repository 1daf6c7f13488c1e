package workspace

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// ofOneInstance are the settings that are about one instance or workspace: a variable for one of them, in the environment
// that another was started with, does not hold elsewhere.
var ofOneInstance = []string{
	"instance", "engine", "database-url", "port", "image", "volume", "compose.files", "compose.service", "schema", "external.tables", "external.enums",
	"init-sql", "seed.folder", "seed.command", "migrate.folder",
}

// Elsewhere finds the workspace of another folder of this machine, for the instance of that name, as if naap had been
// started there. An empty folder stands for the built-in workspace.
func (w *Workspace) Elsewhere(ctx context.Context, root, instance string) (*Workspace, error) {
	opt := Options{Flags: map[string]string{"instance": instance}, Named: root != ""}
	for _, pair := range w.options.Env {
		if name, _, _ := strings.Cut(pair, "="); !isOfOneInstance(name) {
			opt.Env = append(opt.Env, pair)
		}
	}
	if root == "" {
		root = filepath.VolumeName(w.Folders.State) + string(filepath.Separator) // which no workspace is above
	}
	return Find(ctx, root, opt)
}

func isOfOneInstance(variable string) bool {
	return slices.ContainsFunc(ofOneInstance, func(setting string) bool { return (key{Name: setting}).env() == variable })
}

// OnlyHere returns the variables of the environment that the workspace was found with which do not hold elsewhere, but
// for the instance's name.
func (w *Workspace) OnlyHere() []string {
	var out []string
	for _, pair := range w.options.Env {
		if name, _, _ := strings.Cut(pair, "="); isOfOneInstance(name) && name != (key{Name: "instance"}).env() {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
