package workspace

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Find looks for a workspace in dir and the folders above it, the nearest first, and reads it. A workspace is marked by
// a naap.toml, packages/database/prisma/schema.prisma (a file or a folder), or a compose file with a service whose
// container is naap-db; without these, by a Prisma schema in another place of the repository. Where there is none, the
// built-in workspace is used, unless the user named the folder.
//
// Errors: workspace.dir for a folder that cannot be read, workspace.none for a named one without a workspace,
// schema.ambiguous where several schemas are found, settings.* for invalid settings, compose.* for a compose file
// that cannot be loaded, workspace.owner for files of another user, workspace.schema and workspace.init for files that
// are set but missing.
func Find(ctx context.Context, dir string, opt Options) (*Workspace, error) {
	dir, err := startFolder(dir)
	if err != nil {
		return nil, err
	}
	env := environmentFrom(opt.Env)
	w := &Workspace{Kind: Builtin, Dir: dir, Warnings: unknownVariables(env), options: opt}
	if w.Folders, err = foldersFrom(env); err != nil {
		return nil, err
	}
	if w.Given, err = givenIn(env); err != nil {
		return nil, err
	}
	if err := w.search(ctx); err != nil {
		return nil, err
	}

	var file *settingsFile
	if w.Root != "" {
		if path := settingsIn(w.Root); path != "" {
			w.settingsF = path
			if file, err = readSettingsFile(ctx, path); err != nil {
				return nil, w.Withhold(err, "", path)
			}
		}
	}
	layers, err := gather(dir, opt.Flags, env, file)
	if err != nil {
		return nil, err
	}
	early, err := resolve(layers, file, nil) // without the compose file, which these settings choose
	if err != nil {
		return nil, err
	}
	if root := w.composeRoot(early); root != "" {
		src := composeSource{root: root, env: env, files: early.Compose.Files}
		w.Compose, err = loadCompose(ctx, src, early.Compose.Service, containerName(DefaultInstance), early.Container)
		if err != nil {
			return nil, err
		}
	}
	if w.Settings, err = resolve(layers, file, w.Compose); err != nil {
		return nil, err
	}
	if err := w.settlePassword(ctx); err != nil {
		return nil, err
	}
	if err := w.readFiles(ctx); err != nil {
		return w, err
	}
	if opt.Named && w.Root == "" && w.IsBuiltin() {
		return nil, w.noWorkspace()
	}
	w.readInitScripts(ctx)
	return w, w.mayReadMore()
}

// composeRoot returns the folder whose compose files count, or "" for none.
func (w *Workspace) composeRoot(s Settings) string {
	if w.Root == "" && (len(s.Compose.Files) > 0 || s.Compose.Service != "") {
		return w.Dir
	}
	return w.Root
}

func startFolder(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", remedy.New("workspace.dir", remedy.ExitUsage, "cannot tell which folder %s is", visible.String(dir)).Wrap(err)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return "", remedy.New("workspace.dir", remedy.ExitUsage, "cannot open the folder %s", visible.String(abs)).Wrap(err)
	}
	if !info.IsDir() {
		return "", remedy.New("workspace.dir", remedy.ExitUsage, "%s is not a folder", visible.String(abs)).
			WithFix("name the folder that it is in: -C " + remedy.ShellWord(visible.String(filepath.Dir(abs))))
	}
	return abs, nil
}

// settingsIn returns the path of a folder's settings file if there is anything, even a broken link: what cannot be read
// is an error, since otherwise another workspace would silently be used.
func settingsIn(dir string) string {
	return firstOf(dir, []string{SettingsFileName}, func(path string) bool {
		_, err := os.Lstat(path)
		return err == nil
	})
}

// hasDatabaseContainer reports whether a compose file names the container naap-db. It looks at lines, not at the loaded
// file, so that a folder above with an unrelated compose file cannot fail the search.
func hasDatabaseContainer(ctx context.Context, path string) bool {
	data, err := files.Read(ctx, path, composeLimit)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.Trim(name, `"'`) != "container_name" {
			continue
		}
		value, _, _ = strings.Cut(value, " #")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if value == containerName(DefaultInstance) || strings.HasSuffix(value, "-"+containerName(DefaultInstance)+"}") {
			return true
		}
	}
	return false
}
