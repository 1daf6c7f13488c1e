package devenv

import (
	"cmp"
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/envfile"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// EnvFiles returns what the workspace's .env files say of the database, compared with where the instance is, or would
// be if it ran.
func (e *Env) EnvFiles(ctx context.Context) (*envfile.Report, error) {
	if err := e.MustBePostgreSQL(); err != nil {
		return nil, err // a URL that is right for that database would be taken for wrong
	}
	set, rec := &e.ws.Settings, readRecord(e.StateDir())
	o := envfile.Options{
		Root: e.ws.Root, Variables: e.ws.DatabaseVariables(ctx), Others: e.otherPorts(ctx), Hosts: []string{set.Container},
		URL: cmp.Or(set.DatabaseURL, set.URL("localhost", cmp.Or(rec.Port, set.Port))), External: e.IsExternal(),
	}
	if e.ws.Compose != nil {
		o.Hosts = append(o.Hosts, e.ws.Compose.Service)
	}
	if home := e.ws.SchemaHome(); home != "" {
		o.Near = []string{home, filepath.Dir(e.ws.SchemaFiles[0].Path)}
	}
	if want := e.desired(); want.db != nil {
		o.OneSchema = len(want.schemas) == 0
	}
	if e.IsExternal() || password.KindOf(set) != password.Public {
		o.Private = e.ignoredByGit()
	}
	return envfile.Read(ctx, o)
}

// otherPorts returns the other instances of this home by the port that each last had.
func (e *Env) otherPorts(ctx context.Context) map[int]string {
	ports := map[int]string{}
	dir := filepath.Dir(e.StateDir())
	entries, _ := files.List(ctx, dir, files.TreeEntries)
	for _, entry := range entries {
		if port := readRecord(filepath.Join(dir, entry.Name())).Port; port > 0 && entry.Name() != filepath.Base(e.StateDir()) {
			ports[port] = entry.Name()
		}
	}
	return ports
}

// ignoredByGit returns a function that reports whether the repository does not share a file of the workspace. Git is
// asked once, when the first file is. Where it cannot be asked, every file counts as shared.
func (e *Env) ignoredByGit() func(context.Context, string) (bool, error) {
	if _, ok := workspace.RepositoryOf(e.ws.Root); !ok {
		return nil
	}
	var ignored []string
	asked := false
	return func(ctx context.Context, name string) (bool, error) {
		if !asked {
			asked = true
			ignored, _ = e.Programs().GitIgnored(ctx, e.ws.Root)
		}
		if real, err := filepath.EvalSymlinks(filepath.Join(e.ws.Root, filepath.FromSlash(name))); err != nil || !isBelow(e.ws.Root, real) {
			return false, ctx.Err()
		}
		return slices.ContainsFunc(ignored, func(of string) bool {
			return of == name || strings.HasSuffix(of, "/") && strings.HasPrefix(path.Clean(name), of)
		}), ctx.Err()
	}
}

func isBelow(root, at string) bool {
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	_, err := os.Stat(at)
	_, below := files.Below(root, at)
	return err == nil && below
}
