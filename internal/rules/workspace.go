package rules

import (
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/workspace"
)

// FromWorkspace returns the options for checking a workspace. The built-in one is checked from the files in the
// program. What a flag or an environment variable sets for one machine is left out: the files are the same for
// everyone.
func FromWorkspace(ws *workspace.Workspace) Options {
	o := Options{Root: ws.Root, SchemaFile: ws.SchemaName(), Prefixes: ws.Settings.Check.Prefixes}
	if ws.Init != nil {
		o.InitSQL = ws.Init.Name
	}
	if ws.IsBuiltin() {
		o.Root, o.Files = "", map[string]string{}
		for _, f := range ws.SchemaFiles {
			o.Files[f.Name] = f.Text
		}
		if ws.Init != nil {
			o.Files[ws.Init.Name] = ws.Init.Text
		}
	}
	if c := ws.Compose; c != nil {
		o.Container, o.Service = c.Container, c.Service
	}
	if s := ws.Settings; !s.Origin("port").IsPerson() {
		o.Port = s.Port
	} else if ws.Compose != nil {
		o.Port = ws.Compose.Port
	}
	if s := ws.Settings; s.Origin("database").Layer == workspace.FromFile {
		o.Database = s.Database
	}
	settings := "naap.toml"
	if name := ws.SettingsFile(); name != "" && ws.Root != "" {
		if rel, err := filepath.Rel(ws.Root, name); err == nil && !strings.HasPrefix(rel, "..") {
			settings = filepath.ToSlash(rel)
		}
	}
	for _, a := range ws.Settings.Check.Allow {
		o.Allow = append(o.Allow, Allow{Path: a.Path, Rule: a.Rule, Reason: a.Reason, File: settings, Line: a.Line})
	}
	return o
}
