package workspace

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// Plugin is a plugin or service of the workspace.
type Plugin struct {
	Name string // its folder's name: "my-wallet"
	Dir  string // absolute; "" for one that is known by name only
}

// pluginFolders are where plugins and services live in a monorepo.
var pluginFolders = []string{"plugins", "examples", "services"}

// mostPlugins is how many folders are looked into, each of which takes a few calls of the system.
const mostPlugins = 10_000

// coreService owns the schema public.
const coreService = "base-svc"

// knownOwners are the platform's own plugins. They stand in where a workspace's folders do not tell.
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

// knownPrefixes are what the models' names of the platform's own plugins begin with.
var knownPrefixes = map[string][]string{
	"plugin_community":     {"Community"},
	"plugin_wallet":        {"Wallet"},
	"plugin_dashboard":     {"Dashboard"},
	"plugin_daydream":      {"Daydream"},
	"plugin_gateway":       {"Gateway"},
	"plugin_capacity":      {"Capacity"},
	"plugin_developer_api": {"DevApi"},
}

// findPlugins lists the folders that look like a plugin: with a plugin.json, a package.json, a backend or a frontend.
func (w *Workspace) findPlugins(ctx context.Context) {
	if w.Root == "" {
		for _, name := range knownOwners {
			w.Plugins = append(w.Plugins, Plugin{Name: name})
		}
	}
	for _, folder := range pluginFolders {
		if w.Root == "" {
			break
		}
		entries, _ := files.List(ctx, filepath.Join(w.Root, folder), mostPlugins)
		for _, entry := range entries {
			dir := filepath.Join(w.Root, folder, entry.Name())
			if entry.Name()[0] != '.' && (isFolder(filepath.Join(dir, "backend")) || isFolder(filepath.Join(dir, "frontend")) ||
				firstFile(dir, []string{"plugin.json", "package.json", ".env.example"}) != "") {
				w.Plugins = append(w.Plugins, Plugin{Name: entry.Name(), Dir: dir})
			}
		}
	}
	slices.SortStableFunc(w.Plugins, func(a, b Plugin) int { return strings.Compare(a.Name, b.Name) })
}

// OwnerOf is the plugin or service that a schema belongs to: as naap.toml says, the plugin whose folder's name fits the
// schema's, the platform's own, or else a name made of the schema's. It is never empty for a schema with a name.
func (w *Workspace) OwnerOf(schema string) string {
	if owner := w.Settings.Owners[schema]; owner != "" {
		return owner
	}
	if owner := knownOwners[schema]; owner != "" && (schema == "public" || w.Root == "" || w.hasPlugin(owner)) {
		return owner
	}
	base := strings.ReplaceAll(strings.TrimPrefix(schema, "plugin_"), "_", "-")
	fits := []func(name string) bool{
		func(name string) bool { return name == base },
		func(name string) bool { return name == "my-"+base },
		func(name string) bool { return strings.HasPrefix(name, base+"-") },
	}
	if strings.HasPrefix(schema, "plugin_") {
		for _, fit := range fits {
			for _, p := range w.Plugins {
				if fit(p.Name) {
					return p.Name
				}
			}
		}
	}
	if owner := knownOwners[schema]; owner != "" {
		return owner
	}
	return base
}

func (w *Workspace) hasPlugin(name string) bool {
	return slices.ContainsFunc(w.Plugins, func(p Plugin) bool { return p.Name == name })
}

// PrefixesOf is what the names of a schema's models may begin with: as naap.toml says, the platform's own, or else the
// schema's name in camel case. It is empty for public, whose models have none.
func (w *Workspace) PrefixesOf(schema string) []string {
	if prefixes := w.Settings.Check.Prefixes[schema]; len(prefixes) > 0 {
		return prefixes
	}
	if prefixes := knownPrefixes[schema]; len(prefixes) > 0 {
		return prefixes
	}
	base, isPlugin := strings.CutPrefix(schema, "plugin_")
	if !isPlugin {
		return nil
	}
	var camel strings.Builder
	for part := range strings.SplitSeq(base, "_") {
		if part != "" {
			camel.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return []string{camel.String()}
}
