// Package workspace finds the developer's workspace and reads its files and settings into one struct. It changes
// nothing and starts nothing; compose files and naap.toml are read here and nowhere else.
package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Kind is the kind of workspace that was found.
type Kind string

const (
	// Builtin is the workspace inside the program: its own init-schemas.sql and seeds. A folder with a naap.toml and no
	// schema of its own uses it too, with the file's settings.
	Builtin Kind = "builtin"
	// Monorepo has a Prisma schema of its own.
	Monorepo Kind = "monorepo"
	// ComposeOnly has a compose service for the database and no Prisma schema: there is nothing to push.
	ComposeOnly Kind = "compose"
)

// Workspace is everything that is known about a workspace from its files.
type Workspace struct {
	Kind    Kind
	Root    string // absolute folder; "" for the built-in workspace where no naap.toml was found
	Dir     string // absolute folder where the search began
	FoundBy string // the file in Root that marks it, relative to Root; "" for the built-in workspace

	SchemaPath  string // the Prisma file or folder: absolute, or "builtin:seeds/schema.prisma"
	SchemaFiles []File // the Prisma files in order of name; none for ComposeOnly
	// SchemaDoubt is why it is not known what the schema is, which files belong to it or which tables are external: a
	// remedy, or nil. If it is set, nothing may be pushed.
	SchemaDoubt error
	Beside      []string // absolute: where a single file without a model was named as the schema, those beside it that have models
	External    External // the tables and enums that something else manages

	Init         *File // the script that is run on each start; nil where the workspace has none
	Compose      *Compose
	Seeds        Seeds
	SeedCommands []SeedCommand // that fill the database, in the order in which they run
	Settings     Settings
	Folders      Folders
	Given        trust.Given  // what the environment allows
	Warnings     []string     // what the user should read: a line each, already safe to show
	plugins      []string     // the folders' names: "my-wallet"
	settingsF    string       // naap.toml's absolute path, or ""
	initScripts  []File       // those that the compose file mounts for the image to run
	initItems    []trust.Item // for those among them that are not SQL
	place        schemaPlace
	home         string  // the folder of the package with the Prisma schema, relative to Root; "" also where that is not known
	configDoubt  error   // about a Prisma config, whatever the files are
	options      Options // the options of Find, for Again

	migrations      schemaPlace // the folder that a Prisma config names
	shadowInit      ShadowInit  // what it says of shadow databases
	migrationsDoubt error       // why it is not known which one it names
}

// File is one text file of a workspace.
type File struct {
	Path string // absolute, or "builtin:…" for a file inside the program; for people and for mounts
	Name string // relative to the workspace's root, with forward slashes
	Text string
}

// builtinPrefix precedes the names of files inside the program.
const builtinPrefix = "builtin:"

// Options are what a search for a workspace depends on besides the folder.
type Options struct {
	Env   []string          // KEY=VALUE, as os.Environ returns them
	Flags map[string]string // setting → value, of the flags that were given: {"port": "5433", "instance": "test"}
	Named bool              // the user named the folder: it must belong to a workspace, and the built-in one is not used
}

// External are the tables and enums that something else manages, as schema.name: Prisma's client may use them, and no
// push creates, changes or drops them.
type External struct{ Tables, Enums []string }

// schemaPlace is where the Prisma schema was found.
type schemaPlace struct {
	path  string // absolute: of a file or a folder
	setBy string // what names it, for people; "" for a usual place
}

// OnDisk reports whether the file exists outside the program, so that it can be mounted or edited.
func (f File) OnDisk() bool { return !strings.HasPrefix(f.Path, builtinPrefix) }

// Seeds is where the workspace's seed files are.
type Seeds struct {
	Path    string // absolute, or "builtin:seeds"; "" for none
	Name    string // relative to the workspace's root
	builtin fs.FS
}

// Files returns the folder's content, or nil where there is no such folder. Files are read until ctx ends.
func (s Seeds) Files(ctx context.Context) fs.FS {
	switch {
	case s.builtin != nil:
		return s.builtin
	case s.Path != "" && isFolder(s.Path):
		return files.Folder(ctx, s.Path, files.SQL)
	}
	return nil
}

// IsBuiltin reports whether the tables and rows come from the program itself.
func (w *Workspace) IsBuiltin() bool { return w.Kind == Builtin }

// Describe returns one line for people about what was found, safe to show.
func (w *Workspace) Describe() string {
	at := visible.String(filepath.Join(w.Root, filepath.FromSlash(w.FoundBy)))
	switch {
	case w.Kind == Builtin && w.Root == "":
		return "no workspace found here or above: using the built-in one"
	case w.Kind == Builtin:
		return "built-in schema with the settings of " + at
	case w.Kind == ComposeOnly:
		return "compose service of " + at + ", without a Prisma schema"
	default:
		return "workspace " + visible.String(w.Root) + " (found by " + visible.String(w.FoundBy) + ")"
	}
}

// SettingsFile returns naap.toml's absolute path, or "" where there is none.
func (w *Workspace) SettingsFile() string { return w.settingsF }

// SchemaName returns SchemaPath as people know it: relative to the root, with forward slashes.
func (w *Workspace) SchemaName() string { return w.name(w.SchemaPath) }

// SchemaOnDisk reports whether the workspace has a Prisma schema that is not the program's own.
func (w *Workspace) SchemaOnDisk() bool { return len(w.SchemaFiles) > 0 && w.SchemaFiles[0].OnDisk() }

// SchemaID identifies what the Prisma schema says: its texts, and which of its tables others made.
func (w *Workspace) SchemaID() string {
	h := sha256.New()
	for _, f := range w.SchemaFiles {
		h.Write([]byte(f.Name + "\x00" + f.Text + "\x00"))
	}
	fmt.Fprint(h, w.External, w.SchemaDoubt)
	return hex.EncodeToString(h.Sum(nil))
}

// name returns an absolute path inside the workspace relative to its root, with forward slashes; it returns others
// unchanged.
func (w *Workspace) name(path string) string {
	return relativeTo(w.Root, path)
}

func relativeTo(root, path string) string {
	if root == "" || !filepath.IsAbs(path) {
		return strings.TrimPrefix(path, builtinPrefix)
	}
	rel, inside := files.Below(root, path)
	if !inside {
		return path
	}
	return filepath.ToSlash(rel)
}

func isFolder(path string) bool {
	if files.MayOpen(path) != nil {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
