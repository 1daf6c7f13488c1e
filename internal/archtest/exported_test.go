package archtest

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write how many names each package exports into exported.txt")

const exportedHead = `# How many names each package exports: functions, methods of exported types, types, constants and variables, without what
# a program wrote. A change that exports more raises its line, and says why in the commit; one that exports fewer lowers it:
# go test ./internal/archtest -run Exports -update
`

// TestNoPackageExportsMoreThanItSays keeps what others can use of a package small: an exported name cannot be changed
// without looking at the whole house.
func TestNoPackageExportsMoreThanItSays(t *testing.T) {
	is := map[string]int{}
	for _, s := range house(t) {
		if s.test || s.tree.Name.Name == "main" {
			continue
		}
		n := 0
		if !s.generated() {
			n = exports(s.tree)
		}
		is[path.Dir(s.path)] += n
	}
	if *update {
		var b strings.Builder
		b.WriteString(exportedHead)
		for _, dir := range slices.Sorted(maps.Keys(is)) {
			fmt.Fprintf(&b, "%4d %s\n", is[dir], dir)
		}
		if err := os.WriteFile("exported.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile("exported.txt")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var n int
		var dir string
		if _, err := fmt.Sscan(line, &n, &dir); err != nil {
			t.Fatalf("exported.txt: %q: %v", line, err)
		}
		said[dir] = n
	}
	for dir, n := range is {
		switch most, known := said[dir]; {
		case !known:
			t.Errorf("exported.txt has no line for %s, which exports %d names; -update writes it", dir, n)
		case n > most:
			t.Errorf("%s exports %d names, and exported.txt says %d: export fewer, or raise it with -update and the reason in the commit", dir, n, most)
		}
	}
	for dir := range said {
		if _, known := is[dir]; !known {
			t.Errorf("exported.txt has a line for %s, which is gone; -update removes it", dir)
		}
	}
}

// exports counts the names that a file exports.
func exports(file *ast.File) (n int) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && exportedReceiver(d) {
				n++
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch sp := spec.(type) {
				case *ast.TypeSpec:
					if sp.Name.IsExported() {
						n++
					}
				case *ast.ValueSpec:
					for _, name := range sp.Names {
						if name.IsExported() {
							n++
						}
					}
				}
			}
		}
	}
	return n
}

func TestExportsAreCounted(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package p
type T struct{ Field int }
type hidden int
func (T) A() {}
func (*T) b() {}
func (hidden) String() string { return "" }
const X, y = 1, 2
var Z int
func F() {}`, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n := exports(file); n != 5 {
		t.Errorf("%d names, want 5: T, A, X, Z, F", n)
	}
}
