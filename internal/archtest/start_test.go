package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// A command uses few of the expressions that the program knows, and compiling all of them takes longer than many a
// command: outside of functions an expression is a lazy.Regexp.
func TestNothingIsCompiledWhenTheProgramStarts(t *testing.T) {
	for _, s := range house(t) {
		if s.test || slices.Contains(helpers, s.room) {
			continue
		}
		for _, call := range compilesAtStart(s.tree) {
			t.Errorf("%s:%d: this is compiled at every start of the program; let it be a lazy.Regexp, or a variable of the function that needs it",
				s.path, s.files.Position(call.Pos()).Line)
		}
	}
}

// compilesAtStart returns the calls of package regexp outside of functions.
func compilesAtStart(file *ast.File) []ast.Node {
	var found []ast.Node
	for _, decl := range file.Decls {
		if _, ok := decl.(*ast.GenDecl); !ok {
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "regexp" && s.Sel.Name == "MustCompile" {
					found = append(found, n)
				}
			}
			_, function := n.(*ast.FuncLit)
			return !function
		})
	}
	return found
}

// What is compiled late fails late: every lazy expression is tried here.
func TestEveryLazyExpressionCompiles(t *testing.T) {
	consts := constants(t)
	tried := 0
	for _, s := range house(t) {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			for _, e := range lit.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok || !isLazy(lit.Type) {
					continue
				}
				tried++
				text, known := constant(consts[path.Dir(s.path)], kv.Value)
				if !known {
					t.Errorf("%s:%d: not a constant", s.path, s.files.Position(kv.Pos()).Line)
				} else if _, err := regexp.Compile(text); err != nil {
					t.Errorf("%s:%d: %v", s.path, s.files.Position(kv.Pos()).Line, err)
				}
			}
			return true
		})
	}
	if tried < 60 {
		t.Errorf("only %d expressions were tried", tried)
	}
}

func isLazy(typ ast.Expr) bool {
	s, ok := typ.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "Regexp"
}

// constants returns, for each folder, the expressions of its constants.
func constants(t *testing.T) map[string]map[string]ast.Expr {
	all := map[string]map[string]ast.Expr{}
	for _, s := range house(t) {
		dir := path.Dir(s.path)
		if all[dir] == nil {
			all[dir] = map[string]ast.Expr{}
		}
		for _, decl := range s.tree.Decls {
			g, ok := decl.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i < len(v.Values) {
						all[dir][name.Name] = v.Values[i]
					}
				}
			}
		}
	}
	return all
}

// constant returns the value of an expression of texts and the names of constants.
func constant(named map[string]ast.Expr, e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.Ident:
		return constant(named, named[e.Name])
	case *ast.BinaryExpr:
		left, ok := constant(named, e.X)
		right, ok2 := constant(named, e.Y)
		return left + right, ok && ok2 && e.Op == token.ADD
	}
	return "", false
}
