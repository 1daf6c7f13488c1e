package workspace

import (
	"cmp"
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// pluginFolders are where plugins and services live in a monorepo.
var pluginFolders = []string{"plugins", "examples", "services"}

// mostPlugins limits how many folders are looked into, each of which takes a few system calls.
const mostPlugins = 10_000

// coreService owns the schema public.
const coreService = "base-svc"

// knownOwners are the platform's own plugins. They are used where a workspace's folders do not give the answer.
var knownOwners = map[string]string{
	"public":               coreService,
	"plugin_community":     "community",
	"plugin_wallet":        "my-wallet",
	"plugin_dashboard":     "my-dashboard",
	"plugin_daydream":      "daydream-video",
	"plugin_gateway":       "gateway-manager",
	"plugin_capacity":      "capacity-planner",
	"plugin_developer_api": "developer-api",
}

// findPlugins lists the folders that look like a plugin: with a plugin.json, a package.json, a backend or a frontend.
func (w *Workspace) findPlugins(ctx context.Context) {
	if w.Root == "" {
		w.plugins = slices.Sorted(maps.Values(knownOwners))
		return
	}
	for _, folder := range pluginFolders {
		entries, _ := files.List(ctx, filepath.Join(w.Root, folder), mostPlugins)
		for _, entry := range entries {
			dir := filepath.Join(w.Root, folder, entry.Name())
			if entry.Name()[0] != '.' && (isFolder(filepath.Join(dir, "backend")) || isFolder(filepath.Join(dir, "frontend")) ||
				firstFile(dir, []string{"plugin.json", "package.json", ".env.example"}) != "") {
				w.plugins = append(w.plugins, entry.Name())
			}
		}
	}
	slices.Sort(w.plugins)
}

// OwnerOf returns the plugin or service that a schema belongs to: according to naap.toml, or the plugin whose folder's
// name fits the schema's, or the platform's own, or else a name derived from the schema's. It is never empty for a
// schema with a name.
func (w *Workspace) OwnerOf(schema string) string {
	if owner := w.Settings.Owners[schema]; owner != "" {
		return owner
	}
	known := knownOwners[schema]
	if known != "" && (schema == "public" || slices.Contains(w.plugins, known)) {
		return known
	}
	plugin, isPlugin := strings.CutPrefix(schema, "plugin_")
	base := strings.ReplaceAll(plugin, "_", "-")
	if isPlugin {
		for _, fits := range []func(name string) bool{
			func(name string) bool { return name == base },
			func(name string) bool { return name == "my-"+base },
			func(name string) bool { return strings.HasPrefix(name, base+"-") },
		} {
			if i := slices.IndexFunc(w.plugins, fits); i >= 0 {
				return w.plugins[i]
			}
		}
	}
	return cmp.Or(known, base)
}
