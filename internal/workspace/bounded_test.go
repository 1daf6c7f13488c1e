//go:build unix

package workspace

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// strangers are what a repository can have in a file's place. Each creates it at a path.
var strangers = map[string]func(path string) error{
	"endless": func(path string) error { return os.Symlink("/dev/zero", path) },
	"pipe":    func(path string) error { return syscall.Mkfifo(path, 0o600) },
	"large": func(path string) error {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			return err
		}
		return os.Truncate(path, 10<<30)
	},
}

func init() {
	if runtime.GOOS == "linux" {
		strangers["the kernel's"] = func(path string) error { return os.Symlink("/proc/self/maps", path) }
	}
}

const plainCompose = "services:\n  database:\n    image: postgres:16\n    container_name: naap-db\n"

// places are the files that make up a workspace, each with the rest of the workspace that makes naap read it. @ is what
// is put there, in the file's place.
var places = map[string]map[string]string{
	"naap.toml":               {"naap.toml": "@"},
	"the schema":              {"packages/database/prisma/schema.prisma": "@"},
	"a file of a schema":      {"naap.toml": "", "prisma/schema/a.prisma": "model A {\n id Int @id\n}\n", "prisma/schema/b.prisma": "@"},
	"a named schema":          {"naap.toml": `schema = "x/s.prisma"`, "x/s.prisma": "@"},
	"the init script":         {"naap.toml": `init-sql = "i.sql"`, "i.sql": "@"},
	"the usual init script":   {"naap.toml": "", "docker-compose.yml": plainCompose, "docker/init-schemas.sql": "@"},
	"the compose file":        {"naap.toml": "", "compose.yaml": "@"},
	"a compose file's name":   {"naap.toml": `compose.files = ["c.yml"]`, "c.yml": "@"},
	"an override":             {"compose.yaml": plainCompose, "compose.override.yaml": "@"},
	"compose's .env":          {"compose.yaml": plainCompose, ".env": "@"},
	"an include":              {"compose.yaml": plainCompose + "include: [x/c.yml]\n", "x/c.yml": "@"},
	"an include by variable":  {"compose.yaml": plainCompose + "include: ['${NONE:-x/c.yml}']\n", "x/c.yml": "@"},
	"an include's include":    {"compose.yaml": plainCompose + "include: [x/c.yml]\n", "x/c.yml": "include: [y/d.yml]\n", "x/y/d.yml": "@"},
	"a project's include":     {"compose.yaml": plainCompose + "include: [{path: x/c.yml, project_directory: \"${NO-z}\"}]\n", "x/c.yml": "include: [d.yml]\n", "z/d.yml": "@"},
	"an include's .env":       {"compose.yaml": plainCompose + "include: [x/c.yml]\n", "x/c.yml": "services: {}\n", "x/.env": "@"},
	"an include's env_file":   {"compose.yaml": plainCompose + "include:\n- path: x/c.yml\n  env_file: [e.env]\n", "x/c.yml": "services: {}\n", "e.env": "@"},
	"what a service extends":  {"compose.yaml": plainCompose + "    extends: {file: x/c.yml, service: base}\n", "x/c.yml": "@"},
	"what that extends":       {"compose.yaml": plainCompose + "    extends: {file: x/c.yml, service: base}\n", "x/c.yml": "services: {base: {extends: {file: d.yml, service: base}}}\n", "x/d.yml": "@"},
	"a service's env_file":    {"compose.yaml": plainCompose + "    env_file: [e.env]\n", "e.env": "@"},
	"an env_file in an alias": {"compose.yaml": "x-e: &e e.env\n" + plainCompose + "    env_file: *e\n", "e.env": "@"},
}

func TestNothingOfAWorkspaceIsReadThatIsNoFile(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(512 << 20))
	for _, place := range slices.Sorted(maps.Keys(places)) {
		for kind, put := range strangers {
			if place == "a file of a schema" && kind == "the kernel's" {
				continue // as for Prisma, a link to a file of another name is not part of the schema
			}
			t.Run(place+" is "+kind, func(t *testing.T) {
				root := t.TempDir()
				for name, text := range places[place] {
					at := filepath.Join(root, name)
					if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
						t.Fatal(err)
					}
					err := error(nil)
					if text == "@" {
						err = put(at)
					} else {
						err = os.WriteFile(at, []byte(text), 0o644)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				_, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
				if code := remedy.Code(err); code != "file.kind" && code != "file.size" {
					t.Errorf("found with %v", err)
				}
			})
		}
	}
}

func TestAFolderInTheSettingsPlaceIsRefused(t *testing.T) {
	kinds := map[string]func(path string) error{
		"a folder":           func(path string) error { return os.Mkdir(path, 0o755) },
		"a link to a folder": func(path string) error { return os.Symlink("/", path) },
	}
	for _, place := range []string{"naap.toml", "the compose file", "a compose file's name", "an override"} {
		for kind, put := range kinds {
			root := t.TempDir()
			for name, text := range places[place] {
				err := error(nil)
				if text == "@" {
					err = put(filepath.Join(root, name))
				} else {
					err = os.WriteFile(filepath.Join(root, name), []byte(text), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			_, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
			if remedy.Code(err) != "file.kind" {
				t.Errorf("%s is %s: found with %v", place, kind, err)
			}
		}
	}
}

// A link whose target is gone marks a workspace all the same: otherwise the built-in one would silently be used.
func TestSettingsThatLeadNowhereAreAnError(t *testing.T) {
	root := t.TempDir()
	if err := os.Symlink("gone.toml", filepath.Join(root, SettingsFileName)); err != nil {
		t.Fatal(err)
	}
	_, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
	if text := remedy.Text(err); err == nil || !strings.Contains(text, SettingsFileName+" is a link to gone.toml, where nothing is") || !strings.Contains(text, "remove the link") {
		t.Errorf("found with %v", err)
	}
}

// What naap can do without is skipped, like a broken one; where it could name the schema, nothing is pushed.
func TestWhatMayBeMissingIsPassedOverOrDoubted(t *testing.T) {
	for name, doubt := range map[string]bool{"packages/database/package.json": true, "package.json": true, "prisma.config.ts": true, "plugins/a/package.json": false} {
		for kind, put := range strangers {
			root := t.TempDir()
			for _, at := range []string{"packages/database/prisma/schema.prisma", name} {
				if err := os.MkdirAll(filepath.Dir(filepath.Join(root, at)), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(root, schemaMark), []byte("datasource db {\n provider = \"postgresql\"\n}\nmodel A {\n id Int @id\n}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := put(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
			w, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}})
			if err != nil || (w.SchemaDoubt != nil) != doubt || doubt && !strings.Contains(w.SchemaDoubt.Error(), name) {
				t.Errorf("%s is %s: %v; doubt %v", name, kind, err, w.SchemaDoubt)
			}
		}
	}
}

func TestAFolderThatIsTheDiskIsNotSearched(t *testing.T) {
	for name, text := range map[string]string{
		"schema": `schema = "all"`, "kernel": `schema = "proc"`,
	} {
		root := t.TempDir()
		for link, to := range map[string]string{"all": "/", "proc": "/proc"} {
			if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(root, "naap.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Find(t.Context(), root, Options{Env: []string{"HOME=" + t.TempDir()}}); err == nil {
			t.Errorf("%s: it was searched", name)
		}
	}
}

func TestALoadThatIsGivenUpSaysSo(t *testing.T) {
	root := inFolder(t, map[string]string{"compose.yaml": "services: {}\n"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := (&composeReader{ctx: ctx}).read(filepath.Join(root, "compose.yaml"))
	if !errors.Is(err, context.Canceled) || err.Error() != context.Canceled.Error() {
		t.Errorf("%v", err)
	}
}
