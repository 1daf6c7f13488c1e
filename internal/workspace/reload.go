package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Again finds and reads the workspace once more, as Find did: its files may have changed since. The receiver is
// unchanged.
//
// A Prisma schema that nothing names is looked for where it was. While it is missing, as between the two halves of an
// editor's save, another place or the built-in schema would be found instead; that is an error then, which IsGone
// reports. The same applies to a settings file that is gone, without which other files and settings would count, and to
// a folder that has become part of another workspace.
func (w *Workspace) Again(ctx context.Context) (*Workspace, error) {
	if err := w.settingsGone(); err != nil {
		return nil, err
	}
	now, err := Find(ctx, w.Dir, w.options)
	if err != nil {
		return nil, err
	}
	unnamed := w.place.path != "" && w.place.setBy == "" && now.place.setBy == ""
	if unnamed && now.place.path != w.place.path && !isSchema(ctx, w.Root, w.place.path) || now.IsBuiltin() && !w.IsBuiltin() {
		return nil, w.schemaLost(ctx)
	}
	if now.Root != w.Root {
		return nil, remedy.New("workspace.moved", remedy.ExitFailed, "%s belongs to another workspace now", visible.String(w.Dir)).
			WithSeen("before: "+visible.String(w.Root), "now: "+visible.String(now.Root)).WithFix("leave, and start naap again")
	}
	return now, nil
}

// settingsGone returns the error for a settings file that existed and is missing.
func (w *Workspace) settingsGone() error {
	if w.settingsF == "" {
		return nil
	}
	if _, err := os.Stat(w.settingsF); !errors.Is(err, fs.ErrNotExist) {
		return nil // Find reports one that cannot be read
	}
	return remedy.New("settings.gone", remedy.ExitFailed, "the settings file %s is gone", visible.String(w.name(w.settingsF))).
		WithSeen("it was " + visible.String(w.settingsF)).WithFix("put it back, or leave and start naap again")
}

// schemaLost returns the error for a Prisma schema that is no longer found: gone, or there but no longer named.
func (w *Workspace) schemaLost(ctx context.Context) error {
	name := visible.String(w.SchemaName())
	if w.place.setBy == "" || !isSchema(ctx, w.Root, w.place.path) {
		return remedy.New("workspace.schema", remedy.ExitFailed, "the Prisma schema %s is gone", name).Behind(fs.ErrNotExist)
	}
	return remedy.New("workspace.schema", remedy.ExitFailed, "nothing names the Prisma schema %s any more", name).
		WithSeen("before: set by " + visible.String(w.place.setBy)).WithFix("set it there again, or leave and start naap again")
}

// IsGone reports whether an error of Again says that the Prisma schema is missing.
func IsGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) && remedy.Code(err) == "workspace.schema"
}

// SameTarget reports whether two readings of a workspace mean the same server and database.
func (w *Workspace) SameTarget(other *Workspace) bool {
	a, b := &w.Settings, &other.Settings
	return a.Instance == b.Instance && a.Engine == b.Engine && a.DatabaseURL == b.DatabaseURL && a.Container == b.Container &&
		a.Volume == b.Volume && a.Port == b.Port && a.User == b.User && samePassword(a, b) && a.Database == b.Database
}

// samePassword reports whether two settings mean the same password, which the state folder may have changed in between.
func samePassword(a, b *Settings) bool {
	return a.Password == b.Password || a.PasswordIs.Plain == b.PasswordIs.Plain && a.PasswordIs.Random == b.PasswordIs.Random
}

// Inputs returns the files and folders of this machine that the workspace was made from, and those that would change it
// if they were created: each may be missing. Those inside the program are left out.
func (w *Workspace) Inputs() []string {
	var out []string
	add := func(paths ...string) {
		for _, p := range paths {
			if filepath.IsAbs(p) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	add(w.SchemaPath)
	add(w.Beside...)
	for _, f := range w.SchemaFiles {
		add(f.Path)
	}
	if w.Init != nil {
		add(w.Init.Path)
	}
	add(w.Seeds.Path, w.settingsF)
	if w.Root == "" {
		return out
	}
	for _, c := range w.SeedCommands {
		if c.packaged {
			add(filepath.Join(c.Dir, "package.json"))
		}
	}
	if w.Compose != nil {
		add(w.Compose.Files...)
	}
	add(settingsFiles(w.Root, w.homes()...)...)
	return out
}

// settingsFiles returns the files of a root and of homes in it that say what runs and where, including missing ones.
func settingsFiles(root string, homes ...string) []string {
	out := []string{filepath.Join(root, SettingsFileName), filepath.Join(root, ".env")}
	for _, dir := range homes {
		at := filepath.Join(root, filepath.FromSlash(dir))
		out = append(out, filepath.Join(at, "package.json"))
		out = append(out, say.Each(configNames(), func(name string) string { return filepath.Join(at, filepath.FromSlash(name)) })...)
	}
	for _, name := range slices.Concat(composeNames, overrideNames) {
		out = append(out, filepath.Join(root, name))
	}
	return out
}
