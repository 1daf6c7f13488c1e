package archtest

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// opening are the functions that open or list whatever a path leads to, without a limit and for as long as it takes.
var opening = map[string][]string{
	"os":       {"Open", "OpenFile", "ReadFile", "ReadDir", "DirFS", "Create", "WriteFile"},
	"filepath": {"Walk", "WalkDir", "Glob"},
	"ioutil":   {"ReadFile", "ReadDir", "ReadAll"},
	"toml":     {"DecodeFile"},
}

// opensItself are the files outside of internal/files that open files themselves, and why no repository and no other
// user can have put anything else there.
var opensItself = map[string]string{
	"cmd/naap/man.go":                     "written to: the man pages, in the folder that the user named",
	"dockerctl/observe.go":                "/sys: the kernel's own",
	"internal/doctor/memory_linux.go":     "/proc: the kernel's own",
	"internal/engine/embedded_watch.go":   "/proc: the kernel's own",
	"internal/engine/process_linux.go":    "/proc: the kernel's own",
	"internal/embedpg/confine_linux.go":   "/proc: the kernel's own",
	"internal/loopback/owners_linux.go":   "/proc: the kernel's own",
	"internal/embedpg/process_linux.go":   "/proc: the kernel's own",
	"internal/devenv/here.go":             "/etc/machine-id: the system's own",
	"internal/pgtools/pgtools.go":         "where systems have PostgreSQL's programs",
	"internal/embedpg/locate.go":          "where systems have PostgreSQL's programs",
	"internal/backup/part_unix.go":        "a backup's own unfinished file, looked at after opening",
	"internal/backup/target.go":           "written to: what the user named, pipes included, waited for with a context",
	"internal/devenv/lock.go":             "written to: the lock in the instance's folder, which is the user's alone",
	"internal/embedpg/account_unix.go":    "the account's own folder, without following links",
	"internal/embedpg/account_windows.go": "the account's own folder",
	"internal/embedpg/fetch.go":           "what npm fetched into a folder of naap's own",
	"internal/embedpg/initdb.go":          "written to: a folder of naap's own that it has just made",
	"internal/embedpg/layout.go":          "the names in the instance's folder",
	"internal/embedpg/logs.go":            "written to: the server's log in the instance's folder",
	"internal/embedpg/start.go":           "written to: the server's log in the instance's folder",
	"internal/program/git_ignored.go":     "written to: a folder of naap's own that it has just made",
	"internal/program/npm.go":             "written to: a folder of naap's own that it has just made",
	"internal/program/userns_linux.go":    "/proc: the kernel's own",
	"internal/release/document.go":        "modules that go has fetched and verified, when a release is made",
	"internal/trust/store.go":             "the user's own folder, without following links, bounded",
	"tui/editor.go":                       "written to: a folder of naap's own that it has just made",
	"tui/guard.go":                        "written to: the report of a panic in the user's state folder",
	"tui/screen/console/history.go":       "written to: the console's history in the user's state folder",
}

// testsOnly are the rooms that serve tests and benchmarks.
var testsOnly = slices.Concat(helpers, []string{"internal/archtest", "internal/bench"})

func TestFilesAreOpenedInOneRoom(t *testing.T) {
	used := map[string]bool{}
	for _, s := range house(t) {
		if s.test || s.room == "internal/files" || slices.Contains(testsOnly, s.room) {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := call.X.(*ast.Ident)
			if !ok || !slices.Contains(opening[pkg.Name], call.Sel.Name) {
				return true
			}
			if used[s.path] = true; opensItself[s.path] == "" {
				t.Errorf("%s:%d: %s.%s; internal/files opens what people and repositories name. For another file say here why none can be put in its place",
					s.path, s.files.Position(n.Pos()).Line, pkg.Name, call.Sel.Name)
			}
			return true
		})
	}
	for path, why := range opensItself {
		if !used[path] && !strings.HasSuffix(path, "_windows.go") {
			t.Errorf("%s opens nothing by itself any more (%s); take it off", path, why)
		}
	}
}
