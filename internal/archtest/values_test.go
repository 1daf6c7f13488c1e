package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"testing"
)

// pure is what the terminal app may name of rooms that act, besides values, and why.
var pure = map[string]string{
	"internal/backend.Backend": "it is what everything is asked for through",
	"internal/backend.Session": "a Backend opens it, for the console",
	"internal/backend.OfFiles": "it looks only at the error that it is given",
}

// The terminal app asks for everything through backend.Backend, so that a screen never waits, and never has a connection
// that nobody closes. Of the rooms that ask servers it may know their values: types and constants, but neither functions
// nor types that act.
func TestTheTerminalAppKnowsOnlyTheVerbsValues(t *testing.T) {
	declared := map[string]names{} // by room
	for _, s := range house(t) {
		if s.test || path.Dir(s.path) != s.room {
			continue
		}
		if declared[s.room] == nil {
			declared[s.room] = names{}
		}
		declared[s.room].add(s.tree)
	}
	seen := 0
	for _, s := range house(t) {
		if s.room != "tui" {
			continue
		}
		for _, n := range namedIn(s.tree) {
			room, ours := roomImported(n.path)
			if !ours || room == "tui" || !acts(room) {
				continue
			}
			seen++
			kind := declared[room][n.name]
			if kind == "" || kind == "value" || pure[room+"."+n.name] != "" {
				continue
			}
			t.Errorf("%s:%d: %s.%s is a %s; ask for it through backend.Backend", s.path, s.files.Position(n.pos).Line, room, n.name, kind)
		}
	}
	if seen < 500 {
		t.Errorf("only %d names were looked at", seen)
	}
}

// acts reports whether a room does more than compute.
func acts(room string) bool {
	return !slices.Contains(everywhere, room) && !slices.Contains(helpers, room) &&
		!slices.Contains([]string{"internal/files", "internal/program", "internal/remedy"}, room)
}

// names are what a package declares, each as a "value" (a type or a constant), a "function", a "variable", or a "type
// that acts": one with a method for others that takes a context.
type names map[string]string

func (n names) add(file *ast.File) {
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				n[d.Name.Name] = "function"
			} else if d.Name.IsExported() && takesContext(d.Type) {
				n[receiver(d)] = "type that acts"
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch sp := spec.(type) {
				case *ast.TypeSpec:
					switch {
					case asks(sp.Type):
						n[sp.Name.Name] = "type that acts"
					case n[sp.Name.Name] == "":
						n[sp.Name.Name] = "value"
					}
				case *ast.ValueSpec:
					for _, name := range sp.Names {
						n[name.Name] = map[token.Token]string{token.CONST: "value", token.VAR: "variable"}[d.Tok]
					}
				}
			}
		}
	}
}

// asks reports whether a type is an interface with a method that takes a context.
func asks(t ast.Expr) bool {
	i, ok := t.(*ast.InterfaceType)
	return ok && slices.ContainsFunc(i.Methods.List, func(m *ast.Field) bool {
		f, ok := m.Type.(*ast.FuncType)
		return ok && takesContext(f)
	})
}

func takesContext(f *ast.FuncType) bool {
	if len(f.Params.List) == 0 {
		return false
	}
	sel, ok := f.Params.List[0].Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Context"
}

type named struct {
	path, name string // the import's path
	pos        token.Pos
}

// namedIn returns what a file names of the packages that it imports, and what of a variable that has an import's name.
func namedIn(file *ast.File) (out []named) {
	packages := map[string]string{} // by their names in the file
	for _, spec := range file.Imports {
		from, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(from)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		packages[name] = from
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if pkg, ok := sel.X.(*ast.Ident); ok && packages[pkg.Name] != "" {
				out = append(out, named{packages[pkg.Name], sel.Sel.Name, sel.Pos()})
			}
		}
		return true
	})
	return out
}

func TestANameThatActsIsSeen(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package p
import "context"
func (*DB) Page(ctx context.Context) {}
func (*DB) Name() string { return "" }
type DB struct{}
type Cell string
func (Cell) String() string { return "" }
func (Cell) read(ctx context.Context) {}
type Asker interface { Name() string; Ask(ctx context.Context) }
type Named interface { Name() string }
const First = 1
var Default DB
func Open() *DB { return nil }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := names{}
	n.add(file)
	for name, want := range map[string]string{"DB": "type that acts", "Cell": "value", "Asker": "type that acts", "Named": "value", "First": "value", "Default": "variable", "Open": "function"} {
		if n[name] != want {
			t.Errorf("%s is a %q, want %s", name, n[name], want)
		}
	}
	if got := namedIn(file); len(got) != 3 || got[0].path != "context" || got[0].name != "Context" {
		t.Errorf("named: %v", got)
	}
}
