package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// uncircled are packages whose files use each other in one direction only: whoever reads one file needs those below it.
var uncircled = []string{
	"internal/backend", "internal/devenv", "internal/ledger", "internal/password", "internal/program", "internal/watch",
	"tui", "tui/dialog", "tui/job", "tui/screen/dashboard", "tui/screen/verbs", "tui/widget",
}

func TestFilesDoNotUseEachOtherInCircles(t *testing.T) {
	for _, dir := range uncircled {
		files := map[string]*ast.File{}
		for _, s := range house(t) {
			if !s.test && path.Dir(s.path) == dir {
				files[path.Base(s.path)] = s.tree
			}
		}
		if len(files) == 0 {
			t.Errorf("%s has no files; take it off the list", dir)
		}
		if circle := circleOf(filesUsed(files)); circle != nil {
			t.Errorf("%s: %s", dir, strings.Join(circle, " uses "))
		}
	}
}

// filesUsed returns, for each file of a package, those that declare what it uses: names of the package, and methods that
// are called on a receiver.
func filesUsed(files map[string]*ast.File) map[string][]string {
	names, methods := map[string]string{}, map[string]string{}
	for file, tree := range files {
		for _, decl := range tree.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = file
				} else {
					methods[receiver(d)+"."+d.Name.Name] = file
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch sp := spec.(type) {
					case *ast.TypeSpec:
						names[sp.Name.Name] = file
					case *ast.ValueSpec:
						for _, name := range sp.Names {
							names[name.Name] = file
						}
					}
				}
			}
		}
	}
	used := map[string][]string{}
	for file, tree := range files {
		in := map[string]bool{}
		for _, decl := range tree.Decls {
			self, typ := "", ""
			if d, ok := decl.(*ast.FuncDecl); ok && d.Recv != nil && len(d.Recv.List[0].Names) > 0 {
				self, typ = d.Recv.List[0].Names[0].Name, receiver(d)
			}
			var walk func(ast.Node) bool
			walk = func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					ast.Inspect(n.Type, walk)
					if n.Recv != nil {
						ast.Inspect(n.Recv, walk)
					}
					if n.Body != nil {
						ast.Inspect(n.Body, walk)
					}
					return false
				case *ast.Field: // its name is not the package's, and neither is a key's
					ast.Inspect(n.Type, walk)
					return false
				case *ast.KeyValueExpr:
					if _, named := n.Key.(*ast.Ident); named {
						ast.Inspect(n.Value, walk)
						return false
					}
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == self {
						in[methods[typ+"."+n.Sel.Name]] = true
						return false
					}
					ast.Inspect(n.X, walk)
					return false
				case *ast.Ident:
					in[names[n.Name]] = true
				}
				return true
			}
			ast.Inspect(decl, walk)
		}
		delete(in, file)
		delete(in, "")
		used[file] = slices.Sorted(maps.Keys(in))
	}
	return used
}

// circleOf returns files that use each other, from one back to itself; nil where there are none.
func circleOf(used map[string][]string) []string {
	done := map[string]bool{}
	var way []string
	var visit func(file string) []string
	visit = func(file string) []string {
		if i := slices.Index(way, file); i >= 0 {
			return append(slices.Clone(way[i:]), file)
		}
		if done[file] {
			return nil
		}
		way = append(way, file)
		for _, next := range used[file] {
			if circle := visit(next); circle != nil {
				return circle
			}
		}
		way, done[file] = way[:len(way)-1], true
		return nil
	}
	for _, file := range slices.Sorted(maps.Keys(used)) {
		if circle := visit(file); circle != nil {
			return circle
		}
	}
	return nil
}

func TestACircleOfFilesIsSeen(t *testing.T) {
	files := map[string]*ast.File{}
	for name, text := range map[string]string{
		"a.go": "func (e *Env) Up() { e.down() }", "b.go": "func (x Env) down() { run() }", "c.go": "func run() { var _ Env }", "d.go": "type Env struct{}", "e.go": "func all(e Env) { e.Up() }",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), name, "package p\n"+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = file
	}
	if circle := circleOf(filesUsed(files)); circle != nil {
		t.Errorf("there is a circle: %v", circle)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "c.go", "package p\nfunc run() {}\nfunc (e *Env) again() { e.Up() }", 0)
	if err != nil {
		t.Fatal(err)
	}
	files["c.go"] = file
	if circle := strings.Join(circleOf(filesUsed(files)), " "); circle != "a.go b.go c.go a.go" {
		t.Errorf("the circle is %q", circle)
	}
}
