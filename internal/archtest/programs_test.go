package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// starters are the functions that start a program, by package.
var starters = map[string][]string{
	"os/exec": {"Command", "CommandContext", "LookPath", "Cmd{}"},
	"os":      {"StartProcess"},
	"syscall": {"Exec", "ForkExec", "StartProcess"},

	"golang.org/x/sys/unix":       {"Exec"},
	"github.com/atotto/clipboard": {"WriteAll", "ReadAll"},
}

// mayStart are the files outside of internal/program that start programs, and why they may.
var mayStart = map[string]string{
	"internal/usertest/":          "it is for tests, which run as another user",
	"internal/leftovers/":         "it is for tests, which start containers",
	"internal/memtest/":           "it is for tests, whose folders it removes when they were killed",
	"internal/pgtest/":            "it is for tests, which start servers of their own",
	"tui/clip/desktop_windows.go": "the library calls Windows there and starts nothing",
}

// A program that is started by its name alone is whatever a folder of the PATH has under it, which may be the
// repository's.
func TestProgramsAreStartedInOnePlace(t *testing.T) {
	used := map[string]bool{}
	for _, s := range house(t) {
		if s.test || s.room == "internal/program" {
			continue
		}
		for _, found := range startsIn(s.tree) {
			if reason := allowedFile(s.path, mayStart); reason != "" {
				used[reason] = true
				continue
			}
			t.Errorf("%s:%d: %s; find and start programs with internal/program", s.path, s.files.Position(found.pos).Line, found.name)
		}
	}
	for file, reason := range mayStart {
		if !used[reason] {
			t.Errorf("%s starts no program any more; take it off the list", file)
		}
	}
}

// allowedFile returns why a file is on a list of exceptions, by its path or a folder's, or "" where it is not.
func allowedFile(path string, list map[string]string) string {
	for at, reason := range list {
		if path == at || at[len(at)-1] == '/' && len(path) > len(at) && path[:len(at)] == at {
			return reason
		}
	}
	return ""
}

type start struct {
	name string
	pos  token.Pos
}

// startsIn returns the places in a file that start a program, or look for one.
func startsIn(file *ast.File) []start {
	packages := map[string]string{} // by their names in the file
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if _, ok := starters[path]; !ok {
			continue
		}
		name := path
		for i := len(path) - 1; i >= 0; i-- {
			if path[i] == '/' {
				name = path[i+1:]
				break
			}
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = path
	}
	var out []start
	see := func(e ast.Expr, suffix string) {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok {
			return
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(starters[packages[pkg.Name]], sel.Sel.Name+suffix) {
			out = append(out, start{pkg.Name + "." + sel.Sel.Name, sel.Pos()})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			see(n.Type, "{}")
		case *ast.SelectorExpr:
			see(n, "")
		}
		return true
	})
	return out
}

func TestAProgramThatIsStartedElsewhereIsSeen(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
import (
	run "os/exec"
	"os"
	"syscall"
)
var look = run.LookPath
var a = &run.Cmd{Path: "/bin/sh"}
func f() {
	run.Command("git").Run()
	_, _ = os.StartProcess("git", nil, nil)
	_ = syscall.Exec("git", nil, nil)
	var _ *run.Cmd
	_ = run.ErrNotFound
}`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := startsIn(file); len(got) != 5 {
		t.Errorf("found %v", got)
	}
}
